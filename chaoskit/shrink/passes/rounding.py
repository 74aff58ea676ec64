"""Round instants: a story that begins at 2 s is easier to tell than one that begins at 2.187705439 s."""

from __future__ import annotations

from chaoskit.core.plan import Plan
from chaoskit.core.units import SECOND
from chaoskit.shrink.plans import instants, moved
from chaoskit.shrink.search import Search

ROUND_STEPS = (SECOND, SECOND // 10, SECOND // 100, SECOND // 1000)


def run(search: Search) -> None:
    """All instants at once, then one by one; each as round as can be, and never later than it was."""
    search.attempt(*(_floored(search.plan, step) for step in ROUND_STEPS))
    place = 0
    while place < len(found := instants(search.plan)):
        _round(search, found, place)
        place += 1


def _floored(plan: Plan, step: int) -> Plan:
    return moved(plan, lambda instant: instant - instant % step)


def _round(search: Search, found: list[int], place: int) -> None:
    """Moves one instant back to a round one, not before the one that precedes it."""
    instant, least = found[place], found[place - 1] if place else 0
    targets = dict.fromkeys(instant - instant % step for step in ROUND_STEPS)
    plan = search.plan
    search.attempt(
        *(
            moved(plan, lambda other, target=target: target if other == instant else other)  # type: ignore[misc]
            for target in targets
            if least <= target < instant
        )
    )
