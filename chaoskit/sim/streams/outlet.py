"""How the stream layer sends: each packet is written down in the journal and given to the network.

It stands by itself because connections and the layer that keeps them both need it, and of the two only the layer knows the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaoskit.sim.cause import Cause
from chaoskit.sim.streams.segments import Datagram, Segment, encode, veiled

if TYPE_CHECKING:
    from chaoskit.sim.world import World


class Outlet:
    """The way out of every host of a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def send(
        self, source: int, destination: int, kind: str, content: Segment | Datagram, cause: Cause, secret: bool = False
    ) -> None:
        """Sends a packet, and writes that down; the journal knows no more of a secret one than its size."""
        world, body = self.world, encode(veiled(content) if secret else content)
        number = world.messages = world.messages + 1
        names = world.names
        world.entries.append(
            (world.kernel.now, "send", names[source], cause.name, number, names[destination], kind, len(body), body)
        )
        world.network.carry(source, destination, number, kind, body, (content,), cause)
        if world.triggers.packets:
            world.triggers.effect(f"send {kind}", world.hosts[source], world.hosts[destination])
