"""A fault as data: when, to whom, what, and for how long; and, once injected, how it fell out.

Intent and resolution live side by side: `who="primaries"` is a wish, `resolution.nodes=["n2"]` is what happened. Because
faults are data, the same nemesis can plan for a simulated cluster today and for real processes tomorrow, and the shrinker
can edit them.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Natural = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]

SELECTORS = ("one", "some", "minority", "minority-third", "majority", "primaries", "all")  # Jepsen's node specs


class At(msgspec.Struct, frozen=True, tag="at", forbid_unknown_fields=True):
    """At an instant of virtual time (ns)."""

    time: Natural


class On(msgspec.Struct, frozen=True, tag="on", kw_only=True, forbid_unknown_fields=True, repr_omit_defaults=True):
    """When something happens in the cluster for the n-th time, `after` nanoseconds later (0: at that very effect).

    `event` is a trigger of `chaoskit.sim.triggers`: a name (`leader-elected`, `appended-not-committed`, `acknowledged`) or a
    pattern (`send AppendReply`, `deliver Vote`, `write`, `sync`, `role=leader`). `not_before` keeps it from firing earlier
    (ns).
    """

    event: str
    nth: Positive = 1
    after: Natural = 0
    not_before: Natural = 0


class Resolution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a fault fell out: when it began and ended (ns), on which nodes, with which concrete parameters."""

    begin: int
    end: int | None = None
    nodes: list[str] = []
    parameters: dict[str, Any] = {}
    refused: str | None = None  # why it was not injected: past what the model claims to survive, or no such node


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, repr_omit_defaults=True):
    """One intended fault.

    `who` is a list of node names, a selector (`SELECTORS`), `role:<name>`, or `sender` / `receiver` of the triggering event.
    `kind` names the nemesis action (`partition`, `kill`, `pause`, `clock`, `packet`, `disk` …). `lasting` is ns, None for ever.
    """

    id: str
    when: At | On
    who: list[str] | str
    kind: str
    parameters: dict[str, Any] = {}
    lasting: Natural | None = None
    resolution: Resolution | None = None
