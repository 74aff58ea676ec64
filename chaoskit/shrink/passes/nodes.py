"""Fewer nodes. Clients stay with the nodes that they spoke with; those of a node that is gone speak with the next one."""

from __future__ import annotations

from itertools import combinations

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import asked, asking, with_cluster, with_faults
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Two at a time, so that what is a majority may stay one; then one by one."""
    for count in (2, 1):
        while (
            search.first(_without(search, gone) for gone in combinations(reversed(search.plan.cluster.nodes), count)) is not None
        ):
            pass


def _without(search: Search, gone: tuple[str, ...]) -> Plan:
    plan = search.plan
    if len(gone) >= len(plan.cluster.nodes):
        return plan
    faults = plan.faults
    for name in gone:
        faults = [less for fault in faults if (less := search.edits.without_host(fault, name)) is not None]
    kept = [name for name in plan.cluster.nodes if name not in gone]
    roles = {name: role for name, role in plan.cluster.roles.items() if name in kept}
    return with_faults(with_cluster(_with_clients_of(plan, kept), nodes=kept, roles=roles), faults)


def _with_clients_of(plan: Plan, kept: list[str]) -> Plan:
    """The plan's slots numbered so that slot modulo the number of nodes is the node that each spoke with."""
    nodes = plan.cluster.nodes
    slots: dict[int, int] = {}
    taken = dict.fromkeys(kept, 0)
    for slot in sorted({invocation.slot for invocation in asked(plan)}):
        home = next(name for step in range(len(nodes)) if (name := nodes[(slot + step) % len(nodes)]) in taken)
        slots[slot] = kept.index(home) + taken[home] * len(kept)
        taken[home] += 1
    invocations = [msgspec.structs.replace(invocation, slot=slots[invocation.slot]) for invocation in asked(plan)]
    return with_cluster(asking(plan, invocations), clients=1 + max(slots.values(), default=0))
