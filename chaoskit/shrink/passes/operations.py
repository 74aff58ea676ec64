"""Fewer operations."""

from __future__ import annotations

from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Drops them in pieces, then one by one."""
    search.drop(lambda: asked(search.plan), lambda invocations: asking(search.plan, invocations))
