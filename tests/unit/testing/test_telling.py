"""What a failed test says: on one screen, and nothing is cut in silence."""

from __future__ import annotations

from pathlib import Path

from chaoskit.core.record import RunRecord
from chaoskit.core.shrinking import Flip, Parting, Shrinking, Size
from chaoskit.reports import render_text
from chaoskit.run import draw
from chaoskit.settings import Settings
from chaoskit.testing.plans import plan_of, record_of
from chaoskit.testing.telling import LINES_MAX, SCREEN, told

NAIVE = Path(__file__).parents[3] / "docs" / "how-to" / "examples" / "naive_store.py"


def test_what_does_not_fit_a_screen_is_counted() -> None:
    """A run with many anomalies: the first lines of its evidence, and how many more there are."""
    record = record_of(draw(Settings(seed=3, nemesis="partition,kill"), str(NAIVE)))
    whole = render_text(record).rstrip("\n").split("\n")
    lines = told(record, lines_max=5, after=["", "report  here"]).split("\n")
    assert len(lines) == 7 < len(whole)
    assert lines[0].startswith("INVALID  stale-read") and lines[4].endswith(" more lines")
    assert lines[5:] == ["", "report  here"]
    assert len(told(record).split("\n")) <= LINES_MAX <= 30


def test_the_causes_of_a_story_take_a_sentence_where_a_screen_has_no_room_for_more() -> None:
    """With no lines after it they are told in full; the operations and all that explains them are the same in both."""
    flips = [Flip(kind="op", name=f"i{n}", about=f"op {n}", needed=n < 2, result="valid") for n in range(3)]
    parting = Parting(without="op 1", time=1_000_000, failing=["one thing"], passing=["another"])
    size = Size(ops=3, faults=0, nodes=2)
    shrinking = Shrinking(before=size, after=size, runs=9, flips=flips, parting=parting)
    asks = [(0, 0, "write", "k0", 1), (1, 5, "read", "k0", None)]
    record = record_of(plan_of(str(NAIVE), asks=asks, nodes=2, network="latency=10ms"))
    assert not record.verdict.is_valid
    story = RunRecord(manifest=record.manifest, outcome=record.outcome, verdict=record.verdict, shrinking=shrinking)
    full, brief = told(story), told(story, after=["line"] * 10)
    assert "  - op 1; without it: valid" in full and "  passes:\n    another" in full
    sentence = "  Needed: 2 ops, 1 irrelevant. The report shows a run that passes beside it."
    assert sentence in brief.split("\n") and "op 1" not in brief
    assert len(brief.split("\n")) <= SCREEN + 3
    assert full.split("\n  Needed")[0] == brief.split("\n  Needed")[0]
