"""What a failed test says: the verdict, the smallest case and why, on one screen.

The sentences are the report's own; what does not fit is left out and counted, never cut in silence.
"""

from __future__ import annotations

from chaoskit.core.record import RunRecord
from chaoskit.core.units import plural
from chaoskit.reports import render_text

LINES_MAX = 30  # of the evidence: with what stands round it, a screen has forty
WIDTH = 88


def told(record: RunRecord, *, width: int = WIDTH, lines_max: int = LINES_MAX) -> str:
    """The evidence of a run as the terminal shows it, in at most so many lines."""
    lines = render_text(record, width=width).rstrip("\n").split("\n")
    lines = lines[:-1] if lines[-1].startswith("reproduce") else lines  # who tells the story says how to run it again
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) > lines_max:
        left_out = len(lines) - lines_max + 1
        lines = [*lines[: lines_max - 1], f"  … {plural(left_out, 'more line')} in the report"]
    return "\n".join(lines)
