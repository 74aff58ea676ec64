"""How values, counts, operations and faults are said, the same in text, page and JSON.

Nothing here knows HTML: what comes out is plain text, and whoever writes a page escapes it. A value that is too long to
show is cut with its true length beside it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from chaoskit.core.fault import At, Fault, On
from chaoskit.core.units import MILLISECOND, count, format_duration, format_probability, format_time, plural

VALUE_LENGTH_MAX = 400  # characters of one shown value

_BARE = re.compile(r"[\w.:+/@-]+", re.ASCII)
_LIKE_ANOTHER_KIND = re.compile(r"nil|true|false|NaN|-?Infinity|[-+]?\d.*")


def show(value: Any) -> str:
    """A history's value for people: `5`, `nil`, `true`, `k3`, `"two words"`, `[1, 2]`, `{a: 1}`, `0x00ff`.

    A string that could be read as a number, nil or a truth value keeps its quotes: `"5"` is not `5`.
    """
    text = _spell(value)
    if len(text) <= VALUE_LENGTH_MAX:
        return text
    return f"{text[:VALUE_LENGTH_MAX]}… ({count(len(text))} characters)"


def percent(part: int, whole: int) -> str:
    """A share in whole percent, which says `<1 %` rather than 0 for a little and never 100 for not quite all."""
    if not whole or not part:
        return "0 %"
    if part == whole:
        return "100 %"
    return "<1 %" if part * 100 < whole else f"{part * 100 // whole} %"


def showing(shown: int, whole: int, noun: str, *, many: str | None = None) -> str:
    """What is left out, said aloud: `showing 1,204 of 100,000 operations`, or `all 12 operations`."""
    things = plural(whole, noun, many=many)
    return f"all {things}" if shown == whole else f"showing {count(shown)} of {things}"


def listed(words: Iterable[str]) -> str:
    """`n1`, `n1 and n2`, `n1, n2 and n3`."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def operation_text(f: str, key: str | None, asked: str | None) -> str:
    """What was asked: `write k3=5`, `read k3`, `cas k3 [4, 5]`, `enqueue 7`. The page's script has the same rule."""
    if key is None:
        return f if asked is None else f"{f} {asked}"
    if asked is None:
        return f"{f} {key}"
    return f"{f} {key}={asked}" if f == "write" else f"{f} {key} {asked}"


def keys_text(keys: Iterable[Any]) -> str:
    """`key k3`, `keys k3, k4`, or nothing for a workload without keys."""
    shown = [show(key) for key in keys if key is not None]
    return f"{'key' if len(shown) == 1 else 'keys'} {', '.join(shown)}" if shown else ""


def duration_text(ns: int) -> str:
    """How long something took, in the unit that fits: `850 µs`, `12.3 ms`, `1.240 s`."""
    if ns < 1_000:
        return f"{ns} ns"
    if ns < 1_000_000:
        return f"{ns // 1_000} µs"
    if ns < 1_000_000_000:
        tenths = (ns + 50_000) // 100_000
        return f"{tenths // 10}.{tenths % 10} ms"
    return format_time(ns)


def span_text(ns: int) -> str:
    """A planned duration: as it is written where that is short, `300ms`, else rounded, `1.3 ms`."""
    return format_duration(ns) if ns % MILLISECOND == 0 else duration_text(ns)


def fault_text(kind: str, nodes: Iterable[str], parameters: Mapping[str, Any]) -> str:
    """What a fault did, and to whom: `partition {n1} | {n2 n3}`, `kill n2`, `toxic slicer n1`, `packet Append n2 n3`."""
    groups = next((value for value in parameters.values() if _are_groups(value)), None)
    if groups:
        return f"{kind} {' | '.join('{' + ' '.join(group) + '}' for group in groups)}"
    touched = [parameters["type"]] if "type" in parameters else parameters.get("types") or []
    return " ".join([kind, *map(str, touched), *nodes])


def parameters_text(parameters: Mapping[str, Any]) -> str:
    """Parameters in one line, sorted: `loss=1000, symmetric=true`; groups of nodes, and who drops whom, are `fault_text`'s."""
    said = [name for name, value in parameters.items() if _are_groups(value)]
    hidden = [*said, "grudge"] if said else []
    return ", ".join(f"{name}={show(value)}" for name, value in sorted(parameters.items()) if name not in hidden)


