"""Plans by hand and small worlds: what they ask, what is said of them, and how they are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaoskit.catalogue import model_named, reference_of
from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.fault import At, Fault
from chaoskit.core.units import MILLISECOND
from chaoskit.models.raft import raft
from chaoskit.settings import Settings
from chaoskit.testing.plans import assert_valid, plan_of
from chaoskit.testing.seeds import failing_now, seeds_of, seeds_text
from chaoskit.testing.small_world import SmallWorld

EXAMPLES = Path(__file__).parents[3] / "docs" / "how-to" / "examples"
MINE = Path(__file__).parents[2] / "cli" / "models_of_mine.py"
NAIVE = f"{EXAMPLES / 'naive_store.py'}:naive_store"
CUT = Fault(id="f0", when=At(time=0), who=["n1"], kind="partition")


def test_a_plan_asks_what_it_says_and_the_final_operations() -> None:
    """In its main phase that alone; whatever is not given does not depend on the seed."""
    plan = plan_of("abd", asks=[(1, 20, "write", "k0", 1)], parameters={"keys": "1"}, seed=5)
    asked = [(each.phase, each.slot, each.not_before, each.f, each.key, each.value) for each in plan.invocations or ()]
    assert asked == [(0, 1, 20 * MILLISECOND, "write", "k0", 1), (2, 0, 0, "read", "k0", None), (2, 1, 0, "read", "k0", None)]
    assert plan.seed == 5
    assert plan.cluster == plan_of("abd", seed=6).cluster


def test_a_plan_with_a_slot_that_is_not_there_is_refused() -> None:
    """With what to say."""
    with pytest.raises(UsageError, match=r"^expected slots from 0 to 1 but got slot=2; say how many with clients=…\.$"):
        plan_of("abd", asks=[(2, 0, "read", "k0", None)])


def test_a_plan_that_fails_is_told_and_one_that_holds_says_nothing() -> None:
    """The same operations and cut; the naive store alone is wrong."""
    asks = [(0, 0, "write", "k0", 1), (1, 50, "read", "k0", None)]
    assert_valid(plan_of("abd", asks=asks, faults=[CUT]))
    with pytest.raises(AssertionError, match=r"^INVALID  (?s:.*)a contradiction\."):
        assert_valid(plan_of(NAIVE, asks=asks, faults=[CUT]))


def test_a_model_that_breaks_its_contract_is_no_failed_promise() -> None:
    """It is an error of its own kind."""
    with pytest.raises(ModelError, match="ZeroDivisionError"):
        assert_valid(plan_of(f"{MINE}:broken", asks=[(0, 0, "read", "k0", None)]))


def test_a_model_is_found_again_by_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the table, in a file, in a package; one without a name is refused."""
    monkeypatch.chdir(EXAMPLES)
    naive = model_named("naive_store.py")
    assert reference_of(raft) == "raft"
    assert reference_of(naive) == "naive_store.py:naive_store"
    assert model_named("chaoskit.models.raft:raft") is raft
    with pytest.raises(UsageError, match=r"^expected a model with a name in a module but 'raft' has none;"):
        reference_of(type(raft)(name="raft", node=raft.node, clients=raft.clients))
    with pytest.raises(UsageError, match=r"^expected a model but got no_such:x, and there is no module 'no_such';"):
        model_named("no_such:x")
    with pytest.raises(UsageError, match=r"^unknown model in chaoskit\.models\.raft 'raf'\. Did you mean 'raft'\?$"):
        model_named("chaoskit.models.raft:raf")


def world(model: str = "raft", **settings: object) -> SmallWorld:
    return SmallWorld(model, Settings(seed=1, workload="register", clients=3, **settings))  # type: ignore[arg-type]  # settings


def test_time_moves_only_while_somebody_waits() -> None:
    """By what was said, or until what was waited for."""
    small = world()
    assert small.now == 0
    small.advance("5s")
    assert small.now == 5_000 * MILLISECOND
    small.advance(7)
    assert small.now == 5_000 * MILLISECOND + 7
    done = small.do("write", "k0", 1)
    assert (done.type, done.value) == ("ok", 1)
    assert small.now < 5_100 * MILLISECOND
    small.close()


