"""Toxics as faults of a plan: they begin, bite, heal, are written down, and are refused where there is nothing to spoil."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))
from town import MS, Town

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault, On
from chaoskit.core.units import MILLISECOND
from chaoskit.model import Tolerates


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
    assert fault.resolution.parameters == {"type": "latency", "latency": 50 * MILLISECOND}


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


@pytest.mark.parametrize("corruption", ["none", "detected"])
def test_corruption_that_no_checksum_finds_needs_a_claim(corruption: str) -> None:
    """A model that relies on checksums does not claim to survive it."""
    town = Town(faults=[toxic(type="corrupt", probability=1)])
    town.world.cast = dataclasses.replace(town.world.cast, tolerates=Tolerates(corruption=corruption))
    town.at(50)
    reason = "the model does not claim to survive bytes that change where no checksum looks"
    assert [event.data["reason"] for event in town.events("fault-refused")] == [reason]


def test_a_misspelt_toxic_ends_the_run() -> None:
    """By name, with the nearest one."""
    town = Town(faults=[toxic(type="slicr")])
    with pytest.raises(UsageError, match=r"^unknown toxic 'slicr'\. Did you mean 'slicer'\?$"):
        town.at(50)
