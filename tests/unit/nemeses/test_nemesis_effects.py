"""What the single families do to a running cluster, beyond what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.outcome import Outcome
from chaoskit.core.units import MILLION, MILLISECOND, SECOND
from chaoskit.model import Tolerates
from chaoskit.nemeses import INJECTORS
from chaoskit.sim.control import Control
from chaoskit.sim.world import World

Run = Callable[..., Outcome]
MakeWorld = Callable[..., World]


def fault(kind: str, who: list[str] | str = "one", *, when: At | On | None = None, **parameters: Any) -> Fault:
    return Fault(
        id="f0",
        when=when or At(time=200 * MILLISECOND),
        who=who,
        kind=kind,
        parameters=parameters,
        lasting=400 * MILLISECOND,
    )


def inject(world: World, wanted: Fault) -> dict[str, Any]:
    control = Control(world)
    return INJECTORS[wanted.kind](control, wanted, control.select(wanted.who, token=wanted.id))


def crashes(outcome: Outcome) -> list[tuple[int, str, Any]]:
    return [(event.time, event.node, event.data["reason"]) for event in outcome.journal.events(kinds=frozenset({"crash"}))]


def test_kill_between_write_and_sync_strikes_at_that_very_effect(run: Run) -> None:
    """`after=0` on `write`: the node dies with its write pending, and a power loss may take it."""
    outcome = run([fault("kill", "sender", when=On(event="write", nth=4), power_loss=True)])
    assert outcome.effects["f0"]["died with work pending"] == 1
    assert [reason for _, _, reason in crashes(outcome)] == ["power loss"]


def test_blackout_takes_the_whole_cluster_at_once(run: Run) -> None:
    """All nodes lose power at one instant, and boot again together."""
    outcome = run([fault("kill", "all", power_loss=True)])
    assert {(time, reason) for time, _, reason in crashes(outcome)} == {(200 * MILLISECOND, "power loss")}
    assert [node for _, node, _ in crashes(outcome)] == ["n1", "n2", "n3"]


def test_kill_of_more_than_the_claim_leaves_everybody_alive(run: Run) -> None:
    """A refused fault is undone as a whole: the nodes hit before the refusal boot again at once."""
    outcome = run([fault("kill", "majority")], claim=Tolerates(kill="one"))
    resolution = outcome.plan.faults[0].resolution
    assert resolution is not None
    assert resolution.refused == "the model claims to survive a kill of one of its nodes at once"
    assert resolution.begin == resolution.end


def test_clock_strobe_reads_forth_and_back(make_world: MakeWorld) -> None:
    """The offset is there in every other period."""
    world = make_world()
    inject(world, fault("clock", ["n1"], offset=SECOND, strobe_period=MILLISECOND))
    clock = world.nodes[0].clock
    assert clock.read(MILLISECOND // 2) == SECOND + MILLISECOND // 2
    assert clock.read(3 * MILLISECOND // 2) == 3 * MILLISECOND // 2


def test_clock_drift_changes_how_fast_timers_run(make_world: MakeWorld) -> None:
    """A clock at half its speed takes twice the time for a time-out."""
    world = make_world()
    inject(world, fault("clock", ["n2"], drift=-500_000))
    assert world.nodes[1].clock.true_delay(MILLISECOND) == 2 * MILLISECOND


def test_clock_fault_without_a_change_is_a_usage_error(make_world: MakeWorld) -> None:
    """A period alone strobes nothing."""
    with pytest.raises(
        UsageError, match=r"^expected a clock fault with an offset or a drift but fault f0 has {'strobe_period': 5}\.$"
    ):
        inject(make_world(), fault("clock", ["n1"], strobe_period=5))


@pytest.mark.parametrize(
    ("parameters", "effect"),
    [
        ({"delay": "constant:5ms"}, "delayed"),
        ({"loss": MILLION}, "lost"),
        ({"burst_loss": MILLION}, "lost"),
        ({"duplicate": MILLION}, "duplicated"),
        ({"corrupt": MILLION}, "corrupted"),
        ({"reorder": MILLION}, "reordered"),
        ({"rate": 1000}, "slowed"),
    ],
)
def test_each_packet_behaviour_has_its_own_effect(parameters: dict[str, Any], effect: str, run: Run) -> None:
    """What is asked for is what is counted."""
    assert set(run([fault("packet", "all", **parameters)]).effects["f0"]) == {effect}


@pytest.mark.parametrize(
    ("direction", "links"),
    [
        ("out", ["n1>n2", "n1>n3"]),
        ("in", ["n2>n1", "n3>n1"]),
        ("both", ["n1>n2", "n1>n3", "n2>n1", "n3>n1"]),
    ],
)
def test_packet_fault_keeps_to_its_direction(direction: str, links: list[str], make_world: MakeWorld) -> None:
    """Links from, to, or from and to the nodes that it is aimed at."""
    world = make_world()
    inject(world, fault("packet", ["n1"], direction=direction, loss=1))
    numbers = range(len(world.nodes))
    touched = [world.network.link(a, b) for a in numbers for b in numbers]
    assert [link.name for link in touched if link.disturbances] == links


def test_packet_fault_may_keep_to_some_messages(run: Run) -> None:
    """No message has the other type: nothing happens."""
    assert run([fault("packet", "all", loss=MILLION, types=["Other"])]).effects["f0"] == {}
    assert run([fault("packet", "all", loss=MILLION, types=["Ping"])]).effects["f0"]["lost"] > 0


def test_packet_fault_that_does_nothing_is_a_usage_error(make_world: MakeWorld) -> None:
    """So is a law that there is not: both are found when the fault begins, not packets later."""
    with pytest.raises(
        UsageError, match=r"^expected a packet fault with one of delay, loss, .* but fault f0 has {'direction': 'out'}\.$"
    ):
        inject(make_world(), fault("packet", "all", direction="out"))
    with pytest.raises(UsageError, match=r"but got delay of fault f0='normal:5ms'\.$"):
        inject(make_world(), fault("packet", "all", delay="normal:5ms"))


def test_corruption_is_refused_where_the_model_claims_nothing(run: Run) -> None:
    """A model without checksums is not sent garbage within its claim."""
    refused = run([fault("packet", "all", corrupt=MILLION)], claim=Tolerates(corruption="none")).plan.faults[0].resolution
    assert refused is not None
    assert refused.refused == "the model does not claim to survive corrupted messages"


def test_failing_sync_crashes_the_node(run: Run) -> None:
    """What it leaves on the disk is unknown: the node starts again from there."""
    outcome = run([fault("disk", ["n2"], fail_sync=MILLION)])
    assert outcome.effects["f0"]["failed a sync"] >= 1
    assert crashes(outcome)[0][1:] == ("n2", "a sync failed")


def test_full_disk_refuses_writes_from_its_headroom_on(make_world: MakeWorld) -> None:
    """Capacity is what is in use now and the headroom; the resolved form says what that came to."""
    world = make_world()
    world.nodes[0].disk.files["log"] = bytearray(100)
    resolved = inject(world, fault("disk", ["n1", "n2"], headroom=20))
    assert resolved == {"headroom": 20, "capacities": {"n1": 120, "n2": 20}}
    assert [found.capacity for host in world.nodes for found in host.disk.faults] == [120, 20]


def test_disk_fault_that_does_nothing_is_a_usage_error(make_world: MakeWorld) -> None:
    """A fault must say what is wrong with the disk."""
    expected = r"^expected a disk fault with one of slow, fail_sync, fail_write, headroom, capacities but fault f0 has none\.$"
    with pytest.raises(UsageError, match=expected):
        inject(make_world(), fault("disk", "all"))


def test_wiped_node_comes_back_with_an_empty_disk(make_world: MakeWorld) -> None:
    """Its files are gone, and healing boots it."""
    world = make_world(claim=Tolerates(wipe="one"))
    world.nodes[0].disk.files["log"] = bytearray(b"data")
    inject(world, fault("wipe", ["n1"]))
    assert world.nodes[0].disk.files == {}
    Control(world).heal("f0")
    assert world.nodes[0].process is not None


def test_paused_node_catches_up_when_it_goes_on(run: Run) -> None:
    """What arrived meanwhile was held back, not lost."""
    outcome = run([fault("pause", ["n3"])])
    assert outcome.effects["f0"]["held back"] > 50
    assert not list(outcome.journal.events(kinds=frozenset({"drop", "crash"})))
