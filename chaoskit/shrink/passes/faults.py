"""Fewer faults: dropped, or two made one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import begin_of, with_faults, with_overrides
from chaoskit.shrink.search import Search

Aim = tuple[str, str | None]  # (fault, node)

PAIRS_MAX = 10  # aims of which two at a time are left out
DEALS = 8  # ways to deal what nodes draw that are tried with one fault less
NODE = "node"


def drop(search: Search) -> None:
    """Drops them in pieces, then one by one."""
    search.drop(lambda: search.plan.faults, lambda faults: with_faults(search.plan, faults))


def run(search: Search) -> None:
    """Drops them, and targets of them, also two by two; merges neighbours; last, drops one and deals anew."""
    drop(search)
    search.drop(lambda: _aims(search.plan), lambda aims: _aiming(search.plan, aims))
    if len(_aims(search.plan)) <= PAIRS_MAX:
        while search.first(_without_pairs(search.plan)) is not None:
            pass
    while search.first(_merged(search)) is not None:
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


def _merged(search: Search) -> Iterator[Plan]:
    """Two faults of a kind as one, from the begin of the first to the end of the second."""
    faults = sorted(search.plan.faults, key=begin_of)
    for place, first in enumerate(faults):
        second = next((other for other in faults[place + 1 :] if other.kind == first.kind), None)
        one = None if second is None else _one_of(first, second)
        if second is not None and one is not None:
            rest = [fault for fault in search.plan.faults if fault.id != second.id]
            plan = with_faults(search.plan, rest)
            yield with_faults(plan, [one if fault.id == first.id else fault for fault in rest])


def _one_of(first: Fault, second: Fault) -> Fault | None:
    if first.kind != second.kind or not (isinstance(first.when, At) and isinstance(second.when, At)):
        return None
    if isinstance(first.who, str) or isinstance(second.who, str):
        return None
    lasting = None if second.lasting is None else second.when.time + second.lasting - first.when.time
    who = list(dict.fromkeys([*first.who, *second.who]))
    return msgspec.structs.replace(first, who=who, lasting=lasting)


def _dealt_anew(search: Search) -> Iterator[Plan]:
    """One fault less, and nodes that wait otherwise: where nothing depends on single decisions of theirs."""
    plan = search.plan
    if NODE not in plan.overrides or any(address.startswith(f"{NODE}/") for address in plan.overrides):
        return
    for fault in plan.faults:
        less = with_faults(search.plan, [other for other in plan.faults if other is not fault])
        for deal in range(DEALS):
            yield with_overrides(less, {**less.overrides, NODE: deal})
