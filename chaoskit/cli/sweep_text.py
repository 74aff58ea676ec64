"""One cell of a sweep, told: all that went over the wire, each with its instant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaoskit.core.sweep import OUTCOMES
from chaoskit.core.units import SECOND, format_time, plural
from chaoskit.reports.text import visible
from chaoskit.wire.sweep import Conversation, Fault, Found, Observation

DUMP_COLUMNS = 16
DUMP_LINES_MAX = 8  # of one event

_TIME_COLUMNS = 10
_WHAT_COLUMNS = 22


def transcript_lines(seen: Observation) -> Iterator[str]:
    """A line for each event, and its bytes in hexadecimal."""
    for event in seen.events:
        time = f"{format_time(event.ns):>{_TIME_COLUMNS}}"
        if not event.data:
            yield f"{time}  {visible(event.what)}"
            continue
        yield f"{time}  {event.what:<{_WHAT_COLUMNS}}{plural(len(event.data), 'byte')}"
        yield from (f"{'':<{_TIME_COLUMNS}}    {line}" for line in _dump(event.data))


def transcript_object(
    conversation: Conversation, fault: Fault, seen: Observation, found: Found, *, bug: str | None, reproduce: str
) -> dict[str, Any]:
    """The one object of `--json`."""
    return {
        "verdict": "invalid" if OUTCOMES[found.outcome].finding else "valid",
        "conversation": conversation.name,
        "bug": bug,
        "cell": str(fault),
        "outcome": found.outcome,
        "detail": found.detail,
        "sentence": found.sentence,
        "seconds_virtual": None if seen.ended_ns is None else seen.ended_ns / SECOND,
        "events": [{"ns": event.ns, "what": event.what, "bytes": event.data.hex()} for event in seen.events],
        "reproduce": reproduce,
    }


def _dump(data: bytes) -> Iterator[str]:
    for at in range(0, min(len(data), DUMP_COLUMNS * DUMP_LINES_MAX), DUMP_COLUMNS):
        row = data[at : at + DUMP_COLUMNS]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield f"{row.hex(' '):<{3 * DUMP_COLUMNS}} {text}"
    if len(data) > DUMP_COLUMNS * DUMP_LINES_MAX:
        yield f"… and {plural(len(data) - DUMP_COLUMNS * DUMP_LINES_MAX, 'byte')} more"
