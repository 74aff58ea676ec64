"""Toxics at work on a connection: each a stage of its pipe.

Which connections a toxic touches, of a share below all, is drawn once for each, and so is every other decision: by the
connection, the direction, the toxic and the place in the stream, never by how the bytes happened to be cut into segments.

After Toxiproxy (Shopify), whose `-seed` does nothing and whose connections may flip in and out of a toxicity.
"""

from __future__ import annotations

from chaoskit.core.units import SECOND
from chaoskit.draws import Draws
from chaoskit.sim.cause import Cause
from chaoskit.sim.streams.pipe import CUT, NEVER, Item, Pipe, Stage
from chaoskit.sim.toxics import Toxic

BLOCK = 1024  # bytes; corruption and duplication strike at most once in each
SLICES_A_SECOND = 10  # in which a slow line lets big pieces through


def stage_of(pipe: Pipe, toxic: Toxic, draws: Draws) -> Stage:
    """The toxic at work on a pipe."""
    return _STAGES[toxic.type](pipe, toxic, draws)


class Latency(Stage):
    """Late, each piece by itself, in order; the line's rate stays as it was."""

    def take(self, item: Item, cause: Cause) -> None:
        if not item:
            self.put(self.now, item, cause)
            return
        jitter = self.toxic.jitter
        delay = self.toxic.latency + (self.draws.integer(-jitter, jitter - 1, "jitter", self.passed) if jitter else 0)
        self.effect("delayed")
        self.put(self.now + max(0, delay), item, cause)


class Bandwidth(Stage):
    """So many bytes a second, big pieces bit by bit; none at all at a rate of 0."""

    _free = 0

    def take(self, item: Item, cause: Cause) -> None:
        rate = self.toxic.rate
        if not item:
            self.put(self.now, item, cause)
            return
        if not rate:
            self.effect("blocked")
            self.put(NEVER, item, cause)
            return
        self.effect("slowed")
        bit = max(1, rate // SLICES_A_SECOND)
        for start in range(0, len(item), bit):
            piece = item[start : start + bit]
            self._free = max(self._free, self.now) + len(piece) * SECOND // rate
            self.put(self._free, piece, cause)


class SlowClose(Stage):
    """The end comes late."""

    def take(self, item: Item, cause: Cause) -> None:
        if item:
            self.put(self.now, item, cause)
        else:
            self.effect("delayed a close")
            self.put(self.now + self.toxic.delay, item, cause)


class Timeout(Stage):
    """Swallows everything; closes after a silence, or when it is taken away."""

    _closes_at = -1
    _closed = False

    def begin(self) -> None:
        if self.toxic.timeout:
            self._closes_at = self.now + self.toxic.timeout
            self.alarm(self._closes_at)

    def take(self, item: Item, cause: Cause) -> None:
        if not item:
            self.put(self.now, item, cause)
            return
        self.effect("dropped")
        self.begin()

    def rang(self, instant: int) -> None:
        if instant == self._closes_at:
            self.end()

    def end(self) -> None:
        if not self._closed:
            self._closed = True
            self.effect("closed")
            self.emit(CUT, self.pipe.connection.world.cause)


class ResetPeer(Stage):
    """Holds everything from the first byte or end on, and soon resets both ends."""

    _begun = False

    def take(self, item: Item, cause: Cause) -> None:
        self.put(NEVER, item, cause)
        if not self._begun:
            self._begun = True
            self.effect("held back")
            self.alarm(self.now + self.toxic.timeout)

    def rang(self, instant: int) -> None:
        self.effect("reset")
        self.pipe.connection.cut_off()


class Slicer(Stage):
    """Small pieces, with a pause after each."""

    _free = 0

    def take(self, item: Item, cause: Cause) -> None:
        self._free = max(self._free, self.now)
        if not item:
            self.put(self._free, item, cause)
            return
        variation, start = self.toxic.size_variation, 0
        while start < len(item):
            size = self.toxic.average_size + self.draws.integer(-variation, variation, "slice", self.passed + start)
            if start + size < len(item):
                self.effect("sliced")
            self.put(self._free, item[start : start + size], cause)
            self._free += self.toxic.delay
            start += size


class LimitData(Stage):
    """So many bytes pass; then both ends see the end."""

    _cut = False

    def take(self, item: Item, cause: Cause) -> None:
        if self._cut or not item:
            if not self._cut:
                self.put(self.now, item, cause)
            return
        left = self.toxic.bytes - self.passed
        if left > 0:
            self.put(self.now, item[:left], cause)
        if len(item) >= left:
            self._cut = True
            self.effect("cut off")
            self.put(self.now, CUT, cause)


class DropAfter(Stage):
    """So many bytes pass; what comes behind them is lost without a word, the end included."""

    def take(self, item: Item, cause: Cause) -> None:
        if item is CUT:
            self.put(self.now, item, cause)
            return
        left = max(0, self.toxic.bytes - self.passed)
        if left:
            self.put(self.now, item[:left], cause)
        if len(item) > left or not left:
            self.effect("dropped")


class Blockwise(Stage):
    """Strikes at a drawn byte of some blocks of the stream."""

    def strikes(self, length: int) -> list[int]:
        """Where it strikes in the next so many bytes: offsets in them, in order."""
        first, last = self.passed // BLOCK, (self.passed + length - 1) // BLOCK
        places = [
            block * BLOCK + self.draws.integer(0, BLOCK - 1, "place", block) - self.passed
            for block in range(first, last + 1)
            if self.draws.chance(self.toxic.probability, "strike", block)
        ]
        return [place for place in places if 0 <= place < length]


class Corrupt(Blockwise):
    """Flips a bit; no checksum finds it, as when a middlebox or a faulty memory does it."""

    def take(self, item: Item, cause: Cause) -> None:
        if item:
            changed = bytearray(item)
            for place in self.strikes(len(item)):
                self.effect("corrupted")
                changed[place] ^= 1 << self.draws.integer(0, 7, "bit", self.passed + place)
            item = bytes(changed)
        self.put(self.now, item, cause)


class Duplicate(Blockwise):
    """Repeats the last few bytes."""

    _tail = b""

    def take(self, item: Item, cause: Cause) -> None:
        if item:
            known = self._tail + item
            pieces, start = [], len(self._tail)
            for place in self.strikes(len(item)):
                end = len(self._tail) + place + 1
                self.effect("duplicated")
                pieces += [known[start:end], known[max(0, end - self.toxic.size) : end]]
                start = end
            pieces.append(known[start:])
            self._tail = known[-self.toxic.size :] if self.toxic.size else b""
            item = b"".join(pieces)
        self.put(self.now, item, cause)


_STAGES: dict[str, type[Stage]] = {
    "latency": Latency,
    "bandwidth": Bandwidth,
    "slow_close": SlowClose,
    "timeout": Timeout,
    "reset_peer": ResetPeer,
    "slicer": Slicer,
    "limit_data": LimitData,
    "drop_after": DropAfter,
    "corrupt": Corrupt,
    "duplicate": Duplicate,
}
