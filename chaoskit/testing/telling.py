"""What a failed test says: the verdict, the smallest case and why, on one screen.

The sentences are the report's own. What a story needs is told in full where a screen of 24 lines holds it, else in a sentence;
what does not fit even so is left out and counted, never cut in silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaoskit.core.record import RunRecord
from chaoskit.core.units import plural
from chaoskit.reports import render_text

SCREEN = 24  # lines of a terminal
LINES_MAX = 30  # of the evidence, where it is long
WIDTH = 88


def told(record: RunRecord, *, width: int = WIDTH, lines_max: int = LINES_MAX, after: Sequence[str] = ()) -> str:
    """The evidence of a run as the terminal shows it, in at most so many lines, and `after` it."""
    lines = _evidence(record, width=width, brief=False)
    if len(lines) + len(after) > SCREEN:
        lines = _evidence(record, width=width, brief=True)
    if len(lines) > lines_max:
        left_out = len(lines) - lines_max + 1
        lines = [*lines[: lines_max - 1], f"  … {plural(left_out, 'more line')}"]
    return "\n".join([*lines, *after])


def _evidence(record: RunRecord, *, width: int, brief: bool) -> list[str]:
    lines = render_text(record, width=width, brief=brief).rstrip("\n").split("\n")
    lines = lines[:-1] if lines[-1].startswith("reproduce") else lines  # who tells the story says how to run it again
    while lines and not lines[-1]:
        lines.pop()
    return lines
