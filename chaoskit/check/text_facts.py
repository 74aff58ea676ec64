"""A text that operations put and append to, taken apart: which of the texts that were written is what a get returned made of?

Where there is one answer, the text is what was put, once, and a list of the pieces that were appended since. Where there is none,
nobody wrote it. Where there are several (one piece is another one's beginning), nothing is said.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.check.list_facts import AT_FIRST, Elements, Growing

STEPS_MAX = 1_000_000  # of taking one text apart
SEVERAL = 2  # ways are not counted further


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """How a text falls apart, if there is one way; how far it goes, if there is none; neither, if there are several."""

    beginning: str | None = None
    pieces: list[str] = field(default_factory=list)
    stuck_at: int | None = None


def take_apart(text: str, beginnings: Iterable[str], pieces: Iterable[str]) -> Parts:
    """A text as one of the beginnings, and pieces after it."""
    return _taken_apart(text, dict.fromkeys(beginnings), _by_length(pieces))


def _taken_apart(text: str, beginnings: Iterable[str], by_length: dict[int, dict[str, None]]) -> Parts:
    beginnings = [beginning for beginning in beginnings if text.startswith(beginning)]
    if len(text) * len(by_length) > STEPS_MAX:
        return Parts()
    found = _walked(text, beginnings, by_length)
    if found is not None:
        return found
    came: list[list[int]] = [[] for _ in range(len(text) + 1)]  # place → where the pieces that end there begin
    ways = [0] * (len(text) + 1)
    for beginning in beginnings:
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
    return _way_back(text, came) if ways[-1] == 1 else Parts()


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
        self._put_at, self._appended_at = (  # by text: when it first began to be written
            {text: call.began for call, text in reversed(each)} for each in (self._puts, self._appends)
        )
        self._put_at[self._initial] = AT_FIRST
        self._pieces = _by_length(self._appended_at)
        self._whole: dict[str, Parts] = {}  # texts, taken apart by what was written at any time

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
        """What was appended since the put by which the failing get's text begins, as a list, where that can be told.

        A text put once is there for one stretch of time; so is what was there at first. In it the text only grows.
        """
        beginning = self._read(self._failing).beginning
        puts = [put for put, text in self._puts if text == beginning]
        if beginning is None or len(puts) + (beginning == self._initial) != 1:
            return None
        reads: list[tuple[Call, Elements]] = []
        has_all = True
        for call in self._problem.calls:
            if self._problem.label(call).f == "get" and call.returned:
                parts = self._read(call)
                has_all &= parts.beginning is not None
                if parts.beginning == beginning:
                    reads.append((call, tuple(parts.pieces)))
        appends: dict[Hashable, list[Call]] = {}
        for call, text in self._appends:
            if text:
                appends.setdefault(text, []).append(call)
        since = puts[0].ended if puts else AT_FIRST
        return Growing(appends=appends, since=since, reads=reads, has_all_reads=has_all)

    def _read(self, call: Call) -> Parts:
        """What a get returned, taken apart; nil is no text."""
        got = self._problem.label(call).output
        return self._taken_apart(got, before=call.ended) if isinstance(got, str) else Parts()

    def _taken_apart(self, text: str, *, before: int) -> Parts:
        """By what had begun to be written before this."""
        whole = self._whole.get(text)
        if whole is None:
            whole = self._whole[text] = _taken_apart(text, self._put_at, self._pieces)
        if whole.beginning is not None:
            latest = max([self._put_at[whole.beginning], *map(self._appended_at.__getitem__, whole.pieces)])
            if latest < before:
                return whole  # the only way of all is the only one of those that there were
        return take_apart(
            text,
            [put for put, began in self._put_at.items() if began < before],
            [piece for piece, began in self._appended_at.items() if began < before],
        )

    def _written(self, f: str, calls: Sequence[Call]) -> list[tuple[Call, str]]:
        labels = ((call, self._problem.label(call)) for call in calls)
        return [(call, label.input) for call, label in labels if label.f == f]


def _by_length(pieces: Iterable[str]) -> dict[int, dict[str, None]]:
    found: dict[int, dict[str, None]] = {}
    for piece in pieces:
        if piece:
            found.setdefault(len(piece), {})[piece] = None
    return found


def _walked(text: str, beginnings: list[str], by_length: dict[int, dict[str, None]]) -> Parts | None:
    """The same where from each beginning there is nothing to be chosen, as mostly; None where there is."""
    found: Parts | None = None
    farthest = 0
    for beginning in beginnings:
        pieces: list[str] = []
        place = len(beginning)
        while place < len(text):
            fitting = [length for length in by_length if text[place : place + length] in by_length[length]]
            if len(fitting) > 1:
                return None
            if not fitting:
                break
            pieces.append(text[place : place + fitting[0]])
            place += fitting[0]
        farthest = max(farthest, place)
        if place == len(text):
            if found is not None:
                return None
            found = Parts(beginning=beginning, pieces=pieces)
    return found or Parts(stuck_at=farthest)


def _way_back(text: str, came: list[list[int]]) -> Parts:
    """The only way."""
    pieces: list[str] = []
    place = len(text)
    while True:
        (start,) = came[place]
        if start == AT_FIRST:
            return Parts(beginning=text[:place], pieces=pieces[::-1])
        pieces.append(text[start:place])
        place = start
