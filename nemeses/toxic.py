"""Spoils connections: latency, a slow line, a late or early end, resets, slices, lost, changed or repeated bytes.

A toxic lies on the connections that its targets accept, on all or a drawn share of them, in one direction, and comes and goes
on live ones without losing a byte that it does not mean to. Only a model whose hosts speak over connections has any. Kinds and
attributes are Toxiproxy's, and three more (`sim.toxics`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.units import MICROSECOND, MILLION, MILLISECOND, SECOND
from chaoskit.nemeses.arena import Arena
from chaoskit.nemeses.nemesis import DAY, Nemesis
from chaoskit.nemeses.options import choices, duration, number, probability, size
from chaoskit.nemeses.tactics import DEPOSING, ON_THE_WIRE, Occasion, Tactic
from chaoskit.sim.control import Control
from chaoskit.sim.toxics import ATTRIBUTES, OF_ALL, ToxicParameters

DIRECTIONS = ("downstream", "upstream")
WEIGHTS = {"latency": 4, "slicer": 4, "reset_peer": 3, "limit_data": 3, "bandwidth": 2, "timeout": 2, "drop_after": 2}


def strike(control: Control, token: str, nodes: list[str], parameters: ToxicParameters) -> dict[str, Any]:
    told = ("type", "direction", *ATTRIBUTES.get(parameters.type, ()))  # also what is as usual: the report shows it
    how: dict[str, Any] = {name: getattr(parameters, name) for name in told} | msgspec.to_builtins(parameters)
    for node in nodes:
        control.poison(token, node, **how)
    return how


# What is done to connections ---------------------------------------------------------------------------------------------------


def _harm(occasion: Occasion) -> dict[str, Any]:
    """What the person set of a toxic; the rest drawn."""
    draws, given = occasion.draws, _given(occasion.options)
    kind = draws.weighted([(kind, WEIGHTS.get(kind, 1)) for kind in _kinds(occasion.arena, occasion.options)], "kind")
    parameters: dict[str, Any] = {"type": kind}
    parameters["direction"] = draws.pick(occasion.options.get("direction", DIRECTIONS), "direction")
    if "toxicity" in given or draws.chance(400_000, "some"):
        parameters["toxicity"] = given.get("toxicity", occasion.spread(100_000, 900_000, "toxicity"))
    parameters |= {name: given[name] for name in ("every", "port") if name in given}
    for name in ATTRIBUTES[kind]:
        parameters[name] = given[name] if name in given else _DRAWN[kind, name](occasion, parameters)
    if kind == "slicer" and "average_size" not in given:
        parameters["average_size"] = max(parameters["average_size"], parameters["size_variation"] + 1)
    return parameters


def _span(low: int, high: int, name: str, *, nought: int = 0) -> Callable[[Occasion, Mapping[str, Any]], int]:
    """An amount between these; 0 with a chance of `nought` ppm."""

    def draw(occasion: Occasion, _: Mapping[str, Any]) -> int:
        return 0 if occasion.draws.chance(nought, name, "nought") else occasion.spread(low, high, name)

    return draw


def _up_to(other: str, name: str, *, less: int = 0) -> Callable[[Occasion, Mapping[str, Any]], int]:
    """From nothing to as much as another attribute has, or `less`."""
    return lambda occasion, parameters: occasion.draws.integer(0, max(0, parameters[other] - less), name)


_DRAWN: dict[tuple[str, str], Callable[[Occasion, Mapping[str, Any]], int]] = {
    ("latency", "latency"): _span(10 * MILLISECOND, 2 * SECOND, "latency"),
    ("latency", "jitter"): _up_to("latency", "jitter"),
    ("bandwidth", "rate"): _span(500, 100_000, "rate"),
    ("slow_close", "delay"): _span(50 * MILLISECOND, 5 * SECOND, "delay"),
    ("timeout", "timeout"): _span(10 * MILLISECOND, 2 * SECOND, "timeout", nought=300_000),
    ("reset_peer", "timeout"): _span(MILLISECOND, 500 * MILLISECOND, "timeout", nought=500_000),
    ("slicer", "average_size"): _span(1, 200, "average size"),
    ("slicer", "size_variation"): _up_to("average_size", "size variation", less=1),
    ("slicer", "delay"): _span(10 * MICROSECOND, 20 * MILLISECOND, "delay", nought=300_000),
    ("limit_data", "bytes"): _span(1, 5_000, "bytes", nought=50_000),
    ("drop_after", "bytes"): _span(1, 5_000, "bytes", nought=50_000),
    ("corrupt", "probability"): _span(50_000, MILLION, "probability"),
    ("duplicate", "probability"): _span(50_000, MILLION, "probability"),
    ("duplicate", "size"): _span(1, 64, "size"),
}


# What a person may set ---------------------------------------------------------------------------------------------------------


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that the person set, by the toxic's own names."""
    settings = {name.replace("-", "_"): value for name, value in options.items()}
    return {name: value for name, value in settings.items() if name in _ATTRIBUTE_NAMES or name in OF_ALL}


