"""Fewer operations, where another is asked at a better moment: what is left of a race must still meet.

Without one operation those that follow are asked as before and yet come through sooner or later: a connection is not open
yet, a disk not busy. So one of them is put at another instant of the plan, or a little earlier or later than it was. Whole
pieces go first (what is not in the proof, or not in its past), then single operations; kept decisions go with them if they can.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from chaoskit.core.plan import Invocation, Plan
from chaoskit.core.units import MILLISECOND
from chaoskit.shrink.passes.decisions import unkept
from chaoskit.shrink.passes.evidence import pieces
from chaoskit.shrink.passes.operations import pinned
from chaoskit.shrink.plans import MAIN, asked, asking, instants
from chaoskit.shrink.search import Search

OPS_FEW = 6  # with no more than these there is no need
TRIES = 500  # for every step down
STEPS = tuple(sign * step * MILLISECOND for step in (1, 2, 5) for sign in (1, -1))


def run(search: Search) -> bool:
    """Whether operations could go. One step at a time: what is smaller then makes the next step cheaper."""
    is_long = len(asked(search.plan)) > OPS_FEW
    return is_long and search.first(islice(_candidates(search), TRIES)) is not None


def _candidates(search: Search) -> Iterator[Plan]:
    for less in _fewer(search):
        for place, invocation in enumerate(asked(less)):
            if invocation.phase == MAIN:
                yield from (_asked_at(less, place, instant) for instant in _moments(less, invocation))


def _fewer(search: Search) -> Iterator[Plan]:
    """The plan with fewer operations: some of the evidence alone, then all but one, which is rather not of the proof."""
    plan, proof = pinned(search.plan, search.seen.begins), search.seen.proof
    whole = asked(plan)
    single = sorted(whole, key=lambda invocation: invocation.id in proof)
    parts = [asked(piece) for piece in pieces(plan, search.seen)]
    parts += [[invocation for invocation in whole if invocation is not gone] for gone in single]
    for place, part in enumerate(parts):
        if len(part) < len(whole) and part not in parts[:place]:
            less = asking(plan, part)
            bare = unkept(less)
            yield bare
            if bare != less:
                yield less


def _moments(plan: Plan, invocation: Invocation) -> list[int]:
    """Where an operation may be put: at the plan's instants, the nearest first, and close to where it is."""
    begin = invocation.not_before
    nearest = sorted(instants(plan), key=lambda instant: abs(instant - begin))
    return list(dict.fromkeys([*nearest, *(begin + step for step in STEPS if begin + step >= 0)]))[1:]


def _asked_at(plan: Plan, place: int, instant: int) -> Plan:
    """The plan with one operation asked at another instant; they are listed in the order in which they are asked."""
    invocations = asked(plan)
    moved = msgspec.structs.replace(invocations[place], not_before=instant)
    others = invocations[:place] + invocations[place + 1 :]
    return asking(plan, sorted([*others, moved], key=lambda invocation: (invocation.phase, invocation.not_before)))
