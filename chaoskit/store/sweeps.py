"""A wire sweep's directory: its record with every cell, and its reports."""

from __future__ import annotations

from pathlib import Path

from chaoskit.core.sweep import SweepRecord
from chaoskit.store import layout
from chaoskit.store.directory import new_directory
from chaoskit.store.files import write_file
from chaoskit.store.listing import Kept, list_kept


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


def list_sweeps(root: str | Path = layout.DEFAULT_ROOT) -> list[Kept[SweepRecord]]:
    """The sweeps kept under a root, the newest first."""
    return list_kept(Path(root) / layout.SWEEPS, layout.SWEEP, layout.read_sweep_file)
