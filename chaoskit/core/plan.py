"""A plan: everything a run depends on, as one saved value. `replay` consults nothing else.

A plan drawn from a seed leaves `invocations` open (None): the workload's generator is asked while the run goes, and the
*resolved* plan that comes back holds what it asked and how every fault fell out. Ids survive shrinking, so that a small
story maps back to its original.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.canonical import canonical
from chaoskit.core.errors import FormatError, ModelError
from chaoskit.core.fault import Fault, Natural, Positive

PLAN_VERSION = 1
DRAW_MAX = 2**64 - 1


class Invocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing a client will ask.

    It begins at max(`not_before`, the slot's previous completion, the completion of invocation `after`), in its phase.
    """

    id: Natural
    slot: Natural
    phase: Natural = 0
    not_before: Natural = 0
    after: Natural | None = None
    f: str
    key: Any = None
    value: Any = None


class Cluster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of the cluster: its nodes by name with their roles, its client slots, and its ordinary weather.

    `network` and `disk` are parameters of the world (latency law, loss in ppm …) under the names of `chaoskit.sim`.
    """

    nodes: list[str]
    roles: dict[str, str] = {}
    clients: Positive = 5
    network: dict[str, Any] = {}
    disk: dict[str, Any] = {}
    clocks: dict[str, Any] = {}


class Pacing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is asked and how fast: `rate` a virtual second over all slots, at most `ops`, until `time_limit` (ns)."""

    ops: Natural
    rate: Positive
    burst: Positive = 1  # how many are begun at about the same instant
    time_limit: Natural
    op_timeout: Positive
    recovery: Natural  # how long the healed core has to make progress (ns)


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole run, as data. `overrides` fix single random decisions: address → 64-bit value (design: addressed draws)."""

    version: int = PLAN_VERSION
    seed: int
    model: str
    model_digest: str = ""  # of the protocol's source: a seed means the same only on the same code
    model_parameters: dict[str, Any] = {}
    bugs: list[str] = []
    workload: str
    workload_parameters: dict[str, Any] = {}
    cluster: Cluster
    pacing: Pacing
    faults: list[Fault] = []
    beyond_claim: bool = False  # inject faults that the model does not claim to survive; safety only is judged
    partition_clients: bool = False
    invocations: list[Invocation] | None = None
    phases: list[Natural] = []  # the earliest begin of each phase (ns), as it was when the plan was first run
    overrides: dict[str, int] = {}


def plan_to_json(plan: Plan) -> bytes:
    """The plan as JSON, one stable layout: equal plans, equal bytes. Raises `ModelError` for values that JSON would change."""
    values = _values(plan)
    data = msgspec.json.encode(plan, order="sorted")
    if _values(msgspec.json.decode(data, type=Plan)) != values:
        raise ModelError(
            "expected a plan whose values are JSON but some are not (bytes, NaN, an infinity); ask with texts and numbers."
        )
    return msgspec.json.format(data, indent=1) + b"\n"


def plan_from_json(data: bytes, *, file: str = "plan.json") -> Plan:
    """A plan from JSON. Raises `FormatError` naming the file, and where in it, for what is not a plan of this version."""
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version != PLAN_VERSION:
            reason = f"expected a plan of version {PLAN_VERSION} but got version={version}; use the chaoskit that wrote it."
            raise FormatError(reason, file=file)
        plan = msgspec.json.decode(data, type=Plan)
    except msgspec.ValidationError as error:
        raise FormatError(f"expected a chaoskit plan but {_lower(str(error))}", file=file) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"expected JSON but got: {error}", file=file) from error
    contradiction = _contradiction(plan)
    if contradiction is not None:
        raise FormatError(f"expected a chaoskit plan but {contradiction}", file=file)
    return plan


def _values(plan: Plan) -> bytes:
    return canonical((plan.model_parameters, plan.workload_parameters, plan.cluster, plan.faults, plan.invocations))


class _Version(msgspec.Struct, frozen=True):
    """What every version of the file begins with."""

    version: int = PLAN_VERSION


def _contradiction(plan: Plan) -> str | None:
    """What in a plan cannot be meant although every field is well-formed."""
    nodes, clients = plan.cluster.nodes, {f"c{number}" for number in range(plan.cluster.clients)}
    invocations = [invocation.id for invocation in plan.invocations or ()]
    if not nodes or not all(nodes):
        return f"a cluster has at least one node, and a node a name - at `$.cluster.nodes`: {nodes!r:.100}"
    for name, place in (
        (_repeated(nodes), "$.cluster.nodes"),
        (next((node for node in nodes if node in clients), None), "$.cluster.nodes"),
        (_repeated([fault.id for fault in plan.faults]), "$.faults[...].id"),
        (_repeated(invocations), "$.invocations[...].id"),
    ):
        if name is not None:
            return f"names are given once, and c0, c1 … to clients - at `{place}`: {name!r}"
    for address, value in plan.overrides.items():
        if not 0 <= value <= DRAW_MAX:
            return f"an override is a number of 64 bits - at `$.overrides[{address!r}]`: {value}"
    return None


def _repeated(names: list[Any]) -> Any | None:
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