def _wished(options: Mapping[str, Any]) -> list[str]:
    """The kinds that the person named; else those that have an attribute that was set; else all."""
    named: list[str] = options.get("kind", [])
    given = [name for name in _given(options) if name not in OF_ALL]
    return named or [kind for kind, names in ATTRIBUTES.items() if not given or any(name in names for name in given)]


def _kinds(arena: Arena, options: Mapping[str, Any]) -> list[str]:
    """Of those wished for, the kinds that the model claims to survive; all of them beyond the claim."""
    return [kind for kind in _wished(options) if _is_survived(arena, kind, options)]


def _is_survived(arena: Arena, kind: str, options: Mapping[str, Any]) -> bool:
    toxic = ToxicParameters(type=kind, rate=options.get("rate", 1))
    safe = (not toxic.changes or arena.claim.corruption == "any") and (not toxic.silences or arena.claim.partition)
    return arena.allows(safe)


def _check(arena: Arena, options: Mapping[str, Any]) -> None:
    """Raises `UsageError` for attributes of no kind that is wished for, and for kinds beyond the claim."""
    wished = _wished(options)
    for name in _given(options):
        if name not in OF_ALL and not any(name in ATTRIBUTES[kind] for kind in wished):
            own = ", ".join(each.replace("_", "-") for kind in wished for each in ATTRIBUTES[kind])
            raise UsageError(f"expected attributes of {', '.join(wished)} ({own}) but got {name.replace('_', '-')}.")
    for kind in options.get("kind", wished if not _kinds(arena, options) else ()):
        if not _is_survived(arena, kind, options):
            raise UsageError(
                f"expected toxics that the model claims to survive but got kind={kind!r}; write 'toxic!' to go beyond the claim."
            )
    average, variation = options.get("average-size"), options.get("size-variation", 0)
    if average is not None and variation >= average:
        raise UsageError(f"expected size-variation below average-size but got {variation} and average-size={average}.")


# When and where ----------------------------------------------------------------------------------------------------------------


def _weather(occasion: Occasion) -> list[Fault]:
    return [occasion.at("all", occasion.lasting(500 * MILLISECOND, 6 * SECOND, "lasting"), **_harm(occasion))]


def _spot(occasion: Occasion) -> list[Fault]:
    who = occasion.who()
    lasting = occasion.lasting(200 * MILLISECOND, 3 * SECOND, "lasting")
    return [] if who is None else [occasion.at(who, lasting, **_harm(occasion))]


def _in_the_act(occasion: Occasion) -> list[Fault]:
    events = (*ON_THE_WIRE, *(DEPOSING if occasion.arena.leaders else ()))
    event = occasion.draws.weighted(events, "event")
    who = "primaries" if event in dict(DEPOSING) else occasion.draws.weighted((("all", 3), ("receiver", 2)), "who")
    lasting = occasion.lasting(50 * MILLISECOND, 1500 * MILLISECOND, "lasting")
    return [occasion.fault(occasion.when(event), who, lasting, **_harm(occasion))]


_ATTRIBUTE_NAMES = tuple(dict.fromkeys(name for names in ATTRIBUTES.values() for name in names))
TOXIC = Nemesis(
    name="toxic",
    summary="delays, slows, slices, cuts off, resets or spoils what goes over connections",
    parameters=ToxicParameters,
    strike=strike,
    effects=(
        "delayed",
        "slowed",
        "blocked",
        "delayed a close",
        "dropped",
        "closed",
        "held back",
        "reset",
        "sliced",
        "cut off",
        "corrupted",
        "duplicated",
    ),
    limit=lambda arena: len(arena.nodes),
    lacks=lambda arena: "" if arena.connections else "its hosts send messages and have no connections to spoil; see 'packet'",
    check=_check,
    tactics={
        "weather": Tactic(summary="all connections for a while", weight=3, plan=_weather),
        "spot": Tactic(summary="the connections that a few nodes accept", weight=3, plan=_spot),
        "in-the-act": Tactic(summary="when somebody connects, asks or hangs up, or a leader works", weight=4, plan=_in_the_act),
    },
    targets=(("one", 3), ("primaries", 3), ("minority", 2), ("majority", 1)),
    own_options=(
        choices("kind", "what is done to connections", ATTRIBUTES),
        choices("direction", "what whoever accepts a connection writes (downstream), or what they read (upstream)", DIRECTIONS),
        probability("toxicity", "the share of connections that are hit"),
        number("every", "each how many-th connection is hit", low=1, high=1_000_000),
        number("port", "the port whose connections are hit; 0 for any", low=0, high=65_535),
        duration("latency", "by how much pieces are late", low=0, high=DAY),
        duration("jitter", "by how much more or less", low=0, high=DAY),
        size("rate", "bytes a second; 0 lets nothing through", low=0),
        duration("delay", "of the end (slow_close), or after each slice (slicer)", low=0, high=DAY),
        duration("timeout", "of silence until the end (timeout), or until the reset (reset_peer)", low=0, high=DAY),
        size("average-size", "of a slice", low=1),
        size("size-variation", "of a slice, more or less", low=0),
        size("bytes", "that pass before the end (limit_data) or before all is lost (drop_after)", low=0),
        probability("probability", "the chance of a KiB to have a bit flipped or bytes repeated"),
        size("size", "of what is repeated, at most", low=0),
    ),
)
