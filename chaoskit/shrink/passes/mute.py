"""Two faults for many: what a dozen of them did together may be no more than that messages of one type did not arrive.

Where many faults are left, each of them times something, and without it all that follows comes at other times. So plans are
drawn in which all messages of one type are lost from the beginning on, the type of which the failing run lost most; at some
instant the cluster falls into halves, and nodes wait in another way. First they are lost to the end, which is enough for
leaders that do not know of each other; then up to some instant, after which what each of them did can come to light. The
draws are addressed by the plan's seed, so that they are the same every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Plan
from chaoskit.core.units import MILLISECOND
from chaoskit.draws import Draws
from chaoskit.shrink.passes.decisions import PURPOSES
from chaoskit.shrink.plans import instants, with_faults, with_overrides
from chaoskit.shrink.search import Search

FAULTS_MANY = 16  # with fewer, dropping them one at a time comes to a good end
TRIES = 400  # to the end, and as many up to an instant
DEALS = 64


def run(search: Search) -> None:
    """Tries the plans that are drawn, while there are many faults and random decisions are not settled."""
    plan = search.plan
    many = len(plan.faults) >= FAULTS_MANY and len(plan.cluster.nodes) > 1
    if many and search.seen.lost and not any(purpose in plan.overrides for purpose in PURPOSES):
        search.first(_drawn(search, plan))


def _drawn(search: Search, plan: Plan) -> Iterator[Plan]:
    lost, nodes, end = search.seen.lost, plan.cluster.nodes, instants(plan)[-1] // MILLISECOND
    message = max(sorted(lost), key=lambda name: lost[name])
    for ends, number in product((False, True), range(TRIES)):
        draws = Draws(plan.seed).child("mute", "try", number)
        first = _from(plan.faults[0], 0, lasting=draws.integer(0, end, "ends") * MILLISECOND if ends else None)
        second = _from(plan.faults[1], draws.integer(0, end, "instant") * MILLISECOND)
        halves = draws.pick(search.edits.halving(second, nodes), "halves")
        deals = {purpose: draws.integer(0, DEALS - 1, purpose) for purpose in PURPOSES}
        yield with_overrides(with_faults(plan, [search.edits.muting(first, nodes, message), halves]), deals)


def _from(fault: Fault, instant: int, *, lasting: int | None = None) -> Fault:
    """The fault from an instant on."""
    return msgspec.structs.replace(fault, when=At(time=instant), lasting=lasting)
