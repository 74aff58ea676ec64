"""A soak with one class of failures, written by hand."""

from __future__ import annotations

import msgspec

from chaoskit.core.shrinking import Size
from chaoskit.core.soak import FailureClass, Shape, SoakRecord, Story, Unseen, Wall
from chaoskit.core.verdict import Fingerprint

STALE = Shape(fingerprint=Fingerprint("linearizable", "stale-read"), faults=("kill",), functions=("read", "write"))
MORE = msgspec.structs.replace(STALE, faults=("kill", "pause"))
FOUND = FailureClass(
    shape=STALE,
    seeds=[3, 5, 9],
    shapes=[(STALE, 2), (MORE, 1)],
    seed=5,
    summary="r9 has no place",
    reproduce="chaoskit run raft --seed 5",
    run="stale-read-5",
    story=Story(size=Size(ops=6, faults=1, nodes=3), runs=120),
)
RECORD = SoakRecord(
    complete=True,
    stopped="runs",
    model="raft",
    seed=1,
    reproduce="chaoskit soak raft --seed 1 --runs 100",
    runs=100,
    statuses={"valid": 97, "invalid": 3},
    simulated=1_000_000_000_000,
    overlap=0.5,
    classes=[FOUND],
    unseen=Unseen(once=0, chance=None, frequency=0.03),
    wall=Wall(jobs=2, search=20.0, runs_per_second=5.0, virtual_to_real=50.0),
)
