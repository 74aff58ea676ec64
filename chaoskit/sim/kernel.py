"""The innermost loop: the event heap, the current instant, and the hash that decides a packet's fate.

Time is integer nanoseconds. Ties break by (time, source, per-source number), never by global arrival, so that removing one
host's events leaves the order of all others as it was. This module stays plain integer Python, so that it can be compiled
and compared with itself.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

_SHIFT = 40  # a source may schedule 2**40 events

STOPPED, TIME, IDLE, BUDGET = range(4)  # why `Kernel.run` ended

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = 0x9E37_79B9_7F4A_7C15

Callback = Callable[[Any], None]
Scheduled = tuple[int, int, Callback, Any]  # (time, tie, callback, argument)


class Kernel:
    """A heap of (time, tie, callback, argument) and the clock that follows it."""

    def __init__(self, sources: int) -> None:
        self.now = 0
        self.events = 0
        self.stopped = False  # looked at between two events
        self.interrupted = False
        self.heap: list[Scheduled] = []
        self.numbers = [0] * sources
        self._until = self._last = 0  # the instant and the number of events at which `run` ends

    def schedule(self, time: int, source: int, callback: Callback, argument: Any) -> None:
        """Calls `callback(argument)` at `time`; among equal times lower sources first, then earlier-scheduled first."""
        number = self.numbers[source]
        self.numbers[source] = number + 1
        heappush(self.heap, (time, (source << _SHIFT) + number, callback, argument))

    def schedule_as(self, time: int, source: int, number: int, callback: Callback, argument: Any) -> None:
        """As `schedule`, with a per-source number of the caller's own, unique for that source."""
        heappush(self.heap, (time, (source << _SHIFT) + number, callback, argument))

    def stop(self) -> None:
        """Ends `run` after the event under way."""
        self.stopped = True

    def interrupt(self) -> None:
        """As `stop`, for good: `run` raises `KeyboardInterrupt`, now and whenever it is called again."""
        self.interrupted = True
        self.stopped = True

    def resume(self) -> None:
        """Takes a `stop` back."""
        self.stopped = self.interrupted

    def run(self, until: int, events_max: int) -> int:
        """Runs events up to and including `until`, at most so many. Says why it ended: STOPPED, TIME, IDLE or BUDGET."""
        heap = self.heap
        self._until, last = until, self.events + events_max
        self._last = last
        while heap:
            if self.stopped:
                return self._halt()
            if heap[0][0] > until:
                self.now = until
                return TIME
            if self.events >= last:
                return BUDGET
            self.events += 1
            event = heappop(heap)
            self.now = event[0]
            event[2](event[3])
        return self._halt() if self.stopped else IDLE

    def following(self, callback: Callback) -> Any:
        """Within an event, as its end: the argument of the next one, which begins now if this is its callback. None if not."""
        heap = self.heap
        if not heap or self.stopped or self.events >= self._last:
            return None
        event = heap[0]
        if event[2] is not callback or event[0] > self._until:
            return None
        self.events += 1
        self.now = event[0]
        return heappop(heap)[3]

    def _halt(self) -> int:
        if self.interrupted:
            raise KeyboardInterrupt
        return STOPPED


def address(cause_key: int, link_salt: int, number: int) -> int:
    """The key of `packet/cause/link/number`, for the `number`-th packet of a cause on a link: `fold`, inlined here."""
    x = (cause_key + link_salt + (number + 1) * _GOLDEN) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return x ^ (x >> 31)


def fate(cause_key: int, link_salt: int, number: int, seed_key: int) -> int:
    """64 bits that decide what happens to that packet: an addressed draw, `Draws.bits("packet", cause, link, number)`."""
    x = address(cause_key, link_salt, number) ^ seed_key
    x = ((x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return x ^ (x >> 31)


def quantile(table: list[int], bits: int) -> int:
    """The value of a law's table for 64 bits (`Law.sample`, inlined here for the hot path)."""
    cell = bits >> 54
    if cell < 1023:
        within = (bits >> 34) & 0xFFFFF
    else:
        cell = 1023 + ((bits >> 46) & 255)
        within = (bits >> 26) & 0xFFFFF
    low = table[cell]
    return low + ((table[cell + 1] - low) * within >> 20)


def chance(bits: int, place: int, ppm: int) -> bool:
    """Whether a slice of 20 of the bits (`place` 0, 1 or 2, from below) falls under a probability in ppm."""
    return ppm > 0 and ((bits >> (20 * place)) & 0xFFFFF) * 1_000_000 >> 20 < ppm
