"""Journal events in words: `n2 sends Vote to n1 {term: 2}`, `n3 crashes: killed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chaoskit.core.journal import Entry, Event, named
from chaoskit.core.units import format_time
from chaoskit.reports.segments import first_line, segment_text
from chaoskit.reports.words import fault_text, show

BODY_MAX = 60  # characters of a message that are shown in a line


def event_text(entry: Entry) -> str:
    """An event with its instant, as a sentence without a full stop."""
    event = named(0, entry)
    tell = _TOLD.get(event.kind, _any)
    return f"{format_time(event.time)}  {tell(event, event.data)}".rstrip()


def entry_text(position: int, entry: Entry) -> str:
    """A journal entry with all it holds: `send n1: message=7, to=n2, type=Vote (cause n1.1.election.1)`."""
    event = named(position, entry)
    fields = ", ".join(f"{name}={show(decoded(value))}" for name, value in event.data.items())
    subject = f"{event.kind} {event.node}".strip()
    return f"{subject}{': ' if fields else ''}{fields} (cause {event.cause})"


def message_name(kind: str, body: object) -> str:
    """What a message is called: `Put`; a segment by what it carries, too: `TCP-DATA: GET /kv/k1 HTTP/1.1`."""
    line = first_line(kind, decoded(body))
    return f"{kind}: {line}" if line else kind


def decoded(value: object) -> object:
    """What the bytes of a message say; those that are not canonical stay bytes."""
    if not isinstance(value, bytes):
        return value
    try:
        return msgspec.msgpack.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return value


def _body(encoded: object) -> str:
    """What a message says beside its type, the beginning of it."""
    body = decoded(encoded)
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "type"}
    text = show(body)
    return text if len(text) <= BODY_MAX else f"{text[: BODY_MAX - 1]}…"


def _said(data: dict[str, Any]) -> str:
    """What a message says; of a segment or a datagram its ports and how its bytes begin."""
    told = segment_text(data["type"], decoded(data["body"]))
    return _body(data["body"]) if told is None else f"({told})"


def _any(event: Event, data: dict[str, Any]) -> str:
    return f"{event.node} {event.kind} {', '.join(f'{name} {show(value)}' for name, value in data.items())}".strip()


_TOLD: dict[str, Callable[[Event, dict[str, Any]], str]] = {
    "send": lambda event, data: f"{event.node} sends {data['type']} to {data['to']} {_said(data)}",
    "deliver": lambda event, data: f"{event.node} receives {data['type']} from {data['from']}",
    "drop": lambda event, data: f"{data['type']} from {event.node} to {data['to']} is lost: {data['reason']}",
    "duplicate": lambda event, data: f"{data['type']} from {event.node} to {data['to']} is duplicated",
    "corrupt": lambda event, data: f"{data['type']} from {event.node} to {data['to']} is corrupted",
    "timer": lambda event, data: f"{event.node}'s timer {data['name']} goes off",
    "boot": lambda event, data: f"{event.node} boots, for the {data['boot']}. time",
    "crash": lambda event, data: f"{event.node} crashes: {data['reason']}",
    "pause": lambda event, data: f"{event.node} is paused",
    "resume": lambda event, data: f"{event.node} goes on",
    "wipe": lambda event, data: f"{event.node} loses its disk",
    "disk": lambda event, data: f"{event.node}'s disk: {data['operation']} {data['file']}".rstrip(),
    "fault-begin": lambda event, data: f"{fault_text(data['kind'], data['nodes'], data['parameters'])} begins ({data['fault']})",
    "fault-end": lambda event, data: f"the fault {data['fault']} ends",
    "observe": lambda event, data: f"{event.node} is now {show(data['state'])}",
    "invoke": lambda event, data: f"{event.node} begins its operation (event {data['op']})",
    "complete": lambda event, data: f"{event.node}'s operation ends: {data['type']} (event {data['op']})",
    "phase": lambda event, data: f"the {data['name']} phase begins",
    "violation": lambda event, data: f"{data['kind']}: {data['summary']}",
}
