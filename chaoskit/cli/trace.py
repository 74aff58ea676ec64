"""`show --trace`: the nodes' lives, a line for each turn and a column for each node, as TigerBeetle's VOPR prints them.

.  normal    !  crash    ^  recover    -  down    =  paused
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chaoskit.core.journal import Event
from chaoskit.core.record import RunRecord
from chaoskit.core.units import format_time
from chaoskit.reports.words import fault_text, show

LEGEND = ".  normal    !  crash    ^  recover    -  down    =  paused"
NORMAL, CRASH, RECOVER, DOWN, PAUSED = ".", "!", "^", "-", "="

_AT_ONCE = {"crash": CRASH, "boot": RECOVER, "resume": RECOVER, "pause": PAUSED}
_AFTER = {"crash": DOWN, "boot": NORMAL, "resume": NORMAL, "pause": PAUSED}
_CLUSTER = frozenset({"fault-begin", "fault-end", "fault-refused", "violation", "phase"})
_KINDS = frozenset({*_AT_ONCE, *_CLUSTER, "wipe", "clock", "observe"})
_WATCHED = ("role", "term")  # of what nodes say of themselves


def trace_lines(record: RunRecord) -> list[str]:
    """The whole trace with its legend."""
    nodes = record.outcome.plan.cluster.nodes
    width = max(map(len, nodes))
    head = " ".join(f"{node:<{width}}" for node in nodes)
    lines = [LEGEND, "", f"{'time':>12}  {head}"]
    for time, states, text in _turns(record, nodes):
        cells = " ".join(f"{states[node]:<{width}}" for node in nodes)
        lines.append(f"{format_time(time):>12}  {cells}  {text}")
    return lines


def _turns(record: RunRecord, nodes: list[str]) -> Iterator[tuple[int, dict[str, str], str]]:
    """(instant, symbol of each node, what happened)."""
    states = dict.fromkeys(nodes, DOWN)
    observed: dict[str, dict[str, Any]] = {node: {} for node in nodes}
    for event in record.outcome.journal.events(kinds=_KINDS):
        if event.kind in _CLUSTER:
            yield event.time, states, _cluster_text(event)
        elif event.node in observed:
            text = _role_text(event, observed[event.node]) if event.kind == "observe" else _node_text(event)
            if text is not None:
                yield event.time, {**states, event.node: _AT_ONCE.get(event.kind, states[event.node])}, text
            states[event.node] = _AFTER.get(event.kind, states[event.node])


def _role_text(event: Event, before: dict[str, Any]) -> str | None:
    """What a node says of itself when its role or its term is another; None when neither is."""
    said: Mapping[str, Any] = event.data["state"]
    now = {name: said[name] for name in _WATCHED if name in said}
    if now == before:
        return None
    before.clear()
    before.update(now)
    return f"{event.node} {' '.join(f'{name}={show(value)}' for name, value in now.items())}"


def _node_text(event: Event) -> str:
    details = ", ".join(show(value) for value in event.data.values())
    return f"{event.node} {event.kind}{' ' if details else ''}{details}"


def _cluster_text(event: Event) -> str:
    data = event.data
    match event.kind:
        case "fault-begin":
            return f"{data['fault']} begins: {fault_text(data['kind'], data['nodes'], data['parameters'])}"
        case "fault-end":
            return f"{data['fault']} ends"
        case "fault-refused":
            return f"{data['fault']} {data['kind']} refused: {data['reason']}"
        case "violation":
            return f"VIOLATION {data['kind']}: {data['summary']}"
        case _:
            return f"phase {data['name']}"