def test_a_leader_that_is_cut_off_is_replaced_and_nothing_is_lost() -> None:
    """Two leaders while the cut lasts; after it heals one, and the write is there."""
    small = world()
    small.run_until(lambda: small.with_role("leader"))
    [first] = small.with_role("leader")
    small.do("write", "k0", 1)
    cut = small.cut(first)
    small.run_until(lambda: len(small.with_role("leader")) == 2)
    small.heal(cut)
    small.run_until(lambda: len(small.with_role("leader")) == 1)
    assert small.with_role("leader") != [first]
    assert small.do("read", "k0", client=1).value == 1
    small.assert_valid()
    assert [op.f for op in small.history if op.process == "nemesis"] == ["start-partition", "stop-partition"]
    small.close()


def test_a_killed_node_boots_again_when_healed_and_a_paused_one_goes_on() -> None:
    """Down, it observes nothing, and its clients are refused."""
    small = world("abd")
    small.kill("n1")
    assert small.observe("n1") == {}
    assert small.do("read", "k0", client=0).error == "refused: n1 is down"
    small.heal()
    assert small.do("read", "k0", client=0).type == "ok"
    small.pause("n1")
    asked = small.ask("read", "k0", client=0)
    small.advance("100ms")
    assert asked.op is None
    small.heal()
    small.run_until(lambda: asked.op is not None)
    assert asked.op is not None and asked.op.type == "ok"
    small.close()


def test_a_world_sees_a_violation() -> None:
    """The naive store reads what was overwritten, and the evidence says so."""
    small = world(NAIVE)
    small.cut("n2")
    small.do("write", "k0", 1)
    small.do("read", "k0", client=1)
    with pytest.raises(AssertionError, match=r"^INVALID  stale-read"):
        small.assert_valid()
    small.close()


def test_what_cannot_be_is_refused_and_what_does_not_come_is_told() -> None:
    """A client that is busy or not there, a node or a fault that is not there, a wait in vain."""
    small = world("abd")
    small.pause("n1")
    small.ask("read", "k0")
    for wrong, message in (
        (lambda: small.ask("read", "k0"), r"^expected a client that is free but client=0 is at read; wait\.$"),
        (lambda: small.ask("read", "k0", client=3), r"^expected a client from 0 to 2 but got client=3;"),
        (lambda: small.strike("kil", ["n1"]), r"^expected a fault of .* but got kind='kil'\.$"),
        (lambda: small.strike("kill", "primaries"), r"^expected a fault that can be but got kill of primaries: no node is"),
    ):
        with pytest.raises(UsageError, match=message):
            wrong()
    with pytest.raises(ModelError, match=r"^expected the name of a host"):
        small.kill("n9")
    with pytest.raises(AssertionError, match=r"^what was waited for did not come by 0\.200 s: client c0 waits for read to end"):
        small.run_until(lambda: False, within="200ms")
    small.close()


def test_seeds_come_from_the_flag_the_environment_the_failures_and_the_test() -> None:
    """In this order; a flag for one wins over all."""
    nothing: dict[str, object] = {"only": None, "instead": None, "environment": {}, "failing": []}

    def seeds(asked: object, **given: object) -> list[int]:
        return seeds_of(asked, **{**nothing, **given})  # type: ignore[arg-type]  # given by name

    assert seeds(3) == [1, 2, 3]
    assert seeds([5, 7], failing=[9, 7]) == [9, 7, 5]
    assert seeds(None) == list(range(1, 11))
    assert seeds(3, instead="100..102", failing=[9]) == [9, 100, 101, 102]
    assert seeds(3, environment={"CHAOSKIT_SEED": "0x1f"}, failing=[9]) == [31]
    assert seeds(3, only="4", environment={"CHAOSKIT_SEED": "31"}) == [4]
    with pytest.raises(ValueError, match=r"^expected seeds=20 or seeds=\[7, 12\] but got seeds=0\.$"):
        seeds(0)


def test_failing_seeds_are_kept_newest_first() -> None:
    """What passes leaves; what was not tried stays."""
    assert failing_now([9, 4], {1: False, 2: True, 4: False}) == [2, 9]
    assert seeds_text([1, 2, 3, 7, 9, 10]) == "1-3 7 9-10"
