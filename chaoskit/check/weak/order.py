"""What must come before what: a relation that grows by rules, each edge with the reason that it stands on.

Nodes are the calls of `Registers`, and behind them one node a register for its initial value. The first rule: a write that comes
before a read of another write's value comes before that write too, for the read would have seen it. The second, where all
reads share one order: a read comes before whatever replaces the value that it saw. The relation is closed under its rules by
passes, each of which sorts the nodes and collects, as a set of bits, all that comes before each. A cycle is a contradiction,
and is told by its edges; an edge that a rule gave, by the path that the rule went by at that time.

Source: Bouajjani, Enea, Guerraoui and Hamza, "On verifying causal consistency", POPL 2017 (the first rule, and that it is
enough for one process' reads); Gibbons and Korach, "Testing shared memories", 1997 (both).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from heapq import heappop, heappush
from typing import NamedTuple

from chaoskit.check.clock import alarm
from chaoskit.check.weak.registers import INITIAL, Registers

RELATION_BYTES_MAX = 256 * 1024**2  # of the sets of bits of one relation; twice that while it grows
BLOCK = 4096  # so many nodes' bits are handled as fast as one
CYCLES_COMPARED = 16  # of which the one with the least to tell is taken
STARTS_TRIED = 64  # nodes of a knot from which a cycle is looked for
RULE_WEIGHT = 4  # how much more there is to tell of an edge for each pass that led to it


class Because(Enum):
    """The reason of an edge."""

    PROCESS = "one process did both in this order"
    SEEN = "the read saw the write"
    FIRST = "the initial value is there before any write"
    PASSED = "a read after it saw another write, so it came before that"  # `by` is the read
    REPLACED = "the read saw what was replaced"  # `by` is the write that it saw


class Edge(NamedTuple):
    """This comes before that; `number` counts edges in the order in which they were found."""

    number: int
    start: int
    end: int
    because: Because
    by: int
    weight: int  # about how much there is to tell of it


class OutOfBudget(Exception):  # noqa: N818  # no error: the verdict is unknown
    """The budget is used up."""


class TooLarge(Exception):  # noqa: N818  # no error: the verdict is unknown
    """The relation would not fit in memory: of so many operations it takes so many bytes."""

    def __init__(self, operations: int, needed: int) -> None:
        super().__init__(operations, needed)
        self.operations = operations
        self.needed = needed


class Purse:
    """What may still be spent: configurations, and wall time where that is limited."""

    def __init__(self, limit: int, *, wall_seconds: float | None = None) -> None:
        self.limit = limit
        self.spent = 0
        self.is_late = False
        self._out_of_time = alarm(wall_seconds)

    def spend(self, amount: int) -> None:
        """Raises `OutOfBudget` when it is more than was left, or too late."""
        self.spent += amount
        self.is_late = self._out_of_time is not None and self._out_of_time()
        if self.spent > self.limit or self.is_late:
            raise OutOfBudget


class Order:
    """The relation. `nodes` are those it is about; edges to others are ignored. Raises `TooLarge` before memory is taken."""

    def __init__(self, registers: Registers, nodes: Sequence[int], *, purse: Purse) -> None:
        self.registers = registers
        self.before: dict[int, int] = {}  # node → bits of all that comes before it
        self._purse = purse
        self._nodes = [*nodes, *(len(registers.calls) + cell for cell in range(len(registers.cells)))]
        needed = len(self._nodes) * (len(registers.calls) + len(registers.cells)) // 8
        if needed > RELATION_BYTES_MAX:
            raise TooLarge(len(nodes), needed)
        self._after: dict[int, list[Edge]] = {node: [] for node in self._nodes}
        self._count = 0
        self._passes = 0
        self._writes = [0] * len(registers.cells)  # bits of each register's writes
        for node in nodes:
            call = registers.calls[node]
            if call.is_write:
                self._writes[call.cell] |= 1 << node
                self.add(self.first(call.cell), node, Because.FIRST)

    def first(self, cell: int) -> int:
        """The node of a register's initial value."""
        return len(self.registers.calls) + cell

    def source(self, read: int) -> int:
        """The node of what a read saw."""
        call = self.registers.calls[read]
        return self.first(call.cell) if call.source == INITIAL else call.source

    def add(self, start: int, end: int, because: Because, by: int = INITIAL) -> None:
        if start in self._after and end in self._after:
            self._after[start].append(Edge(self._count, start, end, because, by, 1 + RULE_WEIGHT * self._passes))
            self._count += 1

    def see(self, reads: Sequence[int]) -> None:
        """Each of these reads comes after what it saw."""
        for read in reads:
            self.add(self.source(read), read, Because.SEEN)

    def close(self, reads: Sequence[int], *, shared: bool = False) -> list[Edge] | None:
        """Closes the relation under the rules for these reads. A cycle, or None when there is none.

        `shared`: all reads are in one order, so that the second rule holds as well.
        """
        readers: dict[int, int] = {}
        for read in reads:
            readers[self.source(read)] = readers.get(self.source(read), 0) | 1 << read
        while True:
            knot = self._sort()
            if knot:
                return self._cycle(knot)
            count = self._count
            self._passes += 1
            for read in reads:
                self._pass(read)
            if shared:
                for cell in range(len(self._writes)):
                    self._replace(cell, readers)
            if self._count == count:
                return None

    def path(self, start: int, end: int, *, earlier_than: int) -> list[Edge]:
        """A way from here to there by edges found before that one, with little to tell; empty when there is none."""
        came: dict[int, Edge] = {}
        queue: list[tuple[int, int, Edge | None]] = [(0, start, None)]
        while queue:
            distance, node, by = heappop(queue)
            if by is not None:
                if node in came:
                    continue
                came[node] = by
                if node == end:
                    return _way_back(came, start, end)
            for edge in self._after[node]:
                if edge.number < earlier_than and edge.end not in came:
                    heappush(queue, (distance + edge.weight, edge.end, edge))
        return []

    def derived_from(self, edge: Edge) -> list[Edge]:
        """The path that a rule went by when it gave this edge."""
        if edge.because is Because.PASSED:
            return self.path(edge.start, edge.by, earlier_than=edge.number)
        if edge.because is Because.REPLACED:
            return self.path(edge.by, edge.end, earlier_than=edge.number)
        return []

    def proof(self, edges: Sequence[Edge]) -> list[Edge]:
        """These edges, each once and after those that it was concluded from."""
        proved: dict[tuple[int, int], Edge] = {}
        waiting = [(edge, False) for edge in reversed(edges)]
        while waiting:
            edge, ready = waiting.pop()
            if (edge.start, edge.end) in proved:
                continue
            causes = [] if ready else self.derived_from(edge)
            if causes:
                waiting.append((edge, True))
                waiting += [(cause, False) for cause in reversed(causes)]
            else:
                proved[edge.start, edge.end] = edge
        return list(proved.values())

    def _pass(self, read: int) -> None:
        """The first rule."""
        source = self.source(read)
        new = self.before[read] & self._writes[self.registers.calls[read].cell] & ~self.before[source] & ~(1 << source)
        for write in self._last_of(new):
            self.add(write, source, Because.PASSED, read)

    def _replace(self, cell: int, readers: dict[int, int]) -> None:
        """The second rule."""
        for write in _bits(self._writes[cell]):
            earlier = self.before[write] & (self._writes[cell] | 1 << self.first(cell))
            for source in self._last_of(earlier):
                for read in _bits(readers.get(source, 0) & ~self.before[write]):
                    self.add(read, write, Because.REPLACED, source)

    def _last_of(self, nodes: int) -> Iterator[int]:
        """Those of the nodes that come before no other of them, and perhaps a few that do."""
        while nodes:
            node = nodes.bit_length() - 1
            yield node
            nodes &= ~(self.before[node] | 1 << node)

    def _sort(self) -> list[int]:
        """Collects what comes before each node. The nodes in or behind a cycle, none when there is none."""
        self._purse.spend(len(self._nodes) * (1 + len(self._nodes) // BLOCK))
        waiting = dict.fromkeys(self._nodes, 0)
        for edges in self._after.values():
            for edge in edges:
                waiting[edge.end] += 1
        before = dict.fromkeys(self._nodes, 0)
        ready = [node for node in self._nodes if not waiting[node]]
        sorted_count = 0
        while ready:
            node = ready.pop()
            sorted_count += 1
            with_node = before[node] | 1 << node
            for edge in self._after[node]:
                before[edge.end] |= with_node
                waiting[edge.end] -= 1
                if not waiting[edge.end]:
                    ready.append(edge.end)
        self.before = before
        return [node for node in self._nodes if waiting[node]] if sorted_count < len(self._nodes) else []

    def _cycle(self, knot: list[int]) -> list[Edge]:
        """A cycle through some of these nodes, with little to tell."""
        best: list[Edge] = []
        best_weight = 0
        found = 0
        for tried, node in enumerate(self._tight(knot)):
            cycle = self.path(node, node, earlier_than=self._count)
            weight = len(self.proof(cycle)) if cycle else 0
            if cycle and (not best or weight < best_weight):
                best, best_weight = cycle, weight
            found += bool(cycle)
            if best and (found == CYCLES_COMPARED or tried > STARTS_TRIED):
                break
        return best

    def _tight(self, knot: list[int]) -> list[int]:
        """The nodes of a knot without those that only come after its cycles."""
        members = dict.fromkeys(knot)
        came_from: dict[int, list[int]] = {node: [] for node in knot}
        left: dict[int, int] = {}
        for node in knot:
            ends = [edge.end for edge in self._after[node] if edge.end in members]
            left[node] = len(ends)
            for end in ends:
                came_from[end].append(node)
        ready = [node for node in knot if not left[node]]
        while ready:
            node = ready.pop()
            del members[node]
            for start in came_from[node]:
                left[start] -= 1
                if not left[start]:
                    ready.append(start)
        return list(members)


def _way_back(came: dict[int, Edge], start: int, end: int) -> list[Edge]:
    way = [came[end]]
    while way[-1].start != start:
        edge = came[way[-1].start]
        if edge.because is Because.PROCESS is way[-1].because:  # what one process did is told in one step
            way[-1] = way[-1]._replace(start=edge.start)
        else:
            way.append(edge)
    return way[::-1]


def _bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, the highest first."""
    while mask:
        bit = mask.bit_length() - 1
        yield bit
        mask ^= 1 << bit
