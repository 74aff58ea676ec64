"""Fewer clients: what one asked, another asks as well; and the numbers that nobody uses go."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import asked, asking, with_cluster
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Merges clients two by two, the last first, then numbers them anew."""
    while search.first(_merged(search.plan)) is not None:
        pass
    search.attempt(*_renumbered(search.plan))


def _slots(plan: Plan) -> list[int]:
    return sorted({invocation.slot for invocation in asked(plan)})


def _merged(plan: Plan) -> Iterator[Plan]:
    slots = _slots(plan)
    for source in reversed(slots):
        for target in slots:
            if target < source:
                yield _with_slots(plan, {source: target})


def _renumbered(plan: Plan) -> Iterator[Plan]:
    """Numbers from 0; else numbers as they are, of which those behind the last are gone."""
    slots = _slots(plan)
    dense = _with_slots(plan, {slot: number for number, slot in enumerate(slots)})
    yield with_cluster(dense, clients=max(1, len(slots)))
    near = {slot: slot % len(plan.cluster.nodes) for slot in slots}
    if len(set(near.values())) == len(slots):
        yield with_cluster(_with_slots(plan, near), clients=1 + max(near.values(), default=0))
    yield with_cluster(plan, clients=1 + max(slots, default=0))


def _with_slots(plan: Plan, slots: dict[int, int]) -> Plan:
    return asking(
        plan,
        [msgspec.structs.replace(asked_, slot=slots.get(asked_.slot, asked_.slot)) for asked_ in asked(plan)],
    )
