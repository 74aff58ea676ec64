"""Files as a model sees them."""

from __future__ import annotations

from typing import Any

import pytest

from chaoskit.draws import Draws
from chaoskit.model import DiskError
from chaoskit.sim.disks import DiskFault


def test_files_are_read_and_changed_by_name(machine: Any) -> None:
    """A file that is not there is empty."""
    disk = machine.open()
    assert (disk.read("a"), disk.size("a"), disk.list()) == (b"", 0, [])
    disk.append("b", b"hello")
    disk.write("b", 1, b"EL")
    disk.append("a", b"x")
    assert (disk.read("b"), disk.size("b"), disk.list()) == (b"hELlo", 5, ["a", "b"])
    disk.truncate("b", 2)
    assert disk.read("b") == b"hE"
    disk.replace("b", "a")
    assert (disk.list(), disk.read("a")) == (["a"], b"hE")
    disk.remove("a")
    assert disk.list() == []


def test_what_was_read_does_not_change(machine: Any) -> None:
    """It is a copy."""
    disk = machine.open()
    disk.append("a", b"x")
    before = disk.read("a")
    disk.append("a", b"y")
    assert before == b"x"


def test_a_write_survives_a_power_loss_once_it_was_synced(machine: Any) -> None:
    """And perhaps before."""
    disk = machine.open()
    disk.append("a", b"1")
    disk.sync()
    disk.append("a", b"2")
    assert machine.after_power_loss(kept=0).open().read("a") == b"1"
    assert machine.after_power_loss(kept=1).open().read("a") == b"12"


def test_a_full_disk_raises(machine: Any) -> None:
    """A model may catch it."""
    disk = machine.open()
    machine.disk.faults.append(DiskFault(token="f1", capacity=3))
    disk.append("a", b"123")
    with pytest.raises(DiskError, match=r"^no space on a$"):
        disk.append("a", b"4")
    assert disk.read("a") == b"123"
    assert isinstance(machine.disk._draws, Draws)
