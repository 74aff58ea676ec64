"""Why something happens: the root of the chain of deliveries that led to it.

A cause is an invocation (`i17`), a timer's firing (`n1.1.election.4`), a fault or a boot. It is inherited through
deliveries, and every random decision is addressed below it: take an invocation out of a plan and only what it caused
changes.
"""

from __future__ import annotations

from chaoskit.draws.address import fold

PACKET = fold(0, "packet")


class Cause:
    """A cause by name, with the key of `packet/<name>` and how many decisions it has led to so far, per place.

    A place is a link's number, or a negative number that a host has for one purpose of its own. The counts live here so that
    they are freed with the last message that inherits the cause.
    """

    __slots__ = ("_key", "counts", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._key = -1
        self.counts: dict[int, int] = {}

    @property
    def key(self) -> int:
        if self._key < 0:
            self._key = fold(PACKET, self.name)
        return self._key

    def count(self, place: int) -> int:
        """How many decisions it has led to at this place before this one."""
        number = self.counts.get(place, 0)
        self.counts[place] = number + 1
        return number
