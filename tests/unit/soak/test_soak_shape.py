"""The causal shape: which kinds of fault a failure takes, and how many runs it costs to know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.soak.shape import needed_kinds

PACING = Pacing(ops=1, rate=1, time_limit=1, op_timeout=1, recovery=1)


def plan(*kinds: str) -> Plan:
    """A plan with two faults of each kind."""
    faults = [Fault(id=f"{kind}{number}", when=At(time=1), who="one", kind=kind) for kind in kinds for number in (1, 2)]
    return Plan(seed=1, model="abd", workload="register", cluster=Cluster(nodes=["n1"]), pacing=PACING, faults=faults)


def takes(*needed: frozenset[str]) -> Callable[[Plan], bool]:
    """Fails when all faults of one of these sets of kinds are there."""

    def fails(tried: Plan) -> bool:
        kinds = [fault.kind for fault in tried.faults]
        return any(all(kinds.count(kind) == 2 for kind in some) for some in needed)

    return fails


@pytest.mark.parametrize(
    ("kinds", "needed", "probes"),
    [
        ((), (), 0),
        (("kill",), (), 1),
        (("kill",), ("kill",), 1),
        (("clock", "kill", "partition"), (), 1),
        (("clock", "kill", "partition"), ("partition",), 2),
        (("clock", "kill", "partition"), ("clock",), 4),
        (("clock", "kill", "partition"), ("clock", "kill"), 7),
        (("clock", "kill", "partition"), ("clock", "kill", "partition"), 7),
    ],
)
def test_the_needed_kinds_are_found(kinds: tuple[str, ...], needed: tuple[str, ...], probes: int) -> None:
    """Those alone, in alphabetical order, and within few runs."""
    assert needed_kinds(plan(*kinds), takes(frozenset(needed))) == (needed, probes)


def test_of_two_ways_to_fail_the_one_with_ordinary_faults_is_told() -> None:
    """A partition or a kill rather than a wiped disk: what seldom is the cause is left out first."""
    assert needed_kinds(plan("kill", "wipe"), takes(frozenset({"wipe"}), frozenset({"kill"})))[0] == ("kill",)


def test_a_kind_that_nobody_knows_is_left_out_first() -> None:
    """A nemesis of a person's own."""
    either = takes(frozenset({"flood", "kill"}), frozenset({"kill", "pause"}))
    assert needed_kinds(plan("flood", "kill", "pause"), either)[0] == ("kill", "pause")
