"""The grammar of `--nemesis`, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.plan import Cluster
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws
from chaoskit.model import Tolerates
from chaoskit.nemeses import NEMESES, parse_nemesis, plan_faults

HORIZON = 8 * SECOND
NODES = ["n1", "n2", "n3", "n4", "n5"]


def planned(text: str, *, seed: int = 1, claim: Tolerates | None = None, nodes: int = 5, **how: Any) -> list[Fault]:
    cluster = Cluster(nodes=NODES[:nodes], clients=5)
    return plan_faults(text, draws=Draws(seed), cluster=cluster, horizon=HORIZON, claim=claim or Tolerates(), **how)


def kinds(faults: list[Fault]) -> set[str]:
    return {fault.kind for fault in faults}


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("partition", {"partition": {}}),
        ("partition,kill", {"partition": {}, "kill": {}}),
        ("partition ; kill", {"partition": {}, "kill": {}}),
        (
            "partition;kill:interval=5s,targets=primaries",
            {"partition": {}, "kill": {"interval": 5 * SECOND, "targets": ["primaries"]}},
        ),
        ("kill:targets=one/n1+n2", {"kill": {"targets": ["one", "n1+n2"]}}),
        ("packet:delay=lognormal:5ms,sigma=0.5,loss=1%", {"packet": {"delay": "lognormal:5ms,sigma=0.5", "loss": 10_000}}),
        ("packet:delay=bimodal:1ms,1s,5%,rate=4KiB", {"packet": {"delay": "bimodal:1ms,1s,5%", "rate": 4096}}),
        ("packet:delay=5ms..50ms", {"packet": {"delay": "uniform:5ms..50ms"}}),
        ("none", {}),
    ],
)
def test_families_and_their_settings_are_read(text: str, families: Mapping[str, Mapping[str, Any]]) -> None:
    """Commas between names or between settings, semicolons between families; laws keep their commas."""
    wishes = parse_nemesis(text)
    assert wishes.families == families
    assert (wishes.every, wishes.beyond_claim) == (False, False)


def test_all_and_its_exclamation_mark() -> None:
    """`all` is every family within the claim, `!` goes beyond it, and settings may be added."""
    assert parse_nemesis("all").every
    assert not parse_nemesis("all").beyond_claim
    assert parse_nemesis("all!").beyond_claim
    assert parse_nemesis("wipe!").beyond_claim
    both = parse_nemesis("all;kill:interval=1s")
    assert both.every
    assert both.families == {"kill": {"interval": SECOND}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("partiton", "unknown fault family 'partiton'. Did you mean 'partition'? See 'chaoskit list nemeses'."),
        ("kill:intervall=5s", "unknown setting of kill 'intervall'. Did you mean 'interval'? See 'chaoskit list nemeses'."),
        (
            "kill:interval=5",
            "expected a duration with its unit (one of ns, us, ms, s, m, min, h) but got interval='5'; write e.g. '5s'.",
        ),
        ("kill:interval=5us", "expected a duration from 1ms to 86400s but got interval='5us'."),
        ("kill:tactics=rollin", "unknown tactic 'rollin'. Did you mean 'rolling'?"),
        ("kill:oops", "expected settings such as 'interval=5s' but got kill:oops."),
        ("packet:loss=120%", "expected a probability (0.01, 1% or 250ppm) but got loss='120%'."),
        ("packet:rate=0", "expected a size of 1 bytes or more (4096, 64KiB, 1MB) but got rate='0'."),
        (
            "partition,kill:interval=5s",
            "expected one family before ':' but got 'partition,kill'; write ';' between families that have settings.",
        ),
        ("kill;kill:interval=5s", "expected each fault family once but got 'kill' twice in nemesis='kill;kill:interval=5s'."),
        ("none,kill", "expected 'all' without settings, and 'none' alone, but got nemesis='none,kill'."),
        ("all:interval=5s", "expected 'all' without settings, and 'none' alone, but got nemesis='all:interval=5s'."),
    ],
)
def test_what_is_not_understood_is_said_in_full(text: str, message: str) -> None:
    """Nothing is run on a misunderstanding, and the message says what to write."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        parse_nemesis(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kill:targets=n9", "unknown target of kill 'n9'. Did you mean 'n5'?"),
        (
            "kill:targets=majority",
            "expected targets of kill that the model claims to survive (2 of 5 nodes at once) but got targets='majority'; "
            "write 'kill!' to go beyond the claim.",
        ),
        (
            "wipe",
            "expected faults that the model claims to survive but got nemesis='wipe'; write 'wipe!' to go beyond the claim.",
        ),
    ],
)
def test_what_the_cluster_or_the_claim_forbids_is_said_in_full(text: str, message: str) -> None:
    """Targets are checked when the cluster is known."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        planned(text, claim=Tolerates(kill="minority", power_loss="minority"))


def test_none_plans_nothing() -> None:
    """The fault-free control arm."""
    assert planned("none") == []


def test_named_families_are_always_planned() -> None:
    """What a person names is in every run, and nothing else is."""
    for seed in range(20):
        assert kinds(planned("pause,disk", seed=seed)) == {"pause", "disk"}


def test_all_keeps_to_the_claim() -> None:
    """No family that the model does not claim to survive; beyond the claim there is every one."""
    claim = Tolerates(clock=False, partition=False, kill="none", power_loss="none")
    within = set().union(*(kinds(planned("all", seed=seed, claim=claim)) for seed in range(25)))
    beyond = set().union(*(kinds(planned("all!", seed=seed, claim=claim, connections=True)) for seed in range(25)))
    assert within == {"pause", "packet", "disk"}
    assert beyond == set(NEMESES)


def test_runs_of_all_differ_in_character() -> None:
    """Swarm: families are off in many runs and never all of them; numbers of faults differ widely."""
    runs = [planned("all", seed=seed) for seed in range(60)]
    assert all(runs)
    for family in set(NEMESES) - {"wipe", "toxic"}:
        assert 15 <= sum(family in kinds(run) for run in runs) <= 50
    assert len({frozenset(kinds(run)) for run in runs}) > 20
    counts = sorted(len(run) for run in runs)
    assert counts[50] > 3 * counts[10]


def test_timed_and_triggered_faults_are_mixed() -> None:
    """About half of the occasions wait for something to happen in the cluster."""
    faults = [fault for seed in range(60) for fault in planned("all", seed=seed)]
    triggered = sum(isinstance(fault.when, On) for fault in faults)
    assert 0.25 < triggered / len(faults) < 0.75


def test_one_family_more_moves_none_of_the_others() -> None:
    """Each draws from an address of its own."""

    def kills(text: str) -> list[tuple[Any, ...]]:
        return [(fault.when, fault.who, fault.parameters, fault.lasting) for fault in planned(text) if fault.kind == "kill"]

    assert kills("kill") == kills("partition,kill,packet") == kills("kill;disk:interval=1s")


def test_ids_follow_the_time_at_which_faults_begin_or_begin_to_wait() -> None:
    """f0, f1 … and a timed fault before one that begins to wait at the same instant."""
    faults = planned("all", seed=3)
    assert [fault.id for fault in faults] == [f"f{number}" for number in range(len(faults))]
    begins = [fault.when.time if isinstance(fault.when, At) else fault.when.not_before for fault in faults]
    assert begins == sorted(begins)


def test_settings_are_kept_to() -> None:
    """Lasting, targets and tactics hold for every fault; a shorter interval gives more of them."""
    faults = planned("kill:lasting=2s,targets=n2+n4,tactics=single,power-loss=100%")
    assert faults
    assert all(fault.lasting == 2 * SECOND and fault.who == ["n2", "n4"] for fault in faults)
    assert all(fault.parameters == {"power_loss": True} for fault in faults)
    often = planned("kill:interval=100ms,tactics=single")
    assert 40 < len(often) < 160


def test_given_interval_holds_for_families_without_their_own() -> None:
    """The flag for all families gives way to a setting of one."""
    wishes = parse_nemesis("pause:tactics=single;disk:interval=50ms,tactics=slow", interval=2 * SECOND)
    cluster = Cluster(nodes=NODES, clients=5)
    faults = plan_faults(wishes, draws=Draws(1), cluster=cluster, horizon=HORIZON, claim=Tolerates())
    assert sum(fault.kind == "pause" for fault in faults) < 12 < 60 < sum(fault.kind == "disk" for fault in faults)


def test_without_leaders_nothing_waits_for_one() -> None:
    """For protocols in which no node leads: neither events of elections nor primaries."""
    for seed in range(30):
        for fault in planned("all", seed=seed, leaders=False):
            assert fault.who != "primaries"
            if isinstance(fault.when, On):
                assert fault.when.event in ("acknowledged", "sync", "write")


def test_partitioned_clients_are_on_sides_only_when_asked() -> None:
    """The flag of the run reaches every partition."""
    assert all(fault.parameters["clients"] for fault in planned("partition", partition_clients=True))
    assert all("clients" not in fault.parameters for fault in planned("partition"))


def test_too_many_occasions_are_refused() -> None:
    """Everything has a limit, and meeting it is said."""
    cluster = Cluster(nodes=NODES, clients=5)
    with pytest.raises(
        UsageError, match=r"^expected at most 10,000 occasions for faults within 3600.000 s but got interval=1ms; use a longer"
    ):
        plan_faults("pause:interval=1ms", draws=Draws(1), cluster=cluster, horizon=3600 * SECOND, claim=Tolerates())


def test_horizon_of_nothing_is_refused() -> None:
    """A run of no length has no place for faults."""
    with pytest.raises(UsageError, match=r"^expected a horizon of more than 0 ns but got horizon=0\.$"):
        plan_faults("all", draws=Draws(1), cluster=Cluster(nodes=NODES), horizon=0, claim=Tolerates())


def test_wipes_of_a_run_stay_within_as_many_nodes_as_the_claim_says() -> None:
    """Whether a wiped node has recovered is the protocol's own affair."""
    for seed in range(20):
        faults = planned("wipe:interval=300ms,lasting=100ms", seed=seed, claim=Tolerates(wipe="one"))
        assert len({name for fault in faults for name in fault.who}) == 1
        assert all(fault.lasting == 100 * MILLISECOND for fault in faults)


def test_cluster_of_one_node_has_no_partitions() -> None:
    """There is nothing to cut; other families go on."""
    assert planned("partition", nodes=1) == []
    assert kinds(planned("kill", nodes=1)) == {"kill"}


@pytest.mark.parametrize("interval", [0, -1, MILLISECOND - 1, 25 * 3600 * SECOND])
def test_an_interval_that_no_family_takes_is_refused(interval: int) -> None:
    """None at all is no wish; nothing is a wish that cannot be meant."""
    with pytest.raises(UsageError, match=r"^expected an interval from 1ms to \S+ but got nemesis_interval="):
        parse_nemesis("all", interval=interval)
    assert parse_nemesis("all", interval=None).interval is None
    assert parse_nemesis("all", interval=MILLISECOND).interval == MILLISECOND
