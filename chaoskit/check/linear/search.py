"""The search for a linearization: over configurations, each visited once, depth first or stop by stop.

Depth first finds a linearization of most good histories in a step or two per call; stop by stop visits, of configurations that
differ in the crashed calls they used, those with the fewest first, remembers one stop at a time, and costs the same whatever the
verdict. `search` does the first, and when that has used up its share of the limit, the second.

A configuration is (stop, state, mask, burden): all that completed before the stop is placed, and of what is pending, the movers
in the mask. At a stop whose call is not placed yet, any pending mover may come next, then any crashed call; nothing is placed
before a stop needs it. A moment when nothing is open is no special case: the configurations there are the states possible then,
with the crashed calls used. Reads are placed as soon as the state allows: a read changes nothing, so an early place is as good as
any. Three prunings, each argued where it stands: a configuration dominated by a visited one, a call before its elder twin, a
crashed call whose effect nobody saw. The order is fixed: the count of configurations, which a budget limits, is always the same.

Sources: Wing and Gong 1993; Lowe, "Testing for linearizability", 2017 (the cache; placing calls just in time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Union

from chaoskit.check.linear.layout import Layout, Read
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings
from chaoskit.check.linear.tables import Table

CLOCK_EVERY = 1024  # configurations between two looks at the clock
DEPTH_FIRST = 1_000  # configurations that depth first may visit
DEPTH_FIRST_PER_STOP = 16  # and for each stop so many more
NOWHERE = -1

Path = tuple[int, int, int, Union["Path", None]]  # call, state after it, how many calls are placed, the path before
Placement = tuple[int, int]  # call, state after it

# stop, state, mask, burden, path, and the state before a crashed call whose effect no read has seen yet (NOWHERE: not so)
Configuration = tuple[int, int, int, int, Path | None, int]
Frontier = dict[tuple[int, int], dict[int, Path | None]]  # state, mask → burden → path
_EXHAUSTED: Configuration = (NOWHERE, 0, 0, 0, None, NOWHERE)  # compared by identity: an iterator has no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A linearization: every call that returned, and the crashed ones that it needs, in order."""

    order: list[Placement]
    configurations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """There is none: no configuration passes `stop`. `order` is a longest one up to it, `states` are those possible before it."""

    stop: int
    order: list[Placement]
    states: list[int]
    configurations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp:
    """A limit was met when `stop` was the farthest reached; `clock`: it was the wall clock's."""

    stop: int
    clock: bool
    configurations: int


def search(
    layout: Layout,
    table: Table,
    *,
    limit: int,
    out_of_time: Callable[[], bool] | None = None,
    prunings: Prunings = ALL_PRUNINGS,
) -> Found | Stuck | GaveUp:
    """A linearization, or the stop that none passes, or the limit that was met first."""
    share = min(limit, DEPTH_FIRST + DEPTH_FIRST_PER_STOP * len(layout.stops))
    found = depth_first(layout, table, limit=share, out_of_time=out_of_time, prunings=prunings)
    if not isinstance(found, GaveUp) or found.clock or share == limit:
        return found
    later = stop_by_stop(layout, table, limit=limit - share, out_of_time=out_of_time, prunings=prunings)
    return replace(later, configurations=share + later.configurations)


def depth_first(
    layout: Layout,
    table: Table,
    *,
    limit: int,
    out_of_time: Callable[[], bool] | None = None,
    prunings: Prunings = ALL_PRUNINGS,
) -> Found | Stuck | GaveUp:
    """The same, going on from the configuration that was reached last."""
    return _DepthFirst(layout, table, limit, out_of_time, prunings).run()


def stop_by_stop(
    layout: Layout,
    table: Table,
    *,
    limit: int,
    out_of_time: Callable[[], bool] | None = None,
    prunings: Prunings = ALL_PRUNINGS,
) -> Found | Stuck | GaveUp:
    """The same, with all configurations that pass a stop before any of the next."""
    return _StopByStop(layout, table, limit, out_of_time, prunings).run()


