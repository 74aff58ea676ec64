"""Laws of the strategies that chaoskit gives to others: what they draw is what they say, and what fails becomes small."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.core.fault import At, Fault
from chaoskit.core.history import History
from chaoskit.core.op import FAIL, INFO, INVOKE, OK, Op
from chaoskit.core.plan import Plan, plan_from_json, plan_to_json
from chaoskit.core.units import SECOND
from chaoskit.core.verdict import Budget
from chaoskit.nemeses import NEMESES
from chaoskit.spec import complete, spec_from_text
from chaoskit.testing.plans import assert_valid, plan_of, record_of
from chaoskit.testing.strategies import (
    answered_histories,
    fault_schedules,
    linearizable_histories,
    mutated_histories,
    operations,
    plans_of,
)
from chaoskit.testing.strategies.asks import ASKS
from chaoskit.testing.strategies.faults import PARAMETERS

LAW = settings(deadline=None, derandomize=True, max_examples=40)
FINDING = settings(
    deadline=None, derandomize=True, database=None, print_blob=False, max_examples=500, phases=[Phase.generate, Phase.shrink]
)
NAIVE = Path(__file__).parents[2] / "docs" / "how-to" / "examples" / "naive_store.py"
NODES = ("n1", "n2", "n3")


def is_valid(history: History, spec: str) -> bool:
    return Linearizable(spec_from_text(spec)).check(history, budget=Budget()).is_valid


@pytest.mark.parametrize("spec", sorted(ASKS))
@LAW
@given(data=st.data())
def test_operations_are_those_of_the_specification(spec: str, data: st.DataObject) -> None:
    """Of its functions, on the keys that were given."""
    f, key, _ = data.draw(operations(spec, keys=("x", "y")))
    assert f in complete(spec_from_text(spec)).functions
    assert key in ("x", "y")


@pytest.mark.parametrize("spec", ["cas-register", "fifo-queue", "set", "mutex", "owner-mutex", "semaphore"])
@LAW
@given(data=st.data())
def test_changed_histories_are_such_as_clients_could_have_recorded(spec: str, data: st.DataObject) -> None:
    """Every completion has its invocation, and a process that does not know its outcome asks nothing more."""
    history = data.draw(mutated_histories(spec, keys=("x", "y")))
    partners = history.partners.tolist()
    gone: list[Any] = []
    for place, op in enumerate(history):
        assert op.type == INVOKE or partners[place] >= 0
        assert op.process not in gone
        gone += [op.process] if op.type == INFO else []


@pytest.mark.parametrize("spec", ["cas-register", "set", "counter"])
def test_a_wrong_history_becomes_small(spec: str) -> None:
    """By Hypothesis' own means: three operations are left at most."""
    found = find(mutated_histories(spec), lambda history: not is_valid(history, spec), settings=FINDING)
    assert len(found) <= 6, list(found)


def test_right_histories_become_small_and_hold_what_was_looked_for() -> None:
    """A crashed write that somebody saw; a failure; a client that came anew after it did not know."""

    def seen_though_unanswered(history: History) -> bool:
        lost = [op.value for op in history if op.type == INFO and op.f == "write"]
        return any(op.type == OK and op.f == "read" and op.value in lost for op in history)

    right = linearizable_histories("register")
    assert len(find(right, seen_though_unanswered, settings=FINDING)) <= 6
    assert len(find(right, lambda history: any(op.type == FAIL for op in history), settings=FINDING)) <= 4
    assert len(find(right, lambda history: any(int(op.process) >= 3 for op in history), settings=FINDING)) <= 8


@LAW
@given(history=linearizable_histories("cas-register", crashes=False))
def test_without_crashes_every_answer_is_known(history: History) -> None:
    """Invoked, and ok or still open."""
    assert {op.type for op in history} <= {INVOKE, OK}


@LAW
@given(faults=fault_schedules(NODES, kinds=tuple(PARAMETERS), max_size=6))
def test_fault_schedules_are_lawful(faults: list[Fault]) -> None:
    """In order, within the horizon, aimed at nodes that are there, with parameters that their nemesis knows."""
    begins = [fault.when.time for fault in faults if isinstance(fault.when, At)]
    assert len(begins) == len(faults) and begins == sorted(begins) and all(0 <= begin <= SECOND for begin in begins)
    assert [fault.id for fault in faults] == [f"f{number}" for number in range(len(faults))]
    for fault in faults:
        assert fault.who and set(fault.who) <= set(NODES)
        assert msgspec.convert(fault.parameters, NEMESES[fault.kind].parameters) is not None


def test_every_kind_of_fault_can_be_drawn() -> None:
    """A new family must be added to the strategies."""
    assert set(PARAMETERS) == {kind for nemesis in NEMESES.values() for kind in nemesis.kinds}


@pytest.mark.parametrize("model", ["abd", "primary_backup", "gossip", "raft"])
def test_every_plan_runs_and_a_correct_model_survives_it(model: str) -> None:
    """Saved and read back it is the same plan."""

    @settings(LAW, max_examples=12)
    @given(plans_of(model, kinds=tuple(PARAMETERS)))
    def law(plan: Plan) -> None:
        assert plan_from_json(plan_to_json(plan)) == plan
        assert_valid(plan)

    law()


def test_a_falsifying_example_is_short_and_can_be_pasted() -> None:
    """Of a person's own protocol one operation and one fault are left; the printed call makes a plan that fails."""

    @settings(FINDING, max_examples=100)
    @given(plans_of(str(NAIVE), parameters={"keys": "1"}))
    def law(plan: Plan) -> None:
        assert_valid(plan)

    with pytest.raises(AssertionError, match=r"^INVALID") as caught:
        law()
    printed = "\n".join(caught.value.__notes__)
    assert len(printed.splitlines()) <= 25
    call = printed[printed.index("plan_of(") : printed.rindex(")")].strip().removesuffix(",")
    plan = eval(call, {"plan_of": plan_of, "Fault": Fault, "At": At})  # what a person would paste
    assert record_of(plan).verdict.is_invalid
    asked = [invocation for invocation in plan.invocations if not invocation.phase]
    assert len(asked) <= 2 and len(plan.faults) <= 1


def printed_by(law: Callable[[], None]) -> str:
    """The call that Hypothesis prints of a law that does not hold."""
    with pytest.raises(AssertionError) as caught:
        law()
    return "\n".join(caught.value.__notes__)


@pytest.mark.parametrize("strategy", [linearizable_histories, mutated_histories, answered_histories])
def test_a_history_that_fails_is_printed_event_by_event(strategy: Callable[[str], st.SearchStrategy[History]]) -> None:
    """Not how it was drawn: what stands there can be pasted, and is the history that failed."""
    failed: list[History] = []

    @settings(FINDING)
    @given(strategy("register"))
    def law(history: History) -> None:
        if len(history) > 2:
            failed.append(history)
            raise AssertionError

    printed = printed_by(law)
    call = printed[printed.index("History.of(") : printed.index("])") + 2]
    assert eval(call, {"History": History, "Op": Op}) == failed[-1]
    assert len(call.splitlines()) == 5


def test_a_schedule_that_fails_is_printed_fault_by_fault() -> None:
    """As a list that can be pasted."""

    @settings(FINDING)
    @given(fault_schedules(NODES))
    def law(faults: list[Fault]) -> None:
        assert len(faults) < 2

    printed = printed_by(law)
    call = printed[printed.index("faults=[") + len("faults=") : printed.rindex("]") + 1]
    assert len(eval(call, {"Fault": Fault, "At": At})) == 2
