"""Fewer faults."""

from __future__ import annotations

from chaoskit.shrink.plans import with_faults
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Drops them in pieces, then one by one."""
    search.drop(lambda: search.plan.faults, lambda faults: with_faults(search.plan, faults))
