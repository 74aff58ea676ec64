"""The search for a linearization: over configurations, each visited once, depth first or stop by stop.

Depth first finds a linearization of most good histories in a step or two per call; stop by stop visits, of configurations that
differ in the crashed calls they used, those with the fewest first, remembers one stop at a time, and costs the same whatever the
verdict. Stop by stop can be told to keep only a few of those that differ in nothing but their burden: what it finds is true then
too, but that it finds nothing proves nothing.

A configuration is (stop, state, mask, burden): all that completed before the stop is placed, and of what is pending, the movers
in the mask and whatever is no burden any more. At a stop whose call is not placed yet, any pending call may come next; nothing is
placed before a stop needs it. A moment when nothing is open is no special case: the configurations there are the states possible
then, with the crashed calls used. The order is fixed: the count of configurations, which a budget limits, is always the same.

Sources: Wing and Gong 1993; Lowe, "Testing for linearizability", 2017 (the cache; placing calls just in time).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from chaoskit.check.clock import Alarm
from chaoskit.check.linear.layout import Layout
from chaoskit.check.linear.moves import NOWHERE, Configuration, Moves, Path, Placement, late
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings
from chaoskit.check.linear.tables import Table

CLOCK_EVERY = 1024  # configurations between two looks at the clock

Burdens = dict[int, Path | None]  # burden → path; none is a part of another
Frontier = dict[tuple[int, int], Burdens]  # by state, mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A linearization: every call that returned, and the crashed ones that it needs, in order."""

    order: list[Placement]
    configurations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """There is none: no configuration passes `stop`. `order` is a longest one up to it, `states` are those possible before it.

    Not `certain`: some configurations were left out, so that there may be one, longer orders, and more states.
    """

    stop: int
    order: list[Placement]
    states: list[int]
    configurations: int
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp:
    """A limit was met when `stop` was the farthest reached; `clock`: it was the wall clock's."""

    stop: int
    clock: bool
    configurations: int


def depth_first(
    layout: Layout, table: Table, *, limit: int, out_of_time: Alarm | None = None, prunings: Prunings = ALL_PRUNINGS
) -> Found | Stuck | GaveUp:
    """The same, going on from the configuration that was reached last, and back only from a dead end."""
    moves, visits = Moves(layout, table, prunings), Visits(layout, limit, out_of_time, dominance=prunings.dominance)
    end = len(layout.stops)
    if not end:
        return Found(order=[], configurations=0)
    if _dive(moves.enter(0, table.initial, 0, 0, None), end, moves, visits):
        return visits.found(moves)
    return visits.not_found(moves)


def _dive(start: Configuration, end: int, moves: Moves, visits: Visits) -> bool:
    """Goes on from here to behind the last stop, if it can."""
    stack = [start]
    while stack and not visits.limit_met:
        found = moves.settle(stack.pop())
        while moves.passes(found):
            if moves.has_hidden(found):
                stack.append(late(found))
            at, state, mask, burden, path, _, _ = moves.leave(found)
            if at == end:
                visits.finish(path)
                return True
            found = moves.enter(at, state, mask, burden, path)
        if visits.admit(found):
            more = moves.children(found)
            more.reverse()
            stack += more
    return False


def stop_by_stop(
    layout: Layout,
    table: Table,
    *,
    limit: int,
    out_of_time: Alarm | None = None,
    prunings: Prunings = ALL_PRUNINGS,
    width: int = 0,
) -> Found | Stuck | GaveUp:
    """The same, with all configurations that pass a stop before any of the next; those of the stops behind are forgotten.

    With a `width`, of the configurations with one state and mask at one stop only so many are kept.
    """
    moves = Moves(layout, table, prunings)
    visits = Visits(layout, limit, out_of_time, dominance=prunings.dominance, width=width)
    frontier: Frontier = {(table.initial, 0): {0: None}}
    for at in range(len(layout.stops)):
        frontier = pass_stop(at, frontier, moves, visits, layout.first_crashed)
        if visits.limit_met or not frontier:
            return visits.not_found(moves)
        visits.forget(at)
        moves.forget(at)
    paths = next(iter(frontier.values()))
    visits.finish(next(iter(paths.values())))
    return visits.found(moves)


