"""Fewer faults: restarts that only count boots go, two of a kind become one, and one goes where another comes in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.shrink import OneByOne, Seen, ShrinkBudget
from chaoskit.shrink.passes import merge, restarts, retime
from chaoskit.shrink.plans import begin_of
from chaoskit.shrink.search import Search


def a_kill(name: str, begin: int, *who: str, lasting: int | None = 0) -> Fault:
    return Fault(id=name, when=At(time=begin), who=list(who), kind="kill", lasting=lasting)


def search_of(faults: Sequence[Fault], shows: Callable[[Plan], bool], seen: Seen) -> Search:
    """A search from a plan with these faults, whose trial only looks at the plan."""
    plan = Plan(
        seed=1,
        model="toy",
        workload="register",
        cluster=Cluster(nodes=["n1", "n2"], clients=1),
        pacing=Pacing(ops=1, rate=10, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND),
        faults=list(faults),
        invocations=[Invocation(id=1, slot=0, f="read")],
    )
    return Search(
        plan,
        OneByOne(lambda tried: msgspec.structs.replace(seen, shows=shows(tried))),
        budget=ShrinkBudget(),
        edits=FaultEdits(),
        is_late=lambda: False,
        progress=lambda _plan, _runs: None,
    )


def test_a_restart_goes_when_the_first_boot_draws_what_the_second_drew() -> None:
    """The failure needs boots 2 and 3 of n1 and no boot 1: keeping the number of the boot that is left would not do."""
    seen = Seen(shows=True, boots={"n1": [1, 2, 3]}, reboots={"f1": {"n1": 2}, "f2": {"n1": 3}})
    faults = [a_kill("f1", 0, "n1"), a_kill("f2", 50, "n1")]

    def shows(plan: Plan) -> bool:
        return len(plan.faults) == 2 or (plan.faults == faults[1:] and plan.overrides == {"boot/n1/1": 2})

    search = search_of(faults, shows, seen)
    restarts.run(search)
    assert [fault.id for fault in search.plan.faults] == ["f2"]
    assert search.plan.overrides == {"boot/n1/1": 2}


def test_two_faults_of_a_kind_become_one_with_the_targets_of_both() -> None:
    """From where the first begins to where the second ends, if the failure needs it so."""

    def shows(plan: Plan) -> bool:
        struck = {name for fault in plan.faults for name in fault.who}
        ends = [begin_of(fault) + (fault.lasting or 0) for fault in plan.faults]
        return struck == {"n1", "n2"} and min(map(begin_of, plan.faults)) == 10 and max(ends) == 90

    search = search_of([a_kill("f1", 10, "n1", lasting=5), a_kill("f2", 60, "n2", lasting=30)], shows, Seen(shows=True))
    merge.run(search)
    assert search.plan.faults == [a_kill("f1", 10, "n1", "n2", lasting=80)]


def test_faults_of_different_kinds_stay_apart() -> None:
    """There is no one fault that does what both do."""
    pause = msgspec.structs.replace(a_kill("f2", 20, "n1"), kind="pause")
    search = search_of([a_kill("f1", 10, "n1"), pause], lambda _: True, Seen(shows=True))
    merge.run(search)
    assert len(search.plan.faults) == 2


def test_a_fault_goes_when_another_comes_at_a_better_moment() -> None:
    """Two of three are enough once one begins at 30, when a node did something; it ends where it did."""
    faults = [a_kill("f1", 40, "n1", lasting=20), a_kill("f2", 41, "n2"), a_kill("f3", 90, "n1")]

    def shows(plan: Plan) -> bool:
        return len(plan.faults) == 3 or [(fault.id, begin_of(fault)) for fault in plan.faults] == [("f1", 30), ("f3", 90)]

    search = search_of(faults, shows, Seen(shows=True, moments=[10, 20, 30, 50]))
    assert retime.run(search)
    assert search.plan.faults == [a_kill("f1", 30, "n1", lasting=30), faults[2]]


def test_with_two_faults_no_moment_is_tried() -> None:
    """They are few enough; and the search makes no run for it."""
    search = search_of([a_kill("f1", 40, "n1"), a_kill("f2", 41, "n2")], lambda _: True, Seen(shows=True, moments=[1, 2, 3]))
    runs = search.runs
    assert not retime.run(search)
    assert search.runs == runs