class _Search:
    """What both orders share: the calls that may come next, and what is not worth a visit."""

    __slots__ = (
        "_best",
        "_configurations",
        "_limit",
        "_limit_met",
        "_mask_bits",
        "_out_of_time",
        "_prunings",
        "_rows",
        "_stops",
        "_table",
        "_visited",
    )

    def __init__(
        self, layout: Layout, table: Table, limit: int, out_of_time: Callable[[], bool] | None, prunings: Prunings
    ) -> None:
        self._stops, self._mask_bits = layout
        self._table = table
        self._rows = table.rows
        self._limit = limit
        self._out_of_time = out_of_time
        self._prunings = prunings
        self._configurations = 0
        self._limit_met: str | None = None
        self._visited: list[dict[int, tuple[int, ...]]] = [{} for _ in self._stops]  # (state, mask) → burdens
        self._best: tuple[int, int, Path | None] = (NOWHERE, 0, None)  # stop, calls placed, path

    def run(self) -> Found | Stuck | GaveUp:
        finished = self._explore()
        if finished is not None:
            return Found(order=_unrolled(finished[4]), configurations=self._configurations)
        stop, _, path = self._best
        if self._limit_met is not None:
            return GaveUp(stop=max(stop, 0), clock=self._limit_met == "clock", configurations=self._configurations)
        states = list(dict.fromkeys(key >> self._mask_bits for key in self._visited[stop]))
        return Stuck(stop=stop, order=_unrolled(path), states=states, configurations=self._configurations)

    def _explore(self) -> Configuration | None:
        """The configuration behind the last stop, None when there is none or a limit was met."""
        raise NotImplementedError

    def _arrive(self, configuration: Configuration) -> Configuration | None:
        """What to make of a configuration that has passed the stop before its own: the one to go on with, None for none."""
        raise NotImplementedError

    def _next(self, configuration: Configuration) -> Iterator[Configuration | None]:
        """What one more call leads to: configurations, None for one that is not worth a visit."""
        at, state, mask, burden, path, before = configuration
        stop = self._stops[at]
        placed = path[2] + 1 if path else 1
        for bit, label, call, twin in stop.movers:
            if mask & bit or (twin and not mask & twin):  # equal calls are interchangeable: the elder goes first
                continue
            for new in self._after(label, state):
                if not self._is_waste(label, new, before):
                    yield self._place((at, new, mask | bit, burden, (call, new, placed, path), NOWHERE))
        for label, members in stop.crashed:
            for bit, call in members:
                if burden & bit:
                    continue
                for new in self._after(label, state):
                    if new != state and not self._is_waste(label, new, before):
                        yield self._place((at, new, mask, burden | bit, (call, new, placed, path), state))
                break

    def _is_waste(self, label: int, new: int, before: int) -> bool:
        """Was the crashed call just placed useless?

        No read has seen its effect, and without it this label leads to the same state: the configuration that does without it has
        fewer crashed calls used, and is reached from the one before.
        """
        return before != NOWHERE and self._prunings.waste and new in self._after(label, before)

    def _place(self, configuration: Configuration) -> Configuration | None:
        """The configuration once the reads that its new state allows are placed too."""
        at, state, mask, burden, path, before = configuration
        for bit, label, call in self._stops[at].reads:
            if burden & bit and self._after(label, state):
                burden ^= bit
                path = (call, state, path[2] + 1 if path else 1, path)
                before = NOWHERE
        stop = self._stops[at]
        if burden & stop.bit if stop.is_read else not mask & stop.bit:
            return self._visit((at, state, mask, burden, path, before))
        return self._arrive((at + 1, state, mask if stop.is_read else mask ^ stop.bit, burden, path, NOWHERE))

    def _place_fresh(self, fresh: tuple[Read, ...], state: int, burden: int, path: Path | None) -> tuple[int, Path | None]:
        """The burden and the path once the reads that are new at a stop are placed, or have become a burden."""
        for bit, label, call in fresh:
            if self._after(label, state):
                path = (call, state, path[2] + 1 if path else 1, path)
            else:
                burden |= bit
        return burden, path

    def _visit(self, configuration: Configuration) -> Configuration | None:
        """This configuration, or None when a visited one is at least as good: equal but for a burden that this one's includes.

        Fewer open reads, and fewer crashed calls used up, never make a continuation impossible.
        """
        at, state, mask, burden, path, _ = configuration
        if self._configurations >= self._limit:
            self._limit_met = "configurations"
            return None
        self._configurations += 1
        if self._out_of_time is not None and not self._configurations % CLOCK_EVERY and self._out_of_time():
            self._limit_met = "clock"
            return None
        seen = self._visited[at]
        key = state << self._mask_bits | mask
        burdens = seen.get(key, ())
        if self._prunings.dominance:
            for other in burdens:
                if not other & ~burden:
                    return None
            burdens = tuple([other for other in burdens if burden & ~other])
        elif burden in burdens:
            return None
        seen[key] = (*burdens, burden)
        placed = path[2] if path else 0
        if at > self._best[0] or (at == self._best[0] and placed > self._best[1]):
            self._best = (at, placed, path)
        return configuration

    def _after(self, label: int, state: int) -> tuple[int, ...]:
        known = self._rows[label].get(state)
        return self._table.step(label, state) if known is None else known


