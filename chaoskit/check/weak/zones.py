"""A linearizable history of registers is told from one that is not by its zones, in one sort of each register's values.

The calls on one value, its write and the reads that saw it, stand together in any order that works. Let the zone of a value
reach from the first end among them to the last beginning. If the end comes first the zone is forward: the value was there all
through it; else backward: it may be placed at any one point of it. The history is linearizable exactly when no read ends before
its write begins, no two forward zones of a register overlap, and no backward zone lies within a forward one.

It decides for good histories at once what no weaker promise can deny, and its zones are where a bound of staleness starts.

Source: Gibbons and Korach, "Testing shared memories", 1997.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from itertools import pairwise
from typing import NamedTuple

from chaoskit.check.operations import Operation
from chaoskit.check.weak.registers import INITIAL, Call, Registers

NEVER = sys.maxsize
AT_FIRST = -1  # before any event


class Zone(NamedTuple):
    """One value of a register: its calls' first end and last beginning, and when its write began and ended."""

    first_end: int
    last_begin: int
    began: int
    ended: int
    reads: tuple[Call, ...]

    @property
    def is_forward(self) -> bool:
        return self.first_end < self.last_begin


def zones(registers: Registers) -> list[list[Zone]]:
    """The zones of each register, the initial value's first."""
    reads: dict[tuple[int, int], list[Call]] = {}
    for call in registers.calls:
        if not call.is_write:
            reads.setdefault((call.cell, call.source), []).append(call)
    found = [[_zone(AT_FIRST, AT_FIRST, reads.get((cell, INITIAL), []))] for cell in range(len(registers.cells))]
    for number, call in enumerate(registers.calls):
        if call.is_write:
            zone = _zone(call.operation.began, end_of(call.operation), reads.get((call.cell, number), []))
            found[call.cell].append(zone)
    return found


def is_linearizable(registers: Registers) -> bool:
    """Is it certain that all calls have an order that respects real time as well?"""
    return not registers.unwritten and not registers.unclear and all(map(fits, zones(registers)))


def fits(found: list[Zone]) -> bool:
    """Is one register linearizable, by its zones?"""
    if any(zone.first_end < zone.began for zone in found):
        return False
    forward = sorted(zone for zone in found if zone.is_forward)
    if any(later.first_end < earlier.last_begin for earlier, later in pairwise(forward)):
        return False
    starts = [zone.first_end for zone in forward]
    for zone in found:
        place = bisect_left(starts, zone.last_begin) - 1
        if not zone.is_forward and place >= 0 and zone.first_end < forward[place].last_begin:
            return False
    return True


def end_of(operation: Operation) -> int:
    """The index of its end, NEVER where it may still happen."""
    return operation.ended if operation.is_ok and operation.ended is not None else NEVER


def _zone(began: int, ended: int, reads: list[Call]) -> Zone:
    first_end = min([ended, *(end_of(read.operation) for read in reads)])
    last_begin = max([began, *(read.operation.began for read in reads)])
    return Zone(first_end, last_begin, began, ended, tuple(reads))
