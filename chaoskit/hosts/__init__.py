"""Real asyncio programs as hosts of the world: their event loop, transports, clocks, chance and sockets are the simulation's.

`asyncio_node(main)` makes a node of `async def main(host)`, `AsyncioClient` is the base of clients, and `Universe` runs a few
programs together without a model.
"""

from chaoskit.hosts.loop import EPOCH, HostLoop
from chaoskit.hosts.patches import hosts_live
from chaoskit.hosts.programs import AsyncioClient, AsyncioHost, AsyncioNode, Main, asyncio_node
from chaoskit.hosts.universe import Universe
from chaoskit.sim.loops import EscapeError, StuckError

__all__ = [
    "EPOCH",
    "AsyncioClient",
    "AsyncioHost",
    "AsyncioNode",
    "EscapeError",
    "HostLoop",
    "Main",
    "StuckError",
    "Universe",
    "asyncio_node",
    "hosts_live",
]
