"""Cuts down to the evidence before anything is searched: the proof's own operations, the failing key, the causal past."""

from __future__ import annotations

from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Takes the smallest of these that still shows the failure."""
    seen = search.seen
    proof, keys, past = set(seen.proof), set(seen.same_keys), set(seen.past)
    plan = search.plan
    search.attempt(
        *(
            asking(plan, [invocation for invocation in asked(plan) if invocation.id in kept])
            for kept in (proof, proof | (keys & past), proof | keys, proof | past)
        )
    )
