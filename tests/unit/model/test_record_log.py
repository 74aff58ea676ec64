"""Record logs: a sequence on disk that a torn write shortens and nothing else changes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chaoskit.model import DiskError
from chaoskit.sim.disks import DiskFault


class Entry(msgspec.Struct, frozen=True):
    """A record with something in it."""

    index: int
    value: Any = None


ENTRIES = [Entry(0), Entry(1, "a" * 30), Entry(2, [1, 2, 3]), Entry(3, {"k": None})]


def filled(machine: Any, entries: list[Entry] = ENTRIES) -> Any:
    """A log with these entries, durable."""
    log = machine.open().log("log", Entry)
    for entry in entries:
        log.append(entry)
    machine.sync()
    return log


def again(machine: Any) -> list[Entry]:
    """What the next boot finds."""
    return list(machine.open().log("log", Entry))


def test_a_log_is_a_sequence_that_the_next_boot_finds(machine: Any) -> None:
    """Records come back as their type."""
    log = filled(machine)
    assert (len(log), log[1], log[-1], list(log)) == (4, ENTRIES[1], ENTRIES[3], ENTRIES)
    assert log.part(1, 3) == tuple(ENTRIES[1:3])
    assert log.part(2) == tuple(ENTRIES[2:])
    assert again(machine) == ENTRIES


def test_a_torn_tail_is_cut_off_at_every_byte(machine: Any) -> None:
    """Whole records stay; nothing of a half one does; the log goes on behind the last whole one."""
    log = filled(machine)
    ends = [0, *log._ends]
    content = bytes(machine.disk.files["log"])
    for size in range(len(content) + 1):
        machine.disk.files["log"] = bytearray(content[:size])
        whole = sum(end <= size for end in ends) - 1
        reopened = machine.open().log("log", Entry)
        assert list(reopened) == ENTRIES[:whole], size
        assert len(machine.disk.files["log"]) == ends[whole], "what was torn is gone from the disk"
        reopened.append(Entry(9))
        assert again(machine) == [*ENTRIES[:whole], Entry(9)]


def test_a_flipped_bit_cuts_the_log_off_there(machine: Any) -> None:
    """A checksum sees it, wherever it is; records before it stay."""
    log = filled(machine)
    ends = [0, *log._ends]
    content = bytes(machine.disk.files["log"])
    for place in range(len(content)):
        machine.disk.files["log"] = bytearray(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        assert again(machine) == ENTRIES[: sum(end <= place for end in ends) - 1], place


def test_zeros_are_no_records(machine: Any) -> None:
    """A file system may leave a hole where a write was; eight zeros would be a frame of nothing, checksum and all."""
    filled(machine)
    machine.disk.files["log"] += bytes(64)
    assert again(machine) == ENTRIES


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_a_truncated_log_keeps_its_first_records(machine: Any, count: int) -> None:
    """In memory and on disk; it may go on from there."""
    log = filled(machine)
    log.truncate(count)
    assert list(log) == ENTRIES[:count] == again(machine)
    log.append(Entry(7))
    assert [*ENTRIES[:count], Entry(7)] == list(log) == again(machine)


def test_a_rewritten_log_holds_the_new_records(machine: Any) -> None:
    """And may be rewritten to nothing, truncated and appended to."""
    log = filled(machine)
    log.rewrite([Entry(5), Entry(6)])
    log.append(Entry(7))
    log.truncate(2)
    assert list(log) == [Entry(5), Entry(6)] == again(machine)
    log.rewrite([])
    assert list(log) == [] == again(machine)
    log.append(Entry(8))
    assert again(machine) == [Entry(8)]


def test_a_rewrite_is_atomic_under_power_loss_at_every_point(machine: Any) -> None:
    """After any prefix of its changes, and any torn byte of the next: the old records, or the new ones."""
    log = filled(machine)
    fresh = [Entry(5, "b" * 20), Entry(6)]
    log.rewrite(fresh)
    changes = list(machine.disk.pending)
    found = []
    for kept in range(len(changes) + 1):
        sizes = range(len(changes[kept].data)) if kept < len(changes) else [0]
        for torn_at in sizes or [0]:
            other = machine.after_power_loss(kept=kept, torn_at=torn_at)
            found.append(again(other))
            other.open().log("log", Entry).rewrite([Entry(1)])
            assert again(other) == [Entry(1)], "what the broken rewrite left does not disturb the next"
    assert {len(records) for records in found} == {4, 2}
    assert all(records in (ENTRIES, fresh) for records in found)
    assert found[-1] == fresh


def test_two_logs_do_not_mix(machine: Any) -> None:
    """Files by name."""
    disk = machine.open()
    one, other = disk.log("one", int), disk.log("other", int)
    one.append(1)
    other.append(2)
    other.rewrite([3])
    assert (list(disk.log("one", int)), list(disk.log("other", int))) == ([1], [3])


def test_what_the_disk_refuses_is_not_in_the_log(machine: Any) -> None:
    """A model that catches the error sees what is on disk."""
    log = filled(machine)
    machine.disk.faults.append(DiskFault(token="f1", capacity=machine.disk.size()))
    with pytest.raises(DiskError):
        log.append(Entry(4))
    with pytest.raises(DiskError):
        log.rewrite(ENTRIES)
    assert list(log) == ENTRIES == again(machine)


def test_an_empty_log_is_none(machine: Any) -> None:
    """A file that is not there."""
    assert again(machine) == []
    machine.open().log("log", Entry).truncate(0)
    assert machine.open().list() == []
