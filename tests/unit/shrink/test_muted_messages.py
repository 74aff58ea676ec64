"""Two faults for many: one type of message is lost from the beginning on, and the cluster falls into halves."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.shrink import OneByOne, Seen, ShrinkBudget
from chaoskit.shrink.passes import mute
from chaoskit.shrink.plans import begin_of, with_overrides
from chaoskit.shrink.search import Search

NODES = ["n1", "n2", "n3", "n4"]
MANY = [Fault(id=f"f{number}", when=At(time=number), who=["n1"], kind="pause", lasting=1) for number in range(mute.FAULTS_MANY)]
PLAN = Plan(
    seed=1,
    model="toy",
    workload="register",
    cluster=Cluster(nodes=NODES, clients=1),
    pacing=Pacing(ops=1, rate=10, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND),
    faults=MANY,
    invocations=[Invocation(id=1, slot=0, f="read", not_before=SECOND)],
)


def search_of(plan: Plan, shows: Callable[[Plan], bool], *, lost: dict[str, int]) -> Search:
    """A search from the plan, whose trial only looks at plans."""
    return Search(
        plan,
        OneByOne(lambda tried: Seen(shows=tried == plan or shows(tried), lost=lost)),
        budget=ShrinkBudget(),
        edits=FaultEdits(),
        is_late=lambda: False,
        progress=lambda _plan, _runs: None,
    )


def apart_in_time(plan: Plan) -> bool:
    """Whether messages to append are lost all along, and n1 and n3 are alone together in the first tenth of a second."""
    if len(plan.faults) != 2:
        return False
    muted, halves = plan.faults
    is_muted = muted.parameters.get("types") == ["Append"] and muted.who == NODES and begin_of(muted) == 0
    return is_muted and halves.parameters.get("groups") == [["n1", "n3"], ["n2", "n4"]] and begin_of(halves) < SECOND // 10


def test_many_faults_become_one_type_of_message_lost_and_two_halves() -> None:
    """The type that was lost most is lost to the end, and nodes draw what they draw at every boot."""
    search = search_of(PLAN, apart_in_time, lost={"AskVote": 3, "Append": 5, "Vote": 5})
    mute.run(search)
    assert [fault.kind for fault in search.plan.faults] == ["packet", "partition"]
    assert [fault.id for fault in search.plan.faults] == ["f0", "f1"]
    assert all(fault.lasting is None for fault in search.plan.faults)
    assert sorted(search.plan.overrides) == ["disk", "node", "packet"]


def test_what_is_lost_to_the_end_in_vain_is_lost_up_to_an_instant() -> None:
    """Then what each side did by itself can meet."""
    search = search_of(PLAN, lambda plan: len(plan.faults) == 2 and plan.faults[0].lasting is not None, lost={"Append": 1})
    mute.run(search)
    muted, halves = search.plan.faults
    assert (begin_of(muted), halves.lasting) == (0, None)
    assert 0 <= (muted.lasting or 0) <= SECOND
    assert search.runs == 2 + mute.TRIES


def test_the_same_plans_are_drawn_every_time() -> None:
    """The draws depend on the plan's seed alone."""

    def found() -> tuple[Plan, int]:
        search = search_of(PLAN, apart_in_time, lost={"Append": 1})
        mute.run(search)
        return search.plan, search.runs

    assert found() == found()


def test_nothing_is_drawn_for_few_faults_settled_decisions_or_when_all_arrived() -> None:
    """Then dropping one thing at a time is better; and the search makes no run for it."""
    few = msgspec.structs.replace(PLAN, faults=MANY[1:])
    settled = with_overrides(PLAN, {"node": 0})
    for plan, lost in ((few, {"Append": 1}), (settled, {"Append": 1}), (PLAN, {})):
        search = search_of(plan, lambda _: True, lost=lost)
        mute.run(search)
        assert (search.plan, search.runs) == (plan, 1)
