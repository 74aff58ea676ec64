"""The calls of a problem laid out for the search: one stop per completion, and who is pending there.

A stop is a completion, to be passed only with its call in place; between two stops there are only invocations. Pending calls
are bits: a *mover*, which may change the state, is set in the mask once it is placed; the burden has a bit for every open
*read* and for every used *crashed* call (one that never returned). Slots are given back at the completion, so that a mask is
as wide as the concurrency, however long the history.
"""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple

from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings

Read = tuple[int, int, int]  # bit, label, call
Mover = tuple[
    int, int, int, int
]  # bit, label, call, and the bit of a twin (same label, returns earlier) that goes first, 0 for none
CrashedGroup = tuple[int, tuple[tuple[int, int], ...]]  # label, then (bit, call) of each crashed call with it, by invocation


class Stop(NamedTuple):
    """The completion of one call, and what is pending just before it."""

    call: int
    bit: int
    is_read: bool
    fresh: tuple[Read, ...]  # the reads invoked since the stop before
    reads: tuple[Read, ...]  # all pending reads
    movers: tuple[Mover, ...]  # all pending movers, the earliest to return first
    crashed: tuple[CrashedGroup, ...]


class Layout(NamedTuple):
    """All stops in order; `mask_bits` is the width of a mask."""

    stops: list[Stop]
    mask_bits: int


def lay_out(problem: Problem, prunings: Prunings = ALL_PRUNINGS) -> Layout:
    """The stops of a problem."""
    calls = problem.calls
    is_read = problem.is_read if prunings.eager_reads else [False] * len(problem.labels)
    events = [(call.began, number) for number, call in enumerate(calls)]
    events += [(call.ended, ~number) for number, call in enumerate(calls) if call.returned]
    events.sort()
    crashed = _Crashed(first_bit=_most_open_reads(events, problem, is_read), grouped=prunings.crashed_groups)
    mask_slots, read_slots = _Slots(), _Slots()
    movers: list[tuple[int, Read]] = []  # by when they return
    reads: dict[int, Read] = {}  # by call
    fresh: list[Read] = []
    stops: list[Stop] = []
    for _, number in events:
        if number >= 0:
            label = calls[number].label
            if not calls[number].returned:
                crashed.add(label, number)
            elif is_read[label]:
                reads[number] = (read_slots.take(), label, number)
                fresh.append(reads[number])
            else:
                insort(movers, (calls[number].ended, (mask_slots.take(), label, number)))
            continue
        ending = ~number
        reading = is_read[calls[ending].label]
        bit = reads[ending][0] if reading else movers[0][1][0]  # a mover that returns now is the first to return
        pending = _with_twins([mover for _, mover in movers], elder_first=prunings.twins)
        stops.append(Stop(ending, bit, reading, tuple(fresh), tuple(reads.values()), pending, crashed.groups))
        fresh.clear()
        if reading:
            read_slots.give_back(reads.pop(ending)[0])
        else:
            mask_slots.give_back(movers.pop(0)[1][0])
    return Layout(stops, mask_slots.width)


class _Slots:
    """Single bits, given back and used again."""

    def __init__(self) -> None:
        self.width = 0
        self._free: list[int] = []

    def take(self) -> int:
        if self._free:
            return self._free.pop()
        self.width += 1
        return 1 << (self.width - 1)

    def give_back(self, bit: int) -> None:
        self._free.append(bit)


class _Crashed:
    """The calls that never return, grouped by label; their bits are never given back."""

    def __init__(self, *, first_bit: int, grouped: bool) -> None:
        self.groups: tuple[CrashedGroup, ...] = ()
        self._next = first_bit
        self._grouped = grouped
        self._members: dict[int, CrashedGroup] = {}

    def add(self, label: int, number: int) -> None:
        group = label if self._grouped else ~number
        _, members = self._members.get(group, (label, ()))
        self._members[group] = label, (*members, (1 << self._next, number))
        self._next += 1
        self.groups = tuple(self._members.values())


def _most_open_reads(events: list[tuple[int, int]], problem: Problem, is_read: list[bool]) -> int:
    most = now = 0
    for _, number in events:
        call = problem.calls[number if number >= 0 else ~number]
        if call.returned and is_read[call.label]:
            now += 1 if number >= 0 else -1
            most = max(most, now)
    return most


def _with_twins(pending: list[Read], *, elder_first: bool) -> tuple[Mover, ...]:
    """Of equal calls, the one that returns first is placed first: the other orders only rename them."""
    last: dict[int, int] = {}  # label → bit of the one before
    movers = []
    for bit, label, number in pending:
        movers.append((bit, label, number, last.get(label, 0)))
        if elder_first:
            last[label] = bit
    return tuple(movers)
