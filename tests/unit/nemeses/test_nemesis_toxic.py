"""Toxics as faults of a plan: what is planned, how they begin, bite and heal, and where they are refused."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))
from town import MS, Town

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.plan import Cluster
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws
from chaoskit.model import Tolerates
from chaoskit.nemeses import plan_faults
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.sim.streams import ATTRIBUTES


def toxic(name: str = "f1", *, at: float = 10, lasting: float = 100, who: Any = "all", **parameters: Any) -> Fault:
    return Fault(id=name, when=At(int(at * MS)), who=who, kind="toxic", parameters=parameters, lasting=int(lasting * MS))


def test_a_planned_toxic_bites_and_heals() -> None:
    """From 10 to 110 ms; what it did is counted, what it was is written down."""
    town = Town(faults=[toxic(type="latency", latency=50 * MILLISECOND)])
    client, server = town.pair()
    for instant in (5, 20, 120):
        town.at(instant)
        server.connection.write(b"x")
    town.at(500)
    assert [entry[0] for entry in client.since(4)] == [6, 71, 121]
    assert town.effects() == {"delayed": 1}
    (fault,) = town.world.faults.resolved()
    assert fault.resolution is not None
    assert (fault.resolution.begin, fault.resolution.end) == (10 * MS, 110 * MS)
    assert fault.resolution.nodes == ["n1", "n2", "n3"]
    assert fault.resolution.parameters == {
        "type": "latency", "direction": "downstream", "latency": 50 * MILLISECOND, "jitter": 0,
    }  # fmt: skip


def test_a_toxic_may_wait_for_a_packet() -> None:
    """Triggers know segments by their types: the first data is sent, and its way back is cut."""
    wish = Fault(
        id="f1",
        when=On(event="send TCP-DATA"),
        who="receiver",
        kind="toxic",
        parameters={"type": "reset_peer", "direction": "upstream"},
        lasting=None,
    )
    town = Town(faults=[wish])
    client, _ = town.pair()
    client.connection.write(b"x")
    town.at(20)
    assert client.told() == ["made", "lost"]
    assert isinstance(client.error, ConnectionResetError)


def test_a_toxic_without_streams_is_refused() -> None:
    """The journal says so: a planned fault that can do nothing must not look like one that was survived."""
    town = Town(faults=[toxic(type="latency", latency=1)])
    town.world.streams = None
    town.at(50)
    assert [event.data["reason"] for event in town.events("fault-refused")] == ["the model's hosts have no connections"]


def test_a_toxic_aimed_at_nobody_is_refused() -> None:
    """As every fault is."""
    town = Town(faults=[toxic(type="latency", latency=1, who=[])])
    town.at(50)
    assert [event.data["reason"] for event in town.events("fault-refused")] == ["it is aimed at no node"]


@pytest.mark.parametrize("type", ["timeout", "drop_after", "bandwidth"])
def test_a_connection_that_falls_silent_needs_a_claim(type: str) -> None:
    """It is what a cut does; a bandwidth of nought is one such."""
    town = Town(faults=[toxic(type=type)])
    town.world.cast = dataclasses.replace(town.world.cast, tolerates=Tolerates(partition=False))
    town.at(50)
    reason = "the model does not claim to survive connections that fall silent"
    assert [event.data["reason"] for event in town.events("fault-refused")] == [reason]


@pytest.mark.parametrize("type", ["corrupt", "duplicate"])
@pytest.mark.parametrize("corruption", ["none", "detected"])
def test_corruption_that_no_checksum_finds_needs_a_claim(corruption: str, type: str) -> None:
    """A model that relies on checksums does not claim to survive it."""
    town = Town(faults=[toxic(type=type, probability=1)])
    town.world.cast = dataclasses.replace(town.world.cast, tolerates=Tolerates(corruption=corruption))
    town.at(50)
    reason = "the model does not claim to survive bytes that change where no checksum looks"
    assert [event.data["reason"] for event in town.events("fault-refused")] == [reason]


def test_a_misspelt_toxic_ends_the_run() -> None:
    """By name, with the nearest one."""
    town = Town(faults=[toxic(type="slicr")])
    with pytest.raises(UsageError, match=r"^unknown toxic 'slicr'\. Did you mean 'slicer'\?$"):
        town.at(50)


def test_a_toxic_on_several_nodes_lies_once_on_each_connection() -> None:
    """Also on those that are opened while it lasts."""
    town = Town(faults=[toxic(type="latency", latency=50 * MILLISECOND)])
    town.listen(ready=lambda diary: setattr(diary, "on_made", lambda connection: connection.write(b"hi")))
    town.at(20)
    client = town.connect()
    town.at(200)
    assert client.entries == [(22, "made"), (74, "data", b"hi")]


# Planning ----------------------------------------------------------------------------------------------------------------------

CLUSTER = Cluster(nodes=["n1", "n2", "n3"], clients=2)
ANYTHING = Tolerates(corruption="any")


def planned(text: str, *, seeds: int = 20, claim: Tolerates = ANYTHING, connections: bool = True) -> list[Fault]:
    """The faults of so many runs."""
    return [
        fault
        for seed in range(seeds)
        for fault in plan_faults(
            text, draws=Draws(seed), cluster=CLUSTER, horizon=8 * SECOND, claim=claim, leaders=False, connections=connections
        )
    ]


def types(faults: list[Fault]) -> set[str]:
    return {fault.parameters["type"] for fault in faults}


def test_every_kind_is_planned_and_can_be_injected() -> None:
    """With attributes of its own alone, in ranges that make sense together."""
    faults = planned("toxic")
    assert types(faults) == set(ATTRIBUTES)
    assert {fault.parameters["direction"] for fault in faults} == {"upstream", "downstream"}
    assert 0.2 < sum("toxicity" in fault.parameters for fault in faults) / len(faults) < 0.6
    for fault in faults:
        Town().control.poison("f1", "n2", **fault.parameters)


def test_what_a_person_sets_is_kept_and_the_rest_is_drawn() -> None:
    """`toxic:kind=slicer,average-size=10,toxicity=50%`."""
    faults = planned("toxic:kind=slicer/latency,average-size=10,toxicity=50%,direction=upstream,port=80")
    assert types(faults) == {"slicer", "latency"}
    assert {fault.parameters["toxicity"] for fault in faults} == {500_000}
    assert {(fault.parameters["direction"], fault.parameters["port"]) for fault in faults} == {("upstream", 80)}
    slicers = [fault.parameters for fault in faults if fault.parameters["type"] == "slicer"]
    assert {parameters["average_size"] for parameters in slicers} == {10}
    assert len({parameters["size_variation"] for parameters in slicers}) > 3
    assert all(parameters["size_variation"] < 10 for parameters in slicers)
    varied = planned("toxic:kind=slicer,size-variation=300")
    assert all(fault.parameters["average_size"] > 300 for fault in varied)


def test_an_attribute_alone_says_which_kinds() -> None:
    """`toxic:rate=1KB` is a slow line, `toxic:timeout=1s` either of those that have one."""
    assert types(planned("toxic:rate=1KB")) == {"bandwidth"}
    assert types(planned("toxic:timeout=1s")) == {"timeout", "reset_peer"}


def test_within_the_claim_no_kind_goes_beyond_it() -> None:
    """Changed bytes and silence are planned only where the model claims to survive them, or with an exclamation mark."""
    claim = Tolerates(partition=False)
    assert types(planned("toxic", claim=claim)) == set(ATTRIBUTES) - {"timeout", "drop_after", "corrupt", "duplicate"}
    assert types(planned("toxic!", claim=claim)) == set(ATTRIBUTES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "toxic:kind=corrupt",
            "expected toxics that the model claims to survive but got kind='corrupt'; write 'toxic!' to go beyond the claim.",
        ),
        ("toxic:kind=slicer,rate=5B", "expected attributes of slicer (average-size, size-variation, delay) but got rate."),
        (
            "toxic:average-size=10,size-variation=10",
            "expected size-variation below average-size but got 10 and average-size=10.",
        ),
        ("toxic:kind=slicr", "unknown kind 'slicr'. Did you mean 'slicer'?"),
        ("toxic:port=65536", "expected a whole number from 0 to 65535 but got port='65536'."),
    ],
)
def test_settings_that_cannot_be_meant_are_told(text: str, message: str) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        planned(text, claim=Tolerates())


@pytest.mark.parametrize("text", ["toxic", "toxic!", "all,toxic"])
def test_a_model_without_connections_has_nothing_to_spoil(text: str) -> None:
    """Whoever asks for toxics there is told so, and what does the like to messages."""
    message = (
        "expected faults that can touch this model but got nemesis='toxic': "
        "its hosts send messages and have no connections to spoil; see 'packet'."
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        planned(text, connections=False)


def test_toxics_move_no_other_family_of_all() -> None:
    """With connections, a run of all has the faults that it had without, and now and then toxics besides, or instead of one."""
    with_toxics = 0
    for seed in range(20):
        plain, more = (_of_seed(seed, connections=connections) for connections in (False, True))
        others = [fault for fault in more if fault[0] != "toxic"]
        with_toxics += len(others) < len(more)
        assert others == plain or (not others and len({fault[0] for fault in plain}) == 1)
    assert 3 <= with_toxics <= 15


def _of_seed(seed: int, *, connections: bool) -> list[tuple[object, ...]]:
    faults = plan_faults("all", draws=Draws(seed), cluster=CLUSTER, horizon=8 * SECOND, claim=ANYTHING, connections=connections)
    return [(fault.kind, fault.when, fault.who, fault.parameters) for fault in faults]


def test_a_simpler_toxic_touches_all_and_varies_nothing() -> None:
    """For the shrinker: one thing less at a time."""
    fault = toxic(type="latency", latency=5, jitter=3, toxicity=500_000)
    simpler = [each.parameters for each in FaultEdits().simpler(fault, ["n1"])]
    assert simpler == [
        {"type": "latency", "latency": 5, "jitter": 3},
        {"type": "latency", "latency": 5, "jitter": 0, "toxicity": 500_000},
    ]
