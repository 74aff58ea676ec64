"""A plan: everything a run depends on, as one saved value. `replay` consults nothing else.

A plan drawn from a seed leaves `invocations` open (None): the workload's generator is asked while the run goes, and the *resolved* plan that
comes back holds what it asked and how every fault fell out. Ids survive shrinking, so that a small story maps back to its original.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.errors import FormatError
from chaoskit.core.fault import Fault

PLAN_VERSION = 1


class Invocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a client will ask.

    It begins at max(`not_before`, the slot's previous completion, the completion of invocation `after`), in its phase.
    """

    id: int
    slot: int
    phase: int = 0
    not_before: int = 0
    after: int | None = None
    f: str
    key: Any = None
    value: Any = None


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of the cluster: its nodes by name with their roles, its client slots, and its ordinary weather.

    `network` and `disk` are parameters of the world (latency law, loss in ppm …) under the names of `chaoskit.sim`.
    """

    nodes: list[str]
    roles: dict[str, str] = {}
    clients: int = 5
    network: dict[str, Any] = {}
    disk: dict[str, Any] = {}
    clocks: dict[str, Any] = {}


class Pacing(msgspec.Struct, frozen=True, kw_only=True):
    """How much is asked and how fast: at most `ops` in the main phase, `rate` a virtual second over all slots, until `time_limit` (ns)."""

    ops: int
    rate: int
    burst: int = 1  # how many are begun at about the same instant
    time_limit: int
    op_timeout: int
    recovery: int  # how long the healed core has to make progress (ns)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
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
    phases: list[int] = []  # the earliest begin of each phase (ns), as it was when the plan was first run
    overrides: dict[str, int] = {}


def plan_to_json(plan: Plan) -> bytes:
    """The plan as JSON, one stable layout: equal plans, equal bytes."""
    return msgspec.json.format(msgspec.json.encode(plan, order="sorted"), indent=1) + b"\n"


def plan_from_json(data: bytes, *, file: str = "plan.json") -> Plan:
    """A plan from JSON. Raises `FormatError` naming the file, and where in it, for what is not a plan of this version."""
    try:
        plan = msgspec.json.decode(data, type=Plan)
    except msgspec.ValidationError as error:
        raise FormatError(f"expected a chaoskit plan but {_lower(str(error))}", file=file) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"expected JSON but got: {error}", file=file) from error
    if plan.version != PLAN_VERSION:
        raise FormatError(f"expected a plan of version {PLAN_VERSION} but got version={plan.version}; use the chaoskit that wrote it.", file=file)
    return plan


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
