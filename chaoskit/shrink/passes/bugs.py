"""Fewer planted bugs: the flags that do not matter go."""

from __future__ import annotations

import msgspec

from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Drops them in pieces, then one by one."""
    if len(search.plan.bugs) > 1:
        search.drop(lambda: search.plan.bugs, lambda bugs: msgspec.structs.replace(search.plan, bugs=bugs))
