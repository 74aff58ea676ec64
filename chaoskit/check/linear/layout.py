"""The calls of a problem laid out for the search: one stop per completion, and who is pending there.

A stop is a completion, to be passed only with its call in place; between two stops there are only invocations. Pending calls
are bits. A *mover*, which may change the state, is set in the mask once it is placed. The burden has a bit for every open *read*,
two for every *write* (is it still to be placed, and is it used up), and one for every used *crashed* call (which never returned).
Bits are given back at the completion, so that mask and burden are as wide as the concurrency, however long the history.
"""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple

from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings

READ, WRITE, MOVER = range(3)

Read = tuple[int, int, int]  # bit, label, call
Mover = tuple[int, int, int, int, int]  # bit, label, call; bit of a twin (same label, returns earlier) that goes first; open bit
CrashedGroup = tuple[int, tuple[tuple[int, int], ...], bool]  # label, (bit, call) by invocation of its calls, is it a write


class Stop:
    """The completion of one call, and what is pending just before it. The bits of a write are those of its being used up."""

    __slots__ = ("bit", "call", "crashed", "fresh", "fresh_open", "kind", "movers", "open_bit", "open_writes", "reads", "writes")

    def __init__(
        self,
        call: int,
        kind: int,
        open_bit: int,
        bit: int,
        fresh: tuple[Read, ...],
        fresh_open: int,
        reads: tuple[Read, ...],
        movers: tuple[Mover, ...],
        writes: tuple[Mover, ...],
        open_writes: int,
        crashed: tuple[CrashedGroup, ...],
    ) -> None:
        self.call = call
        self.kind = kind  # READ, WRITE or MOVER
        self.open_bit = open_bit  # in the burden, of a read or write: it is still to be placed
        self.bit = bit  # of a mover: it is placed; of a write: it is used up
        self.fresh = fresh  # the reads invoked since the stop before
        self.fresh_open = fresh_open  # the open bits of the writes invoked since the stop before
        self.reads = reads  # all pending reads
        self.movers = movers  # all pending movers, the earliest to return first
        self.writes = writes  # all pending writes, the earliest to return first
        self.open_writes = open_writes  # their open bits
        self.crashed = crashed


class Layout(NamedTuple):
    """All stops in order; `mask_bits` is the width of a mask, `first_crashed` where in the burden crashed calls begin.

    `changing` are the labels that may change the state: those of calls that may have happened, reads left out.
    """

    stops: list[Stop]
    mask_bits: int
    first_crashed: int
    changing: tuple[int, ...]


def lay_out(problem: Problem, prunings: Prunings = ALL_PRUNINGS) -> Layout:
    """The stops of a problem."""
    return _Layer(problem, prunings).lay_out()


