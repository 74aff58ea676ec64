"""Read your writes and monotonic reads: what one process sees on one register, from one read to the next.

Both are decided by one look at each process. Read your writes: a read returns neither the initial value nor an own older one
once the process has written the register; its own writes count in the order in which it made them. Monotonic reads: a value
that was seen replaced does not come back.

Source: Terry, Demers, Petersen, Spreitzer, Theimer and Welch, "Session guarantees for weakly consistent replicated data", 1994.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chaoskit.check.weak.registers import INITIAL, Registers
from chaoskit.check.weak.telling import Step, violation
from chaoskit.core.op import Process
from chaoskit.core.verdict import Violation
from chaoskit.spec.text import show


class Forgotten(NamedTuple):
    """A read that lacks what its own process had written."""

    process: Process
    write: int
    read: int


class WentBack(NamedTuple):
    """A read that saw again what the same process had seen replaced; `older` saw it first, None for the initial value."""

    process: Process
    older: int | None
    newer: int
    read: int


def forgotten(registers: Registers) -> Iterator[Forgotten]:
    """The reads that break read your writes, the first of each process and register."""
    for process, session in registers.sessions.items():
        own: dict[int, list[int]] = {}  # register → the process' answered writes
        broken: set[int] = set()
        for number in session:
            call = registers.calls[number]
            if call.is_write:
                if call.is_answered:
                    own.setdefault(call.cell, []).append(number)
                continue
            earlier = own.get(call.cell)
            if earlier and call.cell not in broken and (call.source == INITIAL or call.source in earlier[:-1]):
                broken.add(call.cell)
                yield Forgotten(process, earlier[-1], number)


def went_back(registers: Registers) -> Iterator[WentBack]:
    """The reads that break monotonic reads, the first of each process and register."""
    for process, session in registers.sessions.items():
        first: dict[tuple[int, int], int] = {}  # (register, source) → the first read that saw it
        last: dict[int, int] = {}  # register → the read before
        broken: set[int] = set()
        for number in session:
            call = registers.calls[number]
            if call.is_write or call.cell in broken:
                continue
            newer = last.get(call.cell)
            older = first.setdefault((call.cell, call.source), number)
            last[call.cell] = number
            if newer is None or registers.calls[newer].source == call.source:
                continue
            if older != number or call.source == INITIAL:
                broken.add(call.cell)
                yield WentBack(process, None if older == number else older, newer, number)


def tell_forgotten(found: Forgotten, registers: Registers, *, level: str) -> Violation:
    write, read = found.write, found.read
    call = registers.calls[read]
    steps: list[Step] = [(write, " was acknowledged before ", read, f" began, both of process {found.process}.")]
    if call.source == INITIAL:
        steps.append((read, f" returned {show(call.value)}, which was there only before any write: a contradiction."))
        calls = [read, write]
    else:
        steps.append((call.source, " had been acknowledged before ", write, " began, and ", write, " replaced its value."))
        steps.append((read, f" returned {show(call.value)}, what ", call.source, " wrote: a contradiction."))
        calls = [read, write, call.source]
    summary = f"process {found.process} read {show(call.value)} after it had written {show(registers.calls[write].value)} itself"
    return violation(registers, level=level, kind="own-write-forgotten", summary=summary, steps=steps, calls=calls)


def tell_went_back(found: WentBack, registers: Registers, *, level: str) -> Violation:
    read, newer, older = found.read, found.newer, found.older
    before, after = show(registers.calls[read].value), show(registers.calls[newer].value)
    first: list[Step] = [] if older is None else [(older, " and then ", newer, f" are reads of process {found.process}.")]
    steps: list[Step] = [
        *first,
        (newer, f" returned {after}: {before} had been replaced by then."),
        (read, f" of process {found.process} came later and returned {before}, which was there only before: a contradiction."),
    ]
    summary = f"process {found.process} read {after} and later {before}, which that had replaced"
    calls = [read, newer, *([] if older is None else [older])]
    return violation(registers, level=level, kind="read-went-back", summary=summary, steps=steps, calls=calls)
