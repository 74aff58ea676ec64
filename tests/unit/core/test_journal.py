"""The journal: chunks, digests that do not see them, windows of time, and what a broken entry costs."""

from __future__ import annotations

from typing import Any

import pytest

from chaoskit.core import journal as journal_module
from chaoskit.core.errors import ModelError
from chaoskit.core.journal import FIELDS, ChunkIndex, Entry, Journal, MemorySink, named, pack, unpack


def entries(count: int, *, logs: bool = True) -> list[Entry]:
    """Messages ten nanoseconds apart, a log line now and then."""
    found: list[Entry] = []
    for number in range(count):
        found.append((number * 10, "send", "n1", f"i{number}", number, "n2", "Vote", 3, b"abc"))
        if logs and number % 3 == 0:
            found.append((number * 10, "log", "n1", f"i{number}", f"line {number}"))
    return found


def filled(items: list[Entry], *, chunk: int = 7) -> Journal:
    """A journal that was flushed every so many entries."""
    journal = Journal()
    for place, entry in enumerate(items, 1):
        journal.pending.append(entry)
        if place % chunk == 0:
            journal.flush()
    return journal


@pytest.mark.parametrize("chunk", [1, 2, 15, 16, 17, 1000])
def test_digests_do_not_depend_on_where_chunks_end(chunk: int) -> None:
    """Fifteen and sixteen are where msgpack's array headers change."""
    assert filled(entries(40), chunk=chunk).digests() == filled(entries(40), chunk=9).digests()


def test_log_lines_change_the_full_digest_only() -> None:
    """A changed log message is no changed behaviour."""
    with_logs, without = filled(entries(40)).digests(), filled(entries(40, logs=False)).digests()
    assert with_logs["journal"] == without["journal"]
    assert with_logs["full"] != without["full"]


def test_every_other_entry_changes_both_digests() -> None:
    """One field of one entry."""
    changed = entries(40)
    changed[7] = (*changed[7][:3], "i99", *changed[7][4:])
    for level, digest in filled(changed).digests().items():
        assert digest != filled(entries(40)).digests()[level], level


def test_entries_come_back_with_their_positions() -> None:
    """From any position on, flushed or not."""
    items = entries(20)
    journal = filled(items, chunk=6)
    journal.pending.append((999, "pause", "n1", "f1"))
    assert len(journal) == len(items) + 1
    assert list(journal.entries()) == list(enumerate([*items, (999, "pause", "n1", "f1")]))
    for start in (0, 1, 5, 6, 7, len(items), len(items) + 5):
        assert [position for position, _ in journal.entries(start)] == list(range(start, len(items) + 1))


@pytest.mark.parametrize("window", [(None, None), (0, 0), (55, 75), (60, 60), (None, 30), (170, None), (1000, 2000), (30, 20)])
def test_a_window_of_time_holds_what_happened_in_it(window: tuple[int | None, int | None]) -> None:
    """Both ends included; chunks that lie outside are not read."""
    start, end = window
    items = entries(20)
    low, high = (0 if start is None else start), (10**9 if end is None else end)
    expected = [(place, entry[0]) for place, entry in enumerate(items) if low <= entry[0] <= high]
    assert [(event.position, event.time) for event in filled(items, chunk=4).events(start, end)] == expected


def test_a_window_reads_only_the_chunks_that_it_touches() -> None:
    """A run of 100,000 operations has thousands of chunks."""

    class Counting(MemorySink):
        """A sink that remembers what was read."""

        def __init__(self) -> None:
            super().__init__()
            self.reads: list[int] = []

        def read(self, number: int) -> bytes:
            self.reads.append(number)
            return super().read(number)

    sink = Counting()
    journal = Journal(sink)
    for entry in entries(40, logs=False):
        journal.pending.append(entry)
        if len(journal.pending) == 4:
            journal.flush()
    assert [event.time for event in journal.events(150, 170)] == [150, 160, 170]
    assert sink.reads == [3, 4]
    sink.reads.clear()
    assert next(journal.entries(17))[0] == 17
    assert sink.reads == [4]


def test_events_have_named_fields_and_may_be_asked_for_by_kind() -> None:
    """Names as in FIELDS."""
    [log] = filled(entries(3)).events(kinds=frozenset({"log"}))
    assert (log.time, log.kind, log.node, log.cause, log.data) == (0, "log", "n1", "i0", {"text": "line 0"})


def test_an_entry_whose_fields_are_too_few_or_too_many_has_no_names() -> None:
    """A writer that disagrees with FIELDS is found at once."""
    for fields in ((), ("a", "b")):
        with pytest.raises(ValueError, match="zip"):
            named(0, (1, "log", "n1", "i0", *fields))


@pytest.mark.parametrize("count", [0, 1, 15, 16, 65535, 65536])
def test_a_chunk_is_a_stream_of_entries_of_any_number(count: int) -> None:
    """msgpack's array headers have three widths."""
    items: list[Entry] = [(number, "pause", "n1", "f") for number in range(count)]
    assert [tuple(entry) for entry in unpack(pack(items), count)] == items


def test_an_entry_that_cannot_be_encoded_is_named_and_the_others_are_kept() -> None:
    """What a model observed may be anything; everything recorded before and after it stays."""
    journal = Journal()
    good: list[Entry] = [(1, "pause", "n1", "f1"), (3, "resume", "n1", "f1")]
    journal.pending += [good[0], (2, "observe", "n1", "boot", {"x": object()}), good[1]]
    with pytest.raises(ModelError, match=r"what observe\(\) returns must be JSON-like\.$"):
        journal.flush()
    assert [entry for _, entry in journal.entries()] == good
    assert journal.digests() == filled(good).digests()


def test_a_chunk_that_the_sink_refuses_is_in_no_digest() -> None:
    """A full disk: once there is room again, the journal goes on as if nothing had been."""

    class Full(MemorySink):
        """A sink without room for the first chunk."""

        full = True

        def write(self, chunk: bytes, index: ChunkIndex) -> None:
            if self.full:
                raise OSError("no space")
            super().write(chunk, index)

    sink = Full()
    journal = Journal(sink)
    journal.pending += entries(5)
    with pytest.raises(OSError, match="no space"):
        journal.flush()
    sink.full = False
    assert journal.digests() == filled(entries(5)).digests()
    assert len(list(journal.entries())) == len(entries(5))


def test_a_memory_journal_compresses_once_it_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is the same."""
    monkeypatch.setattr(journal_module, "MEMORY_PLAIN_BYTES", 500)
    sink = MemorySink()
    chunks = [bytes([number]) * 200 for number in range(5)]
    for chunk in chunks:
        sink.write(chunk, ChunkIndex(0, 1, 0, 0))
    assert [sink.read(number) for number in range(5)] == chunks
    held: list[tuple[bool, bytes]] = sink._chunks
    assert [packed for packed, _ in held] == [False, False, True, True, True]
    assert sum(len(data) for _, data in held) < 500


def test_an_empty_journal_has_digests() -> None:
    """And nothing in it."""
    journal = Journal()
    assert list(journal.entries()) == []
    assert list(journal.events()) == []
    assert set(journal.digests()) == {"journal", "full"}


def test_kinds_have_distinct_field_names() -> None:
    """An event's data is a dict."""
    fields: Any
    for kind, fields in FIELDS.items():
        assert len(set(fields)) == len(fields), kind
