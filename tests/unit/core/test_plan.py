"""Plans as files: everything in them, and a reason for every broken one."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from chaoskit.core.errors import FormatError, ModelError
from chaoskit.core.fault import At, Fault, On, Resolution
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan, plan_from_json, plan_to_json

PLAN = Plan(
    seed=7,
    model="raft",
    model_parameters={"pre_vote": True},
    bugs=["stale-read"],
    workload="register",
    cluster=Cluster(nodes=["n1", "n2"], roles={"n1": "node"}, clients=2, network={"loss": 5}),
    pacing=Pacing(ops=2, rate=10, time_limit=10**9, op_timeout=10**9, recovery=10**9),
    faults=[
        Fault(id="f0", when=At(5), who="primaries", kind="kill", lasting=7, resolution=Resolution(begin=5, nodes=["n2"])),
        Fault(id="f1", when=On(event="send Append", nth=3, after=2), who=["n1"], kind="cut", parameters={"hold": True}),
    ],
    invocations=[Invocation(id=0, slot=0, f="write", key="k", value=[1, True, 1.0]), Invocation(id=1, slot=1, f="read", after=0)],
    phases=[0, 10, 20],
    overrides={"packet/i17/n1>n2/0": 2**64 - 1},
)


def broken(place: str, value: Any) -> bytes:
    """The plan's JSON with one thing changed; a place reads `cluster.nodes` or `faults.0.when.time`."""
    document = json.loads(plan_to_json(PLAN))
    target = document
    *path, last = place.split(".")
    for part in path:
        target = target[int(part)] if part.isdecimal() else target[part]
    target[int(last) if last.isdecimal() else last] = value
    return json.dumps(document).encode()


def test_a_plan_comes_back_from_its_file() -> None:
    """Intent, resolution, overrides of 64 bits, and values by type."""
    again = plan_from_json(plan_to_json(PLAN))
    assert again == PLAN
    assert plan_to_json(again) == plan_to_json(PLAN)
    assert again.invocations is not None
    assert [type(part) for part in again.invocations[0].value] == [int, bool, float]


def test_equal_plans_give_equal_bytes() -> None:
    """Whatever the order in which their dicts were made."""
    one = msgspec.structs.replace(PLAN, overrides={"a/1": 1, "b/1": 2}, model_parameters={"x": 1, "y": {"p": 1, "q": 2}})
    other = msgspec.structs.replace(PLAN, overrides={"b/1": 2, "a/1": 1}, model_parameters={"y": {"q": 2, "p": 1}, "x": 1})
    assert plan_to_json(one) == plan_to_json(other)
    assert plan_to_json(one).endswith(b"}\n")


@pytest.mark.parametrize("value", [b"\xff", float("nan"), float("inf"), {"deep": [b""]}, object()])
def test_a_value_that_json_would_change_is_refused(value: Any) -> None:
    """Bytes would come back as text and NaN as null: another run, silently."""
    plan = msgspec.structs.replace(PLAN, invocations=[Invocation(id=0, slot=0, f="write", value=value)])
    with pytest.raises(ModelError, match=r"^expected a (plan whose values are JSON|value that can be encoded)"):
        plan_to_json(plan)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", r"expected JSON but got: Input data was truncated"),
        (b"{", r"expected JSON but got: "),
        (b"\xff\xfe", r"expected JSON but got: "),
        (b'{"version": 1, "x": ' + b"[" * 100_000, r"expected JSON but got: "),
        (b"[]", r"expected a chaoskit plan but expected `object`, got `array`"),
        (b"{}", r"expected a chaoskit plan but object missing required field `seed`"),
        (broken("version", 2), r"expected a plan of version 1 but got version=2; use the chaoskit that wrote it\."),
        (b'{"version": 2, "shape": "of the future"}', r"expected a plan of version 1 but got version=2; "),
        (broken("seed", "seven"), r"expected a chaoskit plan but expected `int`, got `str` - at `\$\.seed`"),
        (broken("invocation", []), r"expected a chaoskit plan but object contains unknown field `invocation`"),
        (broken("cluster.node", []), r"unknown field `node` - at `\$\.cluster`"),
        (broken("cluster.clients", 0), r"expected `int` >= 1 - at `\$\.cluster\.clients`"),
        (broken("cluster.nodes", []), r"a cluster has at least one node, and a node a name - at `\$\.cluster\.nodes`"),
        (broken("cluster.nodes", ["n1", ""]), r"a cluster has at least one node, and a node a name"),
        (broken("cluster.nodes", ["n1", "n1"]), r"names are given once, .* - at `\$\.cluster\.nodes`: 'n1'"),
        (broken("cluster.nodes", ["n1", "c1"]), r"names are given once, and c0, c1 … to clients - at `\$\.cluster\.nodes`: 'c1'"),
        (broken("pacing.rate", 0), r"expected `int` >= 1 - at `\$\.pacing\.rate`"),
        (broken("pacing.op_timeout", -5), r"expected `int` >= 1 - at `\$\.pacing\.op_timeout`"),
        (broken("faults.0.when", {"type": "at", "time": -1}), r"expected `int` >= 0 - at `\$\.faults\[0\]\.when\.time`"),
        (broken("faults.0.when", {"type": "during"}), r"invalid value 'during' - at `\$\.faults\[0\]\.when\.type`"),
        (broken("faults.1.when.nth", 0), r"expected `int` >= 1 - at `\$\.faults\[1\]\.when\.nth`"),
        (broken("faults.1.id", "f0"), r"names are given once, .* - at `\$\.faults\[\.\.\.\]\.id`: 'f0'"),
        (broken("invocations.1.id", 0), r"names are given once, .* - at `\$\.invocations\[\.\.\.\]\.id`: 0"),
        (broken("invocations.0.slot", -1), r"expected `int` >= 0 - at `\$\.invocations\[0\]\.slot`"),
        (
            broken("overrides", {"a/1": 2**64}),
            r"an override is a number of 64 bits - at `\$\.overrides\['a/1'\]`: 18446744073709551616",
        ),
    ],
)
def test_a_broken_plan_names_the_file_and_the_reason(data: bytes, reason: str) -> None:
    """It came from a person, or from another version."""
    with pytest.raises(FormatError, match=rf"^story/plan\.json: .*{reason}"):
        plan_from_json(data, file="story/plan.json")
