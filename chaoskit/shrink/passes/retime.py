"""One fault less, where another comes at a better moment: what took two faults because the first was late takes one in time.

The moments are those at which the failing run did something (a message came, a timer went off, a sync ended): between two of
them it does not matter when a fault begins, and so each stands for all instants up to the next.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Plan
from chaoskit.core.shrinking import size_of
from chaoskit.shrink.plans import begin_of, with_fault, with_faults
from chaoskit.shrink.search import Search

FAULTS_FEW, FAULTS_MANY = 2, 4  # with fewer there is no need, with more there are too many ways
NEAR = 24  # moments that are tried before an instant, and as many behind it


def run(search: Search) -> bool:
    """Whether a fault could go."""
    before = search.plan
    while FAULTS_FEW < size_of(search.plan).faults <= FAULTS_MANY and search.first(_candidates(search)) is not None:
        pass
    return search.plan != before


def _candidates(search: Search) -> Iterator[Plan]:
    """Those that move a fault least first."""
    plan = search.plan
    for distance in range(NEAR):
        for gone in plan.faults:
            less = with_faults(plan, [other for other in plan.faults if other is not gone])
            for fault in less.faults:
                for moment in _at_distance(search.seen.moments, begin_of(fault), distance):
                    yield with_fault(less, _begun_at(fault, moment))


def _at_distance(moments: list[int], instant: int, distance: int) -> list[int]:
    """The moment so many before the instant, and the one so many behind it."""
    earlier = [moment for moment in reversed(moments) if moment < instant]
    later = [moment for moment in moments if moment > instant]
    return [*earlier[distance : distance + 1], *later[distance : distance + 1]]


def _begun_at(fault: Fault, instant: int) -> Fault:
    """The fault from another instant on, to the same end; it lasts as long as before where that end is too early."""
    end = None if fault.lasting is None else begin_of(fault) + fault.lasting
    lasting = fault.lasting if end is None or end < instant else end - instant
    return msgspec.structs.replace(fault, when=At(time=instant), lasting=lasting)
