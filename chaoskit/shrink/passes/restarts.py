"""Fewer restarts: a node that is restarted before it did anything needs only to boot as it would have the second time."""

from __future__ import annotations

from collections.abc import Iterator

from chaoskit.core.plan import Plan
from chaoskit.shrink.boots import keeping_later_numbers
from chaoskit.shrink.plans import with_faults
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Drops a fault that restarts nodes, while the boots that it would have ended draw what the ones after them drew."""
    while search.first(_candidates(search)) is not None:
        pass


def _candidates(search: Search) -> Iterator[Plan]:
    plan, seen = search.plan, search.seen
    for fault in plan.faults:
        if fault.id in seen.reboots:
            yield keeping_later_numbers(plan, with_faults(plan, [other for other in plan.faults if other is not fault]), seen)
