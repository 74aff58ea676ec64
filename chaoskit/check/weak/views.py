"""Promises that hold when every process has a view: an order of all writes and its own reads; each read sees the last write.

What a view must respect is the promise. Every one here keeps the process' reads in its order, and so is decided without a
search: the relation is closed under the first rule of `order`, and a view exists exactly when there is no cycle. Most often one
relation for all processes at once has none; then each has a view.

    monotonic reads        the process' reads in order
    monotonic writes       and the writes of every process in order
    writes follow reads    and a write after whatever its process had seen
    pram                   and all that the process itself did in order, the writes of every other process in order
    causal                 and all that any process did in order, and reads after the writes that they saw

The two promises about writes say nothing of readers; only a process whose reads are monotonic can show that they are broken. So
they are asked of such processes alone: has it a view with monotonic reads, but none that keeps the writes in order as well?

Sources: Terry et al. 1994; Lipton and Sandberg, "PRAM: a scalable shared memory", 1988; Ahamad, Neiger, Burns, Kohli and Hutto,
"Causal memory", 1995; Brzezinski, Sobaniec and Wawrzyniak, "From session causality to causal consistency", 2004; Bouajjani
et al., POPL 2017 (deciding causal memory).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaoskit.check.weak.order import Because, Edge, Order, Purse
from chaoskit.check.weak.registers import Call, Registers
from chaoskit.check.weak.sessions import went_back
from chaoskit.core.op import Process

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Knot:
    """Why a process has no view: the relation and a cycle in it. `process` is None where nobody has one."""

    process: Process | None
    order: Order
    cycle: list[Edge]


def monotonic_writes(registers: Registers, purse: Purse) -> Iterator[Knot]:
    """The processes with monotonic reads that saw the writes of some process out of order."""
    if _is_common(registers, purse):
        return
    everywhere = [pair for session in registers.sessions.values() for pair in _chain(registers, session, _is_write)]
    for process in _steady_readers(registers):
        own = list(_chain(registers, registers.sessions[process], _is_read))
        yield from _view(registers, process, [*everywhere, *own], seen=registers.reads_of(process), purse=purse)


def writes_follow_reads(registers: Registers, purse: Purse) -> Iterator[Knot]:
    """The processes with monotonic reads that saw a write without what its process had seen before; or writes in a circle."""
    if _is_common(registers, purse):
        return
    pairs = [pair for session in registers.sessions.values() for pair in _after_reads(registers, session)]
    knot = _circle(registers, pairs, purse)
    if knot is not None:
        yield knot
        return
    for process in _steady_readers(registers):
        yield from _view(registers, process, pairs, seen=registers.reads, purse=purse)


def pram(registers: Registers, purse: Purse) -> Iterator[Knot]:
    """The processes that have no view which keeps what every process did in order."""
    if _is_common(registers, purse):
        return
    writes = {process: list(_chain(registers, session, _is_write)) for process, session in registers.sessions.items()}
    for process, session in registers.sessions.items():
        others = [pair for other, pairs in writes.items() if other != process for pair in pairs]
        own = list(_chain(registers, session, _is_any))
        yield from _view(registers, process, [*others, *own], seen=registers.reads_of(process), purse=purse)


def causal(registers: Registers, purse: Purse) -> Iterator[Knot]:
    """The processes that have no view which keeps causes before effects; or what caused itself."""
    if _is_common(registers, purse):
        return
    pairs = program_order(registers)
    knot = _circle(registers, pairs, purse)
    if knot is not None:
        yield knot
        return
    for process in registers.sessions:
        yield from _view(registers, process, pairs, seen=registers.reads, purse=purse)


def program_order(registers: Registers) -> list[Pair]:
    """All that each process did, in its order."""
    return [pair for session in registers.sessions.values() for pair in _chain(registers, session, _is_any)]


def _view(registers: Registers, process: Process, pairs: list[Pair], *, seen: list[int], purse: Purse) -> Iterator[Knot]:
    """The knot in what this process' view must respect, if there is one. `seen` are the reads that come after what they saw."""
    own = registers.reads_of(process)
    if not own:
        return
    order = Order(registers, _needed(registers, pairs, own, seen), purse=purse)
    for start, end in pairs:
        order.add(start, end, Because.PROCESS)
    order.see(seen)
    cycle = order.close(own)
    if cycle:
        yield Knot(process, order, cycle)


def _is_common(registers: Registers, purse: Purse) -> bool:
    """Has what all views must respect no cycle even when taken together? Then each has none."""
    return _whole(registers, program_order(registers), purse).close(registers.reads) is None


def _circle(registers: Registers, pairs: list[Pair], purse: Purse) -> Knot | None:
    """A circle in the relation itself, whoever looks."""
    order = _whole(registers, pairs, purse)
    cycle = order.close([])
    return Knot(None, order, cycle) if cycle else None


def _whole(registers: Registers, pairs: list[Pair], purse: Purse) -> Order:
    """The relation of these pairs and of all reads to what they saw."""
    order = Order(registers, range(len(registers.calls)), purse=purse)
    for start, end in pairs:
        order.add(start, end, Because.PROCESS)
    order.see(registers.reads)
    return order


def _needed(registers: Registers, pairs: list[Pair], reads: list[int], seen: list[int]) -> list[int]:
    """What comes before these reads. All else can come after them in any order, since nobody looks any more."""
    causes: dict[int, list[int]] = {}
    for start, end in pairs:
        causes.setdefault(end, []).append(start)
    for read in seen:
        if registers.calls[read].source >= 0:
            causes.setdefault(read, []).append(registers.calls[read].source)
    found = dict.fromkeys(reads)
    waiting = list(reads)
    while waiting:
        for cause in causes.get(waiting.pop(), ()):
            if cause not in found:
                found[cause] = None
                waiting.append(cause)
    return sorted(found)


def _steady_readers(registers: Registers) -> list[Process]:
    """The processes whose reads are monotonic, as far as it can be told what they saw."""
    unsteady = {found.process for found in went_back(registers)} | {unclear.read.process for unclear in registers.unclear}
    return [process for process in registers.sessions if process not in unsteady]


def _chain(registers: Registers, session: list[int], wanted: Callable[[Call], bool]) -> Iterator[Pair]:
    """Neighbours among the wanted calls of a process. An unanswered write comes after others and before none."""
    last = None
    for number in session:
        call = registers.calls[number]
        if not wanted(call):
            continue
        if last is not None:
            yield last, number
        if call.is_answered:
            last = number


def _after_reads(registers: Registers, session: list[int]) -> Iterator[Pair]:
    """The reads of a process in order, and each of its writes after the last read before it."""
    last = None
    for number in session:
        if last is not None:
            yield last, number
        if not registers.calls[number].is_write:
            last = number


def _is_write(call: Call) -> bool:
    return call.is_write


def _is_read(call: Call) -> bool:
    return not call.is_write


def _is_any(call: Call) -> bool:
    return True
