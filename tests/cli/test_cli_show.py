"""`chaoskit show` and `chaoskit report`: a kept run, seen from different sides."""

from __future__ import annotations

import json
import re
from pathlib import Path

from command_line import Command


def test_show_says_what_run_said(quick: Command, chaoskit: Command) -> None:
    """The same heading, parameters, verdict and sentences; exit code 0, for showing worked."""
    ran = quick("liar")
    shown = chaoskit("show", "latest")
    assert shown.code == 0
    phases = re.compile(r"^(?:simulate|check|shrink|replay|story) .*\n", re.MULTILINE)
    assert phases.sub("", shown.out) == re.sub(r"^report .*\n", "", phases.sub("", ran.out), flags=re.MULTILINE)


def test_show_adds_the_smallest_case_where_there_is_one(chaoskit: Command, liar: Path) -> None:
    """A run with a story tells that one, what it needs, and where it is; the story shows itself in the same way."""
    shown = chaoskit("show", "latest").out
    assert "\nShrunk: " in shown
    assert "\n  Needed, each of them:\n" in shown
    assert f"\nstory      {liar}/story\n" in shown
    assert "\n  Needed, each of them:\n" in chaoskit("show", str(liar / "story")).out


def test_show_plan_can_be_replayed(chaoskit: Command, liar: Path) -> None:
    """What is printed is the plan, byte for byte."""
    printed = chaoskit("show", "latest", "--plan")
    assert printed.out == (liar / "plan.json").read_text()


def test_show_op_tells_what_an_operation_met(chaoskit: Command, liar: Path) -> None:
    """Named by either of its events: when, what came of it, who else was there, and the anomaly it is part of."""
    evidence = json.loads((liar / "report.json").read_text())["anomalies"][0]
    read = evidence["ops"][0]
    shown = chaoskit("show", "latest", "--op", str(read)).out
    assert re.match(
        r"c\d+  read k\d → -1\n  asked     \d+\.\d{3} s  \(event \d+, process \d+, invocation \d+ of the plan\)\n", shown
    )
    answered = re.search(r"  answered  \S+ s  ok after .*\(event (\d+)\)\n", shown)
    assert answered is not None
    assert "  faults    none in force meanwhile\n" in shown
    assert f"  anomaly   linearizable: phantom-read: {evidence['summary']}\n" in shown
    assert chaoskit("show", "latest", "--op", answered[1]).out == shown


def test_show_op_with_messages_tells_what_the_cluster_did_for_it(chaoskit: Command, liar: Path) -> None:
    """From the client's question to its answer, in order, with what the messages say."""
    read = json.loads((liar / "report.json").read_text())["anomalies"][0]["ops"][0]
    lines = chaoskit("show", "latest", "--op", str(read), "--messages").lines
    messages = lines[lines.index("") + 1 :]
    assert re.search(r"s  invoke c\d+: op=\d+$", messages[0])
    assert re.search(r"s  send c\d+: .*type=Read, .*body=\{key: k\d", messages[1])
    assert any(re.search(r"s  complete c\d+: op=\d+, type=ok$", message) for message in messages)


def test_show_messages_is_a_window_that_says_how_large_it_is(chaoskit: Command, liar: Path) -> None:
    """Never a silent cut: so many of so many; and what became of each."""
    lines = chaoskit("show", "latest", "--messages").lines
    assert re.fullmatch(r"(showing \d+ of [\d,]+|all \d+) messages, round the anomaly at \d+\.\d{3} s", lines[0])
    assert all(re.match(r"\d+\.\d{3} s +\S+ → \S+ +\w+ +\S+ +(delivered|dropped|under way)", line) for line in lines[2:])


def test_show_trace_has_a_column_a_node(chaoskit: Command) -> None:
    """A crash is `!` where it happens and `-` while it lasts, a boot `^`, then `.` again; the legend says so."""
    arguments = ("--seed", "1", "--ops", "40", "--nodes", "3", "--report", "none", "-qq")
    assert chaoskit("run", "mine.py:honest", "--nemesis", "kill:interval=300ms", *arguments).code in (0, 3)
    lines = chaoskit("show", "latest", "--trace").lines
    assert lines[0] == ".  normal    !  crash    ^  recover    -  down    =  paused"
    assert lines[2].split() == ["time", "n1", "n2", "n3"]
    cells = [line[14:23].split() for line in lines[3:]]
    crashes = [place for place, line in enumerate(lines[3:]) if re.search(r"n\d crash", line)]
    assert crashes
    for place in crashes:
        node = int(re.search(r"n(\d) crash", lines[3 + place])[1]) - 1  # type: ignore[index]
        after = [states[node] for states in cells[place:]]
        assert re.match(r"!-*(\^|$)", "".join(after))
    assert set(cells[-1]) == {"."}


def test_report_builds_again_what_was_there(chaoskit: Command, liar: Path) -> None:
    """Removed reports come back byte for byte."""
    before = {name: (liar / name).read_bytes() for name in ("report.html", "report.txt", "report.json")}
    for name in before:
        (liar / name).unlink()
    printed = chaoskit("report", "latest")
    assert (printed.code, printed.lines) == (0, [str(liar / name) for name in before])
    assert {name: (liar / name).read_bytes() for name in before} == before
    only = chaoskit("report", "latest", "--report", "txt", "--json").object
    assert only == {"run": str(liar), "reports": {"txt": str(liar / "report.txt")}}
