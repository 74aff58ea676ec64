"""The text of the reports: what a terminal shows, and report.txt."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest

from chaoskit.core.record import RunRecord
from chaoskit.reports import render_html, render_text

Build = Callable[..., RunRecord]

INVALID = """\
INVALID  stale-read · key k3

  c1  w85   write k3=4                        |--ok--|
  c2  w107  write k3=5                                        |--ok--|
  c5  r142  read k3 → 4                                                       |--ok--|
            partition {n1} | {n2 n3 n4 n5}                  ██████████████████████████████████░░
            packet n4 (no effect)                                    █████████████████████████░░

  1. w85 (write k3=4) ended at 0.870 s, before w107 (write k3=5) began at 1.020 s: w85 comes before
     w107.
  2. w107 was acknowledged at 1.240 s, before r142 (read k3) began at 1.310 s: w107 comes before
     r142.
  3. r142 returned 4, but after w107 the register holds 5 and no other operation writes 4: a
     contradiction.

  At 1.352 s n1 was leader of term 3 and n2 was leader of term 4.
  In force: partition {n1} | {n2 n3 n4 n5} (since 0.980 s); packet n4 (since 1.200 s, without
    effect).

reproduce  chaoskit run raft --seed 7 --nemesis partition,kill --ops 200
"""


def test_an_invalid_run_reads_as_diagram_sentences_and_command(invalid_run: RunRecord) -> None:
    """The whole of what a terminal shows, letter by letter."""
    assert render_text(invalid_run) == INVALID


def test_a_violation_beyond_the_claim_says_so(invalid_run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right behind the verdict, on the page as well: the protocol may never have promised to survive such faults."""
    plan = msgspec.structs.replace(invalid_run.outcome.plan, beyond_claim=True)
    monkeypatch.setattr(invalid_run.outcome, "plan", plan)
    caution = "faults went beyond what raft claims to survive: this need not be its mistake"
    assert render_text(invalid_run).splitlines()[:2] == ["INVALID  stale-read · key k3", f"  {caution}"]
    assert render_text(invalid_run, full=True).splitlines()[2] == caution
    assert caution in render_html(invalid_run)


def test_a_valid_run_is_one_line_and_the_command(valid_run: RunRecord) -> None:
    """What was judged, the outcomes, and what the faults touched."""
    first = "VALID  linearizable, invariants · 180 ok, 7 info, 10 fail · 2 faults overlapped 88 ops"
    assert render_text(valid_run).splitlines()[0] == first


def test_a_weak_run_says_that_it_is_weak(build_run: Build) -> None:
    """A green word alone would mislead."""
    text = render_text(build_run(status="valid", faults=False, initial_reads=True))
    expected = "VALID, but weak: no fault overlapped any operation; every read saw the initial value"
    assert text.splitlines()[0] == expected


def test_an_unknown_run_says_which_limit_and_what_to_change(build_run: Build) -> None:
    """The reason with the checker's name."""
    first = render_text(build_run(status="unknown")).splitlines()[0]
    assert first == (
        "UNKNOWN  linearizable: gave up on key k1 at op 412 after 2,000,000 states; "
        "try --budget states=20M or fewer clients (--clients 4)"
    )


def test_colour_is_only_added_to_the_same_text(invalid_run: RunRecord) -> None:
    """Without its colour codes the coloured text is the plain one, and the plain one has none."""
    coloured = render_text(invalid_run, color=True)
    assert coloured.startswith("\x1b[1;31mINVALID\x1b[0m")
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == INVALID
    assert "\x1b" not in INVALID


@pytest.mark.parametrize("width", [0, 60, 80, 140])
def test_the_diagram_keeps_to_the_width_as_far_as_it_can(invalid_run: RunRecord, width: int) -> None:
    """It shrinks its steps; it never breaks a bar off."""
    diagram = render_text(invalid_run, width=width).split("\n\n")[1].splitlines()
    assert all(line.count("|") in (2, 3) or "█" in line or "packet" in line for line in diagram)
    if width >= 80:
        assert max(map(len, diagram)) <= width


@pytest.mark.parametrize("width", [60, 80, 100])
def test_what_is_said_of_an_anomaly_is_wrapped_to_the_width(invalid_run: RunRecord, width: int) -> None:
    """Sentences go on beneath their first word, the faults in force further in; nothing is lost and no word is cut."""
    narrow, wide = (render_text(invalid_run, width=columns).split("\n\n") for columns in (width, 1000))
    said, whole = "\n".join(narrow[2:4]), "\n".join(wide[2:4])
    assert max(map(len, said.splitlines())) <= width
    assert said.split() == whole.split()
    assert {len(indent) for indent in re.findall("^ +", said, re.MULTILINE)} <= {2, 4, 5}


def test_what_a_model_wrote_cannot_steer_the_terminal(build_run: Build) -> None:
    """Escapes, line breaks and direction overrides in a key, a sentence or a reason are spelled out."""
    record = build_run()
    violation = record.verdict.all_violations()[0]
    violation.sentences.append(["evil \x1b[2J\r\nVALID \u202e end"])
    text = render_text(record, color=True) + render_text(record, full=True)
    assert "\x1b[2J" not in text
    assert "\u202e" not in text
    assert "evil \\u001b[2J\\u000d\\u000aVALID \\u202e end" in text


def test_the_full_text_has_every_panel_that_has_words(invalid_run: RunRecord) -> None:
    """report.txt carries the same evidence as the page, in its order."""
    text = render_text(invalid_run, full=True)
    titles = [line for line in text.splitlines() if line.isupper() and not line.startswith(" ")]
    assert titles == [
        "WHAT IS WRONG", "TIMELINE", "MESSAGES ROUND THE ANOMALY", "FAULTS", "OPERATIONS", "HOW TO REPRODUCE", "RUN FACTS",
    ]  # fmt: skip
    assert "1.352 s  n1 → c5  Answer  {value: 4}  delivered 1.352 s" in text


def test_further_anomalies_are_named_and_counted(build_run: Build) -> None:
    """The first is told in full, ten more by name, wrapped to the width, the rest as a number."""
    record = build_run()
    part = record.verdict.parts[0]
    part.violations.extend(part.violations * 14)
    lines = render_text(record).splitlines()
    assert sum(line.startswith("  also  stale-read · key k3: ") for line in lines) == 10
    assert not any("key k3: key k3" in line for line in lines)
    assert "  (showing 10 of 14 further anomalies)" in lines
    narrow = render_text(record, width=60).partition("\n  also  ")[2].partition("\n\n")[0].splitlines()
    assert max(map(len, narrow)) <= 60
    assert sum(line.startswith("  also  ") for line in narrow) == 9, "after the first"
    assert {line[:8] for line in narrow[1:] if "also" not in line and "showing" not in line} == {" " * 8}
