"""What a failed test says: on one screen, and nothing is cut in silence."""

from __future__ import annotations

from pathlib import Path

from chaoskit.reports import render_text
from chaoskit.run import draw
from chaoskit.settings import Settings
from chaoskit.testing.plans import record_of
from chaoskit.testing.telling import LINES_MAX, told

NAIVE = Path(__file__).parents[3] / "docs" / "how-to" / "examples" / "naive_store.py"


def test_what_does_not_fit_a_screen_is_counted() -> None:
    """A run with many anomalies: the first lines of its evidence, and how many more there are."""
    record = record_of(draw(Settings(seed=3, nemesis="partition,kill"), str(NAIVE)))
    whole = render_text(record).rstrip("\n").split("\n")
    lines = told(record, lines_max=5).split("\n")
    assert len(lines) == 5 < len(whole)
    assert lines[0].startswith("INVALID  stale-read") and lines[-1].endswith("more lines in the report")
    assert len(told(record).split("\n")) <= LINES_MAX <= 30