def when_text(when: At | On) -> str:
    """When a fault was meant to happen: `at 1.000 s`, `at the 2nd leader-elected, 5ms after`."""
    if isinstance(when, At):
        return f"at {format_time(when.time)}"
    after = f", {span_text(when.after)} after" if when.after else ""
    earliest = f", not before {format_time(when.not_before)}" if when.not_before else ""
    return f"at the {ordinal(when.nth)} {when.event}{after}{earliest}"


def fault_sentence(fault: Fault) -> str:
    """A planned fault in one line: `kill n2 at 1.000 s, for 300ms`."""
    who = [fault.who] if isinstance(fault.who, str) else fault.who
    lasting = "to the end" if fault.lasting is None else f"for {span_text(fault.lasting)}"
    return f"{fault_text(fault.kind, who, fault.parameters)} {when_text(fault.when)}, {lasting}"


def decision_text(address: str, *, causes: Mapping[str, str] | None = None) -> str:
    """A random decision by its address: `the fate of message 2 from n1 to n2 because of i8`; `causes` has words for `i8`."""
    words = {} if causes is None else causes
    purpose, *parts = address.split("/")
    match purpose, parts:
        case "packet", [cause, link, number]:
            source, _, target = link.partition(">")
            return f"the fate of message {int(number) + 1} from {source} to {target} {_because(cause, words)}"
        case "node", [cause, place, _]:
            return f"the random number that {place.rpartition('.')[0]} took {_because(cause, words)}"
        case "disk", [name, what, cause, _]:
            return f"{name}'s disk: {what} {_because(cause, words)}"
        case "boot", [node, number]:
            return f"that {node} goes on, at its {ordinal(int(number))} boot, with what it would draw at a later one"
    return address


def _because(cause: str, causes: Mapping[str, str]) -> str:
    """A cause by its name: `at the 1st boot of n1`, `when n1's election_due went off`, `because of i17`."""
    match cause.split("."):
        case [node, boot]:
            return f"at the {ordinal(int(boot))} boot of {node}"
        case [node, boot, timer, number]:
            earlier = f" after its {ordinal(int(boot))} boot" if boot != "1" else ""
            return f"when the timer {timer} of {node} went off for the {ordinal(int(number))} time{earlier}"
    return f"because of {causes.get(cause, cause)}"


def weather_text(name: str, value: Any) -> str:
    """One setting of the network's weather as `--network` takes it: `5%`, `uniform:1ms..10ms`; bandwidth is in bytes a second."""
    return format_probability(value) if isinstance(value, int) and name != "bandwidth" else str(value)


def clock_text(name: str, value: Any) -> str:
    """How far clocks may be off: an `offset` as a duration, a `drift` in parts per million."""
    return format_duration(value) if name == "offset" else f"{value}ppm" if name == "drift" else show(value)


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def plain_json(value: Any) -> Any:
    """The value in what JSON can hold: bytes as `0x…`, tuples as lists, floats that JSON lacks as their names."""
    if isinstance(value, bytes):
        return _spell(value)
    if isinstance(value, float) and not math.isfinite(value):
        return _spell(value)
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain_json(item) for name, item in value.items()}
    return value


def _are_groups(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) > 1
        and all(isinstance(group, list | tuple) and all(isinstance(name, str) for name in group) for group in value)
    )


def _spell(value: Any) -> str:
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case str():
            bare = _BARE.fullmatch(value) and not _LIKE_ANOTHER_KIND.fullmatch(value)
            return value if bare else json.dumps(value, ensure_ascii=False)
        case bytes():
            return f"0x{value.hex()}"
        case float():
            return (
                "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else repr(value)
            )
        case list() | tuple():
            return f"[{', '.join(map(_spell, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{_spell(name)}: {_spell(item)}' for name, item in sorted(value.items(), key=_by_name))}}}"
        case _:
            return str(value)


def _by_name(item: tuple[Any, Any]) -> str:
    return str(item[0])
