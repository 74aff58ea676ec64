"""Reading and writing files so that nothing half-written stands under a final name, and every failure names the path and
the reason.

All of chaoskit's file access goes through here. A whole file is written beside its place and renamed into it; a file
that grows is cut back to its last whole record when a record does not fit (a full disk), so that everything recorded
before stays readable.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from chaoskit.core.errors import FormatError, StoreError


def read_file(path: Path) -> bytes:
    """All bytes of a file. Raises `StoreError`."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise unreadable(path, error) from error


def open_to_read(path: Path) -> BinaryIO:
    """A file open for reading its bytes. Raises `StoreError`."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise unreadable(path, error) from error


def read_part(path: Path, start: int, size: int) -> bytes:
    """At most `size` bytes from `start` on. Raises `StoreError`."""
    try:
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(size)
    except OSError as error:
        raise unreadable(path, error) from error


def append_file(path: Path, data: bytes) -> None:
    """Adds to the end of a small file, which need not be there yet, or leaves it as it was. Raises `StoreError`."""
    write_file(path, (read_file(path) if path.is_file() else b"") + data)


def file_size(path: Path) -> int:
    """How many bytes a file has. Raises `StoreError`."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from error


def write_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Writes a whole file or leaves what was there: beside its place first, then renamed. Raises `StoreError`."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def remove_file(path: Path) -> None:
    """Takes a file away; it may be gone already. Raises `StoreError`."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"could not remove {path}: {_reason(error)}.") from error


def make_directory(path: Path, *, new: bool = False) -> None:
    """Makes a directory and those above it. `new`: raises `FileExistsError` when it is there already. Raises `StoreError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=not new)
    except OSError as error:
        if new and isinstance(error, FileExistsError) and path.exists():
            raise
        raise unwritable(path, error) from error


def remove_directory(path: Path) -> None:
    """Removes a directory with all that is in it; one that is not there is no error. Raises `StoreError`."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"could not remove {path}: {_reason(error)}. Remove it yourself.") from error


class GrowingFile:
    """A file that records are appended to. After a kill it ends with a whole record or a torn one, told by its reader."""

    def __init__(self, path: Path, *, header: bytes = b"", resume: bool = False) -> None:
        """Makes a new file; with `resume`, goes on with one that may be there."""
        self.path = path
        try:
            self._file = open(path, "ab" if resume else "xb", buffering=0)  # noqa: SIM115  # kept open while the run goes
            self.size = self._file.tell()
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            self.append(header)
        except StoreError:
            self.close()
            raise

    def append(self, record: bytes) -> None:
        """Appends a record and hands it to the system. Raises `StoreError`, with the file cut back to what was there."""
        try:
            rest = memoryview(record)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self.size)
                self._file.seek(self.size)
            raise unwritable(self.path, error) from error
        self.size += len(record)

    def close(self) -> None:
        """Lets go of the file. Raises `StoreError` when the system tells only now that something did not fit."""
        try:
            self._file.close()
        except OSError as error:
            raise unwritable(self.path, error) from error


def unreadable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"could not read {path}: {_reason(error)}.")


def unwritable(path: Path, error: OSError) -> StoreError:
    kept = "What was recorded before is kept; make room there, or name another directory."
    return StoreError(f"could not write {path}: {_reason(error)}. {kept}")


def other_version(path: Path | str, *, expected: int, found: int) -> StoreError:
    age = "a newer" if found > expected else "an older"
    return StoreError(f"expected {path} in version {expected} but got version={found}; use {age} chaoskit, which wrote it.")


def damaged(path: Path | str, reason: str) -> StoreError:
    return StoreError(f"{path} is damaged: {reason.rstrip('.')}.")


def damaged_text(error: FormatError) -> StoreError:
    """The same of a file of our own, where broken text is damage and nobody's input."""
    return damaged(error.file, error.reason if error.line is None else f"line {error.line}: {error.reason}")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def newest_first(folder: Path, written: str) -> list[Path]:
    """The directories in a folder, by when this file in them was written, then by name; those without it last."""
    try:
        directories = [path for path in folder.iterdir() if path.is_dir()]
        return sorted(directories, key=lambda path: (_written(path / written), path.name), reverse=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(folder, error) from error


def _written(file: Path) -> int:
    return file.stat().st_mtime_ns if file.is_file() else 0
