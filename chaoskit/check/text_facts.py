"""A text that operations put and append to, taken apart: which of the texts that were written is what a get returned made of?

Where there is one answer, and what was put came before all appends, the text is a list of its pieces. Where there is none, nobody
wrote it. Where there are several (one piece is another one's beginning), nothing is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.check.list_facts import Elements, Growing

STEPS_MAX = 1_000_000  # of taking one text apart
SEVERAL = 2  # ways are not counted further
AT_FIRST = -1  # where what a text begins with begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """How a text falls into pieces: the only way there is; or how far it goes; or neither, when there are several ways."""

    pieces: list[str] | None = None
    stuck_at: int | None = None


def take_apart(text: str, beginnings: Iterable[str], pieces: Iterable[str]) -> Parts:
    """A text as one of the beginnings, and pieces after it."""
    by_length = _by_length(pieces)
    if len(text) * len(by_length) > STEPS_MAX:
        return Parts()
    came: list[list[int]] = [[] for _ in range(len(text) + 1)]  # place → where the pieces that end there begin
    ways = [0] * (len(text) + 1)
    for beginning in dict.fromkeys(beginnings):
        if text.startswith(beginning):
            came[len(beginning)].append(AT_FIRST)
            ways[len(beginning)] += 1
    for place in range(len(text)):
        if not ways[place]:
            continue
        for length, known in by_length.items():
            if text[place : place + length] in known:
                came[place + length].append(place)
                ways[place + length] = min(ways[place + length] + ways[place], SEVERAL)
    if not ways[-1]:
        return Parts(stuck_at=max((place for place, count in enumerate(ways) if count), default=0))
    return Parts(pieces=_way_back(text, came)) if ways[-1] == 1 else Parts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """What a get returned is made of no texts that were written: what could be, what follows, and failed writes of that."""

    known: str
    rest: str
    failed: list[Call] = field(default_factory=list)


class TextFacts:
    """The facts about one failing get that the table asks for."""

    def __init__(self, problem: Problem, failing: Call, initial: str | None) -> None:
        self._problem = problem
        self._failing = failing
        self._initial = initial or ""
        self._puts = self._written("put", problem.calls)  # of any time
        self._appends = self._written("append", problem.calls)

    @property
    def is_register(self) -> bool:
        """Did nobody try to append? Then it is a register."""
        return not any(label.f == "append" for label in self._problem.labels)

    def unwritten(self) -> Unwritten | None:
        """That nobody wrote what the get returned, if so."""
        got = self._problem.label(self._failing).output
        if not isinstance(got, str):
            return None
        parts = self._taken_apart(got, before=self._failing.ended)
        if parts.stuck_at is None:
            return None
        rest = got[parts.stuck_at :]
        failed = [
            call
            for f in ("put", "append")
            for call, text in self._written(f, self._problem.failed)
            if text and rest.startswith(text) and not any(text == other for _, other in (*self._puts, *self._appends))
        ]
        return Unwritten(known=got[: parts.stuck_at], rest=rest, failed=failed[:1])

    def growing(self) -> Growing | None:
        """The text as a list of pieces, where it is one."""
        if len(self._puts) > 1 or any(not self._is_first(put) for put, _ in self._puts):
            return None
        initial = self._puts[0][1] if self._puts else self._initial
        reads: list[tuple[Call, Elements]] = []
        has_all = True
        for call in self._problem.calls:
            label = self._problem.label(call)
            if label.f != "get" or not call.returned:
                continue
            pieces = self._taken_apart(label.output, before=call.ended).pieces if isinstance(label.output, str) else []
            if pieces is not None:
                reads.append((call, tuple(pieces)))
            elif call == self._failing:
                return None
            else:
                has_all = False
        appends: dict[Hashable, list[Call]] = {}
        for call, text in self._appends:
            if text:
                appends.setdefault(text, []).append(call)
        return Growing(
            initial=(initial,) if initial else (), appends=appends, reads=reads, has_all_reads=has_all
        )

    def _is_first(self, put: Call) -> bool:
        """Had it happened for certain before the first append began, and before the failing get did?"""
        return put.ended < self._failing.began and all(put.ended < append.began for append, _ in self._appends)

    def _taken_apart(self, text: str, *, before: int) -> Parts:
        """By what had begun to be written before this."""
        puts, appends = ([text for call, text in each if call.began < before] for each in (self._puts, self._appends))
        return take_apart(text, [self._initial, *puts], appends)

    def _written(self, f: str, calls: Sequence[Call]) -> list[tuple[Call, str]]:
        labels = ((call, self._problem.label(call)) for call in calls)
        return [(call, label.input) for call, label in labels if label.f == f]


def _by_length(pieces: Iterable[str]) -> dict[int, dict[str, None]]:
    found: dict[int, dict[str, None]] = {}
    for piece in pieces:
        if piece:
            found.setdefault(len(piece), {})[piece] = None
    return found


def _way_back(text: str, came: list[list[int]]) -> list[str]:
    """The pieces of the only way; an empty beginning is none."""
    pieces, place = [], len(text)
    while place > 0:
        (start,) = came[place]
        pieces.append(text[max(start, 0) : place])
        place = start
    return pieces[::-1]
