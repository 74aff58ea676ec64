"""Smaller values: the numbers that are written become 1, 2, 3 … in the order in which they are asked, and keys the first."""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """All at once, counting from 0 or else from 1: equal values stay equal and different ones different."""
    search.attempt(*(_renamed(search.plan, first=first) for first in (0, 1)))


def _renamed(plan: Plan, *, first: int) -> Plan:
    """The plan with its numbers counted from `first`; one that has a 0 keeps it, and the others count from 1."""
    values = [invocation.value for invocation in asked(plan)]
    names: dict[int, int] = {0: 0} if any(map(_holds_zero, values)) else {}
    start = max(first, len(names))
    taken = len(names)

    def small(value: Any) -> Any:
        if isinstance(value, list):
            return [small(part) for part in value]
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return names.setdefault(value, start + len(names) - taken)
        return value

    return asking(plan, [msgspec.structs.replace(invocation, value=small(invocation.value)) for invocation in asked(plan)])


def _holds_zero(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_zero, value))
    return isinstance(value, int) and not isinstance(value, bool) and value == 0
