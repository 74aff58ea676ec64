"""`chaoskit run`: what it prints, keeps and exits with."""

from __future__ import annotations

import json
import re
import shlex
import webbrowser
from pathlib import Path

import pytest
from command_line import ALL_REPORTS, QUICK, Command

KEYS = {
    "verdict", "seed", "model", "workload", "bug", "digest", "ops", "faults", "anomalies", "events", "simulated_seconds",
    "seconds", "run", "reproduce",
}  # fmt: skip


def test_the_seed_and_every_drawn_parameter_come_first(quick: Command) -> None:
    """The first line says what is run and its seed; the lines after it say what the seed came to mean; then come the phases."""
    lines = quick().lines
    assert re.fullmatch(r"chaoskit \S+ · mine\.py:honest · 3 nodes, \d+ clients · seed 1", lines[0])
    drawn = " ".join(lines[1 : next(place for place, line in enumerate(lines) if line.startswith("simulate"))])
    for name in (
        "register",
        "keys=",
        "reads=",
        "20 ops at",
        "op timeout",
        "recovery",
        "latency=",
        "sync=",
        "offset=",
        "faults none",
    ):
        assert name in drawn, name


def test_off_a_terminal_the_same_run_prints_the_same_bytes(
    quick: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No wall time, no bar and no colour: what is printed depends on the run alone."""
    first = quick("liar")
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.py").write_bytes((tmp_path / "mine.py").read_bytes())
    monkeypatch.chdir(other)
    again = quick("liar")
    assert (first.out, first.err) == (again.out, again.err)
    assert "\x1b" not in first.out
    assert "\r" not in first.out


def test_a_violation_is_explained_and_the_way_back_is_printed(quick: Command) -> None:
    """After the phases: verdict, sentences, then how to make it again, what was kept, and the page."""
    printed = quick("liar", *ALL_REPORTS)
    assert printed.code == 1
    tail = printed.lines[-3:]
    assert "\nINVALID  phantom-read · key k" in printed.out
    assert re.search(r"^  1\. r\d+", printed.out, re.MULTILINE)
    assert tail == [
        "reproduce  chaoskit run mine.py:liar --seed 1 --nodes 3 --ops 20 --nemesis none",
        "replay     chaoskit replay .chaoskit/runs/liar-1-1",
        "report     .chaoskit/runs/liar-1-1/report.html",
    ]


def test_the_reproduce_line_makes_the_same_run(quick: Command, chaoskit: Command) -> None:
    """Pasted back, it gives the same digest."""
    first = quick("liar", "--json", "--param", "keys=2", "--network", "latency=2ms,loss=1%", "--op-timeout", "250ms").object
    again = chaoskit(*shlex.split(first["reproduce"])[1:], "--json").object
    assert again["digest"] == first["digest"]


def test_everything_of_a_run_is_kept(liar: Path) -> None:
    """The run directory holds all that §0 lists, the manifest says that it is whole, and a failing plan is kept for next time."""
    names = {path.name for path in liar.iterdir()}
    assert names == {
        "manifest.json", "plan.json", "history.jsonl", "journal.bin", "verdict.json", "report.html", "report.txt", "report.json",
        "log.txt", "story",
    }  # fmt: skip
    manifest = json.loads((liar / "manifest.json").read_text())
    assert manifest["complete"] is True
    assert manifest["verdict"] == "invalid"
    assert manifest["settings"]["nodes"] == ["3"]
    assert len(list(Path(".chaoskit/failures").iterdir())) == 1
    assert Path(".chaoskit/runs/latest").read_text() == "liar-1-1\n"


def test_json_is_one_object_with_the_keys_scripts_rely_on(quick: Command) -> None:
    """Nothing but the object is on stdout; the seed goes to stderr, in case the run never ends."""
    printed = quick("liar", "--json")
    assert printed.code == 1
    assert printed.object.keys() >= KEYS
    assert printed.object["verdict"] == "invalid"
    assert printed.object["ops"].keys() == {"invoke", "ok", "fail", "info"}
    assert printed.object["faults"] == {"planned": 0, "effective": 0}
    assert printed.object["seconds"].keys() == {"simulate", "check", "shrink", "report"}
    assert printed.object["run"] == ".chaoskit/runs/liar-1-1"
    anomaly = printed.object["anomalies"][0]
    assert (anomaly["checker"], anomaly["kind"]) == ("linearizable", "phantom-read")
    assert anomaly.keys() >= {"keys", "ops", "summary"}
    assert printed.err.endswith("· seed 1\n")


@pytest.mark.parametrize(
    ("model", "more", "code"),
    [
        ("honest", [], 0),
        ("honest", ["--strict-exercise"], 3),
        ("honest", ["--strict-exercise", "--exit-zero"], 0),
        ("honest", ["--budget", "states=1"], 3),
        ("honest", ["--budget", "states=1", "--exit-zero"], 0),
        ("liar", [], 1),
        ("liar", ["--exit-zero"], 0),
        ("broken", [], 4),
        ("broken", ["--exit-zero"], 4),
        ("honest", ["--nodes", "none"], 2),
    ],
)
def test_the_exit_code_is_the_verdicts_unless_nothing_was_judged(quick: Command, model: str, more: list[str], code: int) -> None:
    """0 valid, 1 violation, 2 usage, 3 unknown or weak when asked to be strict, 4 broken; --exit-zero changes 1 and 3 alone."""
    assert quick(model, *more).code == code


def test_a_weak_valid_run_says_why(quick: Command) -> None:
    """A run that nothing could have made fail is called weak in its verdict line."""
    assert "\nVALID, but weak: no fault overlapped any operation\n" in quick().out


def test_a_budget_that_is_used_up_says_what_to_change(quick: Command) -> None:
    """The unknown verdict names the limit and a larger one."""
    assert re.search(r"^UNKNOWN  .*try --budget states=10", quick("honest", "--budget", "states=1").out, re.MULTILINE)


def test_quiet_keeps_the_verdict_line(quick: Command) -> None:
    """-q prints one line, -qq none."""
    assert quick("liar", "-q").out.count("\n") == 1
    assert quick("liar", "-qq").out == ""


def test_a_quiet_run_names_a_seed_that_chance_chose(chaoskit: Command) -> None:
    """A random seed is always printed, or nobody could ever make the run again."""
    lines = chaoskit("run", "mine.py:honest", *QUICK, "-q").lines
    assert len(lines) == 2
    seed = re.search(r"seed (\d+)$", lines[0])
    assert seed is not None
    assert Path(f".chaoskit/runs/honest-{seed[1]}-1").is_dir()


def test_verbose_shows_times_and_digests(quick: Command) -> None:
    """-v adds what depends on the machine, and the three digests."""
    out = quick("honest", "-v").out
    assert re.search(r"simulated in \d+\.\d s$", out, re.MULTILINE)
    assert all(f"{level} digest" in out for level in ("history", "journal", "full"))


@pytest.mark.parametrize(
    ("kinds", "names"), [("none", set()), ("txt", {"report.txt"}), ("json,html", {"report.html", "report.json"})]
)
def test_only_the_reports_asked_for_are_written(quick: Command, kinds: str, names: set[str]) -> None:
    """`none` writes none, and no page is announced that is not there."""
    printed = quick("honest", "--report", kinds)
    written = {path.name for path in Path(".chaoskit/runs/honest-1-1").glob("report.*")}
    assert written == names
    assert ("\nreport     " in printed.out) == bool(names)


def test_out_keeps_the_run_where_it_is_told_to(quick: Command) -> None:
    """A new or empty directory is taken; one that holds something is refused before anything has run."""
    assert quick("honest", "--out", "kept/here").code == 0
    assert Path("kept/here/manifest.json").is_file()
    refused = quick("honest", "--out", "kept")
    assert refused.code == 2
    assert refused.err == "error: expected a new or an empty directory but got 'kept', which holds 'here'; name another.\n"


def test_a_run_that_fails_is_shrunk_unless_that_is_refused(quick: Command) -> None:
    """One line says how small it got; the story is kept within the run, and a valid run has none."""
    assert "\nshrink   " in quick("liar").out
    assert Path(".chaoskit/runs/liar-1-1/story/manifest.json").is_file()
    assert "shrink" not in quick("liar", "--no-shrink").out
    assert not Path(".chaoskit/runs/liar-1-2/story").exists()
    assert "shrink" not in quick("honest").out


def test_no_story_is_told_of_a_run_that_is_another_each_time(quick: Command, chaoskit: Command) -> None:
    """What would be needed in one run is not in the next; what clients saw is in violation nevertheless."""
    printed = quick("moody")
    assert printed.code == 1 and "INVALID  phantom-read" in printed.out
    assert "note: not shrunk: the same plan gives another run each time, of which no story can be told: " in printed.err
    assert not Path(".chaoskit/runs/moody-1-1/story").exists() and "Needed" not in printed.out
    again = chaoskit("shrink", "latest")
    assert again.code == 4 and again.err.startswith("error: the same plan gives another run each time")


def test_open_shows_the_page(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page goes to the browser; where there is none, its path is said."""
    pages: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda page: bool(pages.append(page)))
    printed = quick("honest", "--open", "--report", "html")
    assert pages[0].startswith("file:///")
    assert pages[0].endswith("/.chaoskit/runs/honest-1-1/report.html")
    assert printed.err == "note: no browser was found to show .chaoskit/runs/honest-1-1/report.html.\n"


