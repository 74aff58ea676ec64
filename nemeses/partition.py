"""Cuts the network: splits, rings, bridges, one-way cuts; dropping what is sent, or holding it back until the cut heals.

Who is cut off may be chance or a wish ("primaries", whoever was just elected); the shape grows round them. Besides plain
splits there are tactics that follow the protocol: isolate each new leader in turn, heal one split into another, cut a
leader off in the midst of an append.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from chaoskit.core.errors import unknown_name
from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses.arena import Who
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.options import probability
from chaoskit.nemeses.shapes import (
    SHAPES,
    SPLITS,
    Groups,
    Grudge,
    bridge,
    complete_grudge,
    groups_of,
    majorities_ring,
    one_way,
    pair,
)
from chaoskit.nemeses.tactics import DEPOSING, WORKING, Occasion, Tactic, Weighted
from chaoskit.sim.control import Control, FaultRefused

Fate = Literal["deliver", "drop"]
ONE_WAY = "one-way"  # a kind of target: one node, or a minority, that can only hear or only speak


class PartitionParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`grudge` says outright who drops whose messages; without it the `shape` does, over the nodes in `order` (drawn when
    it is empty).

    `direction`: those cut off neither hear nor are heard ("both"), do not hear ("in"), or are not heard ("out"). `clients`
    puts clients on sides, too. The rest as in `sim.network.Cut`. `groups` is written down for people.
    """

    shape: str = "one"
    direction: Literal["both", "in", "out"] = "both"
    order: list[str] = []
    clients: bool = False
    hold: bool = False
    in_flight: Fate = "deliver"
    at_heal: Fate = "deliver"
    grudge: Grudge | None = None
    groups: Groups = []


def strike(control: Control, token: str, nodes: list[str], parameters: PartitionParameters) -> dict[str, Any]:
    grudge, groups = parameters.grudge, parameters.groups
    if grudge is None:
        grudge, groups = _settle(control, token, nodes, parameters)
    hosts = [*control.nodes, *control.clients]
    how = {"hold": parameters.hold, "in_flight": parameters.in_flight, "at_heal": parameters.at_heal}
    cuts = [(source, node) for node, sources in grudge.items() for source in sources]
    if not cuts:
        raise FaultRefused("there is nobody to cut off")
    for source, node in cuts:
        for name in (source, node):
            if name not in hosts:
                raise FaultRefused(f"there is no host {name!r}")
        control.cut(token, source, node, **how)
    resolved = {"shape": parameters.shape, "direction": parameters.direction, **how, "grudge": grudge}
    return {**resolved, "groups": groups} if groups else resolved


def _settle(control: Control, token: str, nodes: list[str], parameters: PartitionParameters) -> tuple[Grudge, Groups]:
    """Who drops whose messages, and for people: the groups, when it is a split both ways."""
    shape, everyone = parameters.shape, control.nodes
    if shape not in SHAPES:
        raise unknown_name("partition shape", shape, SHAPES)
    if len(everyone) < 2:
        raise FaultRefused("a cluster of one node has no links to cut")
    drawn = parameters.order or control.draws(token).shuffle(everyone, "order")
    drawn = list(dict.fromkeys(node for node in (*drawn, *everyone) if node in everyone))
    aimed = nodes if len(nodes) < len(everyone) else []  # aimed at all is aimed at none
    order = [*aimed, *(node for node in drawn if node not in aimed)]
    if shape not in SPLITS:
        grudge = {"majorities-ring": majorities_ring, "bridge": bridge, "pair": pair}[shape](order)
        return one_way(grudge, order[:1], parameters.direction), []
    groups = groups_of(shape, order, len(aimed))
    if parameters.clients:
        groups = _with_clients(control, groups, drawn)
    cut_off = [host for group in groups[:-1] for host in group]
    grudge = {node: others for node, others in complete_grudge(groups).items() if others}
    if parameters.direction == "both":
        return grudge, [group for group in groups if group]
    return one_way(grudge, cut_off, parameters.direction), []


def _with_clients(control: Control, groups: Groups, order: list[str]) -> Groups:
    """The groups with every client in one of them: with the node of its number in `order`, not always the one it speaks with."""
    members = [list(group) for group in groups]
    for number, client in enumerate(control.clients):
        home = order[number % len(order)]
        next(group for group in members if home in group).append(client)
    return members


# Planning ----------------------------------------------------------------------------------------------------------------------


def _style(occasion: Occasion, *address: str | int) -> dict[str, Any]:
    """What becomes of messages at the cut; what is everybody's default is left out."""
    draws = occasion.draws.child(*address, "style")
    style: dict[str, Any] = {"order": draws.shuffle(occasion.arena.nodes, "order")}
    if draws.chance(occasion.options.get("hold", 200_000), "hold"):
        style["hold"] = True
    if draws.chance(250_000, "in flight"):
        style["in_flight"] = "drop"
    if draws.chance(200_000, "at heal"):
        style["at_heal"] = "drop"
    if occasion.arena.partition_clients:
        style["clients"] = True
    return style


