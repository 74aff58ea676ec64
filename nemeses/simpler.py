"""What is simpler about a fault than it is: a crash than a power loss, one node alone than a ring, all lost than some.

For the shrinker, which knows no fault. A simpler fault need not be a weaker one; whether a failure survives it, a run tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import msgspec

from chaoskit.core.fault import Fault
from chaoskit.core.units import MILLION
from chaoskit.nemeses.shapes import complete_grudge

SURE = MILLION  # ppm


class FaultEdits:
    """How faults of every kind are made simpler, and fitted to a smaller cluster."""

    def simpler(self, fault: Fault, nodes: Sequence[str]) -> list[Fault]:
        """Simpler ones, the simplest first."""
        candidates = _SIMPLER[fault.kind](fault, nodes) if fault.kind in _SIMPLER else iter(())
        return [candidate for candidate in candidates if candidate != fault]

    def elementary(self, fault: Fault, nodes: Sequence[str]) -> list[Fault]:
        """In place of this fault: one node alone, or stopped, or killed, or without power."""
        found: list[Fault] = []
        for node in nodes:
            one = _with(fault, who=[node], parameters={})
            others = [other for other in nodes if other != node]
            if others:
                found.append(_split(_with(one, kind="partition"), [node], others))
            found.append(_with(one, kind="pause"))
            found += [_with(one, kind="kill", parameters={"power_loss": power_loss}) for power_loss in (False, True)]
        return found

    def muting(self, fault: Fault, nodes: Sequence[str], message: str) -> Fault:
        """In place of this fault: all messages of a type that a node sends to another are lost."""
        return _with(fault, kind="packet", who=list(nodes), parameters={"loss": SURE, "types": [message]})

    def halving(self, fault: Fault, nodes: Sequence[str]) -> list[Fault]:
        """In place of this fault: the ways in which the cluster falls into two halves; of an odd number, one is a majority."""
        one = _with(fault, kind="partition")
        halves = list(combinations(nodes, len(nodes) // 2))
        if len(nodes) % 2 == 0:
            halves = halves[: len(halves) // 2]  # the others are these from the other side
        return [_split(one, list(half), [node for node in nodes if node not in half], shape="halves") for half in halves]

    def without_host(self, fault: Fault, name: str) -> Fault | None:
        """The fault in a cluster without this host; None when nothing is left of it."""
        who = fault.who if isinstance(fault.who, str) else [node for node in fault.who if node != name]
        if not who:
            return None
        parameters = _without(fault.parameters, name)
        if "grudge" in fault.parameters and not parameters.get("grudge"):
            return None
        return msgspec.structs.replace(fault, who=who, parameters=parameters)


def _without(value: Any, name: str) -> Any:
    """Parameters without a host, wherever it is named; what is empty then goes, too."""
    if isinstance(value, dict):
        fitted = {key: _without(inner, name) for key, inner in value.items() if key != name}
        return {key: inner for key, inner in fitted.items() if inner or inner == value[key]}
    if isinstance(value, list):
        return [fitted for inner in value if inner != name and ((fitted := _without(inner, name)) or fitted == inner)]
    return value


def _with(fault: Fault, **changes: Any) -> Fault:
    return msgspec.structs.replace(fault, **changes)


def _without_parameter(fault: Fault, *names: str) -> Fault:
    return _with(fault, parameters={name: value for name, value in fault.parameters.items() if name not in names})


def _partitions(fault: Fault, nodes: Sequence[str]) -> Iterator[Fault]:
    """One node alone, whichever; else two groups; else plain cuts, which drop what is sent."""
    grudge = fault.parameters.get("grudge")
    if grudge is not None:
        if fault.parameters.get("shape") != "one" or fault.parameters.get("direction", "both") != "both" or len(fault.who) > 1:
            for alone in nodes:
                yield _split(fault, [alone], [node for node in nodes if node != alone])
        if len(fault.parameters.get("groups", ())) > 2:
            for group in fault.parameters["groups"]:
                yield _split(fault, list(group), [node for node in nodes if node not in group])
        plain = {"hold": False, "in_flight": "deliver", "at_heal": "deliver"}
        for name, value in plain.items():
            if fault.parameters.get(name, value) != value:
                yield _with(fault, parameters={**fault.parameters, name: value})
        clients = _client_free(fault, nodes)
        if clients is not None:
            yield clients


def _split(fault: Fault, cut_off: list[str], others: list[str], *, shape: str | None = None) -> Fault:
    """Some nodes apart from all others."""
    groups = [cut_off, others]
    shape = shape or ("one" if len(cut_off) == 1 else "majority")
    parameters = {
        "shape": shape,
        "direction": "both",
        "hold": False,
        "in_flight": "deliver",
        "at_heal": "deliver",
        "grudge": complete_grudge(groups),
        "groups": groups,
    }
    return _with(fault, who=cut_off, parameters=parameters)


def _client_free(fault: Fault, nodes: Sequence[str]) -> Fault | None:
    """The same cut among nodes alone, when it touches clients."""
    fitted: Fault | None = fault
    hosts = [host for node, others in fault.parameters["grudge"].items() for host in (node, *others)]
    for host in dict.fromkeys(hosts):
        if host not in nodes and fitted is not None:
            fitted = FaultEdits().without_host(fitted, host)
    return fitted if fitted != fault else None


def _kills(fault: Fault, _nodes: Sequence[str]) -> Iterator[Fault]:
    """A process that ends, rather than a power loss or a new machine."""
    if fault.kind == "wipe" or fault.parameters.get("power_loss"):
        yield _with(fault, kind="kill", parameters={"power_loss": False})
    if fault.kind == "wipe":
        yield _with(fault, kind="kill", parameters={"power_loss": True})


def _packets(fault: Fault, _nodes: Sequence[str]) -> Iterator[Fault]:
    """One behaviour instead of several, always instead of now and then, loss instead of corruption or bursts."""
    behaviours = {name: value for name, value in fault.parameters.items() if name not in ("direction", "types")}
    rest = {name: value for name, value in fault.parameters.items() if name in ("direction", "types")}
    if len(behaviours) > 1:
        for name, value in behaviours.items():
            yield _with(fault, parameters={**rest, name: value})
    for name in ("corrupt", "burst_loss"):
        if name in behaviours:
            yield _with(fault, parameters={**rest, "loss": SURE})
            yield _with(fault, parameters={**rest, "loss": behaviours[name]})
    for name in ("loss", "duplicate", "reorder"):
        if name in behaviours and behaviours[name] != SURE:
            yield _with(fault, parameters={**fault.parameters, name: SURE})
    if fault.parameters.get("types") is not None and len(fault.parameters["types"]) > 1:
        for kind in fault.parameters["types"]:
            yield _with(fault, parameters={**fault.parameters, "types": [kind]})


def _disks(fault: Fault, _nodes: Sequence[str]) -> Iterator[Fault]:
    """Always instead of now and then."""
    for name in ("fail_sync", "fail_write"):
        if name in fault.parameters and fault.parameters[name] != SURE:
            yield _with(fault, parameters={**fault.parameters, name: SURE})


def _clocks(fault: Fault, _nodes: Sequence[str]) -> Iterator[Fault]:
    """A jump instead of a strobe; an offset or a drift instead of both."""
    if "strobe_period" in fault.parameters:
        yield _without_parameter(fault, "strobe_period")
    if "offset" in fault.parameters and "drift" in fault.parameters:
        yield _without_parameter(fault, "drift", "strobe_period")
        yield _without_parameter(fault, "offset", "strobe_period")


def _toxics(fault: Fault, _nodes: Sequence[str]) -> Iterator[Fault]:
    """Every connection instead of a share; no jitter, no variation, no waiting."""
    for name in ("toxicity", "every", "port"):
        if name in fault.parameters:
            yield _without_parameter(fault, name)
    for name in ("jitter", "size_variation", "timeout"):
        if fault.parameters.get(name):
            yield _with(fault, parameters={**fault.parameters, name: 0})
    if fault.parameters.get("probability", SURE) != SURE:
        yield _with(fault, parameters={**fault.parameters, "probability": SURE})


_SIMPLER: dict[str, Callable[[Fault, Sequence[str]], Iterator[Fault]]] = {
    "partition": _partitions,
    "kill": _kills,
    "wipe": _kills,
    "packet": _packets,
    "disk": _disks,
    "clock": _clocks,
    "toxic": _toxics,
}
