"""Kills processes and cuts power: what was in memory is gone, and after a power loss what was not synced, too.

A node stays down until its fault heals, then boots from its disk. Most bugs of this kind hide between two effects of one
handler (written but not synced, synced but not sent) or in what a node forgets over a restart, so most tactics wait for
such a moment.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.units import MICROSECOND, MILLISECOND, SECOND
from chaoskit.nemeses.arena import Arena
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.options import probability
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic
from chaoskit.sim.control import Control

POWER_LOSSES = (100_000, 500_000, 900_000)  # ppm: how likely those of an occasion are to be power losses
BRIEFLY = (MILLISECOND, 30 * MILLISECOND)
AN_ELECTION = (150 * MILLISECOND, 450 * MILLISECOND)  # about: who sleeps so long wakes soon after the next


class KillParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`power_loss`: the disk loses, or tears, what was not synced."""

    power_loss: bool = False


def strike(control: Control, token: str, nodes: list[str], parameters: KillParameters) -> dict[str, Any]:
    for node in nodes:
        control.kill(token, node, power_loss=parameters.power_loss)
    return msgspec.structs.asdict(parameters)


def _limits(arena: Arena) -> tuple[int, int]:
    """How many nodes at once may be (killed, without power)."""
    return arena.limit(arena.claim.kill), arena.limit(arena.claim.power_loss)


def _death(occasion: Occasion, *, sudden: bool = False) -> tuple[bool, int]:
    """Whether the deaths of this occasion are power losses (`sudden`: most likely), and how many nodes they may take."""
    by_kill, by_power = _limits(occasion.arena)
    share = occasion.options.get("power-loss")
    if share is None:
        share = max(POWER_LOSSES) if sudden else occasion.draws.pick(POWER_LOSSES, "share")
    power_loss = bool(by_power) and (not by_kill or occasion.draws.chance(share, "power loss"))
    return power_loss, by_power if power_loss else by_kill


def _single(occasion: Occasion) -> list[Fault]:
    power_loss, limit = _death(occasion)
    who = occasion.who(limit=limit)
    if who is None:
        return []
    return [occasion.at(who, occasion.lasting(20 * MILLISECOND, 3 * SECOND, "lasting"), power_loss=power_loss)]


def _crash_point(occasion: Occasion) -> list[Fault]:
    power_loss, _ = _death(occasion)
    event = occasion.event((*DEPOSING, *WORKING))
    lasting = occasion.lasting(2 * MILLISECOND, SECOND, "lasting")
    return [occasion.fault(occasion.when(event), occasion.actor(event), lasting, power_loss=power_loss)]


