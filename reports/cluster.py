"""What the cluster was doing at an instant, read from the journal: each node's state, and the messages round it.

A journal may be millions of entries in compressed chunks, so it is read outward from the instant and no further than
needed. Every reading has a limit, and what was left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from chaoskit.core.journal import ChunkIndex, Entry, Event, Journal, named

MESSAGES_EACH_SIDE = 50
LOOKBACK_ENTRIES_MAX = 100_000  # how far back a node's last word is looked for
NOTES_MAX = 200  # crashes, faults, log lines … in one window
ARRIVAL_ENTRIES_MAX = 20_000  # how far past a window the arrival of its last messages is looked for

_STATUS = {
    "crash": "down",
    "pause": "paused",
    "boot": "up",
    "resume": "up",
    "send": "up",
    "timer": "up",
}
_FATES = {"deliver": "delivered", "drop": "dropped", "duplicate": "duplicated", "corrupt": "corrupted"}
_NOTES = frozenset(
    {
        "crash",
        "boot",
        "pause",
        "resume",
        "wipe",
        "clock",
        "fault-begin",
        "fault-end",
        "fault-refused",
        "violation",
        "log",
        "phase",
    }
)


@dataclass(frozen=True, kw_only=True)
class NodeState:
    """What a node had last said of itself and when, None when it was silent for long; `up`, `down`, `paused` or `unknown`."""

    node: str
    status: str = "unknown"
    state: dict[str, object] = field(default_factory=dict)
    since: int | None = None


@dataclass(kw_only=True)
class Message:
    """One message of a window: who sent it when, and what became of each copy, as (time, fate); none: still under way."""

    number: int
    sender: str
    receiver: str
    type: str
    sent: int
    cause: str
    size: int | None = None
    body: object = None
    arrivals: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The messages round an instant and what happened to nodes meanwhile. `begin` and `end` are its first and last entry (ns)."""

    begin: int
    end: int
    messages: list[Message]
    notes: list[Event]
    notes_left_out: int


def states_at(journal: Journal, instant: int, nodes: Sequence[str]) -> list[NodeState]:
    """Each node's state as of an instant (ns), in the order of `nodes`."""
    observed: dict[str, Entry] = {}
    status: dict[str, str] = {}
    for _, entry in islice(_backwards(journal, instant), LOOKBACK_ENTRIES_MAX):
        kind, node = entry[1], entry[2]
        if kind == "observe":
            observed.setdefault(node, entry)
        elif kind in _STATUS:
            status.setdefault(node, _STATUS[kind])
        if all(node in observed and node in status for node in nodes):
            break
    return [_state(node, status.get(node, "unknown"), observed.get(node)) for node in nodes]


def window_at(journal: Journal, instant: int, *, each_side: int = MESSAGES_EACH_SIDE) -> Window:
    """The last messages sent up to an instant (ns) and the first after it, and what happened to nodes between."""
    start = _window_start(journal, instant, each_side)
    messages: dict[int, Message] = {}
    awaited: dict[int, None] = {}
    notes: list[Event] = []
    left_out = sent_after = past = 0
    begin = end = instant
    for position, entry in journal.entries(start):
        time, kind = entry[0], entry[1]
        if kind == "send" and time > instant:
            sent_after += 1
        if sent_after > each_side:
            past += 1
            if past > ARRIVAL_ENTRIES_MAX or not awaited:
                break
        else:
            begin, end = min(begin, time), max(end, time)
            if kind == "send":
                messages[entry[4]] = _sent(entry)
                awaited[entry[4]] = None
            elif kind in _NOTES:
                left_out += len(notes) >= NOTES_MAX
                if len(notes) < NOTES_MAX:
                    notes.append(named(position, entry))
        if kind in _FATES and entry[4] in messages:
            messages[entry[4]].arrivals.append((time, _FATES[kind]))
            awaited.pop(entry[4], None)
    return Window(begin=begin, end=end, messages=list(messages.values()), notes=notes, notes_left_out=left_out)


def _state(node: str, status: str, observation: Entry | None) -> NodeState:
    if observation is None:
        return NodeState(node=node, status=status)
    return NodeState(node=node, status=status, state=dict(observation[4]), since=observation[0])


def _window_start(journal: Journal, instant: int, each_side: int) -> int:
    """The position of the `each_side`-th last message sent up to an instant, 0 when there are fewer."""
    seen = 0
    for position, entry in _backwards(journal, instant):
        if entry[1] == "send":
            seen += 1
            if seen == each_side:
                return position
    return 0


def _sent(entry: Entry) -> Message:
    time, _, node, cause, number, receiver, type_, size, body = entry
    return Message(number=number, sender=node, receiver=receiver, type=type_, sent=time, cause=cause, size=size, body=body)


def _backwards(journal: Journal, instant: int) -> Iterator[tuple[int, Entry]]:
    """(position, entry) of what happened up to an instant, the latest first."""
    journal.flush()
    for chunk in reversed(journal.chunks):
        if chunk.first <= instant:
            for position, entry in reversed(_read(journal, chunk)):
                if entry[0] <= instant:
                    yield position, entry


def _read(journal: Journal, chunk: ChunkIndex) -> list[tuple[int, Entry]]:
    return list(islice(journal.entries(chunk.position), chunk.entries))
