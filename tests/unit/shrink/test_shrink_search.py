"""The shrinker's search, on plans that nobody runs: a trial that only looks at the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.shrink import Answer, Seen, ShrinkBudget, Shrunk, shrink

OPS, FAULTS = 30, 12
PACING = Pacing(ops=OPS, rate=10, time_limit=10 * SECOND, op_timeout=SECOND, recovery=SECOND)


def a_plan(ops: Sequence[int] = range(OPS), faults: Sequence[int] = range(FAULTS)) -> Plan:
    """A plan with operations and kills of these numbers."""
    return Plan(
        seed=1,
        model="toy",
        workload="register",
        cluster=Cluster(nodes=["n1", "n2", "n3"], clients=3, network={"latency": "exponential:3ms", "loss": 5}),
        pacing=PACING,
        invocations=[
            Invocation(id=number, slot=number % 3, not_before=number * 7_000_001, f="write", key="k", value=number)
            for number in ops
        ],
        faults=[
            Fault(id=f"f{number}", when=At(time=number * 9_000_001), who=["n2"], kind="kill", lasting=3) for number in faults
        ],
    )


class Needs:
    """A trial: the failure needs these operations and faults, and a node that is called n2. It counts what it is asked."""

    def __init__(self, ops: set[int], faults: set[str]) -> None:
        self.ops = ops
        self.faults = faults
        self.asked = 0

    def __call__(self, plan: Plan) -> Seen:
        self.asked += 1
        ops = {invocation.id for invocation in plan.invocations or ()}
        shows = self.ops <= ops and self.faults <= {fault.id for fault in plan.faults} and "n2" in plan.cluster.nodes
        return Seen(shows=shows, plan=plan, felt=[fault.id for fault in plan.faults])


class Ahead:
    """A farm that begins trials before they are wanted, as processes would."""

    def __init__(self, trial: Callable[[Plan], Seen], ahead: int) -> None:
        self.trial = trial
        self.ahead = ahead

    def ask(self, plan: Plan) -> Answer:
        seen = self.trial(plan)
        return lambda: seen


def shrunk(plan: Plan, trial: Callable[[Plan], Seen], *, ahead: int = 1, runs: int = 2000) -> Shrunk:
    return shrink(plan, trial, edits=FaultEdits(), budget=ShrinkBudget(runs=runs), farm=Ahead(trial, ahead))


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.sets(st.integers(0, OPS - 1), max_size=5), st.sets(st.integers(0, FAULTS - 1), max_size=2))
def test_exactly_what_the_failure_needs_is_left(ops: set[int], faults: set[int]) -> None:
    """Where each thing is needed for itself, nothing else stays, whatever it is and wherever it stands."""
    found = shrunk(a_plan(), Needs(ops, {f"f{number}" for number in faults})).plan
    assert {invocation.id for invocation in found.invocations or ()} == ops
    assert {fault.id for fault in found.faults} == {f"f{number}" for number in faults}
    assert found.cluster.nodes == ["n2"]
    assert found.cluster.network == {"latency": "constant:1ms"}


@settings(deadline=None, derandomize=True, max_examples=10)
@given(st.sets(st.integers(0, OPS - 1), max_size=4), st.integers(2, 9))
def test_trials_that_run_ahead_change_nothing(ops: set[int], ahead: int) -> None:
    """Neither the story nor the number of runs depends on how many trials are under way."""
    one, several = shrunk(a_plan(), Needs(ops, {"f3"})), shrunk(a_plan(), Needs(ops, {"f3"}), ahead=ahead)
    assert (one.plan, one.runs) == (several.plan, several.runs)


def test_shrinking_the_shrunk_does_nothing() -> None:
    """The story is a fixed point."""
    once = shrunk(a_plan(), Needs({3, 17}, {"f5", "f7"})).plan
    assert shrunk(once, Needs({3, 17}, {"f5", "f7"})).plan == once


def test_no_plan_is_tried_twice_in_vain() -> None:
    """What did not show the failure once is not run again."""
    tried: list[Plan] = []
    needs = Needs({3}, set())

    def trial(plan: Plan) -> Seen:
        assert plan not in tried
        seen = needs(plan)
        if not seen.shows:
            tried.append(plan)
        return seen

    assert shrunk(a_plan(), trial).runs == needs.asked


@pytest.mark.parametrize("runs", [1, 5, 20])
def test_a_spent_budget_ends_it_and_is_told(runs: int) -> None:
    """The smallest plan so far is kept, and it still fails."""
    needs = Needs({3, 17}, {"f5"})
    found = shrunk(a_plan(), needs, runs=runs)
    assert found.stopped == f"the budget of {runs} {'run' if runs == 1 else 'runs'} is spent"
    assert found.runs == runs
    assert needs(found.plan).shows


def test_ctrl_c_keeps_the_smallest_plan_so_far() -> None:
    """An interrupted search has a result."""
    needs = Needs({3}, set())

    def trial(plan: Plan) -> Seen:
        if needs.asked == 10:
            raise KeyboardInterrupt
        return needs(plan)

    found = shrunk(a_plan(), trial)
    assert found.stopped == "interrupted"
    assert len(found.plan.invocations or ()) < OPS


def test_a_plan_that_does_not_fail_is_refused() -> None:
    """Whoever asks learns what it came to instead."""
    reason = r"^expected a plan that fails as its run did but it does not: valid; replay it to see why\.$"
    with pytest.raises(UsageError, match=reason):
        shrunk(a_plan(), lambda _: Seen(shows=False, result="valid"))


def test_a_budget_that_ends_in_the_second_order_keeps_what_the_first_came_to() -> None:
    """With many faults that all stay, the passes go over it once more in another order: from the start, which is larger."""
    faults = {f"f{number}" for number in range(0, FAULTS, 2)}
    runs = shrunk(a_plan(), Needs({3}, faults)).runs
    for spent in range(1, runs // 3, runs // 12):
        found = shrunk(a_plan(), Needs({3}, faults), runs=runs - spent)
        assert found.stopped is not None
        assert [invocation.id for invocation in found.plan.invocations or ()] == [3], spent
        assert {fault.id for fault in found.plan.faults} == faults
