"""Raft: a replicated log with elections, read-index reads, sessions, snapshots and single-server membership changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaoskit.model import Model, Parameter, Tolerates
from chaoskit.models.raft.bugs import BUGS
from chaoskit.models.raft.client import CounterClient, RegisterClient, SetClient
from chaoskit.models.raft.invariants import INVARIANTS
from chaoskit.models.raft.node import Raft


def claim(parameters: Mapping[str, Any], nodes: int) -> Tolerates:
    """A minority may be down. While the membership changes one node may be outside it, and so one fewer may be down."""
    if not parameters["reconfigure"]:
        return Tolerates(down="minority")
    return Tolerates(down="one" if nodes >= 5 else "none")


raft = Model(
    name="raft",
    node=Raft,
    clients={"register": RegisterClient, "set": SetClient, "counter": CounterClient},
    leaders=True,
    nodes=(3, 4, 5, 5),
    parameters={
        "pre_vote": Parameter(
            default=True, summary="ask whether an election could be won before starting it", swarm=(True, False)
        ),
        "snapshot_every": Parameter(
            default=40, summary="entries after which the log is compacted; 0 for never", low=0, high=100_000, swarm=(0, 10, 40)
        ),
        "batch": Parameter(default=16, summary="the most entries in one message", low=1, high=10_000, swarm=(2, 4, 16, 64)),
        "reconfigure": Parameter(
            default=False, summary="the leader keeps changing the membership, one node at a time", swarm=(False, False, True)
        ),
    },
    tolerates=claim,
    invariants=INVARIANTS,
    bugs=BUGS,
)

__all__ = ["raft"]
