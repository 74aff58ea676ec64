"""Simulated disks: what is seen, what is durable, what a power loss leaves."""

from __future__ import annotations

import pytest

from chaoskit.core.units import MILLISECOND
from chaoskit.draws import Draws
from chaoskit.sim.disks import DiskFault, Mutation, SimulatedDisk

RECORDS = [bytes([65 + number]) * 10 for number in range(5)]


def disk(seed: int = 1) -> SimulatedDisk:
    """A disk whose syncs take 2 ms."""
    return SimulatedDisk("n1", Draws(seed), sync_law="constant:2ms")


def append(on: SimulatedDisk, data: bytes, file: str = "log") -> str | None:
    """Adds to a file."""
    return on.change(Mutation("append", file, 0, data), "i1", 0)


def test_writes_are_seen_at_once() -> None:
    """Every kind of change."""
    drive = disk()
    append(drive, b"hello")
    drive.change(Mutation("write", "log", 1, b"EL"))
    assert drive.files == {"log": b"hELlo"}
    drive.change(Mutation("write", "log", 7, b"!"))
    assert drive.files == {"log": b"hELlo\0\0!"}
    drive.change(Mutation("truncate", "log", 3, b""))
    append(drive, b"x", "other")
    drive.change(Mutation("replace", "other", 0, b"", "log"))
    assert drive.files == {"log": b"x"}
    drive.change(Mutation("remove", "log", 0, b""))
    drive.change(Mutation("remove", "log", 0, b""))
    drive.change(Mutation("replace", "nothing", 0, b"", "log"))
    assert drive.files == {}
    assert len(drive.pending) == 9


def test_a_power_loss_keeps_a_prefix_of_what_was_not_synced() -> None:
    """Every prefix is drawn by some seed, whole or with the next write torn at some byte; nothing else ever is."""
    kept = set()
    for seed in range(400):
        drive = disk(seed)
        append(drive, b"synced")
        drive.synced(1)
        for record in RECORDS:
            append(drive, record)
        fate = drive.lose_power("f1", 0)
        content = bytes(drive.files["log"])
        assert b"".join([b"synced", *RECORDS]).startswith(content)
        assert content.startswith(b"synced")
        extra = len(content) - 6
        assert fate == {"lost": len(RECORDS) - -(-extra // 10), "torn": 1 if extra % 10 else 0}
        assert drive.pending == []
        kept.add(extra)
    assert set(range(0, 51, 10)) <= kept
    assert any(extra % 10 for extra in kept)


def test_what_was_synced_survives() -> None:
    """And only what was written before the sync began."""
    drive = disk(3)
    append(drive, b"a")
    append(drive, b"b")
    drive.synced(1)
    assert drive.lose_power("f1", 0) in ({"lost": 1, "torn": 0}, {"lost": 0, "torn": 0})
    assert bytes(drive.files["log"]) in (b"a", b"ab")


def test_a_lost_rename_leaves_the_old_file_whole() -> None:
    """A rename is never torn: there is the old content, or the new."""
    contents = set()
    for seed in range(100):
        drive = disk(seed)
        append(drive, b"old content")
        drive.synced(1)
        append(drive, b"new content", "fresh")
        drive.change(Mutation("replace", "fresh", 0, b"", "log"))
        drive.lose_power("f1", 0)
        contents.add(bytes(drive.files["log"]))
    assert contents == {b"old content", b"new content"}


def test_a_power_loss_is_drawn_by_its_occasion() -> None:
    """Another cause, another fate; the same, the same."""

    def fate(*occasion: str | int) -> tuple[bytes, dict[str, int]]:
        drive = disk()
        for record in RECORDS:
            append(drive, record)
        return bytes(drive.files.get("log", b"")), drive.lose_power(*occasion)

    fates = [fate(f"f{number}", 0) for number in range(30)]
    assert len({str(one) for one in fates}) > 3
    assert fate("f7", 0) == fates[7]


def test_a_wiped_disk_is_empty_for_good() -> None:
    """A power loss afterwards brings nothing back."""
    drive = disk()
    append(drive, b"a")
    drive.synced(1)
    append(drive, b"b")
    drive.wipe()
    assert drive.files == {}
    assert drive.lose_power("f1", 0) == {"lost": 0, "torn": 0}
    assert drive.files == {}


def test_a_full_disk_refuses_what_does_not_fit() -> None:
    """What is there stays and may be shortened."""
    drive = disk()
    append(drive, b"12345678")
    drive.faults.append(DiskFault(token="f1", capacity=10))
    assert append(drive, b"123") == "f1"
    assert append(drive, b"12") is None
    assert drive.change(Mutation("truncate", "log", 4, b"")) is None
    assert drive.size() == 4
    drive.heal("f1")
    assert append(drive, b"1" * 100) is None


def test_failing_writes_change_nothing() -> None:
    """By share, each by its own occasion."""
    drive = disk()
    drive.faults.append(DiskFault(token="f1", fail_write=500_000))
    refusals = [drive.change(Mutation("append", "log", 0, b"x"), "i1", number) for number in range(200)]
    assert set(refusals) == {None, "f1"}
    assert drive.size() == refusals.count(None) == pytest.approx(100, abs=35)


def test_a_slow_disk_is_slower_by_its_law_and_says_why() -> None:
    """Two faults add up; healing one leaves the other."""
    drive = disk()
    assert drive.sync_time("i1", 0) == (2 * MILLISECOND, [], None)
    drive.faults += [DiskFault(token="f1", slow="constant:50ms"), DiskFault(token="f2", slow="constant:7ms", fail_sync=1_000_000)]
    assert drive.sync_time("i1", 1) == (59 * MILLISECOND, ["f1", "f2"], "f2")
    drive.heal("f2")
    assert drive.sync_time("i1", 2) == (52 * MILLISECOND, ["f1"], None)


def test_how_long_a_sync_takes_is_drawn_by_its_occasion() -> None:
    """Not by how many there were before: taking an operation away moves no other's."""
    drive, other = (SimulatedDisk("n1", Draws(1)) for _ in range(2))
    drive.sync_time("i1", 0)
    drive.sync_time("i2", 0)
    assert drive.sync_time("i3", 0) == other.sync_time("i3", 0)
    assert len({drive.sync_time("i3", number)[0] for number in range(20)}) == 20
