"""The causal shape of a failure: which kinds of fault it takes, found by leaving them out and running again.

A long run's anomaly has nearly every fault in its causal past, since nodes never stop talking: what was merely at work then
makes as many classes as there are failures (measured). So each kind is tried: the run is made again, from its resolved plan,
without any fault, then with one kind alone, then with one kind fewer at a time. Draws have addresses, so that what is left out
moves nothing else. What remains is a set of kinds of which none can be left out (so tried); there may be others. The functions
are those of the operations that prove the anomaly.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.soak import Shape
from chaoskit.core.verdict import Violation

Fails = Callable[[Plan], bool]
# Left out first: what seldom is the cause. Kinds that are not named here come before all of them.
LEFT_OUT = ("wipe", "disk", "clock", "packet", "toxic", "pause", "kill", "partition")


def shape_of(outcome: Outcome, violation: Violation, fails: Fails) -> tuple[Shape, int]:
    """(the shape of a failure, how many runs that took). `fails`: whether a plan gives the same anomaly."""
    faults, probes = needed_kinds(outcome.plan, fails)
    return Shape(fingerprint=violation.fingerprint, faults=faults, functions=functions_of(outcome, violation)), probes


def story_shape(outcome: Outcome, violation: Violation) -> Shape:
    """The shape of a shrunk run: the faults that are left in it are those that it takes."""
    faults = tuple(sorted({fault.kind for fault in outcome.plan.faults}))
    return Shape(fingerprint=violation.fingerprint, faults=faults, functions=functions_of(outcome, violation))


def functions_of(outcome: Outcome, violation: Violation) -> tuple[str, ...]:
    """What the operations in the proof asked for."""
    return tuple(sorted({outcome.history[index].f for index in violation.ops}))


def needed_kinds(plan: Plan, fails: Fails) -> tuple[tuple[str, ...], int]:
    """(kinds of fault of which none can be left out, how many plans were tried); the plan as it is fails."""
    kinds = _in_order({fault.kind for fault in plan.faults})
    probes = 0

    def fails_with(kept: Collection[str]) -> bool:
        nonlocal probes
        if len(kept) == len(kinds):
            return True
        probes += 1
        return fails(_with(plan, kept))

    for few in ([], *([kind] for kind in reversed(kinds))):
        if fails_with(few):
            return tuple(few), probes
    kept = kinds
    for kind in kinds:
        rest = [other for other in kept if other != kind]
        if len(rest) > 1 and fails_with(rest):  # each alone was tried
            kept = rest
    return tuple(sorted(kept)), probes


def _with(plan: Plan, kinds: Collection[str]) -> Plan:
    faults: list[Fault] = [fault for fault in plan.faults if fault.kind in kinds]
    return msgspec.structs.replace(plan, faults=faults)


def _in_order(kinds: set[str]) -> list[str]:
    return sorted(kinds, key=lambda kind: (LEFT_OUT.index(kind) if kind in LEFT_OUT else -1, kind))
