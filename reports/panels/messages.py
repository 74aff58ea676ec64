"""The messages round an anomaly, between the nodes' lifelines, with what happened to the nodes. Drawn by its script."""

from __future__ import annotations

import msgspec

from chaoskit.core.journal import Event, unpack
from chaoskit.core.units import count, format_time, plural
from chaoskit.reports.anomalies import Anomaly
from chaoskit.reports.cluster import Message, Window, window_at
from chaoskit.reports.segments import segment_label, segment_text
from chaoskit.reports.view import View
from chaoskit.reports.words import fault_text, show, showing

NAME = "messages"
TITLE = "Messages round the anomaly"
SCRIPTED = True

WINDOWS_MAX = 12  # anomalies whose messages are on the page


def applies(view: View) -> bool:
    return bool(view.anomalies) and len(view.outcome.journal) > 0


def data(view: View) -> dict[str, object]:
    windows = [_window(view, anomaly) for anomaly in view.anomalies[:WINDOWS_MAX]]
    missing = len(windows) < len(view.violations)
    return {
        "hosts": view.plan.cluster.nodes,
        "windows": windows,
        "left_out": f"Messages are kept here for {count(len(windows))} of {count(len(view.violations))} anomalies."
        if missing
        else None,
    }


def text(view: View) -> list[str]:
    """Of the first anomaly: the messages that its operations caused, a line each."""
    anomaly = view.anomalies[0]
    causes = _causes(view, anomaly)
    window = window_at(view.outcome.journal, anomaly.instant)
    caused = [message for message in window.messages if message.cause in causes]
    among = f"those that the anomaly's operations caused, among {plural(len(window.messages), 'message')} round"
    return [f"{among} {format_time(anomaly.instant)}:", *map(_line, caused)] if caused else []


def _line(message: Message) -> str:
    fates = ", ".join(f"{fate} {format_time(time)}" for time, fate in message.arrivals) or "under way"
    return f"{format_time(message.sent)}  {message.sender} → {message.receiver}  {message.type}  {_body(message)}  {fates}"


def _causes(view: View, anomaly: Anomaly) -> frozenset[str]:
    """The causes that its operations are: a journal names an invocation by its id in the plan."""
    ids = view.outcome.invocation_ids
    return frozenset(f"i{ids.get(operation.index, operation.index)}" for operation in anomaly.operations)


def _window(view: View, anomaly: Anomaly) -> dict[str, object]:
    window = window_at(view.outcome.journal, anomaly.instant)
    causes = _causes(view, anomaly)
    return {
        "instant": anomaly.instant,
        "begin": window.begin,
        "end": window.end,
        "showing": _showing(view, window),
        "messages": [_message(message, concerned=message.cause in causes) for message in window.messages],
        "notes": [_note(event) for event in window.notes],
    }


def _showing(view: View, window: Window) -> str:
    whole = max(view.outcome.stats.messages, len(window.messages))
    notes = f"; {plural(window.notes_left_out, 'note')} left out" if window.notes_left_out else ""
    return f"{showing(len(window.messages), whole, 'message')} of the run{notes}"


def _message(message: Message, *, concerned: bool) -> dict[str, object]:
    return {
        "from": message.sender,
        "to": message.receiver,
        "type": message.type,
        "label": segment_label(message.type, _fields(message)),
        "sent": message.sent,
        "arrivals": [list(arrival) for arrival in message.arrivals],
        "body": _body(message),
        "concerned": concerned,
    }


def _body(message: Message) -> str:
    """What it said; a type among its keys is not said twice."""
    body = _fields(message)
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if (name, value) != ("type", message.type)}
    return "" if body is None else segment_text(message.type, body) or show(body)


def _fields(message: Message) -> object:
    """Its body: canonical bytes are decoded, what is not msgpack is the model's own and stays bytes."""
    if not isinstance(message.body, bytes):
        return message.body
    try:
        return unpack(message.body, 1)[0]
    except msgspec.DecodeError:
        return message.body


def _note(event: Event) -> dict[str, object]:
    return {"time": event.time, "kind": event.kind, "node": event.node, "text": _note_text(event)}


def _note_text(event: Event) -> str:
    match event.kind:
        case "log":
            return str(event.data["text"])
        case "fault-begin":
            what = fault_text(event.data["kind"], event.data["nodes"], event.data["parameters"])
            return f"{event.data['fault']} begins: {what}"
        case "fault-end":
            return f"{event.data['fault']} ends"
        case "fault-refused":
            return f"{event.data['fault']} ({event.data['kind']}) refused: {event.data['reason']}"
        case "violation":
            return f"{event.data['kind']}: {event.data['summary']}"
        case "phase":
            return f"phase {event.data['name']}"
        case "boot":
            return f"boot {event.data['boot']}"
        case "crash":
            return f"crash: {event.data['reason']}"
        case "clock":
            return f"clock: {show(event.data['change'])}"
        case kind:
            return kind
