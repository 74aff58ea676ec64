"""The receiving half of a connection: puts segments in order, holds what the program has not read, and says how much fits.

Data is handed on in the order in which it was written, each byte once. The window that was once promised is kept: its right
edge never moves back. It moves on by a whole segment or more at a time, so that a slow reader does not cause tiny segments.
"""

from __future__ import annotations

from collections import deque

from chaoskit.sim.cause import Cause
from chaoskit.sim.streams.segments import Segment, StreamSettings


class Receiving:
    """One direction, at the end that reads."""

    def __init__(self, settings: StreamSettings) -> None:
        self.next = 0  # the number expected; 0 until the other end's opening came
        self.unread: deque[tuple[bytes, Cause]] = deque()
        self.unread_bytes = 0
        self.ended = False  # the other end's FIN came, in order
        self._early: dict[int, tuple[Segment, Cause]] = {}  # by number: what came before what it follows
        self._edge = 0
        self._room = settings.receive_buffer
        self._step = min(settings.segment, self._room // 2) or 1
        self._beyond = settings.pipe_buffer  # what toxics may hold besides

    def follows(self, sequence: int, size: int) -> bool:
        """Whether so many bytes come right behind all before, and nothing came early: then they count as received."""
        if sequence != self.next or self._early or self.ended:
            return False
        self.next = sequence + size
        return True

    def arrived(self, segment: Segment, cause: Cause) -> list[tuple[bytes, Cause]]:
        """Takes a segment with data or an end. Returns what can be handed on now, in order; sets `ended` at the end."""
        if segment.sequence < self.next or self.ended:
            return []
        self._early.setdefault(segment.sequence, (segment, cause))
        ready: list[tuple[bytes, Cause]] = []
        while self.next in self._early:
            segment, cause = self._early.pop(self.next)
            self.next += len(segment.data) + segment.fin
            if segment.data:
                ready.append((segment.data, cause))
            if segment.fin:
                self.ended = True
        return ready

    @property
    def has_gap(self) -> bool:
        """Whether something came that cannot be handed on yet."""
        return bool(self._early)

    def keep(self, data: bytes, cause: Cause) -> None:
        """Holds bytes until the program reads them."""
        self.unread.append((data, cause))
        self.unread_bytes += len(data)

    def take(self) -> tuple[bytes, Cause]:
        """All that is unread, with the cause of what came last."""
        self.unread_bytes = 0
        data, cause = self.unread.popleft()
        if self.unread:
            data += b"".join([piece for piece, _ in self.unread])
            cause = self.unread[-1][1]
            self.unread.clear()
        return data, cause

    def window(self, held: int) -> int:
        """How many bytes may come beyond `next`, while toxics hold so many."""
        edge = self.next + self._free(held)
        if edge >= self._edge + self._step:
            self._edge = edge
        return self._edge - self.next if self._edge > self.next else 0

    def has_opened(self, held: int) -> bool:
        """Whether a sender that waits for the window should be told that it opened."""
        return self._edge - self.next < self._step and self.next + self._free(held) >= self._edge + self._step

    def clear(self) -> None:
        """Forgets everything: the connection is gone. What is unread stays readable."""
        self._early.clear()

    def _free(self, held: int) -> int:
        free = self._room - self.unread_bytes - (held - self._beyond if held > self._beyond else 0)
        return max(0, free)
