"""Round instants: a story that begins at 2 s is easier to tell than one that begins at 2.187705439 s."""

from __future__ import annotations

from chaoskit.shrink.contract import ROUND_STEPS
from chaoskit.shrink.plans import instants, moved
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """All instants at once, then one by one; each as round as can be, and never later than it was."""
    search.attempt(*(moved(search.plan, lambda instant, step=step: instant - instant % step) for step in ROUND_STEPS))  # type: ignore[misc]
    place = 0
    while place < len(found := instants(search.plan)):
        _round(search, found, place)
        place += 1


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
