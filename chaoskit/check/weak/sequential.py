"""Sequential consistency: is there one order of all calls that keeps every process' order; each read sees the last write?

Deciding it is NP-hard even when every value is written once. So: what linearizability's zones prove needs no search; then the
relation is closed under both rules of `order`, and a cycle is a contradiction; then a search places one call after the other
within what the relation allows, by when it was there for certain, which is where real time would place it. Reads are placed as
soon as they can be; a write has to wait until everybody has seen the value that it replaces, which never comes back. Each set
of placed calls is visited once, and counts against the budget.

Sources: Lamport, "How to make a multiprocessor computer that correctly executes multiprocess programs", 1979; Gibbons and
Korach, "Testing shared memories", 1997.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaoskit.check.weak.order import Because, Order, Purse
from chaoskit.check.weak.registers import INITIAL, Registers
from chaoskit.check.weak.views import Knot, program_order
from chaoskit.check.weak.zones import end_of
from chaoskit.core.errors import InternalError

LINES_AT_ONCE = 16  # so many lines are looked through as fast as one
CALLS_AT_ONCE = 1024  # so many calls' bits are small beside the rest of a configuration


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that works."""

    calls: list[int]


@dataclass(frozen=True, slots=True)
class Stuck:
    """No order works, though the relation has no cycle. `calls` are the most that could be placed."""

    calls: list[int]


def sequential(registers: Registers, purse: Purse, *, saturate: bool = True) -> Placed | Stuck | Knot:
    """Raises `OutOfBudget`. Without `saturate` it is the search alone, for tests."""
    order = Order(registers, range(len(registers.calls)), purse=purse)
    for start, end in program_order(registers):
        order.add(start, end, Because.PROCESS)
    order.see(registers.reads)
    cycle = order.close(registers.reads if saturate else [], shared=True)
    if cycle:
        return Knot(None, order, cycle)
    found = _Search(registers, order, purse).run()
    if isinstance(found, Placed):
        prove(registers, found.calls)
    return found


def prove(registers: Registers, order: list[int]) -> None:
    """Replays an order. Raises `InternalError` when it is none."""
    place = {number: position for position, number in enumerate(order)}
    if sorted(place) != list(range(len(registers.calls))) or len(order) != len(place):
        raise InternalError("the sequential order leaves out a call or has one twice.")
    if any(place[start] > place[end] for start, end in program_order(registers)):
        raise InternalError("the sequential order breaks the order of a process.")
    current = [INITIAL] * len(registers.cells)
    for number in order:
        call = registers.calls[number]
        if call.is_write:
            current[call.cell] = number
        elif current[call.cell] != call.source:
            raise InternalError(f"the sequential order lets the read {call.operation.began} see another write than it saw.")


@dataclass(slots=True)
class _Level:
    """What was placed so far, and the writes that may come next."""

    done: int  # bits of the placed calls
    placed: int  # how many of `path` belong to it
    current: list[int]  # of each register
    heads: list[int]  # of each line, how many of it are placed
    choices: Iterator[int]  # lines whose next call is a write that may come next


class _Search:
    """Depth first. A line is what one process did; an unanswered write is a line of its own, for nothing waits for it."""

    def __init__(self, registers: Registers, order: Order, purse: Purse) -> None:
        self._calls = registers.calls
        self._purse = purse
        self._everything = (1 << len(registers.calls)) - 1
        self._before = [order.before[number] & self._everything for number in range(len(registers.calls))]
        self._readers: dict[tuple[int, int], int] = {}  # (register, source) → bits of its reads
        for number in registers.reads:
            call = self._calls[number]
            place = call.cell, call.source
            self._readers[place] = self._readers.get(place, 0) | 1 << number
        answered = [[number for number in session if self._calls[number].is_answered] for session in registers.sessions.values()]
        alone = [[number] for number, call in enumerate(self._calls) if not call.is_answered]
        self._lines = [line for line in (*answered, *alone) if line]
        self._effort = 1 + len(self._lines) // LINES_AT_ONCE + len(registers.calls) // CALLS_AT_ONCE
        self._rank = _ranks(registers)
        self._path: list[int] = []
        self._best: list[int] = []

    def run(self) -> Placed | Stuck:
        cells = 1 + max((call.cell for call in self._calls), default=0)
        seen: set[int] = set()
        stack = [self._level(0, [INITIAL] * cells, [0] * len(self._lines))]
        while stack:
            level = stack[-1]
            if level.done == self._everything:
                return Placed(self._path)
            if len(self._path) > len(self._best):
                self._best = list(self._path)
            line = next(level.choices, None)
            if line is None:
                stack.pop()
                if stack:
                    del self._path[stack[-1].placed :]
                continue
            self._purse.spend(self._effort)
            write = self._lines[line][level.heads[line]]
            current, heads = list(level.current), list(level.heads)
            current[self._calls[write].cell] = write
            heads[line] += 1
            self._path.append(write)
            after = self._level(level.done | 1 << write, current, heads)
            if after.done in seen:
                del self._path[level.placed :]
                continue
            seen.add(after.done)
            stack.append(after)
        return Stuck(self._best)

    def _level(self, done: int, current: list[int], heads: list[int]) -> _Level:
        """Places the reads that can be, and finds the writes that can be next, the earliest first."""
        moved = True
        while moved:
            moved = False
            for place, line in enumerate(self._lines):
                while heads[place] < len(line):
                    number = line[heads[place]]
                    call = self._calls[number]
                    if call.is_write or current[call.cell] != call.source or self._before[number] & ~done:
                        break
                    done |= 1 << number
                    heads[place] += 1
                    self._path.append(number)
                    moved = True
        choices = []
        for place, line in enumerate(self._lines):
            if heads[place] < len(line):
                number = line[heads[place]]
                call = self._calls[number]
                waited_for = self._readers.get((call.cell, current[call.cell]), 0) | self._before[number]
                if call.is_write and not waited_for & ~done:
                    choices.append((self._rank[number], place))
        return _Level(done, len(self._path), current, heads, iter([place for _, place in sorted(choices)]))


def _ranks(registers: Registers) -> dict[int, tuple[int, int]]:
    """When each write was there for certain: seen or answered, and all of its readers had begun if that was earlier."""
    first_end = {number: end_of(call.operation) for number, call in enumerate(registers.calls) if call.is_write}
    last_begin = {number: registers.calls[number].operation.began for number in first_end}
    for read in registers.reads:
        operation, source = registers.calls[read].operation, registers.calls[read].source
        if source in first_end:
            first_end[source] = min(first_end[source], end_of(operation))
            last_begin[source] = max(last_begin[source], operation.began)
    return {number: (min(first_end[number], last_begin[number]), number) for number in first_end}
