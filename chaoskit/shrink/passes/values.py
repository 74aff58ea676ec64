"""Smaller values: the numbers that are written become 1, 2, 3 … in the order in which they are asked, and keys the first."""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """All at once: equal values stay equal and different ones different."""
    search.attempt(*(_renamed(search.plan, first=first) for first in (0, 1)))


def _renamed(plan: Plan, *, first: int) -> Plan:
    names: dict[int, int] = {}

    def small(value: Any) -> Any:
        if isinstance(value, list):
            return [small(part) for part in value]
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return names.setdefault(value, first + len(names))
        return value

    return asking(plan, [msgspec.structs.replace(invocation, value=small(invocation.value)) for invocation in asked(plan)])