def _aim(occasion: Occasion, *address: str | int) -> tuple[Who, dict[str, Any]]:
    """Whom to cut off and in which shape, from the run's kinds of target."""
    draws = occasion.draws.child(*address, "aim")
    target = draws.weighted(occasion.targets, "target")
    if target == ONE_WAY:
        return "all", {"shape": draws.pick(("one", "majority"), "shape"), "direction": draws.pick(("in", "out"), "direction")}
    if target == "primaries":
        shape = draws.weighted((("primaries", 3), ("majority", 3), ("halves", 1), ("pair", 1)), "shape")
        return "primaries", {"shape": shape}
    if target in SHAPES:
        return "all", {"shape": target}
    return occasion.arena.aim(target, occasion.limit, occasion.pool, draws), {"shape": "one"}


def _round(occasion: Occasion, *address: str | int) -> dict[str, Any]:
    """A shape round a node that is known only when it strikes."""
    draws = occasion.draws.child(*address, "round")
    shape = draws.weighted((("one", 4), ("majority", 4), ("halves", 1), ("pair", 2)), "shape")
    direction = draws.weighted((("both", 6), ("in", 1), ("out", 1)), "direction")
    return {"shape": shape} if direction == "both" else {"shape": shape, "direction": direction}


def _single(occasion: Occasion) -> list[Fault]:
    who, shape = _aim(occasion)
    return [occasion.at(who, occasion.lasting(100 * MILLISECOND, 4 * SECOND, "lasting"), **shape, **_style(occasion))]


def _in_the_act(occasion: Occasion) -> list[Fault]:
    event = occasion.event((*DEPOSING, *WORKING))
    lasting = occasion.lasting(200 * MILLISECOND, 3 * SECOND, "lasting")
    return [occasion.fault(occasion.when(event), occasion.actor(event), lasting, **_round(occasion), **_style(occasion))]


def _churn(occasion: Occasion) -> list[Fault]:
    longest = occasion.spread(400 * MILLISECOND, 2500 * MILLISECOND, "longest")
    patience = occasion.spread(2 * MILLISECOND, 250 * MILLISECOND, "patience")

    def isolate(number: int, event: str, nth: int | None, who: Who) -> Fault:
        when = occasion.when(event, "leader", number, nth=nth, high=patience)
        lasting = occasion.lasting(200 * MILLISECOND, longest, "lasting", number)
        return occasion.fault(when, who, lasting, **_round(occasion, "leader", number), **_style(occasion, "leader", number))

    leaders = occasion.draws.integer(2, 7, "leaders")
    first = isolate(0, occasion.event(DEPOSING), None, "primaries")
    return [first, *(isolate(number, "leader-elected", number, "sender") for number in range(1, leaders + 1))]


def _handover(occasion: Occasion) -> list[Fault]:
    faults, offset = [], 0
    for number in range(occasion.draws.integer(2, 4, "splits")):
        who, shape = _aim(occasion, "split", number)
        if number and occasion.arena.leaders and occasion.draws.chance(500_000, "leader", number):
            who, shape = "primaries", _round(occasion, "split", number)
        lasting = occasion.lasting(200 * MILLISECOND, 2 * SECOND, "lasting", number)
        faults.append(occasion.at(who, lasting, later=offset, **shape, **_style(occasion, "split", number)))
        offset += max(0, lasting + occasion.draws.integer(-50, 100, "slack", number) * MILLISECOND)
    return faults


def _flapping(occasion: Occasion) -> list[Fault]:
    who, shape = _aim(occasion)
    style = _style(occasion)
    longest = occasion.spread(30 * MILLISECOND, 300 * MILLISECOND, "longest")
    faults, offset = [], 0
    for number in range(occasion.draws.integer(3, 10, "cuts")):
        lasting = occasion.lasting(5 * MILLISECOND, longest, "lasting", number)
        faults.append(occasion.at(who, lasting, later=offset, **shape, **style))
        offset += lasting + occasion.spread(10 * MILLISECOND, longest, "gap", number)
    return faults


_TARGETS: Weighted = (
    ("one", 3),
    ("primaries", 5),
    ("minority-third", 1),
    ("majority", 4),
    ("halves", 2),
    ("majorities-ring", 2),
    ("bridge", 2),
    ("pair", 2),
    (ONE_WAY, 2),
)

PARTITION = Nemesis(
    name="partition",
    summary="cuts links between nodes: splits, rings, bridges, one way or both",
    parameters=PartitionParameters,
    strike=strike,
    effects=("dropped", "held", "lost in flight"),
    limit=lambda arena: len(arena.nodes) if arena.allows(arena.claim.partition) and len(arena.nodes) > 1 else 0,
    tactics={
        "single": Tactic(summary="a cut at a set time", weight=4, plan=_single),
        "in-the-act": Tactic(summary="a node cut off right when it does something", weight=5, plan=_in_the_act),
        "churn": Tactic(
            summary="one leader after the other cut off, soon after its election", weight=8, plan=_churn, needs_leaders=True
        ),
        "handover": Tactic(summary="splits that follow one another without a rest", weight=3, plan=_handover),
        "flapping": Tactic(summary="short cuts in a row", weight=1, plan=_flapping),
    },
    targets=_TARGETS,
    more_targets=(*(name for name, _ in _TARGETS if name not in ("one", "majority", "minority-third", "primaries")),),
    own_options=(probability("hold", "the share of cuts that hold messages back instead of dropping them"),),
    often=600_000,
)