def pass_stop(at: int, frontier: Frontier, moves: Moves, visits: Visits, first_crashed: int) -> Frontier:
    """The configurations behind a stop, none as good as another; those that used the fewest crashed calls are visited first."""
    behind: Frontier = {}
    waiting: list[list[Configuration]] = [[]]  # by how many crashed calls they used
    more = _entering(at, frontier, moves)
    used = 0
    while True:
        for configuration in more:
            found = moves.settle(configuration)
            if moves.passes(found):
                visits.keep_best(behind, moves.leave(found))
                if not moves.has_hidden(found):
                    continue
                found = late(found)
            if visits.admit(found):
                crashed = (found[3] >> first_crashed).bit_count()
                while len(waiting) <= crashed:
                    waiting.append([])
                waiting[crashed].append(found)
        while not waiting[used]:
            used += 1
            if used == len(waiting):
                return behind
        if visits.limit_met:
            return behind
        more = moves.children(waiting[used].pop())


def _entering(at: int, frontier: Frontier, moves: Moves) -> list[Configuration]:
    """The configurations of a frontier as they come to a stop."""
    entering = []
    for (state, mask), burdens in frontier.items():
        entering += [moves.enter(at, state, mask, burden, path) for burden, path in burdens.items()]
    return entering


class Visits:
    """What was visited, and the farthest of it; how many there were, and how many there may be."""

    __slots__ = (
        "_best",
        "_certain",
        "_dominance",
        "_limit",
        "_mask_bits",
        "_out_of_time",
        "_visited",
        "_width",
        "configurations",
        "limit_met",
    )

    def __init__(self, layout: Layout, limit: int, out_of_time: Alarm | None, *, dominance: bool, width: int = 0) -> None:
        self.limit_met = ""
        self._certain = True
        self._width = width or sys.maxsize
        self._mask_bits = layout.mask_bits
        self._limit = limit
        self._out_of_time = out_of_time
        self._dominance = dominance
        self.configurations = 0
        self._visited: list[dict[int, tuple[int, ...]]] = [{} for _ in layout.stops]  # (state, mask) → burdens
        self._best: tuple[int, int, Path | None] = (NOWHERE, 0, None)  # stop, calls placed, path

    def admit(self, configuration: Configuration) -> bool:
        """Is it worth a visit? Not when a visited one is at least as good: equal but for a burden that is a part of this one's.

        Fewer open calls, and fewer that are used up, never make a continuation impossible.
        """
        at, state, mask, burden, path, _, _ = configuration
        if self.configurations >= self._limit:
            self.limit_met = "configurations"
            return False
        seen = self._visited[at]
        key = state << self._mask_bits | mask
        burdens = seen.get(key, ())
        if self._dominance:
            for other in burdens:
                if not other & ~burden:
                    return False
            burdens = tuple([other for other in burdens if burden & ~other])
        elif burden in burdens:
            return False
        if len(burdens) >= self._width:
            self._certain = False
            return False
        self.configurations += 1
        if self._out_of_time is not None and not self.configurations % CLOCK_EVERY and self._out_of_time(self._best[0]):
            self.limit_met = "clock"
            return False
        seen[key] = (*burdens, burden)
        placed = path[2] if path else 0
        if at > self._best[0] or (at == self._best[0] and placed > self._best[1]):
            self._best = (at, placed, path)
        return True

    def keep_best(self, frontier: Frontier, configuration: Configuration) -> None:
        """Adds it to a frontier, unless one is there that is at least as good; those that it is better than are taken out."""
        _, state, mask, burden, path, _, _ = configuration
        burdens = frontier.setdefault((state, mask), {})
        if self._dominance:
            for other in burdens:
                if not other & ~burden:
                    return
            for other in [other for other in burdens if not burden & ~other]:
                del burdens[other]
        if len(burdens) >= self._width and burden not in burdens:
            self._certain = False
            return
        burdens.setdefault(burden, path)

    def forget(self, at: int) -> None:
        """No configuration at this stop will come again."""
        self._visited[at].clear()

    def finish(self, path: Path | None) -> None:
        """A path has come behind the last stop."""
        self._best = (len(self._visited), 0, path)

    def found(self, moves: Moves) -> Found:
        """The search has come to its end."""
        return Found(order=moves.order(self._best[2]), configurations=self.configurations)

    def not_found(self, moves: Moves) -> Stuck | GaveUp:
        """The search has no more to visit, or may not."""
        stop, _, path = self._best
        if self.limit_met:
            return GaveUp(stop=max(stop, 0), clock=self.limit_met == "clock", configurations=self.configurations)
        states: dict[int, None] = {}
        for key, burdens in self._visited[stop].items():
            for burden in burdens:
                states.update(dict.fromkeys(moves.states_from(stop, key >> self._mask_bits, burden)))
        return Stuck(
            stop=stop,
            order=moves.order(path),
            states=list(states),
            configurations=self.configurations,
            certain=self._certain,
        )
