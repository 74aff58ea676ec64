"""Puts the fault that came of a wish in its place: then, there, with these parameters. Those that were not felt are left out.

A fault that struck in the midst of a handler cannot be put at an instant; it keeps its wish.
"""

from __future__ import annotations

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.shrink.plans import with_faults
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Leaves out what was not felt, then drops wishes: all, in pieces, one by one."""
    felt = search.seen.felt
    search.attempt(with_faults(search.plan, [fault for fault in search.plan.faults if fault.id in felt]))
    search.drop(
        lambda: [fault.id for fault in search.plan.faults if _concrete(search, fault) != fault],
        lambda wishes: with_faults(
            search.plan, [fault if fault.id in wishes else _concrete(search, fault) for fault in search.plan.faults]
        ),
    )


def _concrete(search: Search, fault: Fault) -> Fault:
    """The fault as it fell out in the trial."""
    assert search.seen.plan is not None, "a trial that shows the failure tells how its plan fell out"
    resolution = next((other.resolution for other in search.seen.plan.faults if other.id == fault.id), None)
    if resolution is None or resolution.refused is not None:
        return fault
    return msgspec.structs.replace(fault, when=At(time=resolution.begin), who=resolution.nodes, parameters=resolution.parameters)
