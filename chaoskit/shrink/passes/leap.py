"""A leap: where dropping one thing at a time has come to an end with many faults left, plans with few are drawn near the present.

A run with a dozen faults may hold one that would do alone, had it come a little later or hit another node. Plans with one
and with two of the faults are drawn (who, when, how long, when is asked, how nodes wait), and the first that shows the
failure is where the search goes on. The draws are addressed by the plan's seed, so that they are the same every time.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Invocation, Plan
from chaoskit.core.shrinking import size_of
from chaoskit.core.units import MILLISECOND
from chaoskit.draws import Draws
from chaoskit.shrink.plans import asked, asking, begin_of, instants, with_cluster, with_faults, with_overrides
from chaoskit.shrink.search import Search

FAULTS_FEW, DECISIONS_FEW = 2, 10  # with no more than these nothing is drawn
TRIES = 250  # with each number of faults
MARGIN = 300 * MILLISECOND  # how far behind the last instant things may be put
DEALS = 64
LASTING = (None, 0, 20 * MILLISECOND, 200 * MILLISECOND, 500 * MILLISECOND)


def run(search: Search) -> bool:
    """Whether a plan with fewer faults, or with no decision to keep, was found."""
    plan = search.plan
    return not is_small(plan) and search.first(_drawn(search, plan)) is not None


def is_small(plan: Plan) -> bool:
    """Whether a plan has few faults and few decisions that must stay."""
    size = size_of(plan)
    return size.faults <= FAULTS_FEW and size.decisions <= DECISIONS_FEW


def _drawn(search: Search, plan: Plan) -> Iterator[Plan]:
    for count in range(1, min(FAULTS_FEW, max(1, len(plan.faults) - 1)) + 1):
        for number in range(TRIES):
            draws = Draws(plan.seed).child("leap", count, "try", number)
            faults = [_varied(search, plan, fault, draws.child(fault.id)) for fault in draws.sample(plan.faults, count, "faults")]
            invocations = [_moved(invocation, plan, draws.child("op", invocation.id)) for invocation in asked(plan)]
            deals = {purpose: draws.integer(0, DEALS - 1, purpose) for purpose in ("node", "packet", "disk")}
            changed = with_faults(asking(plan, sorted(invocations, key=lambda invocation: invocation.not_before)), faults)
            slots = 1 + max((invocation.slot for invocation in invocations), default=0)
            yield with_overrides(with_cluster(changed, clients=max(plan.cluster.clients, slots)), deals)


def _varied(search: Search, plan: Plan, fault: Fault, draws: Draws) -> Fault:
    """The fault, or a simpler or an elementary one, perhaps at another node, at another time, for longer or shorter."""
    nodes = plan.cluster.nodes
    pools = [fault, *search.edits.simpler(fault, nodes)], search.edits.elementary(fault, nodes)
    one = draws.pick(draws.pick(pools, "pool"), "kind")
    if one.kind == fault.kind and one.parameters == fault.parameters and draws.chance(700_000, "aimed anew"):
        one = msgspec.structs.replace(one, who=[draws.pick(nodes, "node")])
    lasting = draws.pick((one.lasting, *LASTING), "lasting")
    return msgspec.structs.replace(one, when=At(time=_instant(plan, begin_of(fault), draws)), lasting=lasting)


def _moved(invocation: Invocation, plan: Plan, draws: Draws) -> Invocation:
    slots = max(plan.cluster.clients, len(plan.cluster.nodes))
    slot = draws.pick((invocation.slot, draws.integer(0, slots - 1, "slot")), "who")
    return msgspec.structs.replace(invocation, slot=slot, not_before=_instant(plan, invocation.not_before, draws))


def _instant(plan: Plan, own: int, draws: Draws) -> int:
    """The instant itself, another of the plan's, or any."""
    found = instants(plan)
    anywhere = draws.integer(0, (found[-1] + MARGIN) // MILLISECOND, "anywhere") * MILLISECOND
    return draws.pick((own, draws.pick(found, "instant"), anywhere), "when")
