"""Overloads nodes: for a while a node's disk and all its links are slow at once, as on a machine with too much to do.

Nothing is lost and nothing is down, so no failure detector should mind; but leases run out and answers come after time-outs.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND, format_duration
from chaoskit.draws import law_from_text
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.options import law
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic
from chaoskit.sim.control import Control


class OverloadParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`slow` is a law, added to every sync and to the latency of every packet from and to the node."""

    slow: str


def strike(control: Control, token: str, nodes: list[str], parameters: OverloadParameters) -> dict[str, Any]:
    law_from_text(parameters.slow, name=f"slow of fault {token}")
    for node in nodes:
        control.spoil_disk(token, node, slow=parameters.slow)
        for other in control.nodes:
            if other != node:
                control.disturb(token, node, other, delay=parameters.slow)
                control.disturb(token, other, node, delay=parameters.slow)
    return {"slow": parameters.slow}


def _slow(occasion: Occasion) -> str:
    mean = occasion.spread(10 * MILLISECOND, 400 * MILLISECOND, "slow")
    return str(occasion.options.get("slow", f"exponential:{format_duration(mean)}"))


def _lasting(occasion: Occasion) -> int:
    return occasion.lasting(200 * MILLISECOND, 3 * SECOND, "lasting")


def _single(occasion: Occasion) -> list[Fault]:
    who = occasion.who()
    return [] if who is None else [occasion.at(who, _lasting(occasion), slow=_slow(occasion))]


def _in_the_act(occasion: Occasion) -> list[Fault]:
    event = occasion.event((*DEPOSING, *WORKING))
    return [occasion.fault(occasion.when(event), occasion.actor(event), _lasting(occasion), slow=_slow(occasion))]


OVERLOAD = Nemesis(
    name="overload",
    summary="slows the disk and all links of nodes at once",
    parameters=OverloadParameters,
    strike=strike,
    effects=("slowed a sync", "delayed"),
    limit=lambda arena: arena.limit(arena.claim.disk),
    tactics={
        "single": Tactic(summary="targets at a set time", weight=3, plan=_single),
        "in-the-act": Tactic(summary="a node right when it does something", weight=4, plan=_in_the_act),
    },
    targets=(("one", 3), ("primaries", 4), ("minority", 2)),
    own_options=(law("slow", "added to every sync and to every packet's latency"),),
    pool=lambda arena, _: arena.mortal,
)
