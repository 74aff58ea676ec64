"""Stops nodes where they stand and lets them go on, as a long garbage collection or a stopped virtual machine does.

What arrives meanwhile waits, and the node wakes up believing that no time has passed: leases it held have run out, leaders
it knew are deposed. So the pauses that matter outlast an election or a lease.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic
from chaoskit.sim.control import Control

SHORTEST, LONGEST = 150 * MILLISECOND, 3 * SECOND  # of the pauses that are meant to outlast something


class PauseParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pause has none."""


def strike(control: Control, token: str, nodes: list[str], _parameters: PauseParameters) -> dict[str, Any]:
    for node in nodes:
        control.pause(token, node)
    return {}


def _single(occasion: Occasion) -> list[Fault]:
    who = occasion.who()
    return [] if who is None else [occasion.at(who, occasion.lasting(50 * MILLISECOND, LONGEST, "lasting"))]


def _in_the_act(occasion: Occasion) -> list[Fault]:
    event = occasion.event((*DEPOSING, *WORKING))
    return [occasion.fault(occasion.when(event), occasion.actor(event), occasion.lasting(SHORTEST, LONGEST, "lasting"))]


def _relay(occasion: Occasion) -> list[Fault]:
    first = occasion.when(occasion.event(DEPOSING), "first")
    faults = [occasion.fault(first, "primaries", occasion.lasting(SHORTEST, LONGEST, "first lasting"))]
    for number in range(1, occasion.draws.integer(1, 4, "leaders") + 1):
        when = occasion.when("leader-elected", "leader", number, nth=number, high=200 * MILLISECOND)
        faults.append(occasion.fault(when, "sender", occasion.lasting(SHORTEST, LONGEST, "lasting", number)))
    return faults


def _stutter(occasion: Occasion) -> list[Fault]:
    victims = occasion.victims(occasion.draws.integer(1, len(occasion.pool), "count"))
    step = occasion.spread(20 * MILLISECOND, 200 * MILLISECOND, "step")
    faults, offset = [], 0
    for number in range(occasion.draws.integer(4, 12, "pauses")):
        lasting = occasion.lasting(5 * MILLISECOND, 120 * MILLISECOND, "lasting", number)
        faults.append(occasion.at([occasion.draws.pick(victims, "victim", number)], lasting, later=offset))
        offset += occasion.draws.integer(1, 2 * step, "gap", number)
    return faults


PAUSE = Nemesis(
    name="pause",
    summary="stops nodes where they stand (SIGSTOP) and lets them go on later",
    parameters=PauseParameters,
    strike=strike,
    effects=("held back",),
    limit=lambda arena: arena.limit(arena.claim.pause),
    tactics={
        "single": Tactic(summary="targets at a set time", weight=3, plan=_single),
        "in-the-act": Tactic(summary="a node right when it does something, for longer than a lease", weight=5, plan=_in_the_act),
        "relay": Tactic(summary="one leader after the other, soon after its election", weight=2, plan=_relay, needs_leaders=True),
        "stutter": Tactic(summary="many short pauses in a row", weight=1, plan=_stutter),
    },
    targets=(("one", 3), ("primaries", 5), ("some", 1), ("minority", 2), ("majority", 1), ("all", 1)),
    pool=lambda arena, _: arena.mortal,
)
