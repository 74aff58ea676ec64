"""Puts every operation at the instant at which it was asked: one operation less then moves no other.

A client asks its next when it has the answer to the one before. Without one of them all that follow would come earlier.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from chaoskit.core.plan import Invocation
from chaoskit.shrink.plans import MAIN, asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """All of the main phase at once: it is the same run."""
    search.attempt(asking(search.plan, [_pinned(each, search.seen.begins) for each in asked(search.plan)]))


def _pinned(invocation: Invocation, begins: Mapping[int, int]) -> Invocation:
    if invocation.phase != MAIN:
        return invocation
    return msgspec.structs.replace(invocation, not_before=max(invocation.not_before, begins.get(invocation.id, 0)))
