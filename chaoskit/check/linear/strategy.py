"""How a linearization is searched for: what is cheap is tried first, out of one limit.

    depth first            finds one in most good histories
    stop by stop, narrow   finds one in most others; where it gets stuck there may be none
    a window before that   proves that there is none: not even a search that starts a little before, in any state whatever, with
                           nothing used up and nothing open, passes the stop at which the narrow one got stuck
    wider, and without end the same again with more kept, at last with all

Where crashed calls abound, the configurations that differ only in which of them they used up are what makes a search long; what
is wrong with a history is a matter of a few calls that stand close together. The failing call is exact in either case: the narrow
search shows that everything before it can be placed.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from chaoskit.check.clock import Alarm
from chaoskit.check.linear.layout import Layout
from chaoskit.check.linear.moves import Moves
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings
from chaoskit.check.linear.search import (
    Found,
    Frontier,
    GaveUp,
    Stuck,
    Visits,
    depth_first,
    pass_stop,
    stop_by_stop,
)
from chaoskit.check.linear.tables import Table

DEPTH_FIRST = 1_000  # configurations that depth first may visit
DEPTH_FIRST_PER_STOP = 4  # and for each stop so many more
WIDTHS = (8, 64)  # how many configurations that differ in their burden alone a narrow search keeps
WINDOWS = (8, 32, 128)  # how many stops before the one where it got stuck a proof begins
PROOF = 1_000  # configurations that a proof may visit
PROOF_SHARE = 4  # and one more for so many that were visited before
STATES_MAX = 256  # with more possible states no proof is tried
STEPS_MAX = 20_000  # nor with so many steps to find them all
MASKS_MAX = 256  # nor with so many ways in which the movers pending at its beginning may be placed


def search(
    layout: Layout, table: Table, *, limit: int, out_of_time: Alarm | None = None, prunings: Prunings = ALL_PRUNINGS
) -> Found | Stuck | GaveUp:
    """A linearization, or the stop that none passes, or the limit that was met first."""
    share = min(limit, DEPTH_FIRST + DEPTH_FIRST_PER_STOP * len(layout.stops))
    found = depth_first(layout, table, limit=share, out_of_time=out_of_time, prunings=prunings)
    used = found.configurations
    for width in (*WIDTHS, 0):
        if not isinstance(found, GaveUp) or found.clock or used >= limit:
            break
        found = stop_by_stop(layout, table, limit=limit - used, out_of_time=out_of_time, prunings=prunings, width=width)
        used += found.configurations
        if isinstance(found, Stuck) and not found.certain:
            proof = Proof(layout, table, found.stop, prunings)
            allowed = min(limit - used, PROOF + used // PROOF_SHARE)
            found = replace(found, certain=proof.succeeds(limit=allowed, out_of_time=out_of_time))
            used += proof.configurations
            if not found.certain:
                found = GaveUp(stop=found.stop, clock=proof.out_of_time, configurations=used)
    return replace(found, configurations=used)


class Proof:
    """That no configuration passes a stop, from what happened a little before it alone."""

    def __init__(self, layout: Layout, table: Table, stop: int, prunings: Prunings) -> None:
        self.configurations = 0
        self.out_of_time = False
        self._layout = layout
        self._table = table
        self._stop = stop
        self._prunings = prunings

    def succeeds(self, *, limit: int, out_of_time: Alarm | None) -> bool:
        """Is it proved? False says nothing."""
        states = self._all_states()
        last = self._stop + 1
        for window in WINDOWS:
            first = self._beginning(window)
            if states is None or first is None or first >= last:
                return False
            visits = Visits(self._layout, limit - self.configurations, out_of_time, dominance=self._prunings.dominance)
            stuck = self._is_stuck(first, states, visits)
            self.configurations += visits.configurations
            self.out_of_time = visits.limit_met == "clock"
            if stuck or visits.limit_met:
                return stuck
            last = first
        return False

    def _is_stuck(self, first: int, states: list[int], visits: Visits) -> bool:
        """Does nothing that starts at this stop with whatever may be there pass the last?"""
        moves = Moves(self._layout, self._table, self._prunings)
        bits = [bit for bit, *_ in self._layout.stops[first].movers]
        fresh = self._fresh_movers(first)
        masks = [sum(chosen) for chosen in product(*((0,) if bit & fresh else (0, bit) for bit in bits))]
        frontier: Frontier = {(state, mask): {0: None} for state in states for mask in masks}
        for at in range(first, self._stop + 1):
            frontier = pass_stop(at, frontier, moves, visits, self._layout.first_crashed)
            if visits.limit_met:
                return False
            if not frontier:
                return True
        return False

    def _beginning(self, window: int) -> int | None:
        """A stop about so many before, where few movers are pending."""
        stops = self._layout.stops
        earliest, latest = max(self._stop - window, 0), max(self._stop - window // 2, 0)
        first = min(range(earliest, latest + 1), key=lambda at: (len(stops[at].movers), at))
        return first if 2 ** len(stops[first].movers) <= MASKS_MAX else None

    def _fresh_movers(self, first: int) -> int:
        """The bits of the movers that began since the stop before: none of them can be placed yet."""
        before = self._layout.stops[first - 1] if first else None
        known = {call for _, _, call, *_ in before.movers} if before else set()
        return sum(bit for bit, _, call, *_ in self._layout.stops[first].movers if call not in known)

    def _all_states(self) -> list[int] | None:
        """Every state that any sequence of these calls leads to, None when there are too many.

        Of calls that failed the spec is not asked: what they lead to has no meaning.
        """
        found = {self._table.initial: None}
        labels = self._layout.changing
        waiting = [self._table.initial]
        steps = 0
        while waiting:
            state = waiting.pop()
            steps += len(labels)
            if len(found) > STATES_MAX or steps > STEPS_MAX:
                return None
            for label in labels:
                after = self._table.rows[label].get(state)
                for new in self._table.step(label, state) if after is None else after:
                    if new not in found:
                        found[new] = None
                        waiting.append(new)
        return list(found)