class _Layer:
    """Walks through the events with what is pending."""

    def __init__(self, problem: Problem, prunings: Prunings) -> None:
        self._calls = calls = problem.calls
        self._prunings = prunings
        nothing = [False] * len(problem.labels)
        is_read = problem.is_read if prunings.eager_reads else nothing
        is_write = problem.is_write if prunings.hidden_writes else nothing
        self._kinds = [READ if read else WRITE if write else MOVER for read, write in zip(is_read, is_write, strict=True)]
        count = len(calls)
        events = [call.began * count + number << 1 for number, call in enumerate(calls)]
        events += [call.ended * count + number << 1 | 1 for number, call in enumerate(calls) if call.returned]
        self._events = [((event >> 1) % count, event & 1) for event in sorted(events)]
        self._mask_bits, self._burden_bits = _Bits(), _Bits()
        self._reads: dict[int, Read] = {}  # by call
        self._movers = _Pending(elder_first=prunings.twins)
        self._writes = _Pending(elder_first=prunings.twins)
        self._open_bits: dict[int, int] = {}  # of writes, by call
        self._crashed = _Crashed(first_bit=self._most_open(), grouped=prunings.crashed_groups)

    def lay_out(self) -> Layout:
        calls, kinds = self._calls, self._kinds
        fresh: list[Read] = []
        fresh_open = open_writes = 0
        stops: list[Stop] = []
        for number, ends in self._events:
            kind = kinds[calls[number].label]
            if not ends:
                if not calls[number].returned:
                    self._crashed.add(calls[number].label, number, is_write=kind == WRITE)
                elif kind == READ:
                    fresh.append(self._open_read(number))
                elif kind == WRITE:
                    fresh_open |= self._open_write(number)
                    open_writes |= fresh_open
                else:
                    self._movers.add(calls[number].ended, (self._mask_bits.take(), calls[number].label, number, 0))
                continue
            open_bit, bit = self._bits_of(number, kind)
            stops.append(
                Stop(
                    number,
                    kind,
                    open_bit,
                    bit,
                    tuple(fresh),
                    fresh_open,
                    tuple(self._reads.values()),
                    self._movers.in_order(),
                    self._writes.in_order(),
                    open_writes,
                    self._crashed.groups,
                )
            )
            fresh.clear()
            fresh_open = 0
            open_writes &= ~open_bit
            self._close(number, kind, open_bit, bit)
        changing = tuple(dict.fromkeys(call.label for call in calls if kinds[call.label] != READ))
        return Layout(stops, self._mask_bits.width, self._crashed.first_bit, changing)

    def _most_open(self) -> int:
        """How many bits of the burden calls that return will need at once."""
        bits = {READ: 1, WRITE: 2, MOVER: 0}
        most = now = 0
        for number, ends in self._events:
            call = self._calls[number]
            if call.returned:
                now += -bits[self._kinds[call.label]] if ends else bits[self._kinds[call.label]]
                most = max(most, now)
        return most

    def _open_read(self, number: int) -> Read:
        self._reads[number] = self._burden_bits.take(), self._calls[number].label, number
        return self._reads[number]

    def _open_write(self, number: int) -> int:
        call = self._calls[number]
        bit = self._open_bits[number] = self._burden_bits.take()
        self._writes.add(call.ended, (self._burden_bits.take(), call.label, number, bit))
        return bit

    def _bits_of(self, number: int, kind: int) -> tuple[int, int]:
        """Its open bit, and the bit of its being placed or used up. A mover or write that returns now is the first to return."""
        if kind == READ:
            return self._reads[number][0], 0
        if kind == WRITE:
            return self._open_bits[number], self._writes.first_bit()
        return 0, self._movers.first_bit()

    def _close(self, number: int, kind: int, open_bit: int, bit: int) -> None:
        if kind == MOVER:
            self._movers.remove_first()
            self._mask_bits.give_back(bit)
            return
        self._burden_bits.give_back(open_bit)
        if kind == READ:
            del self._reads[number]
        else:
            del self._open_bits[number]
            self._writes.remove_first()
            self._burden_bits.give_back(bit)


class _Bits:
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


class _Pending:
    """Pending calls by when they return. Of equal ones the first to return is placed first: other orders only rename them."""

    def __init__(self, *, elder_first: bool) -> None:
        self._elder_first = elder_first
        self._pending: list[tuple[int, tuple[int, int, int, int]]] = []
        self._in_order: tuple[Mover, ...] | None = ()

    def add(self, ended: int, call: tuple[int, int, int, int]) -> None:
        """A call that returns then: its bit, label, number and open bit."""
        insort(self._pending, (ended, call))
        self._in_order = None

    def first_bit(self) -> int:
        return self._pending[0][1][0]

    def remove_first(self) -> None:
        del self._pending[0]
        self._in_order = None if self._pending else ()

    def in_order(self) -> tuple[Mover, ...]:
        """They, with the twins that go before them."""
        if self._in_order is None:
            last: dict[int, int] = {}  # label → bit of the one before
            movers = []
            for _, (bit, label, number, open_bit) in self._pending:
                movers.append((bit, label, number, last.get(label, 0), open_bit))
                if self._elder_first:
                    last[label] = bit
            self._in_order = tuple(movers)
        return self._in_order


class _Crashed:
    """The calls that never return, grouped by label; their bits are never given back."""

    def __init__(self, *, first_bit: int, grouped: bool) -> None:
        self.groups: tuple[CrashedGroup, ...] = ()
        self.first_bit = first_bit
        self._next = first_bit
        self._grouped = grouped
        self._members: dict[int, CrashedGroup] = {}

    def add(self, label: int, number: int, *, is_write: bool) -> None:
        group = label if self._grouped else ~number
        _, members, _ = self._members.get(group, (label, (), is_write))
        self._members[group] = label, (*members, (1 << self._next, number)), is_write
        self._next += 1
        self.groups = tuple(self._members.values())
