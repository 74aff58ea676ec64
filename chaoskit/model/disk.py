"""A node's disk: files, and on them a record log and a table that survive torn writes, so that no model reinvents framing.

Writes are seen at once and are durable after a `sync` that follows them. A record is framed by its length and checksum; what
a power loss tore is cut off when the log is opened.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from chaoskit.sim.disks import Mutation
from chaoskit.sim.host import Process
from chaoskit.sim.tasks import Promise

T = TypeVar("T")
_FRAME = 8  # bytes before each record: length and checksum
_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


class Disk:
    """Files of one host as one boot sees them."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def read(self, file: str) -> bytes:
        """The whole file; empty when there is none."""
        return bytes(self._process.host.disk.files.get(file, b""))

    def size(self, file: str) -> int:
        return len(self._process.host.disk.files.get(file, b""))

    def list(self) -> list[str]:
        """The names of all files, sorted."""
        return sorted(self._process.host.disk.files)

    def append(self, file: str, data: bytes) -> None:
        """Adds to the end. Raises `DiskError` when the disk refuses."""
        self._process.change_disk(Mutation("append", file, 0, data))

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Overwrites from an offset. Raises `DiskError`."""
        self._process.change_disk(Mutation("write", file, offset, data))

    def truncate(self, file: str, size: int) -> None:
        self._process.change_disk(Mutation("truncate", file, size, b""))

    def replace(self, source: str, target: str) -> None:
        """Renames, atomically, over whatever the target was."""
        self._process.change_disk(Mutation("replace", source, 0, b"", target))

    def remove(self, file: str) -> None:
        self._process.change_disk(Mutation("remove", file, 0, b""))

    def sync(self) -> None:
        """Makes durable all that was written so far. What is sent after it leaves when it is done."""
        self._process.sync()

    def synced(self) -> Promise:
        """Await it to go on when the syncs so far are done: for what rests on the disk and is not a message."""
        return self._process.synced()

    def log(self, name: str, record: type[T]) -> RecordLog[T]:
        """The record log in a file of this name, opened: a torn or corrupt tail is cut off."""
        return RecordLog(self, name, record)

    def table(self, name: str, value: type[T], *, default: T) -> Table[T]:
        """The table in a file of this name: string keys to values."""
        return Table(self, name, value, default)


class RecordLog(Generic[T]):
    """An append-only list of records on disk. It behaves as a sequence; changing it needs a `sync` to be durable."""

    def __init__(self, disk: Disk, name: str, record: type[T]) -> None:
        self._disk = disk
        self._name = name
        self._record = record
        self._items: list[T] = []
        self._ends: list[int] = []
        self._load()

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __getitem__(self, position: int) -> T:
        return self._items[position]

    def part(self, start: int, end: int | None = None) -> tuple[T, ...]:
        """Records from `start` to before `end`."""
        return tuple(self._items[start:end])

    def append(self, record: T) -> None:
        frame = _framed(record)
        self._disk.append(self._name, frame)
        self._items.append(record)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(frame))

    def truncate(self, count: int) -> None:
        """Keeps the first `count` records."""
        if count < len(self._items):
            self._disk.truncate(self._name, self._ends[count - 1] if count else 0)
            del self._items[count:], self._ends[count:]

    def rewrite(self, records: list[T]) -> None:
        """Replaces all records, atomically: after a power loss there are either the old or the new ones."""
        fresh = f"{self._name}.new"
        self._disk.remove(fresh)
        frames = [_framed(record) for record in records]
        self._disk.append(fresh, b"".join(frames))
        self._disk.replace(fresh, self._name)
        self._items = list(records)
        self._ends = []
        for frame in frames:
            self._ends.append((self._ends[-1] if self._ends else 0) + len(frame))

    def _load(self) -> None:
        content = self._disk.read(self._name)
        decode = msgspec.msgpack.Decoder(self._record).decode
        place = 0
        while place + _FRAME <= len(content):
            length = int.from_bytes(content[place : place + 4], "big")
            checksum = int.from_bytes(content[place + 4 : place + 8], "big")
            body = content[place + _FRAME : place + _FRAME + length]
            if not length or len(body) < length or zlib.crc32(body) != checksum:  # zeros are no record
                break
            self._items.append(decode(body))
            place += _FRAME + length
            self._ends.append(place)
        if place < len(content):
            self._disk.truncate(self._name, place)  # what was torn was never acknowledged: it was not synced


class Table(Generic[T]):
    """String keys to values, on a record log that is rewritten when most of it is outdated."""

    def __init__(self, disk: Disk, name: str, value: type[T], default: T) -> None:
        self._log: RecordLog[tuple[str, T]] = RecordLog(disk, name, tuple[str, value])  # type: ignore[valid-type]
        self._default = default
        self._values: dict[str, T] = dict(self._log)

    def __getitem__(self, key: str) -> T:
        return self._values.get(key, self._default)

    def __setitem__(self, key: str, value: T) -> None:
        if len(self._log) > 64 + 4 * len(self._values):
            self._log.rewrite(sorted({**self._values, key: value}.items(), key=lambda item: item[0]))
        else:
            self._log.append((key, value))
        self._values[key] = value  # last: what the disk refuses is not in the table either

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> list[str]:
        """The keys, sorted."""
        return sorted(self._values)

    def items(self) -> list[tuple[str, T]]:
        """(key, value) pairs, sorted by key."""
        return sorted(self._values.items(), key=lambda item: item[0])


def _framed(record: Any) -> bytes:
    body = _ENCODER.encode(record)
    return len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body