def _blackout(occasion: Occasion) -> list[Fault]:
    power_loss, limit = _death(occasion, sudden=True)
    faults, offset = [], 0
    for number in range(occasion.draws.integer(1, 3, "blackouts")):
        nodes = len(occasion.arena.nodes)
        count = occasion.draws.pick((nodes // 2 + 1, nodes, nodes), "count", number)
        victims = occasion.victims(min(count, limit), "victims", number)
        event = occasion.event((*WORKING, ("appended-not-committed", 4)), "blackout", number)
        when = occasion.when(event, "blackout", number, offset=offset)
        lasting = occasion.lasting(10 * MILLISECOND, 600 * MILLISECOND, "lasting", number)
        faults.append(occasion.fault(when, victims, lasting, power_loss=power_loss))
        offset += lasting + occasion.spread(100 * MILLISECOND, SECOND, "gap", number)
    return faults


def _rolling(occasion: Occasion) -> list[Fault]:
    power_loss, _ = _death(occasion)
    lasting = occasion.lasting(2 * MILLISECOND, 300 * MILLISECOND, "lasting")
    pause = occasion.spread(5 * MILLISECOND, 250 * MILLISECOND, "pause")
    order = occasion.draws.shuffle(occasion.pool, "order") * occasion.draws.integer(1, 3, "rounds")
    return [
        occasion.at([node], lasting, later=place * (lasting + pause), power_loss=power_loss) for place, node in enumerate(order)
    ]


def _storm(occasion: Occasion) -> list[Fault]:
    power_loss, limit = _death(occasion)
    victims = occasion.victims(limit)
    longest = occasion.spread(5 * MILLISECOND, 200 * MILLISECOND, "longest")
    step = occasion.spread(5 * MILLISECOND, 150 * MILLISECOND, "step")
    faults, offset = [], 0
    for number in range(occasion.draws.integer(4, 15, "kills")):
        victim = occasion.draws.pick(victims, "victim", number)
        lasting = occasion.lasting(MILLISECOND, longest, "lasting", number)
        faults.append(occasion.at([victim], lasting, later=offset, power_loss=power_loss))
        offset += occasion.draws.integer(1, 2 * step, "gap", number)
    return faults


def _churn(occasion: Occasion) -> list[Fault]:
    power_loss, _ = _death(occasion)
    first = occasion.event(DEPOSING)
    longest = occasion.spread(100 * MILLISECOND, 2 * SECOND, "longest")
    patience = occasion.spread(2 * MILLISECOND, 200 * MILLISECOND, "patience")
    lasting = occasion.lasting(20 * MILLISECOND, longest, "first lasting")
    faults = [occasion.fault(occasion.when(first, "first"), "primaries", lasting, power_loss=power_loss)]
    for number in range(1, occasion.draws.integer(2, 8, "leaders") + 1):
        when = occasion.when("leader-elected", "leader", number, nth=number, high=patience)
        lasting = occasion.lasting(20 * MILLISECOND, longest, "lasting", number)
        faults.append(occasion.fault(when, "sender", lasting, power_loss=power_loss))
    return faults


def _elections(occasion: Occasion) -> list[Fault]:
    """Elections in a row: each winner dies at once or soon, and voters restart before anybody else asks them.

    Who wakes after an election knows nothing of its winner, and the voters know what is on their disks alone.
    """
    power_loss, limit = _death(occasion)
    reign = occasion.spread(200 * MICROSECOND, 30 * MILLISECOND, "reign")
    lasting = occasion.lasting(*AN_ELECTION, "first lasting", paced=False)
    faults = [occasion.at("primaries", lasting, power_loss=power_loss)]
    for number in range(1, occasion.draws.integer(3, 10, "elections") + 1):
        when = occasion.when("leader-elected", "winner", number, nth=number, high=reign)
        lasting = occasion.lasting(*AN_ELECTION, "winner lasting", number, paced=False)
        faults.append(occasion.fault(when, "sender", lasting, power_loss=power_loss))

        for turn in range(occasion.draws.integer(1, 3, "turns", number)):
            count = min(limit, occasion.draws.weighted(((1, 1), (len(occasion.pool), 2)), "count", number, turn))
            voters = occasion.victims(count, number, turn)
            event = occasion.event((("role=candidate", 1), ("leader-elected", 4)), "voters", number, turn)
            when = occasion.when(event, "voters", number, turn, nth=number, high=150 * MILLISECOND)
            lasting = occasion.lasting(*BRIEFLY, "voters lasting", number, turn)
            faults.append(occasion.fault(when, voters, lasting, power_loss=power_loss))
    return faults


KILL = Nemesis(
    name="kill",
    summary="ends processes, or cuts their power, and boots them again from their disks",
    parameters=KillParameters,
    strike=strike,
    effects=("died with work pending", "missed a message", "lost unsynced writes", "torn unsynced writes"),
    limit=lambda arena: max(_limits(arena)),
    tactics={
        "single": Tactic(summary="targets at a set time", weight=4, plan=_single),
        "crash-point": Tactic(
            summary="a node right when it does something: writes, syncs, answers, is elected", weight=6, plan=_crash_point
        ),
        "blackout": Tactic(summary="most or all of the cluster at once, when something was just done", weight=6, plan=_blackout),
        "rolling": Tactic(summary="every node in turn", weight=2, plan=_rolling),
        "storm": Tactic(summary="many short kills in a row", weight=2, plan=_storm),
        "churn": Tactic(summary="one leader after the other, soon after its election", weight=5, plan=_churn, needs_leaders=True),
        "elections": Tactic(
            summary="election after election, with short restarts of voters and winners",
            weight=12,
            plan=_elections,
            needs_leaders=True,
        ),
    },
    targets=(("one", 3), ("primaries", 4), ("some", 2), ("minority", 3), ("majority", 2), ("all", 2)),
    own_options=(probability("power-loss", "the share of kills that are power losses"),),
    pool=lambda arena, _: arena.mortal,
    often=700_000,
)
