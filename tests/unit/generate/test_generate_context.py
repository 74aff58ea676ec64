"""What generators may know: threads, processes, whose turn it is."""

from __future__ import annotations

from chaoskit import generate as gen
from chaoskit.draws import Draws

CONTEXT = gen.Context.start(slots=3, draws=Draws(1))


def test_context_knows_threads_and_processes() -> None:
    """Slots and the nemesis; a process belongs to the thread that it is congruent to, also after crashes."""
    busy = CONTEXT.taken(1 << 1)
    assert busy.all_threads == (0, 1, 2, "nemesis")
    assert busy.free_threads == (0, 2, "nemesis")
    assert (busy.is_free(0), busy.is_free(1), busy.is_free("nemesis")) == (True, False, True)
    assert busy.retired(1).process_of(1) == 4
    assert [busy.thread_of(process) for process in (1, 4, 7, "nemesis")] == [1, 1, 1, "nemesis"]
    assert busy.freed(1 << 1).free_threads == busy.all_threads


def test_narrowed_context_has_no_other_threads() -> None:
    """Neither among all nor among the free ones."""
    narrowed = CONTEXT.taken(1 << 1).narrowed(0b0110)
    assert (narrowed.all_threads, narrowed.free_threads) == ((1, 2), (2,))
    assert CONTEXT.narrowed(0).next_free() == -1


def test_clients_alone_are_used_evenly() -> None:
    """With every thread free, the turn goes round among the clients and no slot is favoured because the nemesis is absent."""
    context = CONTEXT.narrowed(0b0111)
    turns = []
    for _ in range(6):
        turns.append(context.next_free())
        context = context.taken(1 << turns[-1]).freed(1 << turns[-1])
    assert turns == [0, 1, 2, 0, 1, 2]