class _DepthFirst(_Search):
    """Goes on from where it is, and back only from a dead end."""

    __slots__ = ()

    def _explore(self) -> Configuration | None:
        start = self._arrive((0, self._table.initial, 0, 0, None, NOWHERE))
        stack = [iter((start,))]
        while stack and self._limit_met is None:
            configuration = next(stack[-1], _EXHAUSTED)
            if configuration is _EXHAUSTED:
                stack.pop()
            elif configuration is not None:
                if configuration[0] == len(self._stops):
                    return configuration
                stack.append(self._next(configuration))
        return None

    def _arrive(self, configuration: Configuration) -> Configuration | None:
        """The first configuration from its stop on that needs another call, or the one behind the last stop."""
        first, state, mask, burden, path, _ = configuration
        stops = self._stops
        for at in range(first, len(stops)):
            stop = stops[at]
            if stop.fresh:
                burden, path = self._place_fresh(stop.fresh, state, burden, path)
            if burden & stop.bit if stop.is_read else not mask & stop.bit:
                return self._visit((at, state, mask, burden, path, NOWHERE))
            if not stop.is_read:
                mask ^= stop.bit
        return len(stops), state, mask, burden, path, NOWHERE


class _StopByStop(_Search):
    """Brings all configurations past a stop before it looks at the next; what was visited at the stop is then forgotten."""

    __slots__ = ("_crashed", "_next_frontier", "_waiting")

    def __init__(
        self, layout: Layout, table: Table, limit: int, out_of_time: Callable[[], bool] | None, prunings: Prunings
    ) -> None:
        super().__init__(layout, table, limit, out_of_time, prunings)
        self._crashed = 0  # the bits of crashed calls
        self._next_frontier: Frontier = {}
        self._waiting: list[list[Configuration]] = []  # by how many crashed calls they used

    def _explore(self) -> Configuration | None:
        frontier: Frontier = {(self._table.initial, 0): {0: None}}
        for at, stop in enumerate(self._stops):
            self._crashed = sum(bit for _, members in stop.crashed for bit, _ in members)
            self._next_frontier, self._waiting = {}, []
            for (state, mask), burdens in frontier.items():
                for burden, path in burdens.items():
                    self._reach(at, state, mask, burden, path)
            self._empty_the_waiting()
            if self._limit_met is not None or not self._next_frontier:
                return None
            frontier = self._next_frontier
            self._visited[at].clear()
        (state, mask), burdens = next(iter(frontier.items()))
        burden, path = next(iter(burdens.items()))
        return len(self._stops), state, mask, burden, path, NOWHERE

    def _empty_the_waiting(self) -> None:
        """Visits all that can be reached before this stop, those with the fewest crashed calls first: they dominate others."""
        used = 0
        while used < len(self._waiting) and self._limit_met is None:
            if not self._waiting[used]:
                used += 1
                continue
            configuration = self._waiting[used].pop()
            for _ in self._next(configuration):
                if self._limit_met is not None:
                    return

    def _reach(self, at: int, state: int, mask: int, burden: int, path: Path | None) -> None:
        """A configuration of the frontier at its stop: the new reads that its state allows are placed."""
        stop = self._stops[at]
        burden, path = self._place_fresh(stop.fresh, state, burden, path)
        if burden & stop.bit if stop.is_read else not mask & stop.bit:
            self._visit((at, state, mask, burden, path, NOWHERE))
        else:
            self._arrive((at + 1, state, mask if stop.is_read else mask ^ stop.bit, burden, path, NOWHERE))

    def _visit(self, configuration: Configuration) -> Configuration | None:
        found = super()._visit(configuration)
        if found is not None:
            used = (found[3] & self._crashed).bit_count()
            while len(self._waiting) <= used:
                self._waiting.append([])
            self._waiting[used].append(found)
        return found

    def _arrive(self, configuration: Configuration) -> Configuration | None:
        """Into the next frontier, unless one is there that is at least as good."""
        _, state, mask, burden, path, _ = configuration
        burdens = self._next_frontier.setdefault((state, mask), {})
        if self._prunings.dominance:
            if any(not other & ~burden for other in burdens):
                return None
            for other in [other for other in burdens if not burden & ~other]:
                del burdens[other]
        burdens.setdefault(burden, path)
        return None


def _unrolled(path: Path | None) -> list[Placement]:
    order = []
    while path is not None:
        call, state, _, path = path
        order.append((call, state))
    order.reverse()
    return order
