"""Puts random decisions back to their defaults, purpose by purpose: the few delays and losses that must stay are the story's.

A purpose that is settled decides by the place alone: a link takes the same time for every message, a node waits the same
before every election. Some ways to deal the places are tried first. Where none shows the failure, every decision that the run
may have made is written down as it was, and then put back to its default in groups, until only those are left that matter.
"""

from __future__ import annotations

from chaoskit.core.plan import Plan
from chaoskit.draws import Draws, parse_address
from chaoskit.shrink.plans import with_overrides
from chaoskit.shrink.search import Search

PURPOSES = ("disk", "packet", "node")
DEALS = 8  # ways to deal the places that are tried before any decision is kept


def settle(search: Search) -> None:
    """Settles one purpose after the other; where that needs decisions kept, all are."""
    for purpose in PURPOSES:
        if purpose not in search.plan.overrides:
            _settle(search, purpose)


def unkeep(search: Search) -> None:
    """Puts kept decisions back to their defaults, in groups and then one by one."""
    for purpose in PURPOSES:
        search.drop(
            lambda purpose=purpose: _kept(search.plan, purpose),  # type: ignore[misc]
            lambda kept, purpose=purpose: _keeping(search.plan, purpose, kept),  # type: ignore[misc]
        )


def unkept(plan: Plan) -> Plan:
    """The plan with no decision kept of a purpose that is settled."""
    for purpose in PURPOSES:
        if purpose in plan.overrides:
            plan = _keeping(plan, purpose, [])
    return plan


def _settle(search: Search, purpose: str) -> None:
    plan = search.plan
    if search.attempt(*(with_overrides(plan, {**plan.overrides, purpose: deal}) for deal in range(DEALS))):
        return
    draws = Draws(plan.seed, plan.overrides)
    recorded = {address: draws.bits(*parse_address(address)) for address in search.seen.decisions.get(purpose, ())}
    search.attempt(with_overrides(plan, {**recorded, **plan.overrides, purpose: 0}))


def _kept(plan: Plan, purpose: str) -> list[str]:
    return [address for address in plan.overrides if address.startswith(f"{purpose}/")]


def _keeping(plan: Plan, purpose: str, kept: list[str]) -> Plan:
    """The plan with these decisions of the purpose, and no others of it."""
    others = {
        address: value for address, value in plan.overrides.items() if address in kept or not address.startswith(f"{purpose}/")
    }
    return with_overrides(plan, others)
