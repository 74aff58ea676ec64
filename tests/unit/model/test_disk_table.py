"""Tables: string keys to values, on a log that is rewritten when most of it is outdated."""

from __future__ import annotations

from typing import Any

import pytest

from chaoskit.model import DiskError
from chaoskit.sim.disks import DiskFault


def table(machine: Any) -> Any:
    """The table as a new boot finds it."""
    return machine.open().table("table", int, default=0)


def test_a_table_holds_the_last_value_of_every_key(machine: Any) -> None:
    """A key that is not there has the default."""
    cells = table(machine)
    assert (cells["a"], "a" in cells, len(cells), cells.keys(), cells.items()) == (0, False, 0, [], [])
    cells["b"] = 1
    cells["a"] = 2
    cells["b"] += 3
    for found in (cells, table(machine)):
        assert (found["a"], found["b"], found["c"]) == (2, 4, 0)
        assert "a" in found
        assert "c" not in found
        assert (found.keys(), found.items(), len(found)) == (["a", "b"], [("a", 2), ("b", 4)], 2)


def test_a_table_stays_small_however_often_it_is_written(machine: Any) -> None:
    """Its log is rewritten once most of it is outdated, and holds all keys then."""
    cells = table(machine)
    sizes = []
    for number in range(1000):
        cells[f"k{number % 3}"] = number
        sizes.append(machine.disk.size())
    assert max(sizes) < 2000
    assert table(machine).items() == [("k0", 999), ("k1", 997), ("k2", 998)]


def test_a_compaction_is_atomic_under_power_loss_at_every_point(machine: Any) -> None:
    """All that was acknowledged before is there, the new value or not."""
    cells, number = table(machine), 0
    while not any(change.operation == "replace" for change in machine.disk.pending):
        machine.sync()
        number += 1
        cells["a"] = number
    changes = machine.disk.pending
    found = []
    for kept in range(len(changes) + 1):
        for torn_at in range(len(changes[kept].data)) if kept < len(changes) and changes[kept].data else [0]:
            found.append(table(machine.after_power_loss(kept=kept, torn_at=torn_at))["a"])
    assert set(found) == {number - 1, number}
    assert (found[0], found[-1]) == (number - 1, number)
    assert number > 50


def test_what_the_disk_refuses_is_not_in_the_table(machine: Any) -> None:
    """Memory and disk agree, also where a compaction is refused."""
    cells = table(machine)
    for number in range(70):
        cells["a"] = number
        machine.disk.faults = [DiskFault(token="f1", capacity=0)]
        with pytest.raises(DiskError):
            cells["b"] = number
        machine.disk.faults = []
        assert cells.items() == table(machine).items() == [("a", number)]
