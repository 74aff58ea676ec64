"""Streams between the world's hosts: TCP-like connections, datagrams and names, as packets of the simulated network.

`Streams(world)` gives a world this layer, before it runs. Programs `listen`, `connect` and `open_datagrams` on it, nemeses put
toxics on it through `sim.control`. Worlds without it pay nothing for it.
"""

from chaoskit.sim.streams.connection import Connection
from chaoskit.sim.streams.events import DatagramEvents, Endpoint, Events, UnknownHost
from chaoskit.sim.streams.segments import StreamSettings
from chaoskit.sim.streams.stack import DatagramSocket, Listener, Streams
from chaoskit.sim.toxics import ATTRIBUTES, Toxic

__all__ = [
    "ATTRIBUTES",
    "Connection",
    "DatagramEvents",
    "DatagramSocket",
    "Endpoint",
    "Events",
    "Listener",
    "StreamSettings",
    "Streams",
    "Toxic",
    "UnknownHost",
]
