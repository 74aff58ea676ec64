"""Smaller parameters of the model: to need a second batch takes seventeen entries where batches are of sixteen, else two."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """One after the other, the smallest power of two that will do."""
    for name in sorted(search.plan.model_parameters):
        search.first(_smaller(search.plan, name))


def _smaller(plan: Plan, name: str) -> Iterator[Plan]:
    value = plan.model_parameters[name]
    if isinstance(value, bool) or not isinstance(value, int):
        return
    least = 1
    while least < value:
        yield msgspec.structs.replace(plan, model_parameters={**plan.model_parameters, name: least})
        least *= 2
