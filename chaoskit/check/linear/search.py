"""The search for a linearization: depth first over configurations, each visited once.

A configuration is (stop, state, mask, burden): all that completed before the stop is placed, and of what is pending, the movers in
the mask. At a stop whose call is not placed yet, any pending mover may come next, then any crashed call; nothing is placed before a
stop needs it. Reads are placed as soon as the state allows: a read changes nothing, so that an early place is as good as any.
Three prunings, each argued where it stands: a configuration dominated by a visited one, a call before its elder twin, a crashed
call whose effect nobody saw. The order is fixed, so that the count of configurations, which a budget limits, is the same anywhere.

Sources: Wing and Gong 1993; Lowe, "Testing for linearizability", 2017 (the cache; placing calls just in time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Union

from chaoskit.check.linear.layout import Layout
from chaoskit.check.linear.tables import Table

CLOCK_EVERY = 1024  # configurations between two looks at the clock

Path = tuple[int, int, int, Union["Path", None]]  # call, state after it, how many calls are placed, the path before
Node = tuple[int, int, int, int, Path | None, int]  # stop, state, mask, burden, path, and the state before a crashed call (-1: none)
Placement = tuple[int, int]  # call, state after it
NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A linearization: every call that returned, and the crashed ones that it needs, in order."""

    order: list[Placement]
    configurations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """There is none: no configuration passes this stop. `order` is a longest one up to it, `states` those possible just before it."""

    stop: int
    order: list[Placement]
    states: list[int]
    configurations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp:
    """A limit was met at this stop, the farthest reached; `clock` when it was the wall clock's."""

    stop: int
    clock: bool
    configurations: int


def search(layout: Layout, table: Table, *, limit: int, out_of_time: Callable[[], bool] | None = None) -> Found | Stuck | GaveUp:
    """A linearization, or the stop that none passes, or the limit that was met first."""
    return _Search(layout, table, limit, out_of_time).run()


class _Finished(Exception):
    def __init__(self, path: Path | None) -> None:
        self.path = path


class _LimitMet(Exception):
    def __init__(self, *, clock: bool) -> None:
        self.clock = clock


class _Search:
    __slots__ = ("_best", "_configurations", "_limit", "_mask_bits", "_out_of_time", "_rows", "_stops", "_table", "_visited")

    def __init__(self, layout: Layout, table: Table, limit: int, out_of_time: Callable[[], bool] | None) -> None:
        self._stops, self._mask_bits = layout
        self._table = table
        self._rows = table.rows
        self._limit = limit
        self._out_of_time = out_of_time
        self._configurations = 0
        self._visited: list[dict[int, tuple[int, ...]]] = [{} for _ in self._stops]  # (state, mask) → burdens
        self._best: tuple[int, int, Path | None] = (NOWHERE, 0, None)  # stop, calls placed, path

    def run(self) -> Found | Stuck | GaveUp:
        try:
            self._explore()
        except _Finished as finished:
            return Found(order=_unrolled(finished.path), configurations=self._configurations)
        except _LimitMet as met:
            return GaveUp(stop=max(self._best[0], 0), clock=met.clock, configurations=self._configurations)
        stop, _, path = self._best
        states = list(dict.fromkeys(key >> self._mask_bits for key in self._visited[stop]))
        return Stuck(stop=stop, order=_unrolled(path), states=states, configurations=self._configurations)

    def _explore(self) -> None:
        start = self._enter(0, self._table.initial, 0, 0, None)
        stack = [iter((start,))]
        while stack:
            for node in stack[-1]:
                if node is not None:
                    stack.append(self._children(node))
                    break
            else:
                stack.pop()

    def _children(self, node: Node) -> Iterator[Node | None]:
        at, state, mask, burden, path, before = node
        stop = self._stops[at]
        placed = path[2] + 1 if path else 1
        for bit, label, call, twin in stop.movers:
            if mask & bit or (twin and not mask & twin):  # equal calls are interchangeable: the elder goes first
                continue
            for new in self._after(label, state):
                if before == NOWHERE or new not in self._after(label, before):
                    yield self._place(at, new, mask | bit, burden, (call, new, placed, path), NOWHERE)
        for label, members in stop.crashed:
            for bit, call in members:
                if not burden & bit:
                    break
            else:
                continue
            for new in self._after(label, state):
                if new != state and (before == NOWHERE or new not in self._after(label, before)):
                    yield self._place(at, new, mask, burden | bit, (call, new, placed, path), state)

    def _place(self, at: int, state: int, mask: int, burden: int, path: Path, before: int) -> Node | None:
        """The configuration after a call was placed at this stop, with the reads that the new state allows.

        `before` is the state before a crashed call that no read has seen: what leads to the same state without that call makes the call
        a waste, and the configuration that does without it is visited in its own right.
        """
        for bit, label, call in self._stops[at].reads:
            if burden & bit and self._after(label, state):
                burden ^= bit
                path = (call, state, path[2] + 1, path)
                before = NOWHERE
        stop = self._stops[at]
        if stop.is_read:
            if burden & stop.bit:
                return self._visit(at, state, mask, burden, path, before)
        elif mask & stop.bit:
            mask ^= stop.bit
        else:
            return self._visit(at, state, mask, burden, path, before)
        return self._enter(at + 1, state, mask, burden, path)

    def _enter(self, at: int, state: int, mask: int, burden: int, path: Path | None) -> Node | None:
        """The first configuration from this stop on in which something must be placed. Raises `_Finished` behind the last stop."""
        stops, rows = self._stops, self._rows
        for at in range(at, len(stops)):
            call, stop_bit, is_read, fresh = stops[at][:4]
            for bit, label, read in fresh:
                allowed = rows[label].get(state)
                if allowed is None:
                    allowed = self._table.step(label, state)
                if allowed:
                    path = (read, state, path[2] + 1 if path else 1, path)
                else:
                    burden |= bit
            if is_read:
                if burden & stop_bit:
                    return self._visit(at, state, mask, burden, path, NOWHERE)
            elif mask & stop_bit:
                mask ^= stop_bit
            else:
                return self._visit(at, state, mask, burden, path, NOWHERE)
        raise _Finished(path)

    def _visit(self, at: int, state: int, mask: int, burden: int, path: Path | None, before: int) -> Node | None:
        """The configuration, None when a visited one is at least as good: equal but for fewer reads open and fewer crashed calls used."""
        self._configurations += 1
        if self._configurations > self._limit:
            raise _LimitMet(clock=False)
        if self._out_of_time is not None and not self._configurations % CLOCK_EVERY and self._out_of_time():
            raise _LimitMet(clock=True)
        seen = self._visited[at]
        key = state << self._mask_bits | mask
        burdens = seen.get(key)
        if burdens is None:
            seen[key] = (burden,)
        else:
            for other in burdens:
                if not other & ~burden:
                    return None
            seen[key] = (*[other for other in burdens if burden & ~other], burden)
        placed = path[2] if path else 0
        if at > self._best[0] or (at == self._best[0] and placed > self._best[1]):
            self._best = (at, placed, path)
        return at, state, mask, burden, path, before

    def _after(self, label: int, state: int) -> tuple[int, ...]:
        known = self._rows[label].get(state)
        return self._table.step(label, state) if known is None else known


def _unrolled(path: Path | None) -> list[Placement]:
    order = []
    while path is not None:
        call, state, _, path = path
        order.append((call, state))
    order.reverse()
    return order
