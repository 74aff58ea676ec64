"""Puts the fault that came of a wish in its place: then, there, with these parameters. Those that were not felt are left out.

A fault that struck in the midst of a handler cannot be put at an instant; it keeps its wish.
"""

from __future__ import annotations

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.shrink.plans import with_fault, with_faults
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """All at once, then one by one."""
    felt = search.seen.felt
    search.attempt(
        with_faults(search.plan, [_concrete(search, fault) for fault in search.plan.faults if fault.id in felt]),
        with_faults(search.plan, [fault for fault in search.plan.faults if fault.id in felt]),
    )
    for fault in search.plan.faults:
        concrete = _concrete(search, fault)
        if concrete != fault:
            search.attempt(with_fault(search.plan, concrete))


def _concrete(search: Search, fault: Fault) -> Fault:
    """The fault as it fell out in the trial."""
    assert search.seen.plan is not None, "a trial that shows the failure tells how its plan fell out"
    resolution = next((other.resolution for other in search.seen.plan.faults if other.id == fault.id), None)
    if resolution is None or resolution.refused is not None:
        return fault
    return msgspec.structs.replace(fault, when=At(time=resolution.begin), who=resolution.nodes, parameters=resolution.parameters)
