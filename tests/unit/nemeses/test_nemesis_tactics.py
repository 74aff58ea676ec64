"""Occasions, and what is drawn for them."""

from __future__ import annotations

import pytest

from chaoskit.core.fault import Fault, On
from chaoskit.core.plan import Cluster
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws
from chaoskit.model import Tolerates
from chaoskit.nemeses import NEMESES, Arena
from chaoskit.nemeses.tactics import log_uniform, rounded, subset

CLUSTER = Cluster(nodes=["n1", "n2", "n3", "n4", "n5"], roles={"n1": "master"}, clients=5)


def arena(**claim: object) -> Arena:
    return Arena(cluster=CLUSTER, claim=Tolerates(**claim), connections=True)  # type: ignore[arg-type]


def planned(kind: str, seeds: int, where: Arena, **options: object) -> list[Fault]:
    return [fault for seed in range(seeds) for fault in NEMESES[kind].plan(Draws(seed), where, 8 * SECOND, options)]


def test_log_uniform_reaches_every_order_of_magnitude() -> None:
    """About as many below a tenth of the range's logarithm as above, and never outside."""
    values = [log_uniform(Draws(1), 1_000, 1_000_000, "x", number) for number in range(600)]
    assert min(values) >= 1_000
    assert max(values) <= 1_000_000
    assert all(120 < sum(low <= value < 10 * low for value in values) < 280 for low in (1_000, 10_000, 100_000))


def test_log_uniform_of_one_value_is_that_value() -> None:
    """No range, no choice."""
    assert log_uniform(Draws(1), 7, 7, "x") == 7


@pytest.mark.parametrize(("value", "three"), [(0, 0), (7, 7), (999, 999), (1_234, 1_230), (208_203_077, 208_000_000)])
def test_drawn_values_read_well(value: int, three: int) -> None:
    """Three digits are enough for a person."""
    assert rounded(value) == three


def test_subset_is_never_empty() -> None:
    """Every run has a tactic and a kind of target."""
    choices = [("a", 1), ("b", 1)]
    assert all(subset(Draws(seed), choices, "x") for seed in range(100))
    assert {len(subset(Draws(seed), choices, "x")) for seed in range(100)} == {1, 2}


@pytest.mark.parametrize("kind", ["kill", "pause", "wipe", "disk"])
def test_immune_roles_are_not_picked_by_chance(kind: str) -> None:
    """The claim says that n1 is never killed, paused, wiped or given a bad disk."""
    faults = planned(kind, 10, arena(immune=("master",), wipe="minority"))
    names = {name for fault in faults if not isinstance(fault.who, str) for name in fault.who}
    assert names
    assert "n1" not in names


@pytest.mark.parametrize("amount", ["one", "minority"])
@pytest.mark.parametrize("kind", ["kill", "pause", "disk"])
def test_no_fault_names_more_nodes_than_the_claim_allows(kind: str, amount: str) -> None:
    """One, or two of five, at once."""
    faults = planned(kind, 15, arena(kill=amount, power_loss=amount, pause=amount, disk=amount))
    most = {"one": 1, "minority": 2}[amount]
    assert all(len(fault.who) <= most for fault in faults if not isinstance(fault.who, str))


def test_deaths_are_of_the_kind_that_the_claim_allows() -> None:
    """A model that survives kills alone loses no power, and one that survives neither is left alone."""
    assert {fault.parameters["power_loss"] for fault in planned("kill", 15, arena(power_loss="none"))} == {False}
    assert {fault.parameters["power_loss"] for fault in planned("kill", 15, arena(kill="none"))} == {True}
    assert planned("kill", 15, arena(kill="none", power_loss="none")) == []


def test_no_corruption_where_the_claim_has_none() -> None:
    """Loss takes its place."""
    assert not any("corrupt" in fault.parameters for fault in planned("packet", 30, arena(corruption="none")))
    assert any("corrupt" in fault.parameters for fault in planned("packet", 30, arena()))


@pytest.mark.parametrize("kind", ["kill", "pause", "partition"])
def test_successive_leaders_are_hit_one_after_the_other(kind: str) -> None:
    """The n-th fault of the chain waits for the n-th election from there on, and strikes whoever won it."""
    tactic = {"kill": "churn", "pause": "relay", "partition": "churn"}[kind]
    faults = NEMESES[kind].plan(Draws(2), arena(), SECOND, {"tactics": [tactic], "interval": 30 * SECOND})
    first, *others = faults
    assert first.who == "primaries"
    assert [fault.when.nth for fault in others if isinstance(fault.when, On)] == list(range(1, len(others) + 1))
    assert all(isinstance(fault.when, On) and fault.when.event == "leader-elected" and fault.who == "sender" for fault in others)


def test_every_winner_of_an_election_dies_and_voters_restart_before_a_candidate_loses_patience() -> None:
    """Winners sleep through about one election more, whatever the run's pace; voters are back within milliseconds."""
    faults = NEMESES["kill"].plan(Draws(2), arena(), SECOND, {"tactics": ["elections"], "interval": 30 * SECOND})
    winners = [fault for fault in faults if fault.who == "sender"]
    voters = [fault for fault in faults if not isinstance(fault.who, str)]
    elections = list(range(1, len(winners) + 1))
    assert [fault.when.nth for fault in winners if isinstance(fault.when, On)] == elections
    assert sorted({fault.when.nth for fault in voters if isinstance(fault.when, On)}) == elections
    assert all(fault.lasting is not None and fault.lasting >= 150 * MILLISECOND for fault in winners)
    assert all(fault.lasting is not None and fault.lasting < 60 * MILLISECOND for fault in voters)


@pytest.mark.parametrize(("kind", "tactic"), [(kind, tactic) for kind, nemesis in NEMESES.items() for tactic in nemesis.tactics])
def test_every_tactic_plans_faults_of_its_kind(kind: str, tactic: str) -> None:
    """Alone, in a cluster that survives everything."""
    faults = planned(kind, 3, arena(wipe="all"), tactics=[tactic], interval=SECOND)
    assert faults
    assert {fault.kind for fault in faults} == {kind}
    assert all(fault.lasting is not None and fault.lasting > 0 for fault in faults)
