"""A machine with a disk, for tests of what models use of it: no world, no network, no time."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chaoskit.draws import Draws
from chaoskit.model import Disk, DiskError
from chaoskit.sim.disks import Mutation, SimulatedDisk
from chaoskit.sim.host import Process


class Machine:
    """Stands in for a process: its writes reach the disk at once, its syncs complete at once."""

    def __init__(self) -> None:
        self.disk = SimulatedDisk("n1", Draws(1))
        self.host = self

    def open(self) -> Disk:
        """The disk as a new boot sees it."""
        return Disk(cast("Process", self))

    def change_disk(self, mutation: Mutation) -> None:
        if self.disk.change(mutation, "test", 0) is not None:
            raise DiskError(f"no space on {mutation.file}")

    def sync(self) -> None:
        self.disk.synced(len(self.disk.pending))

    def after_power_loss(self, *, kept: int, torn_at: int = 0) -> Machine:
        """Another machine with the disk that a power loss leaves: so many changes kept, and so many bytes of the next."""
        other = Machine()
        durable: dict[str, bytearray] = {name: bytearray(content) for name, content in self.disk._durable.items()}
        other.disk.files = durable
        for mutation in self.disk.pending[:kept]:
            other.disk.change(mutation, "test", 0)
        if torn_at:
            torn: Any = self.disk.pending[kept]
            other.disk.change(Mutation(torn.operation, torn.file, torn.place, torn.data[:torn_at], torn.target), "test", 0)
        other.sync()
        return other


@pytest.fixture
def machine() -> Machine:
    """One with an empty disk."""
    return Machine()
