"""The journal: what the cluster did, event by event, each with its cause.

Entries are plain tuples `(time, kind, node, cause, *fields)`; `FIELDS` names the fields of each kind. They are written in
chunks that are hashed and handed to a sink; a 100,000-operation run is millions of entries, so none is kept as an object.
Two digests run along: *journal* leaves out log lines (a changed log message is not a changed behaviour), *full* covers all.
They are equal until something is logged.
"""

from __future__ import annotations

import bisect
import re
import zlib
from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from chaoskit.core.canonical import Digest
from chaoskit.core.errors import ModelError

EVENTS_DIGEST = "chaoskit-events-2"
CHUNK_ENTRIES = 4096
MEMORY_PLAIN_BYTES = 16_000_000  # what an in-memory journal keeps uncompressed before it begins to compress

Entry = tuple[Any, ...]

FIELDS: dict[str, tuple[str, ...]] = {
    "send": ("message", "to", "type", "size", "body"),
    "deliver": ("message", "from", "type"),
    "drop": ("message", "to", "type", "reason"),
    "duplicate": ("message", "to", "type"),
    "corrupt": ("message", "to", "type", "detected"),
    "timer": ("name",),
    "boot": ("boot",),
    "crash": ("reason",),
    "pause": (),
    "resume": (),
    "wipe": (),
    "disk": ("operation", "file", "size"),
    "clock": ("change",),
    "fault-begin": ("fault", "kind", "nodes", "parameters"),
    "fault-effect": ("fault", "effect"),
    "fault-end": ("fault",),
    "fault-refused": ("fault", "kind", "reason"),
    "observe": ("state",),
    "invoke": ("op",),
    "complete": ("op", "type"),
    "phase": ("name",),
    "violation": ("kind", "summary"),
    "log": ("text",),
}
QUIET_KINDS = frozenset({"log"})  # left out of the journal digest


class Event(msgspec.Struct, frozen=True):
    """A journal entry with its fields named. `position` counts from 0 over the whole run; `time` is virtual ns."""

    position: int
    time: int
    kind: str
    node: str
    cause: str
    data: dict[str, Any]


class ChunkIndex(msgspec.Struct, frozen=True):
    """What a chunk covers: its first entry's position, how many entries, and the times of the first and the last (ns)."""

    position: int
    entries: int
    first: int
    last: int


class Sink(Protocol):
    """Where chunks go: memory or a file. A chunk is the concatenated msgpack of its entries."""

    def write(self, chunk: bytes, index: ChunkIndex) -> None: ...
    def read(self, number: int) -> bytes: ...


class MemorySink:
    """Keeps chunks in memory, compressed once there are many."""

    def __init__(self) -> None:
        self._chunks: list[tuple[bool, bytes]] = []
        self._plain = 0

    def write(self, chunk: bytes, index: ChunkIndex) -> None:  # a file needs the index, memory does not
        if self._plain + len(chunk) <= MEMORY_PLAIN_BYTES:
            self._plain += len(chunk)
            self._chunks.append((False, chunk))
        else:
            self._chunks.append((True, zlib.compress(chunk, 1)))

    def read(self, number: int) -> bytes:
        packed, data = self._chunks[number]
        return zlib.decompress(data) if packed else data


class EventDigests:
    """The journal and the full digest of a journal's chunks: one hash until something is logged, then two."""

    def __init__(self) -> None:
        self._full = self._journal = Digest(EVENTS_DIGEST)

    def add(self, chunk: bytes, entries: int) -> None:
        """Goes on with a chunk of this many entries."""
        loud = chunk
        if _QUIET_ENTRY.search(chunk):  # else there is nothing to leave out, and nothing to decode
            loud = pack([tuple(entry) for entry in unpack(chunk, entries) if entry[1] not in QUIET_KINDS])
        if self._journal is self._full and loud != chunk:
            self._journal = self._full.copy()
        self._full.add_stream(chunk)
        if self._journal is not self._full:
            self._journal.add_stream(loud)

    def hex(self) -> dict[str, str]:
        return {"journal": self._journal.hex(), "full": self._full.hex()}


