"""Fewer operations.

They are first put at the instants at which they were asked: a client asks its next when it has the answer to the one before,
and without one of them all that follow would come earlier.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from chaoskit.core.plan import Invocation, Plan
from chaoskit.shrink.plans import MAIN, asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Pins them, which is the same run, and drops them in pieces, then one by one. Where none can go, none is pinned."""
    before = search.mark()
    search.attempt(pinned(search.plan, search.seen.begins))
    search.drop(lambda: asked(search.plan), lambda invocations: asking(search.plan, invocations))
    if len(asked(search.plan)) == len(asked(before.plan)):
        search.back_to(before)


def pinned(plan: Plan, begins: Mapping[int, int]) -> Plan:
    """The plan with the operations of its main phase where they were asked."""

    def placed(invocation: Invocation) -> Invocation:
        begin = begins.get(invocation.id, 0) if invocation.phase == MAIN else 0
        return msgspec.structs.replace(invocation, not_before=max(invocation.not_before, begin))

    return asking(plan, map(placed, asked(plan)))
