"""What a node draws stays with its boots when a fault that restarted it goes; and what is asked stays at its instant."""

from __future__ import annotations

import msgspec

from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.draws import Draws
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.run import draw, execute
from chaoskit.settings import Settings
from chaoskit.shrink import OneByOne, Seen, ShrinkBudget, Trial
from chaoskit.shrink.boots import counting_on, keeping_numbers, skips
from chaoskit.shrink.passes import operations, parameters, values
from chaoskit.shrink.search import Search


def a_plan(faults: list[str], overrides: dict[str, int] | None = None) -> Plan:
    """A plan that kills n1 (and n2, by f2) once with each of these faults."""
    return Plan(
        seed=1,
        model="toy",
        workload="register",
        model_parameters={"batch": 16, "eager": True},
        cluster=Cluster(nodes=["n1", "n2"], clients=2),
        pacing=Pacing(ops=2, rate=10, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND),
        faults=[Fault(id=name, when=At(time=0), who=["n1", "n2"] if name == "f2" else ["n1"], kind="kill") for name in faults],
        invocations=[Invocation(id=4, slot=0, f="write", value=7), Invocation(id=9, slot=0, f="write", value=[0, 7])],
        overrides=overrides or {},
    )


SEEN = Seen(
    shows=True,
    boots={"n1": [1, 2, 3, 4, 5], "n2": [1, 2]},
    reboots={"f1": {"n1": 2}, "f2": {"n1": 3, "n2": 2}, "f3": {"n1": 4}, "f4": {"n1": 5}},
    begins={4: 100, 9: 350},
)
ALL = ["f1", "f2", "f3", "f4"]


def search_of(plan: Plan, trial: Trial = lambda _: SEEN) -> Search:
    """A search in which, unless a trial says otherwise, every plan shows the failure."""
    return Search(
        plan,
        OneByOne(trial),
        budget=ShrinkBudget(),
        edits=FaultEdits(),
        is_late=lambda: False,
        progress=lambda _plan, _runs: None,
    )


def test_boots_that_are_left_keep_their_numbers() -> None:
    """Without its second and its fourth boot, n1 boots as 1, 3 and 5; n2, whose last boot is gone, has nothing to keep."""
    left = keeping_numbers(a_plan(ALL), a_plan(["f2", "f4"]), SEEN)
    assert left.overrides == {"boot/n1/2": 3, "boot/n1/4": 5}
    assert keeping_numbers(a_plan(ALL), a_plan(["f1", "f3", "f4"]), SEEN).overrides == {"boot/n1/3": 4}


def test_a_target_that_is_spared_does_not_boot() -> None:
    """A fault that strikes fewer nodes restarts fewer."""
    plan = a_plan(ALL)
    spared = msgspec.structs.replace(plan.faults[1], who=["n2"])
    changed = msgspec.structs.replace(plan, faults=[plan.faults[0], spared, *plan.faults[2:]])
    assert keeping_numbers(plan, changed, SEEN).overrides == {"boot/n1/3": 4}


def test_numbers_count_on_where_nothing_drawn_depends_on_them() -> None:
    """With everything settled and no decision kept there is nothing to keep."""
    settled = {"disk": 0, "node": 0, "packet": 0}
    assert keeping_numbers(a_plan(ALL, settled), a_plan(["f4"], settled), SEEN).overrides == settled
    kept = {**settled, "node/n1.5/n1.5/0": 8}
    assert keeping_numbers(a_plan(ALL, kept), a_plan(["f4"], kept), SEEN).overrides == {**kept, "boot/n1/2": 5}


def test_decisions_move_along_when_numbers_count_on_again() -> None:
    """What n1 drew at its fifth boot it draws at its third; other nodes, earlier boots and later skips stay right."""
    overrides = {
        "boot/n1/2": 3,
        "boot/n1/4": 6,
        "boot/n2/2": 4,
        "node/n1.1/n1.1/0": 1,
        "node/n1.3/n1.3/0": 3,
        "node/n2.4/n2.4/0": 4,
        "packet/n1.6.election.2/n1>n2/0": 6,
    }
    plan = counting_on(a_plan(ALL, overrides), "boot/n1/2")
    assert skips(plan) == ["boot/n1/3", "boot/n2/2"]
    assert plan.overrides == {
        "boot/n1/3": 5,
        "boot/n2/2": 4,
        "node/n1.1/n1.1/0": 1,
        "node/n1.2/n1.2/0": 3,
        "node/n2.4/n2.4/0": 4,
        "packet/n1.5.election.2/n1>n2/0": 6,
    }


def test_a_world_boots_with_the_numbers_of_its_plan() -> None:
    """The journal and the nodes themselves tell the number that the plan gives, and those behind it count on from there."""
    plan = draw(Settings(seed=1, nemesis="none", ops=5), "abd")
    node = plan.cluster.nodes[0]
    kills = [Fault(id=f"f{n}", when=At(time=n * SECOND // 1000), who=[node], kind="kill", lasting=0) for n in (1, 2, 3)]
    plan = msgspec.structs.replace(plan, faults=kills, overrides={f"boot/{node}/2": 7})
    boots = [event.data["boot"] for event in execute(plan).journal.events(kinds=frozenset({"boot"})) if event.node == node]
    assert boots == [1, 7, 8, 9]


def test_what_is_fixed_is_found_by_its_whole_address() -> None:
    """None where the plan says nothing, below any prefix."""
    draws = Draws(1, {"boot/n2/3": 5})
    assert draws.fixed("boot", "n2", 3) == draws.child("boot", "n2").fixed(3) == 5
    assert draws.fixed("boot", "n2", 4) is None
    assert Draws(1).fixed("boot", "n2", 3) is None


def test_operations_are_pinned_where_they_were_asked_while_one_can_go() -> None:
    """What is left stays at its instant; where all are needed the plan stays as it was."""
    plan = a_plan(ALL)

    def shows(*needed: int) -> Search:
        def trial(tried: Plan) -> Seen:
            return msgspec.structs.replace(SEEN, shows=set(needed) <= {each.id for each in tried.invocations or ()})

        return search_of(plan, trial)

    one = shows(9)
    operations.run(one)
    assert [(each.id, each.not_before) for each in one.plan.invocations or ()] == [(9, 350)]
    both = shows(4, 9)
    operations.run(both)
    assert both.plan == plan


def test_parameters_that_are_numbers_get_small() -> None:
    """What is on or off is left alone."""
    search = search_of(a_plan(ALL))
    parameters.run(search)
    assert search.plan.model_parameters == {"batch": 1, "eager": True}


def test_different_values_stay_different() -> None:
    """A 0 stays 0, and naming values again changes nothing."""
    search = search_of(a_plan(ALL))
    values.run(search)
    assert [each.value for each in search.plan.invocations or ()] == [1, [0, 1]]
    runs = search.runs
    values.run(search)
    assert search.runs == runs
