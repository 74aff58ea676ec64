"""Cuts down to the evidence before anything is searched: the proof's own operations, the failing key, the causal past."""

from __future__ import annotations

from chaoskit.core.plan import Plan
from chaoskit.shrink.contract import Seen
from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Takes the smallest of these that still shows the failure."""
    search.attempt(*pieces(search.plan, search.seen))


def pieces(plan: Plan, seen: Seen) -> list[Plan]:
    """The plan with parts of the evidence alone, the smallest first."""
    proof, keys, past = set(seen.proof), set(seen.same_keys), set(seen.past)
    return [
        asking(plan, [invocation for invocation in asked(plan) if invocation.id in kept])
        for kept in (proof, proof | (keys & past), proof | keys, proof | past)
    ]
