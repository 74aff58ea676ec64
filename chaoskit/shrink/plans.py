"""A plan with something changed: the vocabulary in which passes are written. Every function takes a plan and gives another.

Instants are virtual ns. A plan's instants are those at which something in it begins or ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.plan import Invocation, Plan

MAIN, RECOVERY, FINAL = range(3)  # the numbers of phases


def asked(plan: Plan) -> list[Invocation]:
    """What is asked. Raises `UsageError` for a plan that leaves it to a generator."""
    if plan.invocations is None:
        raise UsageError("expected a plan that was run, which says what was asked, but got one with invocations=null; run it.")
    return plan.invocations


def asking(plan: Plan, invocations: Iterable[Invocation]) -> Plan:
    """The plan with these invocations and no others."""
    return msgspec.structs.replace(plan, invocations=list(invocations))


def with_faults(plan: Plan, faults: Iterable[Fault]) -> Plan:
    """The plan with these faults and no others."""
    return msgspec.structs.replace(plan, faults=list(faults))


def with_fault(plan: Plan, fault: Fault) -> Plan:
    """The plan with this fault in place of the one of its id."""
    return with_faults(plan, (fault if other.id == fault.id else other for other in plan.faults))


def with_cluster(plan: Plan, **changes: Any) -> Plan:
    """The plan with another cluster."""
    return msgspec.structs.replace(plan, cluster=msgspec.structs.replace(plan.cluster, **changes))


def with_overrides(plan: Plan, overrides: Mapping[str, int]) -> Plan:
    """The plan with these overrides, in the order of their addresses."""
    return msgspec.structs.replace(plan, overrides={address: overrides[address] for address in sorted(overrides)})


def begin_of(fault: Fault) -> int:
    """When it begins at the earliest."""
    return fault.when.time if isinstance(fault.when, At) else fault.when.not_before


def instants(plan: Plan) -> list[int]:
    """The plan's instants, each once, in order."""
    found = {0}
    found.update(invocation.not_before for invocation in asked(plan))
    found.update(plan.phases)
    for fault in plan.faults:
        found.add(begin_of(fault))
        if fault.lasting is not None:
            found.add(begin_of(fault) + fault.lasting)
    return sorted(found)


def moved(plan: Plan, place: Callable[[int], int]) -> Plan:
    """The plan with its instants moved; `place` must not change their order."""
    invocations = [msgspec.structs.replace(invocation, not_before=place(invocation.not_before)) for invocation in asked(plan)]
    faults = [_moved_fault(fault, place) for fault in plan.faults]
    return msgspec.structs.replace(
        plan, invocations=invocations, faults=faults, phases=[place(instant) for instant in plan.phases]
    )


def _moved_fault(fault: Fault, place: Callable[[int], int]) -> Fault:
    begin = begin_of(fault)
    when = fault.when
    moved_when: At | On
    if isinstance(when, At):
        moved_when = At(time=place(when.time))
    else:
        moved_when = msgspec.structs.replace(when, not_before=place(when.not_before))
    lasting = None if fault.lasting is None else place(begin + fault.lasting) - place(begin)
    return msgspec.structs.replace(fault, when=moved_when, lasting=lasting)
