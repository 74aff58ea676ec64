"""A network without a world: packets in, packets out, and what the network told of them."""

from __future__ import annotations

from typing import Any

from chaoskit.core.units import MILLISECOND
from chaoskit.draws import Draws
from chaoskit.sim.cause import Cause
from chaoskit.sim.kernel import Kernel
from chaoskit.sim.network import Cut, Disturbance, Network, Packet, Weather

A, B, C, CLIENT = range(4)  # three nodes and a client
NAMES = ["n1", "n2", "n3", "c0"]


class Wire:
    """Packets are numbered as they are sent. Each has a cause of its own unless one is given: their fates are independent."""

    def __init__(
        self, *, seed: int = 1, partition_clients: bool = False, overrides: dict[str, int] | None = None, **weather: Any
    ) -> None:
        self.kernel = Kernel(len(NAMES))
        self.arrivals: list[tuple[int, int]] = []  # (instant, number)
        self.drops: list[tuple[int, str]] = []
        self.effects: list[tuple[str, str]] = []
        self.duplicates: list[int] = []
        self.corrupt_bits: list[int] = []
        self.detects = True
        self.sent = 0
        self.network = Network(
            self.kernel,
            Draws(seed, overrides),
            names=NAMES,
            clients_from=CLIENT,
            weather=Weather(**{"latency": "constant:1ms", **weather}),
            deliver=self._deliver,
            listener=self,
            partition_clients=partition_clients,
        )

    def send(
        self, source: int = A, destination: int = B, *, kind: str = "Vote", size: int = 100, cause: Cause | None = None
    ) -> int:
        """Sends a packet now and returns its number."""
        number, self.sent = self.sent, self.sent + 1
        self.network.carry(source, destination, number, kind, b"x" * size, (number, 0), cause or Cause(f"i{number}"))
        return number

    def at(self, milliseconds: float) -> Wire:
        """Runs until an instant."""
        self.kernel.run(int(milliseconds * MILLISECOND), 10**9)
        self.kernel.now = int(milliseconds * MILLISECOND)
        return self

    def rest(self) -> list[int]:
        """Runs to the end; the numbers that arrived, in order."""
        self.kernel.run(1 << 62, 10**9)
        return [number for _, number in self.arrivals]

    def cut(self, source: int = A, destination: int = B, token: str = "f1", **how: Any) -> None:
        self.network.cut(source, destination, Cut(token=token, **how))

    def disturb(self, source: int = A, destination: int = B, token: str = "f1", **how: Any) -> None:
        self.network.disturb(source, destination, Disturbance(token=token, **how))

    def delays(self) -> list[float]:
        """How long each arrival took, in milliseconds, when all were sent at the beginning."""
        return [instant / MILLISECOND for instant, _ in self.arrivals]

    # What the network tells ----------------------------------------------------------------------------------------------

    def _deliver(self, packet: Packet) -> None:
        if not packet.is_lost():
            self.arrivals.append((self.kernel.now, packet.number))
        else:
            self.dropped(packet, "lost in flight")

    def dropped(self, packet: Packet, reason: str) -> None:
        self.drops.append((packet.number, reason))

    def duplicated(self, packet: Packet) -> None:
        self.duplicates.append(packet.number)

    def corrupted(self, packet: Packet, bits: int) -> bool:
        self.corrupt_bits.append(bits)
        return not self.detects

    def effect(self, token: str, effect: str) -> None:
        self.effects.append((token, effect))
