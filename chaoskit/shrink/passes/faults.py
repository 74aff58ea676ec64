"""Fewer faults: one by one, two by two, target by target."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import with_faults, with_overrides
from chaoskit.shrink.search import Search

Aim = tuple[str, str | None]  # (fault, node)

PAIRS_MAX = 10  # aims of which two at a time are left out
DEALS = 8  # ways to deal what nodes draw that are tried with one fault less
NODE = "node"


def drop(search: Search) -> None:
    """Drops them in pieces, then one by one."""
    search.drop(lambda: search.plan.faults, lambda faults: with_faults(search.plan, faults))


def run(search: Search) -> None:
    """Drops them, and targets of them, also two by two; last, drops one and deals anew."""
    drop(search)
    search.drop(lambda: _aims(search.plan), lambda aims: _aiming(search.plan, aims))
    if len(_aims(search.plan)) <= PAIRS_MAX:
        while search.first(_without_pairs(search.plan)) is not None:
            pass
    while search.first(_dealt_anew(search)) is not None:
        pass


def _aims(plan: Plan) -> list[Aim]:
    """Every node that every fault strikes; a fault that chooses for itself is one aim."""
    return [(fault.id, name) for fault in plan.faults for name in (None if isinstance(fault.who, str) else fault.who) or (None,)]


def _aiming(plan: Plan, aims: list[Aim]) -> Plan:
    """The plan with these aims of its faults alone."""
    faults: list[Fault] = []
    for fault in plan.faults:
        names = [name for identifier, name in aims if identifier == fault.id]
        if names:
            faults.append(fault if isinstance(fault.who, str) or not fault.who else msgspec.structs.replace(fault, who=names))
    return with_faults(plan, faults)


def _without_pairs(plan: Plan) -> Iterator[Plan]:
    aims = _aims(plan)
    for pair in combinations(range(len(aims)), 2):
        yield _aiming(plan, [aim for place, aim in enumerate(aims) if place not in pair])


def _dealt_anew(search: Search) -> Iterator[Plan]:
    """One fault less, and nodes that wait otherwise: where nothing depends on single decisions of theirs."""
    plan = search.plan
    if NODE not in plan.overrides or any(address.startswith(f"{NODE}/") for address in plan.overrides):
        return
    for fault in plan.faults:
        less = with_faults(search.plan, [other for other in plan.faults if other is not fault])
        for deal in range(DEALS):
            yield with_overrides(less, {**less.overrides, NODE: deal})
