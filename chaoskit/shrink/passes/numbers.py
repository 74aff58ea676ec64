"""Boots that count on: where nothing that is drawn depends on it any more, nodes number their boots as they come."""

from __future__ import annotations

from chaoskit.core.plan import Plan
from chaoskit.shrink.boots import counting_on, skips
from chaoskit.shrink.plans import with_overrides
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """All at once, then one by one, the last first: with the decisions that must stay moved along, else as they are."""
    search.attempt(_without(search, skips(search.plan)))
    for place in reversed(range(len(skips(search.plan)))):
        address = skips(search.plan)[place]
        search.attempt(counting_on(search.plan, address), _without(search, [address]))


def _without(search: Search, gone: list[str]) -> Plan:
    overrides = search.plan.overrides
    return with_overrides(search.plan, {address: value for address, value in overrides.items() if address not in gone})
