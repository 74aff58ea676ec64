"""The formats that histories come in, one line each; found by name, or by a file's content and extension."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from chaoskit.core.errors import FormatError, UsageError, unknown_name
from chaoskit.core.history import History
from chaoskit.formats import edn, jsonl, npz, porcupine
from chaoskit.formats.sources import Source

HEAD_BYTES = 4096  # how much of a file is looked at to know its format
COMPRESSED = {  # how such files begin: by what, and what unpacks them
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"BZh": ("bzip2", "bunzip2"),
    b"\xfd7zXZ\x00": ("xz", "unxz"),
    b"\x28\xb5\x2f\xfd": ("zstd", "unzstd"),
}


class Reader(Protocol):
    """Makes a history of text. Raises `FormatError` naming `file` and the line, and nothing else."""

    def __call__(self, source: Source, *, file: str = ..., keyed: bool = ...) -> History: ...


class Writer(Protocol):
    """Makes lines of a history, each with its end; a binary format's bytes come as they please."""

    def __call__(self, history: History, *, keyed: bool = ...) -> Iterator[bytes]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A way to write histories down. `write` is None for a format that is only read."""

    name: str
    summary: str
    read: Reader
    write: Writer | None
    extensions: tuple[str, ...]


_ALL = (
    Format(
        name="jsonl",
        summary="chaoskit's own: one JSON event a line",
        read=jsonl.read,
        write=jsonl.write,
        extensions=(".jsonl", ".ndjson"),
    ),
    Format(
        name="npz",
        summary="chaoskit's own for millions of events: columns of numpy",
        read=npz.read,
        write=npz.write,
        extensions=(".npz",),
    ),
    Format(name="edn", summary="op maps of Jepsen, Knossos and Elle", read=edn.read, write=edn.write, extensions=(".edn",)),
    Format(
        name="porcupine",
        summary="Jepsen's log lines, and Porcupine's key-value logs",
        read=porcupine.read,
        write=None,
        extensions=(".log",),
    ),
)
FORMATS: dict[str, Format] = {format.name: format for format in _ALL}


def find_format(name: str) -> Format:
    """The format of this name. Raises `UsageError` with the nearest name."""
    if name not in FORMATS:
        raise unknown_name("format", name, FORMATS, listing="formats")
    return FORMATS[name]


def format_to_write(file: str, name: str | None = None) -> Format:
    """The format to write a file in: of this name, or, without one, of its extension. Raises `UsageError`."""
    found = _by_extension(file) if name is None else find_format(name)
    writable = ", ".join(format.name for format in FORMATS.values() if format.write)
    if found is None:
        raise UsageError(f"expected a file whose extension tells its format ({writable}) but got {file!r}; name its format.")
    if found.write is None:
        raise UsageError(f"expected a format that can be written ({writable}) but got format={found.name!r}.")
    return found


def detect_format(file: str, head: bytes) -> Format:
    """The format of a file, by how it begins and, where that says nothing, by its extension. Raises `FormatError`."""
    if head.startswith(npz.MAGIC):
        return FORMATS["npz"]
    name = _format_of_text(head.decode(errors="replace"), file=file)
    if name is not None:
        return FORMATS[name]
    found = _by_extension(file)
    if found is None:
        raise FormatError(
            f"expected a history ({', '.join(FORMATS)}) but it looks like none of them; name its format (--format).", file=file
        )
    return found


def check_is_plain(file: str, head: bytes) -> None:
    """Raises `FormatError` for a file that begins as a compressed one, and for one in which nothing is."""
    if not head:
        raise FormatError("expected a history but the file is empty.", file=file)
    for magic, (name, program) in COMPRESSED.items():
        if head.startswith(magic):
            reason = f"expected a history but the file is compressed with {name}; unpack it first, with {program}."
            raise FormatError(reason, file=file)


def _by_extension(file: str) -> Format | None:
    extension = PurePath(file).suffix.lower()
    return next((format for format in FORMATS.values() if extension in format.extensions), None)


def _format_of_text(head: str, *, file: str) -> str | None:
    text = head.removeprefix("\ufeff").lstrip()
    if re.match(r'\[\s*\{\s*"', text):
        reason = "expected one JSON event a line but got a JSON array; write each of its elements on a line of its own."
        raise FormatError(reason, file=file, line=1)
    if re.match(r'\{\s*"', text):
        return "jsonl"
    if re.match(r"[(\[;]|\{[\s,]*[:#;]|#[A-Za-z_]", text):
        return "edn"
    return "porcupine" if porcupine.is_log(text) else None
