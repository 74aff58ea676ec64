"""The weaker promises by trying every order: what the fast checks are compared with in tests.

Each follows the definition and shares no idea with the checks. It reads the events itself; writes without an answer are tried
both as happened and as not. Exponential; meant for half a dozen operations on histories whose values are written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations
from typing import NamedTuple

from chaoskit.check.operations import Operation, operations
from chaoskit.core.history import History
from chaoskit.core.op import Process

Pair = tuple[int, int]  # positions in the list of operations: this before that


class _World(NamedTuple):
    """Operations that happened; each knows its place by its position."""

    happened: list[Operation]

    @property
    def processes(self) -> list[Process]:
        return list(dict.fromkeys(operation.process for operation in self.happened))

    def writes(self) -> list[int]:
        return [place for place, operation in enumerate(self.happened) if operation.f == "write"]

    def reads(self, process: Process) -> list[int]:
        return [place for place, operation in enumerate(self.happened) if operation.f == "read" and operation.process == process]

    def program_order(self) -> list[Pair]:
        """What one process did before something else; an unanswered write comes before nothing."""
        return [
            (first, second)
            for first, second in combinations(range(len(self.happened)), 2)
            if self.happened[first].process == self.happened[second].process and self.happened[first].is_ok
        ]

    def saw(self) -> list[Pair]:
        """(write, read) for every read that saw a write."""
        return [
            (write, read)
            for write in self.writes()
            for read, operation in enumerate(self.happened)
            if operation.f == "read"
            and (operation.key, operation.result) == (self.happened[write].key, self.happened[write].argument)
        ]

    def explains_values(self) -> bool:
        """Did every read return the initial value or one that was written?"""
        written = {(self.happened[write].key, self.happened[write].argument) for write in self.writes()}
        return all(
            operation.f == "write" or operation.result is None or (operation.key, operation.result) in written
            for operation in self.happened
        )

    def is_write(self, place: int) -> bool:
        return self.happened[place].f == "write"


def keeps(level: str, history: History) -> bool:
    """Does a history keep a promise, by its definition?"""
    return any(_LEVELS[level](world) for world in _worlds(history) if world.explains_values())


def _worlds(history: History) -> Iterator[_World]:
    found = operations(history)
    certain = [operation for operation in found if operation.is_ok]
    perhaps = [operation for operation in found if operation.f == "write" and operation.type == "info"]
    for chosen in chain.from_iterable(combinations(perhaps, size) for size in range(len(perhaps) + 1)):
        yield _World(sorted([*certain, *chosen], key=lambda operation: operation.began))


def _has_order(world: _World, members: Iterable[int], pairs: Iterable[Pair]) -> bool:
    """Is there an order of these that respects the pairs, in which each read returns the last write of its key, or nil?"""
    before: dict[int, set[int]] = {member: set() for member in members}
    for first, second in pairs:
        if first in before and second in before:
            before[second].add(first)

    def placed(done: frozenset[int], values: dict[object, object]) -> bool:
        if len(done) == len(before):
            return True
        for member, earlier in before.items():
            operation = world.happened[member]
            if member in done or earlier - done:
                continue
            if operation.f == "write":
                after = {**values, operation.key: operation.argument}
            elif values.get(operation.key) == operation.result:
                after = values
            else:
                continue
            if placed(done | {member}, after):
                return True
        return False

    return placed(frozenset(), {})


def _views(world: _World, pairs: Callable[[Process], Iterable[Pair]]) -> bool:
    """Has every process an order of all writes and its reads that respects its pairs?"""
    return all(
        _has_order(world, [*world.writes(), *world.reads(process)], _closed(list(pairs(process)))) for process in world.processes
    )


def _closed(pairs: list[Pair]) -> list[Pair]:
    """What follows from pairs: pairs over members that a view leaves out count too."""
    found = set(pairs)
    while True:
        more = {(first, last) for first, middle in found for other, last in found if middle == other} - found
        if not more:
            return sorted(found)
        found |= more


def _read_your_writes(world: _World) -> bool:
    def pairs(process: Process) -> list[Pair]:
        own = [pair for pair in world.program_order() if world.happened[pair[0]].process == process]
        return [(first, second) for first, second in own if world.is_write(first)]

    return _views(world, pairs)


def _reads_in_order(world: _World, process: Process) -> list[Pair]:
    own = set(world.reads(process))
    return [(first, second) for first, second in world.program_order() if first in own and second in own]


def _monotonic_reads(world: _World) -> bool:
    return _views(world, lambda process: _reads_in_order(world, process))


def _where_reads_are_monotonic(world: _World, pairs: list[Pair]) -> bool:
    for process in world.processes:
        members = [*world.writes(), *world.reads(process)]
        own = _reads_in_order(world, process)
        if _has_order(world, members, own) and not _has_order(world, members, [*own, *pairs]):
            return False
    return True


def _monotonic_writes(world: _World) -> bool:
    ordered = [pair for pair in world.program_order() if world.is_write(pair[0]) and world.is_write(pair[1])]
    return _where_reads_are_monotonic(world, ordered)


def _writes_follow_reads(world: _World) -> bool:
    follows = [
        (write, later)
        for write, read in world.saw()
        for first, later in world.program_order()
        if first == read and world.is_write(later)
    ]
    return _has_order(world, world.writes(), follows) and _where_reads_are_monotonic(world, follows)


def _pram(world: _World) -> bool:
    return _views(world, lambda _: world.program_order())


def _causal(world: _World) -> bool:
    return _views(world, lambda _: [*world.program_order(), *world.saw()])


def _sequential(world: _World) -> bool:
    return _has_order(world, range(len(world.happened)), world.program_order())


def _linearizable(world: _World) -> bool:
    real_time = [
        (first, second)
        for first, one in enumerate(world.happened)
        for second, other in enumerate(world.happened)
        if one.is_ok and one.ended_before(other)
    ]
    return _has_order(world, range(len(world.happened)), real_time)


_LEVELS: dict[str, Callable[[_World], bool]] = {
    "linearizable": _linearizable,
    "sequential": _sequential,
    "causal": _causal,
    "pram": _pram,
    "read-your-writes": _read_your_writes,
    "monotonic-reads": _monotonic_reads,
    "monotonic-writes": _monotonic_writes,
    "writes-follow-reads": _writes_follow_reads,
}


def staleness(history: History) -> int | None:
    """The smallest k for which every read returns one of the last k values, by trying every order; None when no k does."""
    bounds = [bound for world in _worlds(history) if (bound := _staleness(world)) is not None]
    return min(bounds, default=None)


def _staleness(world: _World) -> int | None:
    places = range(len(world.happened))
    after = [
        {second for second, other in enumerate(world.happened) if one.is_ok and one.ended_before(other)} for one in world.happened
    ]

    def best(left: frozenset[int], values: dict[object, tuple[object, ...]]) -> int | None:
        if not left:
            return 1
        bounds = []
        for place in sorted(left):
            if any(place in after[other] for other in left):
                continue
            operation = world.happened[place]
            known = values.get(operation.key, (None,))
            here = 1
            if operation.f == "write":
                rest = best(left - {place}, {**values, operation.key: (operation.argument, *known)})
            elif operation.result in known:
                here = known.index(operation.result) + 1
                rest = best(left - {place}, values)
            else:
                continue
            if rest is not None:
                bounds.append(max(here, rest))
        return min(bounds, default=None)

    return best(frozenset(places), {})
