"""Fewer kinds of operation: one of a rarer kind becomes one of another kind that the plan has already.

It takes the new value from its own: the last of several (a compare-and-set of 1 to 2 becomes a write of 2), none where the
other kind takes none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from chaoskit.core.plan import Invocation, Plan
from chaoskit.shrink.plans import asked, asking
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Rarer kinds first."""
    while search.first(_candidates(search.plan)) is not None:
        pass


def _candidates(plan: Plan) -> Iterator[Plan]:
    kinds = Counter(invocation.f for invocation in asked(plan))
    ranked = sorted(kinds, key=lambda f: (kinds[f], f))
    for place, rare in enumerate(ranked):
        for other in reversed(ranked[place + 1 :]):
            example = next(invocation for invocation in asked(plan) if invocation.f == other)
            changed = [_as(invocation, example) if invocation.f == rare else invocation for invocation in asked(plan)]
            yield asking(plan, changed)


def _as(invocation: Invocation, example: Invocation) -> Invocation:
    return msgspec.structs.replace(invocation, f=example.f, value=_value(invocation.value, example.value))


def _value(value: Any, example: Any) -> Any:
    if example is None:
        return None
    if isinstance(value, list) and value and not isinstance(example, list):
        return value[-1]
    return example if value is None else value
