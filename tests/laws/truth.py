"""The table of what was held to brute force: what every law of the quality target judged, and how often it was wrong.

A law notes its line with its test; the table is printed when all have ended, whoever ran them: `make quality`, one family alone,
or several processes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pytest

PROPERTY = "truth"
UNDECIDED = "undecided"  # what is said of a history about which a path says nothing
SHOWN = 5  # mistakes
HEAD = f"{'family':40} {'judged by':10} {'histories':42} {'number':>9} {'bad':>9} {'undecided':>9} {'wrong':>6} {'CPU s':>7}"


class Told(NamedTuple):
    """A history, where it fails by brute force (None: nowhere), and what is wrong with the verdict on it, if anything."""

    case: Any
    failing: object | None
    wrong: str | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one law judged."""

    family: str
    way: str
    histories: str
    number: int
    bad: int  # by brute force
    undecided: int
    wrong: int
    seconds: float  # of this process

    def text(self) -> str:
        """The line of the table."""
        return (
            f"{self.family:40} {self.way:10} {self.histories:42} {self.number:>9,} {self.bad:>9,} {self.undecided:>9,} "
            f"{self.wrong:>6,} {self.seconds:>7.1f}"
        )


Note = Callable[[Line], None]


def tally(judged: Iterable[Told], *, family: str, way: str, histories: str) -> tuple[Line, list[Told]]:
    """The line of what was judged, and some of what was judged wrong."""
    began = process_time()
    number = bad = undecided = wrong = 0
    mistakes: list[Told] = []
    for told in judged:
        number += 1
        bad += told.failing is not None
        if told.wrong == UNDECIDED:
            undecided += 1
        elif told.wrong is not None:
            wrong += 1
            mistakes += [told] if wrong <= SHOWN else []
    line = Line(
        family=family,
        way=way,
        histories=histories,
        number=number,
        bad=bad,
        undecided=undecided,
        wrong=wrong,
        seconds=process_time() - began,
    )
    return line, mistakes


def table(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """The table of the laws that ran; nothing when none did."""
    noted: list[Any] = [value for report in reports for name, value in report.user_properties if name == PROPERTY]
    lines = sorted((Line(**each) for each in noted), key=lambda line: (line.way, line.histories, line.family))
    if lines:
        yield HEAD
        yield from (line.text() for line in lines)
        total = sum(line.number for line in lines)
        yield f"{total:,} histories held to brute force, {sum(line.wrong for line in lines):,} judged otherwise"


def noted(line: Line) -> tuple[str, Any]:
    """A line as a property of a test."""
    return PROPERTY, asdict(line)
