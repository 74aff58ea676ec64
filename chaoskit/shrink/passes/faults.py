"""Fewer faults: dropped, or two made one.

Where a node is not killed any more its boots have other numbers, and with them the addresses of what it draws; the decisions
that the plan holds move along, so that the rest of the run stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import begin_of, with_faults, with_overrides
from chaoskit.shrink.search import Search

PAIRS_MAX = 8  # faults of which two at a time are tried
DEALS = 8  # ways to deal what nodes draw that are tried with one fault less
NODE = "node"

_BOOT = re.compile(r"(?<![^/>])([^/>]+?)\.(\d+)(?=[./>]|$)")


def drop(search: Search) -> None:
    """Drops them in pieces, then one by one."""
    search.drop(lambda: search.plan.faults, lambda faults: _with(search, faults))


def run(search: Search) -> None:
    """Drops them, also two by two; merges neighbours; last, drops one and deals anew."""
    drop(search)
    if len(search.plan.faults) <= PAIRS_MAX:
        while search.first(_without_pairs(search)) is not None:
            pass
    while search.first(_merged(search)) is not None:
        pass
    while search.first(_dealt_anew(search)) is not None:
        pass


def _with(search: Search, faults: list[Fault]) -> Plan:
    """The plan with fewer faults, and with its decisions where they now are made."""
    plan = search.plan
    kept = [fault.id for fault in faults]
    gone: dict[str, list[int]] = {}
    for fault in plan.faults:
        if fault.id not in kept:
            for node, boot in search.seen.reboots.get(fault.id, {}).items():
                gone.setdefault(node, []).append(boot)
    return with_faults(with_overrides(plan, _renumbered(plan.overrides, gone)), faults)


def _renumbered(overrides: Mapping[str, int], gone: Mapping[str, list[int]]) -> dict[str, int]:
    """The overrides with the numbers that boots have once those in `gone` do not come."""
    if not gone:
        return dict(overrides)

    def number(match: re.Match[str]) -> str:
        node, boot = match[1], int(match[2])
        return f"{node}.{boot - sum(other <= boot for other in gone.get(node, ()))}"

    return {_BOOT.sub(number, address): value for address, value in overrides.items()}


def _without_pairs(search: Search) -> Iterator[Plan]:
    faults = search.plan.faults
    for first, second in combinations(range(len(faults)), 2):
        yield _with(search, [fault for place, fault in enumerate(faults) if place not in (first, second)])


def _merged(search: Search) -> Iterator[Plan]:
    """Two faults of a kind as one, from the begin of the first to the end of the second."""
    faults = sorted(search.plan.faults, key=begin_of)
    for place, first in enumerate(faults):
        second = next((other for other in faults[place + 1 :] if other.kind == first.kind), None)
        one = None if second is None else _one_of(first, second)
        if second is not None and one is not None:
            rest = [fault for fault in search.plan.faults if fault.id != second.id]
            plan = _with(search, rest)
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
        less = _with(search, [other for other in plan.faults if other is not fault])
        for deal in range(DEALS):
            yield with_overrides(less, {**less.overrides, NODE: deal})
