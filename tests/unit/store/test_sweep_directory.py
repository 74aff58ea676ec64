"""A sweep's directory: never in the way of another, and listed with what it came to."""

from __future__ import annotations

from pathlib import Path

from chaoskit.core.sweep import SweepRecord
from chaoskit.store.layout import SWEEP, read_sweep_file
from chaoskit.store.sweeps import keep_sweep, list_sweeps


def test_what_is_kept_is_read_back_and_listed(tmp_path: Path) -> None:
    """With its reports; a broken record hides none of the others."""
    assert list_sweeps(tmp_path) == []
    record = SweepRecord(conversation="hotline", bug="no-write-timeout")
    directory = keep_sweep(record, {"report.txt": "text"}, root=tmp_path)
    assert read_sweep_file(directory) == record
    assert (directory / "report.txt").read_text() == "text"
    (keep_sweep(record, {}, root=tmp_path) / SWEEP).write_text("{")
    rows = {row.name: row for row in list_sweeps(tmp_path)}
    assert rows["hotline-1"].record == record
    assert "is damaged" in str(rows["hotline-2"].problem)
