"""A shorter run: the time between one instant of the plan and the next goes, or as much of it as can. Faults shorten with it,
and what then falls on one instant is aligned.
"""

from __future__ import annotations

from chaoskit.core.plan import Plan
from chaoskit.core.units import MILLISECOND
from chaoskit.shrink.plans import instants, moved
from chaoskit.shrink.search import Search

STEP = 10 * MILLISECOND
INSTANTS_MAX = 40  # with more of them it is too early: most will go with the faults and operations that they belong to


def run(search: Search) -> None:
    """Gap by gap, the last first: what went before stays as it was."""
    if len(instants(search.plan)) > INSTANTS_MAX:
        return
    place = len(instants(search.plan)) - 1
    while place > 0:
        _shorten(search, place)
        place = min(place, len(instants(search.plan))) - 1


def _shorten(search: Search, place: int) -> None:
    plan = search.plan
    before, after = instants(plan)[place - 1 : place + 1]

    def with_gap(steps: int) -> Plan:
        less = after - before - steps * STEP
        return moved(plan, lambda instant: instant if instant <= before else instant - less)

    steps = -(-(after - before) // STEP)
    search.least(0, steps, with_gap)
