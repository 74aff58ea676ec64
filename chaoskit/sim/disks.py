"""A host's disk: what a process sees, what has reached the platter, and what is in between.

Writes are seen at once and are durable only once a sync that follows them has completed. A process crash loses nothing that
was written; a power loss keeps a drawn prefix of what was not synced, and may tear the next write in two. The disk itself
survives every boot.

(Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, for what may be lost and torn.)
"""

from __future__ import annotations

import msgspec

from chaoskit.draws import Draws, Law, law_from_text
from chaoskit.draws.address import Part

SYNC_LAW = "lognormal:300us,sigma=0.5"  # how long a sync takes on an ordinary day


class DiskError(OSError):
    """The disk refused: a failed write or sync, or no space left. The message names the file."""


class DiskFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a disk under a token. `slow` is a law added to every sync; probabilities in ppm; `capacity` in bytes."""

    token: str
    slow: str | None = None
    fail_sync: int = 0
    fail_write: int = 0
    capacity: int | None = None


class Mutation(msgspec.Struct, frozen=True):
    """One change of one file, not yet known to be durable. `place` is an offset or a size, by operation."""

    operation: str
    file: str
    place: int
    data: bytes
    target: str = ""


class SimulatedDisk:
    """Files by name. `sync_law` is how long a sync takes on an ordinary day.

    An `occasion` addresses what is drawn: its cause, and the how-many-eth there.
    """

    def __init__(self, name: str, draws: Draws, *, sync_law: str = SYNC_LAW) -> None:
        self.name = name
        self.files: dict[str, bytearray] = {}
        self.faults: list[DiskFault] = []
        self.pending: list[Mutation] = []
        self.durable = 0  # how many changes have become durable, ever
        self._durable: dict[str, bytearray] = {}
        self._law: Law = law_from_text(sync_law, name="sync")
        self._draws = draws.child("disk", name)

    def size(self) -> int:
        """Bytes that a process sees."""
        return sum(map(len, self.files.values()))

    def change(self, mutation: Mutation, *occasion: Part) -> str | None:
        """Applies a change to what processes see. The token of the fault that refused it instead, None when done."""
        for fault in self.faults:
            full = fault.capacity is not None and mutation.data and self.size() + len(mutation.data) > fault.capacity
            if full or (fault.fail_write and self._draws.chance(fault.fail_write, "write", fault.token, *occasion)):
                return fault.token
        _apply(self.files, mutation)
        self.pending.append(mutation)
        return None

    def sync_time(self, *occasion: Part) -> tuple[int, list[str], str | None]:
        """How long the sync that begins now takes (ns), which faults slow it, and the fault that makes it fail, if any."""
        delay = self._law.sample(self._draws.bits("sync", *occasion))
        slowed: list[str] = []
        failed = None
        for fault in self.faults:
            if fault.slow is not None:
                delay += law_from_text(fault.slow).sample(self._draws.bits("slow", fault.token, *occasion))
                slowed.append(fault.token)
            if fault.fail_sync and self._draws.chance(fault.fail_sync, "fail", fault.token, *occasion):
                failed = fault.token
        return delay, slowed, failed

    def synced(self, count: int) -> None:
        """The first `count` pending changes are durable."""
        for mutation in self.pending[:count]:
            _apply(self._durable, mutation)
        del self.pending[:count]
        self.durable += count

    def lose_power(self, *occasion: Part) -> dict[str, int]:
        """Keeps a drawn prefix of what was not synced, tearing the next change. Returns how many were {"lost", "torn"}."""
        count = len(self.pending)
        kept = self._draws.integer(0, count, "power", *occasion)
        torn = 0
        for mutation in self.pending[:kept]:
            _apply(self._durable, mutation)
        if kept < count and len(self.pending[kept].data) > 1 and self._draws.chance(500_000, "tear", *occasion):
            mutation = self.pending[kept]
            cut = self._draws.integer(1, len(mutation.data) - 1, "cut", *occasion)
            _apply(self._durable, msgspec.structs.replace(mutation, data=mutation.data[:cut]))
            torn = 1
        self.pending.clear()
        self.files = {name: bytearray(content) for name, content in self._durable.items()}
        return {"lost": count - kept - torn, "torn": torn}

    def wipe(self) -> None:
        """An empty disk, as after a replaced machine."""
        self.files, self._durable = {}, {}
        self.pending.clear()

    def heal(self, token: str) -> None:
        self.faults = [fault for fault in self.faults if fault.token != token]


def _apply(files: dict[str, bytearray], mutation: Mutation) -> None:
    """Carries out one change on a set of files; a file that is not there is made."""
    match mutation.operation:
        case "append":
            files.setdefault(mutation.file, bytearray()).extend(mutation.data)
        case "write":
            content = files.setdefault(mutation.file, bytearray())
            content.extend(b"\0" * (mutation.place - len(content)))
            content[mutation.place : mutation.place + len(mutation.data)] = mutation.data
        case "truncate":
            del files.setdefault(mutation.file, bytearray())[mutation.place :]
        case "replace":
            if mutation.file in files:
                files[mutation.target] = files.pop(mutation.file)
        case "remove":
            files.pop(mutation.file, None)
