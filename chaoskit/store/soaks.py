"""A soak's directory: its record, rewritten whole as the soak goes on, a page of its classes, and a run for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.soak import SoakRecord
from chaoskit.store import layout
from chaoskit.store.directory import new_directory
from chaoskit.store.files import newest_first, write_file


class SoakDirectory:
    """The directory of a soak. Whatever cannot be written is a `StoreError`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, root: str | Path, model: str, seed: int, *, at: str | Path | None = None) -> SoakDirectory:
        """Makes `<root>/soaks/<model>-<seed>-<n>`, or the new or empty directory `at`.

        Raises `UsageError` when something is at `at` already.
        """
        return cls(new_directory(Path(root) / layout.SOAKS, layout.run_name(model, seed), at=at))

    def write(self, record: SoakRecord) -> None:
        """Writes the record in place of the one before."""
        write_file(self.path / layout.SOAK, layout.to_json_file(record))

    def write_page(self, page: str) -> None:
        """Writes the page that lists the classes."""
        write_file(self.path / layout.SOAK_PAGE, page.encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class SoakRow:
    """A soak in a listing. `problem` says what is wrong with a directory that cannot be read; it has no record then."""

    name: str
    path: Path
    record: SoakRecord | None = None
    problem: str | None = None


def list_soaks(root: str | Path = layout.DEFAULT_ROOT) -> list[SoakRow]:
    """The soaks kept under a root, the newest first (by when their record was written, then by name)."""
    return [_row(path) for path in newest_first(Path(root) / layout.SOAKS, layout.SOAK)]


def _row(path: Path) -> SoakRow:
    try:
        return SoakRow(name=path.name, path=path, record=layout.read_soak_file(path))
    except ChaoskitError as error:
        return SoakRow(name=path.name, path=path, problem=str(error))
