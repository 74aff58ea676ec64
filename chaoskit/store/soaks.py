"""A soak's directory: its record, rewritten whole as the soak goes on, a page of its classes, and a run for each."""

from __future__ import annotations

from pathlib import Path

from chaoskit.core.soak import SoakRecord
from chaoskit.store import layout
from chaoskit.store.directory import new_directory
from chaoskit.store.files import write_file
from chaoskit.store.listing import Kept, list_kept


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


def list_soaks(root: str | Path = layout.DEFAULT_ROOT) -> list[Kept[SoakRecord]]:
    """The soaks kept under a root, the newest first."""
    return list_kept(Path(root) / layout.SOAKS, layout.SOAK, layout.read_soak_file)
