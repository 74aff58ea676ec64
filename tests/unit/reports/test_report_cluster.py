"""Reading the journal round an instant: node states, messages and their fates, and the limits."""

from __future__ import annotations

from typing import Any

from chaoskit.core.journal import CHUNK_ENTRIES, Journal
from chaoskit.reports.cluster import NOTES_MAX, states_at, window_at


def journal_of(*entries: tuple[Any, ...]) -> Journal:
    """A journal of these entries, flushed in chunks as a world does."""
    journal = Journal()
    for entry in entries:
        journal.pending.append(entry)
        if len(journal.pending) >= CHUNK_ENTRIES:
            journal.flush()
    return journal


def heartbeats(until: int) -> list[tuple[Any, ...]]:
    """A message from n1 to n2 each 10 ns, delivered 5 ns later."""
    entries: list[tuple[Any, ...]] = []
    for number, time in enumerate(range(0, until, 10)):
        entries.append((time, "send", "n1", "n1.0", number, "n2", "Beat", 4, b"\xc0"))
        entries.append((time + 5, "deliver", "n2", "n1.0", number, "n1", "Beat"))
    return entries


def test_a_state_is_the_last_one_said_before_the_instant() -> None:
    """Later observations do not count, and each node keeps its own."""
    journal = journal_of(
        (1, "observe", "n1", "", {"role": "follower", "term": 1}),
        (2, "observe", "n2", "", {"role": "leader", "term": 1}),
        (5, "observe", "n1", "", {"role": "leader", "term": 2}),
    )
    early, late = states_at(journal, 4, ["n1", "n2"]), states_at(journal, 5, ["n1", "n2"])
    assert [state.state["role"] for state in early] == ["follower", "leader"]
    assert [(state.state["term"], state.since) for state in late] == [(2, 5), (1, 2)]


def test_a_node_is_down_from_crash_to_boot_and_paused_from_pause_to_resume() -> None:
    """And nobody knows of one that never did anything."""
    journal = journal_of(
        (1, "boot", "n1", "", 0),
        (1, "boot", "n2", "", 0),
        (2, "crash", "n1", "", "killed"),
        (3, "pause", "n2", ""),
        (6, "boot", "n1", "", 1),
        (7, "resume", "n2", ""),
    )
    assert [state.status for state in states_at(journal, 5, ["n1", "n2", "n3"])] == ["down", "paused", "unknown"]
    assert [state.status for state in states_at(journal, 7, ["n1", "n2"])] == ["up", "up"]


def test_states_are_found_across_chunks() -> None:
    """A node that last spoke thousands of entries ago is still found."""
    journal = journal_of((0, "observe", "n2", "", {"role": "follower"}), *heartbeats(60_000))
    assert len(journal.chunks) > 1
    assert states_at(journal, 59_000, ["n2"])[0].state == {"role": "follower"}


def test_a_window_holds_so_many_messages_on_either_side() -> None:
    """Counted by when they were sent, whatever chunk they are in."""
    window = window_at(journal_of(*heartbeats(60_000)), 30_000, each_side=50)
    sent = [message.sent for message in window.messages]
    assert (len(sent), sent[0], sent[-1]) == (100, 29_510, 30_500)
    assert all(message.arrivals == [(message.sent + 5, "delivered")] for message in window.messages)


def test_a_window_at_either_end_of_the_run_is_shorter() -> None:
    """Nothing is invented before the first message or after the last."""
    journal = journal_of(*heartbeats(1_000))
    assert [len(window_at(journal, instant, each_side=50).messages) for instant in (0, 1_000, 5_000)] == [51, 50, 50]
    assert window_at(journal_of(), 10).messages == []


def test_each_copy_of_a_message_has_its_own_fate() -> None:
    """Dropped, duplicated, corrupted, delivered twice, or still under way."""
    journal = journal_of(
        *((time, "send", "n1", "i1", time, "n2", "M", 4, None) for time in range(4)),
        (4, "drop", "n1", "i1", 0, "n2", "M", "partition f1"),
        (5, "duplicate", "n1", "i1", 1, "n2", "M"),
        (6, "deliver", "n2", "i1", 1, "n1", "M"),
        (7, "deliver", "n2", "i1", 1, "n1", "M"),
        (8, "corrupt", "n1", "i1", 2, "n2", "M", True),
    )
    fates = [[fate for _, fate in message.arrivals] for message in window_at(journal, 3).messages]
    assert fates == [["dropped"], ["duplicated", "delivered", "delivered"], ["corrupted"], []]


def test_what_happened_to_nodes_meanwhile_is_noted_up_to_a_limit_and_counted_beyond() -> None:
    """Timers and disk work are left to the journal; log lines past the limit are counted, not dropped in silence."""
    journal = journal_of(
        (1, "timer", "n1", "", "election"),
        (2, "crash", "n1", "f1", "killed"),
        *((3, "log", "n2", "", f"line {number}") for number in range(NOTES_MAX + 7)),
    )
    window = window_at(journal, 2)
    assert window.notes[0].kind == "crash"
    assert (len(window.notes), window.notes_left_out) == (NOTES_MAX, 8)
