"""Laws of fault families: whatever is drawn, it heals without a trace, stays apart from other faults, and its plan is lawful."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chaoskit.core.fault import At, Fault, On
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.draws import Draws
from chaoskit.model import Client, Model, Node, Tolerates
from chaoskit.nemeses import INJECTORS, NEMESES, plan_faults
from chaoskit.nemeses.shapes import SHAPES, complete_grudge, groups_of, majorities_ring
from chaoskit.sim.control import Control, FaultRefused
from chaoskit.sim.streams import Streams
from chaoskit.sim.world import World

HORIZON = 4 * SECOND
SEEDS = st.integers(min_value=0, max_value=1 << 32)
SIZES = st.integers(min_value=2, max_value=7)
FAMILIES = st.sampled_from(sorted(NEMESES))
EVERYTHING = Tolerates(wipe="all", corruption="any")
lawful = settings(deadline=None, derandomize=True, max_examples=40)


class Idle(Node):
    """A node that leads, so that wishes for leaders can be settled."""

    def observe(self) -> dict[str, Any]:
        return {"role": "leader" if self.name in ("n1", "n3") else "follower"}


IDLE = Model(name="idle", node=Idle, clients={"none": Client}, tolerates=EVERYTHING)


def cluster(size: int) -> Cluster:
    return Cluster(nodes=[f"n{number}" for number in range(1, size + 1)], clients=2)


def world_of(size: int) -> World:
    """A booted world of idle nodes."""
    pacing = Pacing(ops=1, rate=1, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND)
    plan = Plan(seed=1, model="idle", workload="none", cluster=cluster(size), pacing=pacing, partition_clients=True)
    world = World(plan, IDLE.cast(plan, read_only=frozenset()), injectors=INJECTORS, asker_for=lambda _phase, _slots: None)
    Streams(world)
    for host in world.nodes:
        world.boot(host)
    return world


def planned(text: str, seed: int, size: int, **how: Any) -> list[Fault]:
    return plan_faults(text, draws=Draws(seed), cluster=cluster(size), horizon=HORIZON, claim=EVERYTHING, connections=True, **how)


def inject(world: World, fault: Fault) -> tuple[list[str], dict[str, Any]]:
    """Brings a fault about now, whatever it waits for; n1 is who caused it."""
    control = Control(world)
    nodes = control.select(fault.who, token=fault.id, sender="n1", receiver="n2")
    return nodes, INJECTORS[fault.kind](control, fault, nodes)


def traces(world: World) -> list[str]:
    """All that faults have done to the cluster and not undone."""
    numbers = range(len(world.names))
    links = [world.network.link(source, destination) for source in numbers for destination in numbers]
    found = [f"{link.name} {effect}" for link in links for effect in (*link.cuts, *link.disturbances)]
    for host in world.hosts:
        effects = (*host.clock.skews, *host.disk.faults, *host.down_by, *host.paused_by)
        found += [f"{host.name} {effect}" for effect in effects]
    assert world.streams is not None
    return found + [f"{world.names[server]} {toxic}" for toxic, server in world.streams.toxics]


@lawful
@given(family=FAMILIES, seed=SEEDS, size=SIZES)
def test_every_planned_fault_heals_without_a_trace(family: str, seed: int, size: int) -> None:
    """Inject one, heal its token: links, clocks, disks and hosts are as before, and everybody runs."""
    faults = planned(family, seed, size)
    world = world_of(size)
    for fault in faults[:5]:
        try:
            inject(world, fault)
        except FaultRefused:
            continue
        assert traces(world)
        Control(world).heal(fault.id)
        assert traces(world) == []
        assert all(host.process is not None and not host.paused_by for host in world.nodes)


@lawful
@given(first=FAMILIES, second=FAMILIES, seed=SEEDS, size=SIZES)
def test_overlapping_faults_heal_independently(first: str, second: str, seed: int, size: int) -> None:
    """Inject a, then b, heal a: what is left is what b alone would have done. (Only the living can be paused.)"""
    assume(second != "pause" or first not in ("kill", "wipe"))
    a = msgspec.structs.replace(planned(first, seed, size)[0], id="a")
    b = msgspec.structs.replace(planned(second, seed + 1, size)[0], id="b", who=["n1"])
    both, alone = world_of(size), world_of(size)
    try:
        inject(both, a)
        inject(both, b)
        inject(alone, b)
    except FaultRefused:
        return
    Control(both).heal("a")
    assert traces(both) == traces(alone)


@lawful
@given(family=FAMILIES, seed=SEEDS, size=SIZES)
def test_resolved_fault_does_the_same_again(family: str, seed: int, size: int) -> None:
    """The resolution put in place of the intent leaves nothing to chance or to the moment."""
    fault = planned(family, seed, size)[0]
    first, second = world_of(size), world_of(size)
    nodes, parameters = inject(first, fault)
    assert inject(second, msgspec.structs.replace(fault, who=nodes, parameters=parameters)) == (nodes, parameters)
    assert traces(second) == traces(first)


@lawful
@given(seed=SEEDS, size=SIZES, beyond=st.booleans(), leaders=st.booleans())
def test_plans_are_lawful_and_the_same_every_time(seed: int, size: int, beyond: bool, leaders: bool) -> None:
    """Ids in order, begins within the horizon, known kinds, nodes of the cluster, a duration; equal draws, equal plan."""
    text = "all!" if beyond else "all"
    faults = planned(text, seed, size, leaders=leaders)
    assert faults == planned(text, seed, size, leaders=leaders)
    assert [fault.id for fault in faults] == [f"f{number}" for number in range(len(faults))]
    for fault in faults:
        begin = fault.when.time if isinstance(fault.when, At) else fault.when.not_before
        assert 0 <= begin < HORIZON
        assert fault.kind in INJECTORS
        assert fault.lasting is not None
        assert fault.lasting > 0
        if isinstance(fault.when, On):
            assert fault.when.nth >= 1
            assert fault.when.after >= 0
        else:
            assert fault.who not in ("sender", "receiver")
        if not isinstance(fault.who, str):
            assert fault.who
            assert set(fault.who) <= set(cluster(size).nodes)
    assert msgspec.json.decode(msgspec.json.encode(faults), type=list[Fault]) == faults


@lawful
@given(order=st.permutations([f"n{number}" for number in range(8)]), size=st.integers(3, 8))
def test_majorities_ring_gives_every_node_a_majority(order: list[str], size: int) -> None:
    """Of any size and in any order."""
    nodes = order[:size]
    grudge = majorities_ring(nodes)
    assert all(size - len(grudge[node]) >= size // 2 + 1 and node not in grudge[node] for node in nodes)


@lawful
@given(order=st.permutations([f"n{number}" for number in range(8)]), size=st.integers(2, 8), data=st.data())
def test_splits_part_the_cluster_into_groups_that_do_not_hear_each_other(
    order: list[str], size: int, data: st.DataObject
) -> None:
    """Every node is in one group, nobody is left out, and the grudge is mutual."""
    nodes = order[:size]
    shape = data.draw(st.sampled_from(sorted(set(SHAPES) - {"majorities-ring", "bridge", "pair"})))
    groups = groups_of(shape, nodes, data.draw(st.integers(0, size - 1)))
    assert sorted(node for group in groups for node in group) == sorted(nodes)
    assert all(groups)
    grudge = complete_grudge(groups)
    assert all(node in grudge[other] for node in nodes for other in grudge[node])
