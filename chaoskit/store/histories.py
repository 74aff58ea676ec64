"""Histories in files: read from anywhere, written whole, or recorded event by event while a run goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chaoskit.core.errors import FormatError, StoreError, UsageError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import Op, Process, Value
from chaoskit.formats import jsonl
from chaoskit.formats.pairs import check_pairs
from chaoskit.formats.table import HEAD_BYTES, check_is_plain, detect_format, find_format, format_to_write
from chaoskit.store.files import (
    GrowingFile,
    damaged_text,
    open_to_read,
    read_part,
    unreadable,
    write_file,
)
from chaoskit.store.layout import HISTORY

EVENTS_UNWRITTEN_MAX = 256  # what a killed run may lose of its history


def read_history_file(path: str | Path, *, format: str | None = None, keyed: bool = False) -> History:
    """The history in a file, or in a run directory. Without `format` it is told by content and extension.

    `keyed`: every client's value is a [key value] pair. Raises `FormatError` for a broken file, `UsageError` for none.
    """
    place = Path(path)
    if place.is_dir():
        place = place / HISTORY
    if not place.is_file():
        found = f"the directory {str(path)!r} has no {HISTORY}" if Path(path).is_dir() else f"there is nothing at {str(path)!r}"
        raise UsageError(f"expected a history file or a run directory but {found}.")
    try:
        head = read_part(place, 0, HEAD_BYTES)
        check_is_plain(str(place), head)
        chosen = detect_format(str(place), head) if format is None else find_format(format)
        with open_to_read(place) as stream:
            history = chosen.read(stream, file=str(place), keyed=keyed)
    except (OSError, StoreError) as error:
        raise UsageError(f"expected a file that can be read but got {str(path)!r}: {error}") from error
    check_pairs(history, file=str(place))
    return history


def write_history_file(path: str | Path, history: History, *, format: str = "jsonl", keyed: bool = False) -> None:
    """Writes a history whole, or leaves what was there. Raises `UsageError` for a format that is only read, `StoreError`."""
    write = format_to_write(str(path), format).write
    assert write is not None, "a format to write is written"
    write_file(Path(path), write(history, keyed=keyed))


def read_recorded(path: Path, *, torn_end: bool = False) -> History:
    """A run's own history. `torn_end`: a last line that is cut off (a killed run) is left out. Raises `StoreError`."""
    try:
        with open_to_read(path) as stream:
            return jsonl.read(_whole_lines(stream) if torn_end else stream, file=str(path))
    except OSError as error:
        raise unreadable(path, error) from error
    except FormatError as error:
        raise damaged_text(error) from error


class RecordingBuilder(HistoryBuilder):
    """A history builder that also keeps what it is given in a file, a few hundred events at a time."""

    __slots__ = ("_file", "_unwritten")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = GrowingFile(path)
        self._unwritten: list[bytes] = []

    def append(
        self,
        type: str,
        process: Process,
        f: str,
        key: Value = None,
        value: Value = None,
        *,
        time: int = 0,
        error: str | None = None,
    ) -> int:
        """Adds an event and returns its index. Raises `ModelError` as a builder does, `StoreError` for a full disk."""
        index = super().append(type, process, f, key, value, time=time, error=error)
        op = Op(type=type, process=process, f=f, key=key, value=value, time=time, error=error)
        self._unwritten.append(jsonl.encode_event(op, index=index))
        if len(self._unwritten) >= EVENTS_UNWRITTEN_MAX:
            self.flush()
        return index

    def extend(
        self,
        *,
        types: Sequence[str],
        processes: Sequence[Process],
        fs: Sequence[str],
        keys: Sequence[Value],
        values: Sequence[Value],
        times: Sequence[int],
        errors: Sequence[str | None],
    ) -> None:
        """Adds many events, each recorded; up to the one that is refused."""
        for *event, time, error in zip(types, processes, fs, keys, values, times, errors, strict=True):
            self.append(*event, time=time, error=error)

    def flush(self) -> None:
        """Hands what was added to the system, from where a kill of this process cannot take it."""
        unwritten = b"".join(self._unwritten)
        self._unwritten.clear()
        self._file.append(unwritten)

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._file.close()


def _whole_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line in lines if line.endswith(b"\n"))
