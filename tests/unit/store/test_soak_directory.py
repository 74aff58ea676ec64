"""A soak's directory: whole at any time, never in the way of another, and listed with what it came to."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaoskit.core.errors import StoreError, UsageError
from chaoskit.core.soak import FailureClass, Shape, SoakRecord
from chaoskit.core.verdict import Fingerprint
from chaoskit.store.layout import SOAK, read_soak_file
from chaoskit.store.soaks import SoakDirectory, list_soaks

SHAPE = Shape(fingerprint=Fingerprint("linearizable", "stale-read"), faults=("kill",), functions=("read",))
FOUND = FailureClass(shape=SHAPE, seeds=[1, 4], shapes=[(SHAPE, 2)], seed=1, summary="wrong", reproduce="chaoskit run raft")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """With its classes; a later record takes the place of an earlier one."""
    directory = SoakDirectory.create(tmp_path, "raft", 1)
    for runs in (1, 2):
        record = SoakRecord(model="raft", runs=runs, statuses={"valid": runs}, classes=[FOUND])
        directory.write(record)
        assert read_soak_file(directory.path) == record


def test_every_soak_has_a_directory_of_its_own(tmp_path: Path) -> None:
    """Numbered by model and first seed; one that a person names must be empty."""
    names = [SoakDirectory.create(tmp_path, model, 1).path.name for model in ("raft", "raft", "abd")]
    assert names == ["raft-1-1", "raft-1-2", "abd-1-1"]
    named = SoakDirectory.create(tmp_path, "raft", 1, at=tmp_path / "mine")
    named.write_page("<p>")
    with pytest.raises(UsageError, match="expected a new or an empty directory"):
        SoakDirectory.create(tmp_path, "raft", 1, at=tmp_path / "mine")


def test_soaks_are_listed_and_damaged_ones_say_so(tmp_path: Path) -> None:
    """A directory without a record, or with a broken one, hides none of the others."""
    assert list_soaks(tmp_path) == []
    SoakDirectory.create(tmp_path, "raft", 1).write(SoakRecord(model="raft", runs=7))
    broken = SoakDirectory.create(tmp_path, "raft", 2).path
    (broken / SOAK).write_text("{")
    SoakDirectory.create(tmp_path, "raft", 3)
    rows = {row.name: row for row in list_soaks(tmp_path)}
    assert sorted(rows) == ["raft-1-1", "raft-2-1", "raft-3-1"]
    kept = rows["raft-1-1"].record
    assert kept is not None and kept.runs == 7
    assert "is damaged" in str(rows["raft-2-1"].problem)
    assert rows["raft-3-1"].problem is not None


def test_a_record_of_another_version_is_refused(tmp_path: Path) -> None:
    """With the version that was found."""
    directory = SoakDirectory.create(tmp_path, "raft", 1)
    (directory.path / SOAK).write_text('{"version": 99}')
    with pytest.raises(StoreError, match="version=99"):
        read_soak_file(directory.path)
