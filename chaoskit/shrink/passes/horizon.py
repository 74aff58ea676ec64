"""Cuts off what comes after the anomaly: nothing later can have caused it, and a shorter run makes every other trial cheaper."""

from __future__ import annotations

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.shrink.plans import MAIN, asked, asking, begin_of, with_faults
from chaoskit.shrink.search import Search


def run(search: Search) -> None:
    """Ends the main phase right behind the anomaly, or with its last operation where that is enough."""
    end = search.seen.shown_at
    if end is not None:
        search.attempt(*(_until(search.plan, end, final=final) for final in (False, True)))
    if search.plan.phases:
        search.attempt(*(msgspec.structs.replace(search.plan, phases=phases) for phases in ([], search.plan.phases[:2])))


def _until(plan: Plan, end: int, *, final: bool) -> Plan:
    """What had begun by then, with or without what is asked after the main phase."""
    early = [invocation for invocation in asked(plan) if (invocation.not_before <= end if invocation.phase == MAIN else final)]
    phases = plan.phases if final or not plan.phases else [0, min(end + 1, *plan.phases[1:2])]
    cut = msgspec.structs.replace(plan, phases=phases)
    return with_faults(asking(cut, early), [fault for fault in plan.faults if begin_of(fault) <= end])
