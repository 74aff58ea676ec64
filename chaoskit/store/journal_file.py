"""The journal on disk: compressed chunks one after another, each found again by scanning, none read before it is asked
for.

Layout: a magic word and a version, then records of a header (length, checksum of the payload, number of entries,
position, first and last time, checksum of the header) and a payload, the chunk compressed. A killed run ends with a
whole record or a torn one, which is where its journal ends. A journal read back keeps the headers only; a time window
decompresses the chunks it touches.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chaoskit.core.errors import InternalError
from chaoskit.core.journal import ChunkIndex, EventDigests, Journal
from chaoskit.store.files import (
    GrowingFile,
    damaged,
    file_size,
    other_version,
    read_part,
    write_file,
)

JOURNAL_VERSION = 1

_MAGIC = b"chaoskit-journal"
_FILE_HEADER = struct.Struct(">16sI")
_RECORD = struct.Struct(">IIIQqq")  # payload bytes, payload checksum, entries, position, first time, last time
_CHECKSUM = struct.Struct(">I")
_RECORD_BYTES = _RECORD.size + _CHECKSUM.size
_COMPRESSION = 1  # the fastest: a journal is written while a run goes


class Place(NamedTuple):
    """Where a chunk's payload lies in the file."""

    start: int
    size: int
    checksum: int


class FileSink:
    """Takes a journal's chunks while a run goes and keeps each at once. Raises `StoreError` when one does not fit."""

    def __init__(self, path: Path) -> None:
        self._file = GrowingFile(path, header=_FILE_HEADER.pack(_MAGIC, JOURNAL_VERSION))
        self._places: list[Place] = []

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, chunk: bytes, index: ChunkIndex) -> None:
        record, payload = _record(index, chunk)
        start = self._file.size + _RECORD_BYTES
        self._file.append(record + payload)
        self._places.append(Place(start, len(payload), zlib.crc32(payload)))

    def read(self, number: int) -> bytes:
        return _read_chunk(self.path, self._places[number])

    def close(self) -> None:
        self._file.close()


class StoredJournal(Journal):
    """A journal read back: its index is in memory, its chunks are on disk. Digests are computed when they are asked for."""

    def __init__(self, path: Path, *, torn_end: bool = False) -> None:
        """Reads the index. `torn_end`: the file may end within a record (a killed run). Raises `StoreError` for damage."""
        index = list(_scan(path, torn_end=torn_end))
        super().__init__(_Stored(path, [place for place, _ in index]))
        self.chunks = [chunk for _, chunk in index]
        self.count = sum(chunk.entries for chunk in self.chunks)
        self._digests: dict[str, str] | None = None

    def digests(self) -> dict[str, str]:
        if self._digests is None:
            digests = EventDigests()
            for number, index in enumerate(self.chunks):
                digests.add(self.sink.read(number), index.entries)
            self._digests = digests.hex()
        return self._digests


def write_journal(path: Path, journal: Journal) -> None:
    """Writes a whole journal that was kept elsewhere (in memory). Raises `StoreError`."""
    journal.flush()

    def records() -> Iterator[bytes]:
        yield _FILE_HEADER.pack(_MAGIC, JOURNAL_VERSION)
        for number, index in enumerate(journal.chunks):
            yield from _record(index, journal.sink.read(number))

    write_file(path, records())


class _Stored:
    """A sink that is only read."""

    def __init__(self, path: Path, places: list[Place]) -> None:
        self._path = path
        self._places = places

    def write(self, chunk: bytes, index: ChunkIndex) -> None:
        raise InternalError(f"expected a stored journal to be only read but {len(chunk)} bytes came for {self._path}.")

    def read(self, number: int) -> bytes:
        return _read_chunk(self._path, self._places[number])


def _record(index: ChunkIndex, chunk: bytes) -> tuple[bytes, bytes]:
    """(header, payload) of a chunk's record."""
    payload = zlib.compress(chunk, _COMPRESSION)
    header = _RECORD.pack(len(payload), zlib.crc32(payload), index.entries, index.position, index.first, index.last)
    return header + _CHECKSUM.pack(zlib.crc32(header)), payload


def _read_chunk(path: Path, place: Place) -> bytes:
    payload = read_part(path, place.start, place.size)
    if len(payload) != place.size or zlib.crc32(payload) != place.checksum:
        raise damaged(path, f"expected a chunk of {place.size} bytes with its checksum at byte {place.start} but got other bytes")
    return zlib.decompress(payload)


def _scan(path: Path, *, torn_end: bool) -> Iterator[tuple[Place, ChunkIndex]]:
    """(place, index) of every record, from the headers alone; a record that the file ends within is left out when `torn_end`."""
    header = read_part(path, 0, _FILE_HEADER.size)
    if torn_end and len(header) < _FILE_HEADER.size:
        return
    _check_file_header(path, header)
    at, position, end = _FILE_HEADER.size, 0, file_size(path)
    while at < end:
        record = read_part(path, at, _RECORD_BYTES)
        values, checksum = record[: _RECORD.size], record[_RECORD.size :]
        whole = len(record) == _RECORD_BYTES and _CHECKSUM.unpack(checksum)[0] == zlib.crc32(values)
        length, payload_checksum, entries, first_position, first, last = _RECORD.unpack(values) if whole else (0, 0, 0, -1, 0, 0)
        at += _RECORD_BYTES
        if first_position != position or at + length > end:
            if torn_end:
                return
            raise damaged(path, f"expected the record of journal entry {position} before byte {at} but it is cut off or changed")
        yield Place(at, length, payload_checksum), ChunkIndex(position, entries, first, last)
        at += length
        position += entries


def _check_file_header(path: Path, header: bytes) -> None:
    if len(header) < _FILE_HEADER.size or not header.startswith(_MAGIC):
        raise damaged(path, f"expected a chaoskit journal but it begins with {header!r}")
    version = _FILE_HEADER.unpack(header)[1]
    if version != JOURNAL_VERSION:
        raise other_version(path, expected=JOURNAL_VERSION, found=version)
