"""Partitions in a running cluster: what is cut, what is held, who is on which side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.outcome import Outcome
from chaoskit.core.units import MILLISECOND
from chaoskit.nemeses import INJECTORS
from chaoskit.sim.control import Control, FaultRefused
from chaoskit.sim.world import World


def partition(who: list[str] | str = "all", **parameters: Any) -> Fault:
    return Fault(
        id="f0",
        when=At(time=200 * MILLISECOND),
        who=who,
        kind="partition",
        parameters=parameters,
        lasting=300 * MILLISECOND,
    )


def inject(world: World, fault: Fault) -> dict[str, Any]:
    control = Control(world)
    return INJECTORS["partition"](control, fault, control.select(fault.who, token=fault.id))


def cut_links(world: World) -> list[str]:
    """Every cut direction, as `n1>n2`."""
    names = range(len(world.names))
    links = [world.network.link(source, destination) for source in names for destination in names]
    return [link.name for link in links if link.cuts]


def test_node_cut_off_alone_neither_hears_nor_is_heard(make_world: Callable[..., World]) -> None:
    """Both directions of both its links, and no other."""
    world = make_world()
    resolved = inject(world, partition(["n2"]))
    assert cut_links(world) == ["n1>n2", "n2>n1", "n2>n3", "n3>n2"]
    assert resolved["groups"] == [["n2"], ["n1", "n3"]]


def test_deaf_node_is_still_heard(make_world: Callable[..., World]) -> None:
    """`direction` "in" cuts what goes in; "out" is the other half."""
    world, other = make_world(), make_world()
    inject(world, partition(["n2"], direction="in"))
    inject(other, partition(["n2"], direction="out"))
    assert cut_links(world) == ["n1>n2", "n3>n2"]
    assert cut_links(other) == ["n2>n1", "n2>n3"]


def test_grudge_says_outright_who_drops_whose_messages(make_world: Callable[..., World]) -> None:
    """The explicit form: n1 drops what n3 sends."""
    world = make_world()
    resolved = inject(world, partition(grudge={"n1": ["n3"]}))
    assert cut_links(world) == ["n3>n1"]
    assert resolved["grudge"] == {"n1": ["n3"]}


def test_given_order_decides_what_chance_would(make_world: Callable[..., World]) -> None:
    """A plan writes the order down, so that no other fault moves it."""
    world = make_world(nodes=5)
    resolved = inject(world, partition(shape="majority", order=["n5", "n3", "n1", "n2", "n4"]))
    assert resolved["groups"] == [["n5", "n3"], ["n1", "n2", "n4"]]


def test_aimed_at_node_is_on_the_smaller_side_with_others(make_world: Callable[..., World]) -> None:
    """The old leader keeps a minority."""
    world = make_world(nodes=5)
    resolved = inject(world, partition(["n4"], shape="majority", order=["n1", "n2", "n3", "n4", "n5"]))
    assert resolved["groups"] == [["n4", "n1"], ["n2", "n3", "n5"]]


def test_clients_stay_with_their_nodes_unless_asked(make_world: Callable[..., World]) -> None:
    """Without the flag of the plan no client link is cut, even where sides are given to clients."""
    world = make_world()
    inject(world, partition(["n1"], clients=True, order=["n1", "n2", "n3"]))
    assert all("c" not in link for link in cut_links(world))


def test_clients_may_be_on_the_other_side(make_world: Callable[..., World]) -> None:
    """With it they are placed by the order: c0 with n2, on the far side of its own node n1, and c1 with n1."""
    world = make_world(partition_clients=True)
    resolved = inject(world, partition(["n1"], clients=True, order=["n2", "n1", "n3"]))
    assert resolved["groups"] == [["n1", "c1"], ["n2", "n3", "c0", "c2"]]
    assert {"c0>n1", "n1>c0", "c1>n2", "n2>c1"} <= set(cut_links(world))
    assert {"c0>n2", "c1>n1"}.isdisjoint(cut_links(world))


def test_unknown_shape_names_the_nearest(make_world: Callable[..., World]) -> None:
    """A plan edited by hand gets an answer."""
    with pytest.raises(UsageError, match=r"^unknown partition shape 'halfs'\. Did you mean 'halves'\?$"):
        inject(make_world(), partition(shape="halfs"))


def test_host_that_is_not_there_is_refused(make_world: Callable[..., World]) -> None:
    """A plan for a larger cluster does not end the run."""
    with pytest.raises(FaultRefused, match=r"^there is no host 'n9'$"):
        inject(make_world(), partition(grudge={"n1": ["n9"]}))


def test_cluster_of_one_cannot_be_partitioned(make_world: Callable[..., World]) -> None:
    """There is no link to cut."""
    with pytest.raises(FaultRefused, match=r"^a cluster of one node has no links to cut$"):
        inject(make_world(nodes=1), partition(["n1"]))


def test_held_messages_arrive_after_the_heal(run: Callable[..., Outcome]) -> None:
    """Nothing is dropped where a cut holds, and what it held is delivered when it heals."""
    outcome = run([partition(["n2"], hold=True)])
    assert set(outcome.effects["f0"]) == {"held"}
    assert not list(outcome.journal.events(kinds=frozenset({"drop"})))


def test_held_messages_may_be_lost_at_the_heal(run: Callable[..., Outcome]) -> None:
    """`at_heal` "drop": as many drops as were held, or more for those still under way."""
    outcome = run([partition(["n2"], hold=True, at_heal="drop")])
    dropped = len(list(outcome.journal.events(kinds=frozenset({"drop"}))))
    assert dropped >= outcome.effects["f0"]["held"] > 0


def test_event_triggered_partition_isolates_whoever_was_elected(run: Callable[..., Outcome]) -> None:
    """`sender` of leader-elected is the leader, and the fault begins a millisecond after its election."""
    fault = Fault(
        id="f0",
        when=On(event="leader-elected", after=MILLISECOND),
        who="sender",
        kind="partition",
        parameters={"shape": "one"},
        lasting=100 * MILLISECOND,
    )
    resolution = run([fault]).plan.faults[0].resolution
    assert resolution is not None
    assert resolution.nodes == ["n1"]
    assert resolution.begin % (10 * MILLISECOND) == MILLISECOND


def test_primaries_are_those_who_lead_at_that_moment(run: Callable[..., Outcome]) -> None:
    """The wish is settled at injection; where nobody leads it is refused."""
    settled = run([partition("primaries", shape="primaries")]).plan.faults[0].resolution
    assert settled is not None
    assert settled.nodes == ["n1"]
    early = Fault(id="f0", when=At(time=MILLISECOND), who="primaries", kind="partition", parameters={}, lasting=MILLISECOND)
    refused = run([early]).plan.faults[0].resolution
    assert refused is not None
    assert refused.refused == "no node is 'primaries' now"
