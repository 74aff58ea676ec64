"""Spoils disks: slow syncs, failing syncs and writes, no space left.

A failed sync crashes the node and loses what was not synced (the only safe way to deal with one), a refused write is an
error that the node sees. Slow syncs open wide the window between a write and what is sent after it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLION, MILLISECOND, SECOND, format_duration
from chaoskit.draws import law_from_text
from chaoskit.nemeses.arena import Arena
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.options import law, probability
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic
from chaoskit.sim.control import Control

HEADROOM = (1, 4096)  # bytes that a disk has left when it is about to be full


class DiskParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`slow` is a law added to every sync; failures are ppm.

    `headroom` is how many bytes are left when the fault begins, `capacities` what that came to.
    """

    slow: str | None = None
    fail_sync: int = 0
    fail_write: int = 0
    headroom: int | None = None
    capacities: dict[str, int] = {}


def strike(control: Control, token: str, nodes: list[str], parameters: DiskParameters) -> dict[str, Any]:
    resolved: dict[str, Any] = msgspec.to_builtins(parameters)
    if not resolved:
        raise UsageError(
            f"expected a disk fault with one of {', '.join(DiskParameters.__struct_fields__)} but fault {token} has none."
        )
    if parameters.slow is not None:
        law_from_text(parameters.slow, name=f"slow of fault {token}")
    capacities = dict(parameters.capacities)
    for node in nodes:
        if parameters.headroom is not None and node not in capacities:
            capacities[node] = control.disk_size(node) + parameters.headroom
        control.spoil_disk(
            token,
            node,
            slow=parameters.slow,
            fail_sync=parameters.fail_sync,
            fail_write=parameters.fail_write,
            capacity=capacities.get(node),
        )
    return {**resolved, "capacities": capacities} if capacities else resolved


def _slow(occasion: Occasion) -> dict[str, Any]:
    if "slow" in occasion.options:
        return {"slow": occasion.options["slow"]}
    mean = occasion.spread(2 * MILLISECOND, 300 * MILLISECOND, "slow")
    return {"slow": f"exponential:{format_duration(mean)}"}


def _failing(occasion: Occasion) -> dict[str, Any]:
    chance = occasion.options.get("failing", occasion.draws.pick((50_000, 300_000, MILLION), "chance"))
    arena = occasion.arena
    survives = arena.limit(arena.claim.power_loss) >= occasion.limit  # a failed sync ends as a power loss does
    return {"fail_sync" if survives and occasion.draws.chance(600_000, "syncs") else "fail_write": chance}


def _full(occasion: Occasion) -> dict[str, Any]:
    return {"headroom": occasion.spread(*HEADROOM, "headroom")}


def _slow_disk(occasion: Occasion) -> list[Fault]:
    return _timed(occasion, 200 * MILLISECOND, 4 * SECOND, _slow(occasion))


def _failing_disk(occasion: Occasion) -> list[Fault]:
    return _timed(occasion, 20 * MILLISECOND, 2 * SECOND, _failing(occasion))


def _full_disk(occasion: Occasion) -> list[Fault]:
    return _timed(occasion, 200 * MILLISECOND, 3 * SECOND, _full(occasion))


def _in_the_act(occasion: Occasion) -> list[Fault]:
    event = occasion.event((*DEPOSING, *WORKING))
    change = occasion.draws.pick((_slow, _slow, _failing), "change")(occasion)
    lasting = occasion.lasting(10 * MILLISECOND, SECOND, "lasting")
    return [occasion.fault(occasion.when(event), occasion.actor(event), lasting, **change)]


def _timed(occasion: Occasion, low: int, high: int, change: dict[str, Any]) -> list[Fault]:
    who = occasion.who()
    return [] if who is None else [occasion.at(who, occasion.lasting(low, high, "lasting"), **change)]


def _limit(arena: Arena) -> int:
    return arena.limit(arena.claim.disk)


DISK = Nemesis(
    name="disk",
    summary="makes disks slow, failing or full",
    parameters=DiskParameters,
    strike=strike,
    effects=("slowed a sync", "failed a sync", "write refused"),
    limit=_limit,
    tactics={
        "slow": Tactic(summary="syncs take longer", weight=4, plan=_slow_disk),
        "failing": Tactic(summary="syncs or writes fail", weight=3, plan=_failing_disk),
        "full": Tactic(summary="no space is left", weight=1, plan=_full_disk),
        "in-the-act": Tactic(summary="the disk of a node right when it does something", weight=4, plan=_in_the_act),
    },
    targets=(("one", 3), ("primaries", 4), ("minority", 2), ("majority", 1), ("all", 1)),
    own_options=(law("slow", "added to every sync"), probability("failing", "the chance that a sync or a write fails")),
    pool=lambda arena, _: arena.mortal,
)
