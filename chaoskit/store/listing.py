"""Directories that each hold one record, as a list to look at: soaks and wire sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from chaoskit.core.errors import ChaoskitError
from chaoskit.store.files import newest_first

Record = TypeVar("Record")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept(Generic[Record]):
    """A directory in a listing. `problem` says what is wrong with one that cannot be read; it has no record then."""

    name: str
    path: Path
    record: Record | None = None
    problem: str | None = None


def list_kept(folder: Path, file: str, read: Callable[[Path], Record]) -> list[Kept[Record]]:
    """The directories in a folder, the newest first (by when their record was written to this file, then by name)."""

    def kept(path: Path) -> Kept[Record]:
        try:
            return Kept(name=path.name, path=path, record=read(path))
        except ChaoskitError as error:
            return Kept(name=path.name, path=path, problem=str(error))

    return [kept(path) for path in newest_first(folder, file)]
