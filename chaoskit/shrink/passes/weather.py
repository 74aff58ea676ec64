"""Calmer weather: a constant latency, nothing lost by itself, disks that take the same time always, clocks that are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaoskit.core.plan import Plan
from chaoskit.core.units import format_duration
from chaoskit.draws import law_from_text
from chaoskit.shrink.plans import with_cluster
from chaoskit.shrink.search import Search

PARTS = ("network", "disk", "clocks")
CONSTANT = "constant:"
MEDIAN = 1 << 63
SIMPLEST = {"network": "constant:1ms", "disk": "constant:1ms"}


def run(search: Search) -> None:
    """All at once, then one setting after the other."""
    search.attempt(_calm(search.plan, simplest=True), _calm(search.plan, simplest=False))
    for part in PARTS:
        for name in sorted(getattr(search.plan.cluster, part)):
            search.attempt(*_calmer(search.plan, part, name))


def _calm(plan: Plan, *, simplest: bool) -> Plan:
    """A plan in which every setting is as calm as can be; with the simplest latency, or with the usual one."""
    for part in PARTS:
        for name in sorted(getattr(plan.cluster, part)):
            candidates = list(_calmer(plan, part, name))
            if candidates:
                plan = candidates[0 if simplest else -1]
    return plan


def _calmer(plan: Plan, part: str, name: str) -> Iterator[Plan]:
    """The plan with one setting calmer: a law is made constant, anything else goes."""
    settings: dict[str, Any] = getattr(plan.cluster, part)
    value = settings.get(name)
    if not isinstance(value, str):
        yield with_cluster(plan, **{part: {other: kept for other, kept in settings.items() if other != name}})
        return
    for text in (SIMPLEST[part], _constant(value)):
        if text != value:
            yield with_cluster(plan, **{part: {**settings, name: text}})
        else:
            return


def _constant(text: str) -> str:
    """The law that always gives the median of this one."""
    return text if text.startswith(CONSTANT) else f"{CONSTANT}{format_duration(law_from_text(text).sample(MEDIAN))}"
