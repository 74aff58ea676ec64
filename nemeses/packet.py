"""Disturbs packets on their way: delay, loss, duplicates, reordering, corruption, a slow line.

A fault touches the links of its targets, one way or both. Its strengths are parts per million per packet; what is corrupted
is lost where the model claims to detect it. Some tactics make a few messages very late: old requests that arrive after
everything has moved on are what protocols forget.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND, format_duration
from chaoskit.draws import law_from_text
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.options import law, probability, size, words
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic
from chaoskit.sim.control import Control

BEHAVIOURS = ("delay", "loss", "burst_loss", "duplicate", "corrupt", "reorder", "rate")


class PacketParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`delay` is a law, `rate` is bytes a second, the others are ppm; `types` are the message types touched, None for all."""

    direction: Literal["both", "out", "in"] = "both"
    delay: str | None = None
    loss: int = 0
    burst_loss: int = 0
    duplicate: int = 0
    corrupt: int = 0
    reorder: int = 0
    rate: int = 0
    types: list[str] | None = None


def strike(control: Control, token: str, nodes: list[str], parameters: PacketParameters) -> dict[str, Any]:
    resolved: dict[str, Any] = msgspec.to_builtins(parameters)
    behaviours = {name: value for name, value in resolved.items() if name != "direction"}
    if not any(name in behaviours for name in BEHAVIOURS):
        raise UsageError(f"expected a packet fault with one of {', '.join(BEHAVIOURS)} but fault {token} has {resolved}.")
    if parameters.delay is not None:
        law_from_text(parameters.delay, name=f"delay of fault {token}")
    for source, destination in _links(control.nodes, nodes, parameters.direction):
        control.disturb(token, source, destination, **behaviours)
    return resolved


def _links(everyone: list[str], nodes: list[str], direction: str) -> list[tuple[str, str]]:
    """The one-way links that begin or end at one of `nodes`, as the direction says."""
    return [
        (source, destination)
        for source in everyone
        for destination in everyone
        if source != destination and ((source in nodes and direction != "in") or (destination in nodes and direction != "out"))
    ]


# What is done to packets -------------------------------------------------------------------------------------------------------


def _delays(occasion: Occasion) -> dict[str, Any]:
    mean = occasion.spread(5 * MILLISECOND, 300 * MILLISECOND, "delay")
    return {
        "delay": occasion.draws.pick((f"exponential:{format_duration(mean)}", f"uniform:0ms..{format_duration(2 * mean)}"), "law")
    }


def _losses(occasion: Occasion) -> dict[str, Any]:
    return {"loss": occasion.spread(20_000, 600_000, "loss")}


def _bursts(occasion: Occasion) -> dict[str, Any]:
    return {"burst_loss": occasion.spread(50_000, 500_000, "burst loss")}


def _duplicates(occasion: Occasion) -> dict[str, Any]:
    return {"duplicate": occasion.spread(50_000, 900_000, "duplicate")}


def _reorders(occasion: Occasion) -> dict[str, Any]:
    return {"reorder": occasion.spread(50_000, 900_000, "reorder")}


def _corrupts(occasion: Occasion) -> dict[str, Any]:
    allowed = occasion.arena.allows(occasion.arena.claim.corruption != "none")
    return {"corrupt": occasion.spread(10_000, 300_000, "corrupt")} if allowed else _losses(occasion)


def _rates(occasion: Occasion) -> dict[str, Any]:
    return {"rate": occasion.spread(1_000, 100_000, "rate")}


_MIXED = ((_delays, 4), (_losses, 3), (_bursts, 2), (_duplicates, 3), (_reorders, 3), (_corrupts, 1), (_rates, 1))


def _given(occasion: Occasion) -> dict[str, Any]:
    """The behaviours that the person set; all of them then, and no other."""
    options = {name.replace("-", "_"): value for name, value in occasion.options.items()}
    return {name: options[name] for name in BEHAVIOURS if name in options}


def _behaviour(occasion: Occasion) -> dict[str, Any]:
    """What the person asked for, else one to three drawn behaviours; and on which messages."""
    drawn: dict[str, Any] = {}
    if not _given(occasion):
        for number in range(occasion.draws.weighted(((1, 3), (2, 3), (3, 1)), "behaviours")):
            drawn |= occasion.draws.weighted(_MIXED, "behaviour", number)(occasion)
    return _finished(occasion, drawn)


def _finished(occasion: Occasion, drawn: dict[str, Any]) -> dict[str, Any]:
    types = {"types": occasion.options["types"]} if "types" in occasion.options else {}
    return {**(_given(occasion) or drawn), **types}


# When and where ----------------------------------------------------------------------------------------------------------------


def _weather(occasion: Occasion) -> list[Fault]:
    return [occasion.at("all", occasion.lasting(500 * MILLISECOND, 6 * SECOND, "lasting"), **_behaviour(occasion))]


def _spot(occasion: Occasion) -> list[Fault]:
    who = occasion.who()
    if who is None:
        return []
    direction = occasion.draws.weighted((("both", 2), ("out", 1), ("in", 1)), "direction")
    lasting = occasion.lasting(200 * MILLISECOND, 3 * SECOND, "lasting")
    return [occasion.at(who, lasting, direction=direction, **_behaviour(occasion))]


def _stragglers(occasion: Occasion) -> list[Fault]:
    late = format_duration(occasion.spread(50 * MILLISECOND, 2 * SECOND, "late"))
    share = occasion.spread(20_000, 300_000, "share")
    drawn: dict[str, Any] = {"delay": f"bimodal:0ms,{late},{share}ppm"}
    if occasion.draws.chance(400_000, "twice"):
        drawn |= _duplicates(occasion)
    return [occasion.at("all", occasion.lasting(SECOND, 8 * SECOND, "lasting"), **_finished(occasion, drawn))]


def _in_the_act(occasion: Occasion) -> list[Fault]:
    event = occasion.event((*DEPOSING, ("role=candidate", 4), *WORKING))
    who = occasion.draws.pick(("all", "sender"), "who")
    lasting = occasion.lasting(50 * MILLISECOND, 1500 * MILLISECOND, "lasting")
    return [occasion.fault(occasion.when(event), who, lasting, **_behaviour(occasion))]


PACKET = Nemesis(
    name="packet",
    summary="delays, loses, duplicates, reorders, corrupts or slows packets",
    parameters=PacketParameters,
    strike=strike,
    effects=("delayed", "lost", "duplicated", "reordered", "corrupted", "slowed"),
    limit=lambda arena: len(arena.nodes),
    tactics={
        "weather": Tactic(summary="the whole network for a while", weight=4, plan=_weather),
        "spot": Tactic(summary="the links of a few nodes, one way or both", weight=3, plan=_spot),
        "stragglers": Tactic(summary="a few messages come very late, some of them twice", weight=4, plan=_stragglers),
        "in-the-act": Tactic(summary="when something happens: an election, an append, an answer", weight=4, plan=_in_the_act),
    },
    targets=(("one", 3), ("primaries", 4), ("minority", 2), ("majority", 1)),
    own_options=(
        law("delay", "added to the latency"),
        probability("loss", "the share of packets lost"),
        probability("burst-loss", "the share of time in which most packets are lost"),
        probability("duplicate", "the share of packets sent twice"),
        probability("corrupt", "the share of packets with a flipped bit"),
        probability("reorder", "the share of packets that others overtake"),
        size("rate", "bytes a second", low=1),
        words("types", "the message types touched", "message types of the model"),
    ),
)
