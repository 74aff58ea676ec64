"""Turns a nemesis schedule in Jepsen's words into faults: `start-partition` … `stop-partition`, `kill` … `start`, `bump-clock`.

What begins a fault opens it; what ends its family closes all of it that is open, as in Jepsen; a fault that nothing closes
lasts for ever. Names and values are those of jepsen.nemesis.combined; percentages and times may be texts ("20%", "50ms"),
clock offsets are ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.fault import SELECTORS, At, Fault
from chaoskit.core.units import MILLISECOND, SECOND, format_duration, parse_duration, parse_probability
from chaoskit.nemeses.shapes import SHAPES

Asked = tuple[int, str, Any]  # virtual ns, f, value
_BITS = {"bit": 1, "kbit": 1_000, "mbit": 1_000_000, "gbit": 1_000_000_000}


def faults_from_asks(asks: Iterable[Asked]) -> list[Fault]:
    """The faults of a schedule, `f0`, `f1` … in its order. Raises `UsageError` for what is none of Jepsen's ops or values."""
    faults: list[Fault] = []
    open_by_kind: dict[str, list[int]] = {}
    for time, f, value in asks:
        if f in _ENDS:
            for place in open_by_kind.pop(_ENDS[f], []):
                faults[place] = _ended(faults[place], time)
        elif f in _BEGINS:
            for fault in _BEGINS[f](value):
                if fault.lasting is None:
                    open_by_kind.setdefault(fault.kind, []).append(len(faults))
                faults.append(msgspec.structs.replace(fault, id=f"f{len(faults)}", when=At(time=time)))
        elif f != "check-clock-offsets":  # it only looks
            raise unknown_name("nemesis op", f, [*_BEGINS, *_ENDS])
    return faults


def _ended(fault: Fault, time: int) -> Fault:
    assert isinstance(fault.when, At)
    if time <= fault.when.time:
        begin = format_duration(fault.when.time)
        raise UsageError(f"expected {fault.kind} to end after {begin}, when it began, but got time={format_duration(time)}.")
    return msgspec.structs.replace(fault, lasting=time - fault.when.time)


def _fault(kind: str, who: list[str] | str, lasting: int | None = None, **parameters: Any) -> Fault:
    return Fault(id="", when=At(time=0), who=who, kind=kind, parameters=parameters, lasting=lasting)


def _partition(value: Any) -> list[Fault]:
    if isinstance(value, Mapping):
        return [_fault("partition", "all", grudge={node: list(sources) for node, sources in value.items()})]
    if value == "primaries":
        return [_fault("partition", "primaries", shape="primaries")]
    if value not in SHAPES:
        raise unknown_name("partition shape", str(value), SHAPES)
    return [_fault("partition", "all", shape=value)]


def _on_nodes(kind: str) -> Callable[[Any], list[Fault]]:
    return lambda value: [_fault(kind, _who(value))]


def _who(value: Any) -> list[str] | str:
    """A node spec: nil is some of them, a list is names."""
    if value is None:
        return "some"
    if isinstance(value, list | tuple):
        return list(value)
    if value not in SELECTORS:
        raise unknown_name("node spec", str(value), SELECTORS)
    return str(value)


def _bump(value: Mapping[str, Any]) -> list[Fault]:
    return [_fault("clock", [node], offset=int(offset * MILLISECOND)) for node, offset in value.items()]


def _strobe(value: Mapping[str, Any]) -> list[Fault]:
    return [
        _fault(
            "clock",
            [node],
            int(strobe["duration"] * SECOND),
            offset=int(strobe["delta"] * MILLISECOND),
            strobe_period=int(strobe["period"] * MILLISECOND),
        )
        for node, strobe in value.items()
    ]


def _packet(value: Any) -> list[Fault]:
    who, behaviours = value
    parameters: dict[str, Any] = {}
    for name, how in behaviours.items():
        match name:
            case "delay":
                time = parse_duration(how.get("time", "50ms"), name="delay time")
                jitter = parse_duration(how.get("jitter", "10ms"), name="delay jitter")
                parameters["delay"] = f"uniform:{format_duration(max(0, time - jitter))}..{format_duration(time + jitter)}"
            case "loss" | "corrupt" | "duplicate" | "reorder":
                parameters[name] = parse_probability(str(how.get("percent", "20%")), name=name)
            case "rate":
                parameters["rate"] = _bytes_a_second(how.get("rate", "1mbit"))
            case _:
                raise unknown_name("packet behaviour", name, ["delay", "loss", "corrupt", "duplicate", "reorder", "rate"])
    return [_fault("packet", _who(who), **parameters)]


def _bytes_a_second(text: str) -> int:
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = _BITS.get(text[len(number) :])
    if unit is None or not number.isdecimal():
        raise UsageError(f"expected a rate such as 1mbit but got rate={text!r}.")
    return int(number) * unit // 8


_BEGINS: dict[str, Callable[[Any], list[Fault]]] = {
    "start-partition": _partition,
    "kill": _on_nodes("kill"),
    "pause": _on_nodes("pause"),
    "bump-clock": _bump,
    "strobe-clock": _strobe,
    "start-packet": _packet,
}
_ENDS = {"stop-partition": "partition", "start": "kill", "resume": "pause", "reset-clock": "clock", "stop-packet": "packet"}
