"""Fewer keys, fewer clients, fewer kinds of operation: all operations of one go together."""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.canonical import canonical
from chaoskit.core.plan import Invocation
from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search

GROUPS: tuple[Callable[[Invocation], object], ...] = (
    lambda invocation: invocation.phase,
    lambda invocation: canonical(invocation.key),
    lambda invocation: invocation.slot,
    lambda invocation: invocation.f,
)


def run(search: Search) -> None:
    """Drops whole groups, in pieces and then one by one."""
    for group_of in GROUPS:
        _drop(search, group_of)


def _drop(search: Search, group_of: Callable[[Invocation], object]) -> None:
    def groups() -> list[object]:
        return list(dict.fromkeys(map(group_of, asked(search.plan))))

    search.drop(
        groups,
        lambda kept: asking(search.plan, [invocation for invocation in asked(search.plan) if group_of(invocation) in kept]),
    )
