"""When Python looks for cyclic garbage while a world runs: at rest points, and not in the middle of what is about to be written.

Left to itself the collector wakes up every few hundred allocations and goes through the journal entries that wait for their
chunk, thousands of live tuples. Right after a chunk was handed over they are gone, and little is left to go through.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MIDDLE_EVERY = 10  # rest points: Python's own proportion between its generations
OLD_EVERY = 100


@contextmanager
def collected_at_rest() -> Iterator[Collector]:
    """The collector is off meanwhile, and as it was afterwards. Where it is off already, nothing is collected."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield Collector(active=was_on)
    finally:
        if was_on:
            gc.enable()


class Collector:
    """Collects when it is told that the world is at rest."""

    def __init__(self, *, active: bool) -> None:
        self._active = active
        self._rests = 0

    def rest(self) -> None:
        """Few objects wait for something now: look for garbage, among older ones more rarely."""
        if not self._active:
            return
        self._rests += 1
        gc.collect(2 if self._rests % OLD_EVERY == 0 else 1 if self._rests % MIDDLE_EVERY == 0 else 0)
