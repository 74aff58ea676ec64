"""What a simulated host takes for chance: `random`, `os.urandom`, `uuid` and `secrets` inside it, all from the run's seed.

Each boot of each host has streams of its own, seeded by its address: what one host draws moves nothing on another. Within a host
they are ordinary streams, as programs expect.
"""

from __future__ import annotations

import _random
import uuid
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaoskit.sim.host import Process

_UUID_EPOCH = 0x01B21DD213814000  # 100 ns steps from 1582-10-15 to 1970-01-01


class Stream(Random):
    """A generator that was seeded in a host; its draws are its own, whatever is exchanged in `random.Random` meanwhile."""

    random = _random.Random.random
    getrandbits = _random.Random.getrandbits


class Entropy:
    """One boot's."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._stamp = 0

    @cached_property
    def random(self) -> Random:
        """What the functions of the module `random` draw from."""
        return self._stream("random")

    @cached_property
    def _bytes(self) -> Random:
        return self._stream("urandom")

    def urandom(self, size: int) -> bytes:
        return self._bytes.randbytes(size)

    def uuid1(self, wall_ns: int) -> uuid.UUID:
        """A uuid of the host's time and number."""
        stamp = self._stamp = max(wall_ns // 100 + _UUID_EPOCH, self._stamp + 1)
        low, middle, high = stamp & 0xFFFFFFFF, (stamp >> 32) & 0xFFFF, (stamp >> 48) & 0x0FFF
        process = self._process
        return uuid.UUID(fields=(low, middle, high, 0, process.boot & 0xFF, process.host.number), version=1)

    def _stream(self, purpose: str) -> Random:
        process = self._process
        return Stream(process.world.draws.bits("host", process.host.name, process.boot, purpose))
