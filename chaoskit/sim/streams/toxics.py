"""Toxics: what can be done to the bytes of a connection, as data; after Toxiproxy, with its names and what its users miss.

A toxic lies on the connections that a host accepts, in one direction: `upstream` from whoever opened them, `downstream` back
to it. Which connections it touches, of a share below all, is drawn once for each, and so is every other decision: by the
connection, the direction, the toxic and the place in the stream, never by how the bytes happened to be cut into segments.

After Toxiproxy (Shopify), whose `-seed` does nothing and whose connections may flip in and out of a toxicity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.units import MILLION, SECOND
from chaoskit.draws import Draws
from chaoskit.sim.cause import Cause
from chaoskit.sim.streams.pipe import CUT, NEVER, Item, Pipe, Stage

BLOCK = 1024  # bytes; corruption and duplication strike at most once in each
SLICES_A_SECOND = 10  # in which a slow line lets big pieces through

Natural = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[int, msgspec.Meta(ge=0, le=MILLION)]

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "latency": ("latency", "jitter"),
    "bandwidth": ("rate",),
    "slow_close": ("delay",),
    "timeout": ("timeout",),
    "reset_peer": ("timeout",),
    "slicer": ("average_size", "size_variation", "delay"),
    "limit_data": ("bytes",),
    "drop_after": ("bytes",),
    "corrupt": ("probability",),
    "duplicate": ("probability", "size"),
}


class Toxic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One toxic. Times are ns, sizes bytes, `rate` bytes a second, `toxicity` and `probability` (a KiB) ppm; `port` 0 is any.

    `latency`: each piece is late by `latency` ± `jitter`. `bandwidth`: `rate`, 0 lets nothing through. `slow_close`: the end is
    late by `delay`. `timeout`: nothing passes, and after `timeout` of silence (0: never) both ends see the end; so they do when
    it is taken away. `reset_peer`: `timeout` after the first byte or end, both are reset. `slicer`: pieces of `average_size` ±
    `size_variation`, `delay` after each. `limit_data`: `bytes` pass, then both ends see the end. `drop_after`: `bytes` pass,
    then nothing. `corrupt`: a flipped bit. `duplicate`: up to `size` bytes come twice.
    """

    token: str
    type: str
    direction: Literal["upstream", "downstream"] = "downstream"
    toxicity: Share = MILLION
    port: Natural = 0
    latency: Natural = 0
    jitter: Natural = 0
    rate: Natural = 0
    delay: Natural = 0
    timeout: Natural = 0
    average_size: Natural = 0
    size_variation: Natural = 0
    bytes: Natural = 0
    probability: Share = 0
    size: Natural = 16


def toxic_of(token: str, how: Mapping[str, Any]) -> Toxic:
    """A toxic from its attributes. Raises `UsageError` for a type that is not there and for what is not that type's own."""
    kind = how.get("type", "")
    if kind not in ATTRIBUTES:
        raise unknown_name("toxic", str(kind), ATTRIBUTES)
    known = ("type", "direction", "toxicity", "port", *ATTRIBUTES[kind])
    for name, value in how.items():
        if name not in known:
            raise UsageError(f"expected attributes of {kind} ({', '.join(ATTRIBUTES[kind])}) but got {name}={value!r}.")
    try:
        toxic = msgspec.convert({"token": token, **how}, Toxic)
    except msgspec.ValidationError as error:
        raise UsageError(f"expected the attributes of the toxic {kind} but got {dict(how)!r}: {error}.") from error
    if kind == "slicer" and not toxic.size_variation < toxic.average_size:
        raise UsageError(
            f"expected size_variation below average_size but got {toxic.size_variation} and average_size={toxic.average_size}."
        )
    return toxic


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
