"""The journal on disk: chunks as they come, an index that survives a kill, and windows that read no more than they need."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chaoskit.core.errors import StoreError
from chaoskit.core.journal import Journal
from chaoskit.store import journal_file
from chaoskit.store.journal_file import FileSink, StoredJournal, write_journal

FillJournal = Callable[..., Journal]


def stored(path: Path, fill: FillJournal, *, entries: int = 30, log: bool = True) -> Journal:
    """A journal that was written to a file while it grew."""
    with closing(FileSink(path)) as sink:
        journal = fill(Journal(sink), entries=entries, log=log)
        journal.flush()
    return journal


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("entries", [0, 1, 9, 10, 11, 30, 2500])
def test_a_journal_reads_back_with_its_index_and_digests(
    tmp_path: Path, fill_journal: FillJournal, entries: int, log: bool
) -> None:
    """A sink is not told how many entries a chunk holds; it finds out."""
    journal = stored(tmp_path / "journal.bin", fill_journal, entries=entries, log=log)
    again = StoredJournal(tmp_path / "journal.bin")
    assert again.chunks == journal.chunks
    assert len(again) == len(journal) == entries
    assert again.digests() == journal.digests()
    assert list(again.entries()) == list(journal.entries())
    assert list(again.events(start=95, end=205)) == list(journal.events(start=95, end=205))


@pytest.mark.parametrize("sizes", [[1, 1, 1], [4096, 3, 4100, 1], [3, 4096, 1, 70_000]])
def test_chunks_of_any_size_are_counted_right(tmp_path: Path, sizes: list[int]) -> None:
    """Whatever the chunk before suggested."""
    with closing(FileSink(tmp_path / "journal.bin")) as sink:
        journal = Journal(sink)
        for size in sizes:
            journal.pending.extend((number, "timer", "n1", "boot", "tick") for number in range(size))
            journal.flush()
    assert [chunk.entries for chunk in StoredJournal(tmp_path / "journal.bin").chunks] == sizes


def test_a_journal_can_be_read_while_it_is_written(tmp_path: Path, fill_journal: FillJournal) -> None:
    """The simulator's own checks look back at what was written."""
    with closing(FileSink(tmp_path / "journal.bin")) as sink:
        journal = fill_journal(Journal(sink))
        assert [event.position for event in journal.events(start=50, end=70)] == [5, 6, 7]
        fill_journal(journal, entries=1)
        assert len(list(journal.events())) == 31


def test_a_window_reads_only_the_chunks_it_touches(
    tmp_path: Path, fill_journal: FillJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Millions of entries stay on disk when one moment is looked at."""
    stored(tmp_path / "journal.bin", fill_journal, entries=100)
    journal = StoredJournal(tmp_path / "journal.bin")
    read: list[int] = []

    def read_part(path: Path, start: int, size: int) -> bytes:
        read.append(start)
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(size)

    monkeypatch.setattr(journal_file, "read_part", read_part)
    assert len(list(journal.events(start=300, end=399))) == 10
    assert len(read) == 1


def test_a_journal_cut_anywhere_is_read_up_to_the_last_whole_chunk(tmp_path: Path, fill_journal: FillJournal) -> None:
    """At every byte: a kill may fall between any two. Without leave to be torn it is damaged, or shorter by whole chunks."""
    path = tmp_path / "journal.bin"
    entries = list(stored(path, fill_journal).entries())
    whole = path.read_bytes()
    ends = [0]
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        found = StoredJournal(path, torn_end=True)
        assert list(found.entries()) == entries[: len(found)]
        assert len(found) >= ends[-1]
        if len(found) > ends[-1]:
            ends.append(len(found))
    assert ends == [0, 10, 20, 30]


def test_a_changed_header_is_damage(tmp_path: Path, fill_journal: FillJournal) -> None:
    """Every bit of a record's header is covered; in a run that was killed the journal ends there."""
    path = tmp_path / "journal.bin"
    stored(path, fill_journal, entries=10)
    whole = path.read_bytes()
    for at in range(20, 60):
        changed = bytearray(whole)
        changed[at] ^= 0x10
        path.write_bytes(changed)
        with pytest.raises(StoreError, match=r"journal\.bin is damaged: expected the record of journal entry 0 before byte 60"):
            StoredJournal(path)
        assert len(StoredJournal(path, torn_end=True)) == 0


def test_another_version_is_told(tmp_path: Path, fill_journal: FillJournal) -> None:
    """From the future, which is not damage."""
    path = tmp_path / "journal.bin"
    stored(path, fill_journal, entries=10)
    path.write_bytes(path.read_bytes()[:16] + b"\x00\x00\x00\x09" + path.read_bytes()[20:])
    with pytest.raises(StoreError, match=r"^expected .* in version 1 but got version=9; use a newer chaoskit, which wrote it\.$"):
        StoredJournal(path)


def test_a_whole_journal_is_written_like_a_growing_one(tmp_path: Path, fill_journal: FillJournal) -> None:
    """Runs kept in memory first leave the same file."""
    stored(tmp_path / "grown.bin", fill_journal)
    write_journal(tmp_path / "whole.bin", fill_journal(Journal()))
    assert (tmp_path / "whole.bin").read_bytes() == (tmp_path / "grown.bin").read_bytes()
