"""Simpler faults: fewer targets, a simpler kind (a crash instead of a power loss), no end of its own."""

from __future__ import annotations

import msgspec

from chaoskit.shrink.plans import with_fault
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """One fault after the other, as simple as it gets."""
    for identifier in [fault.id for fault in search.plan.faults]:
        while _simplify(search, identifier):
            pass


def _simplify(search: Search, identifier: str) -> bool:
    plan = search.plan
    fault = next(fault for fault in plan.faults if fault.id == identifier)
    candidates = search.edits.simpler(fault, plan.cluster.nodes)
    if isinstance(fault.who, list) and len(fault.who) > 1:
        candidates += [msgspec.structs.replace(fault, who=[name for name in fault.who if name != gone]) for gone in fault.who]
    if fault.lasting is not None:
        candidates.append(msgspec.structs.replace(fault, lasting=None))
    return search.attempt(*(with_fault(plan, candidate) for candidate in candidates))