def test_a_model_that_breaks_its_contract_is_told_without_a_trace_and_kept(quick: Command) -> None:
    """One sentence, where the recording is, and a trace for the model's author in log.txt; the verdict is unknown."""
    printed = quick("broken")
    sentence, where = printed.err.splitlines()
    assert re.fullmatch(r"error: .*raised ZeroDivisionError.*one too many.*", sentence)
    assert where == "What was recorded is in .chaoskit/runs/broken-1-1; the trace is in .chaoskit/runs/broken-1-1/log.txt."
    assert "Traceback" not in printed.out
    directory = Path(".chaoskit/runs/broken-1-1")
    assert "ZeroDivisionError: one too many" in (directory / "log.txt").read_text()
    manifest = json.loads((directory / "manifest.json").read_text())
    assert (manifest["complete"], manifest["verdict"]) == (True, "unknown")
    assert "ZeroDivisionError" in manifest["interrupted"]


def test_a_ci_server_is_told_on_request(quick: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """`junit` is one more file; `github` annotates on stderr, so that --json stays one object, and adds to the job's summary."""
    Path("summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    printed = quick("liar", "--report", "github,junit", "--json")
    assert printed.object["verdict"] == "invalid"
    annotations = [line for line in printed.err.splitlines() if line.startswith("::")]
    assert annotations
    assert all(line.startswith("::error title=liar seed 1%3A phantom-read") for line in annotations)
    assert Path("summary.md").read_text().startswith("before\n### chaoskit: liar seed 1 is invalid\n")
    kept = sorted(path.name for path in Path(printed.object["run"]).glob("report.*"))
    assert kept == ["report.junit.xml"]


def test_a_kept_run_is_told_to_a_ci_server_later(quick: Command, chaoskit: Command) -> None:
    """`chaoskit report` knows the same kinds."""
    quick("liar")
    printed = chaoskit("report", "latest", "--report", "junit,github")
    assert printed.lines[-1].endswith("report.junit.xml")
    assert "::error title=liar seed 1" in printed.err


def test_counted_nouns_agree(quick: Command) -> None:
    """One node is no nodes."""
    out = quick("honest", "--nodes", "1", "--clients", "1", "--ops", "1").out
    assert " · 1 node, 1 client · " in out
    assert " 1 op at " in out
    assert not re.search(r"(?<![\d.,])1 (nodes|clients|ops|keys|states)\b", out)
