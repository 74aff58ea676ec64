"""A wire sweep's directory: its record with every cell, and its reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.sweep import SweepRecord
from chaoskit.store import layout
from chaoskit.store.directory import new_directory
from chaoskit.store.files import newest_first, write_file


def keep_sweep(
    record: SweepRecord, reports: dict[str, str], *, root: str | Path = layout.DEFAULT_ROOT, at: str | Path | None = None
) -> Path:
    """Keeps a sweep with these reports (file name → text) in `<root>/sweeps/<conversation>-<n>`, or the new or empty `at`.

    Raises `UsageError` when something is at `at` already, `StoreError` for what cannot be written.
    """
    directory = new_directory(Path(root) / layout.SWEEPS, layout.plain_name(record.conversation), at=at)
    write_file(directory / layout.SWEEP, layout.to_json_file(record))
    for name, text in reports.items():
        write_file(directory / name, text.encode())
    return directory


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepRow:
    """A sweep in a listing. `problem` says what is wrong with a directory that cannot be read; it has no record then."""

    name: str
    path: Path
    record: SweepRecord | None = None
    problem: str | None = None


def list_sweeps(root: str | Path = layout.DEFAULT_ROOT) -> list[SweepRow]:
    """The sweeps kept under a root, the newest first (by when their record was written, then by name)."""
    return [_row(path) for path in newest_first(Path(root) / layout.SWEEPS, layout.SWEEP)]


def _row(path: Path) -> SweepRow:
    try:
        return SweepRow(name=path.name, path=path, record=layout.read_sweep_file(path))
    except ChaoskitError as error:
        return SweepRow(name=path.name, path=path, problem=str(error))
