"""Replaces machines: a node's process ends, and it comes back with an empty disk.

Few protocols claim to survive that, and those only for a few nodes: within the claim a run never wipes more different nodes
than it says, because whether a wiped node has recovered when the next one goes is the protocol's own affair.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses.arena import Arena
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.tactics import WORKING, Occasion, Tactic
from chaoskit.sim.control import Control


class WipeParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wipe has none."""


def strike(control: Control, token: str, nodes: list[str], _parameters: WipeParameters) -> dict[str, Any]:
    for node in nodes:
        control.wipe(token, node)
    return {}


def _single(occasion: Occasion) -> list[Fault]:
    who = occasion.who()
    return [] if who is None else [occasion.at(who, _lasting(occasion))]


def _in_the_act(occasion: Occasion) -> list[Fault]:
    return [occasion.fault(occasion.when(occasion.event(WORKING)), occasion.victims(1), _lasting(occasion))]


def _lasting(occasion: Occasion) -> int:
    return occasion.lasting(50 * MILLISECOND, 2 * SECOND, "lasting")


def _limit(arena: Arena) -> int:
    return arena.limit(arena.claim.wipe)


WIPE = Nemesis(
    name="wipe",
    summary="replaces nodes by ones with empty disks",
    parameters=WipeParameters,
    strike=strike,
    effects=("wiped", "missed a message"),
    limit=_limit,
    tactics={
        "single": Tactic(summary="targets at a set time", weight=1, plan=_single),
        "in-the-act": Tactic(summary="a node right after the cluster did something", weight=1, plan=_in_the_act),
    },
    targets=(("one", 2), ("some", 1)),
    pool=lambda arena, draws: draws.sample(arena.mortal, _limit(arena), "pool"),
)