class Journal:
    """An append-only journal. The simulator appends tuples to `pending` and calls `flush` when that grows past a chunk."""

    def __init__(self, sink: Sink | None = None) -> None:
        self.sink: Sink = MemorySink() if sink is None else sink
        self.pending: list[Entry] = []
        self.chunks: list[ChunkIndex] = []
        self.count = 0  # entries already flushed
        self._hashed = EventDigests()

    def __len__(self) -> int:
        return self.count + len(self.pending)

    def flush(self) -> None:
        """Encodes, hands over and hashes what is pending. What cannot be encoded is dropped, and raises `ModelError`."""
        pending = self.pending
        if not pending:
            return
        try:
            chunk = pack(pending)
        except ModelError:
            pending[:] = [entry for entry in pending if _encodes(entry)]  # everything else is kept: the next flush takes it
            raise
        index = ChunkIndex(self.count, len(pending), pending[0][0], pending[-1][0])
        self.sink.write(chunk, index)
        self._hashed.add(chunk, index.entries)
        self.chunks.append(index)
        self.count += len(pending)
        pending.clear()

    def digests(self) -> dict[str, str]:
        """The journal and the full digest of everything so far."""
        self.flush()
        return self._hashed.hex()

    def entries(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """(position, entry) from a position on."""
        self.flush()
        first = max(0, bisect.bisect_right([chunk.position for chunk in self.chunks], start) - 1)
        for number in range(first, len(self.chunks)):
            for offset, entry in enumerate(self._read(number)):
                position = self.chunks[number].position + offset
                if position >= start:
                    yield position, tuple(entry)

    def events(self, start: int | None = None, end: int | None = None, *, kinds: frozenset[str] | None = None) -> Iterator[Event]:
        """Events with named fields whose time lies in [start, end] (ns), of these kinds, in order."""
        self.flush()
        for number, chunk in enumerate(self.chunks):
            if (start is not None and chunk.last < start) or (end is not None and chunk.first > end):
                continue
            for offset, entry in enumerate(self._read(number)):
                if (
                    (start is None or entry[0] >= start)
                    and (end is None or entry[0] <= end)
                    and (kinds is None or entry[1] in kinds)
                ):
                    yield named(chunk.position + offset, tuple(entry))

    def _read(self, number: int) -> list[list[Any]]:
        return unpack(self.sink.read(number), self.chunks[number].entries)


def named(position: int, entry: Entry) -> Event:
    """An entry with its fields named."""
    time, kind, node, cause = entry[:4]
    return Event(position, time, kind, node, cause, dict(zip(FIELDS[kind], entry[4:], strict=True)))


_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_DECODER = msgspec.msgpack.Decoder(list[Any])
# How a quiet entry may look in msgpack: its kind and, right behind it, a text, the node. It may match more than those.
_QUIET_ENTRY = re.compile(b"(?:%s)[\xa0-\xbf\xd9-\xdb]" % b"|".join(_ENCODER.encode(kind) for kind in sorted(QUIET_KINDS)))


def pack(entries: list[Entry]) -> bytes:
    """Entries as a self-delimiting stream: a msgpack array without its header, so that chunks concatenate."""
    try:
        encoded = _ENCODER.encode(entries)
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise ModelError(
            f"expected journal entries that can be encoded but got {error}; what observe() returns must be JSON-like."
        ) from error
    return encoded[_header_bytes(len(entries)) :]


def unpack(chunk: bytes, entries: int) -> list[list[Any]]:
    """The entries of a chunk that holds this many."""
    return _DECODER.decode(b"\xdd" + entries.to_bytes(4, "big") + chunk)  # give the stream an array32 header again


def _encodes(entry: Entry) -> bool:
    try:
        pack([entry])
    except ModelError:
        return False
    return True


def _header_bytes(count: int) -> int:
    return 1 if count < 16 else 3 if count < 65536 else 5
