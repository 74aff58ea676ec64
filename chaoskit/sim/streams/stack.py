"""The stream layer of a world: which host listens where, which connections there are, and whom a packet is for.

Each host has a machine's part of it, which goes on while its program is paused or dead: after a kill the machine closes the
program's connections and refuses new ones; after a power loss it is silent, and when it is back it knows nothing of before and
answers old connections by resets. Every packet is journaled as a message is: sent, delivered, dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from chaoskit.core.journal import CHUNK_ENTRIES
from chaoskit.sim.cause import Cause
from chaoskit.sim.network import Packet
from chaoskit.sim.streams import events as failures
from chaoskit.sim.streams.connection import Connection
from chaoskit.sim.streams.events import DatagramEvents, Endpoint, Events
from chaoskit.sim.streams.outlet import Outlet
from chaoskit.sim.streams.segments import (
    DATAGRAM_BYTES_MAX,
    EPHEMERAL_FROM,
    EPHEMERAL_UNTIL,
    RST,
    UDP,
    Datagram,
    Key,
    Segment,
    StreamSettings,
)
from chaoskit.sim.streams.toxics import stage_of
from chaoskit.sim.toxics import Toxic

if TYPE_CHECKING:
    from chaoskit.sim.host import Process
    from chaoskit.sim.world import World

Accept = Callable[[Connection], Events]
LOCAL = ("localhost", "127.0.0.1")


class Listener:
    """A port on which a program accepts connections. At most `backlog` wait for it; further ones are asked to come again."""

    def __init__(self, streams: Streams, process: Process, port: int, accept: Accept, backlog: int) -> None:
        self.process = process
        self.port = port
        self.backlog = backlog
        self.waiting: dict[Connection, None] = {}
        self._streams = streams
        self._accept = accept

    def accept(self, connection: Connection) -> Events:
        """The program takes a connection: who is told of it."""
        self.waiting.pop(connection, None)
        return self._accept(connection)

    def close(self) -> None:
        """No more connections: new ones are refused, those that wait are reset, those accepted stay."""
        self._streams.unlisten(self)
        for connection in list(self.waiting):
            connection.abort()


class DatagramSocket:
    """A port for datagrams."""

    def __init__(self, streams: Streams, process: Process, port: int, events: DatagramEvents) -> None:
        self.process = process
        self.local: Endpoint = (process.host.name, port)
        self.events = events
        self._streams = streams

    def send(self, data: bytes, to: Endpoint) -> None:
        """Sends one datagram. Nobody learns whether it arrives."""
        if len(data) > DATAGRAM_BYTES_MAX:
            raise failures.too_long(len(data), DATAGRAM_BYTES_MAX)
        streams, host = self._streams, self.process.host
        destination = streams.resolve(to[0], near=host.name)
        if self.process.alive:
            datagram = Datagram(self.local[1], to[1], bytes(data))
            streams.outlet.send(host.number, destination, UDP, datagram, streams.world.cause)

    def close(self) -> None:
        self._streams.close_datagrams(self)


class Streams:
    """The layer of one world. Make it before the world runs: from then on it takes what arrives, and hands messages on."""

    def __init__(self, world: World, settings: StreamSettings | None = None) -> None:
        self.world = world
        self.settings = StreamSettings() if settings is None else settings
        self.outlet = Outlet(world)
        self.connections: dict[int, dict[Key, Connection]] = {host.number: {} for host in world.hosts}  # by host number
        self.toxics: list[tuple[Toxic, int]] = []  # with the number of the host whose accepted connections it lies on
        self._listeners: dict[tuple[int, int], Listener] = {}  # by (host number, port), as the next
        self._datagrams: dict[tuple[int, int], DatagramSocket] = {}
        self._poisoned: dict[Connection, None] = {}  # those with a toxic on them
        self._met: dict[tuple[Toxic, int], int] = {}  # how many connections a toxic has met, hit or not
        self._off = [False] * len(world.hosts)
        self._opened = [0] * len(world.hosts)
        self._ports = [EPHEMERAL_FROM] * len(world.hosts)
        self._messages = world.network.reroute(self._arrived)
        world.streams = self

    # What a program may do -----------------------------------------------------------------------------------------------

    def listen(self, process: Process, port: int, accept: Accept, *, backlog: int | None = None) -> Listener:
        """Accepts connections on a port (0: a free one); `accept` says who is told of each."""
        number = process.host.number
        port = port or self._free_port(number)
        if (number, port) in self._listeners:
            raise failures.in_use(f"{process.host.name}:{port}")
        listener = Listener(self, process, port, accept, self.settings.backlog if backlog is None else backlog)
        if process.alive:
            self._listeners[(number, port)] = listener
        return listener

    def connect(self, process: Process, to: str, port: int, events: Events) -> Connection:
        """Opens a connection to a host by name or address. Ends in `connection_made` or `connection_failed`."""
        host = process.host
        other = self.resolve(to, near=host.name)
        serial = self._opened[host.number] = self._opened[host.number] + 1
        connection = Connection(
            self,
            process,
            key=(host.number, serial, True),
            local=(host.name, self._free_port(host.number)),
            remote=(self.world.names[other], port),
            other=other,
        )
        connection.address = host.next_connection(self.world.cause)
        connection.events = events
        if process.alive:
            self.connections[host.number][connection.key] = connection
            connection.open()
        else:
            connection.vanish()  # a fault struck in the middle of what the program did
        return connection

    def open_datagrams(self, process: Process, port: int, events: DatagramEvents) -> DatagramSocket:
        """Binds a port for datagrams (0: a free one)."""
        number = process.host.number
        port = port or self._free_port(number)
        if (number, port) in self._datagrams:
            raise failures.in_use(f"{process.host.name}:{port}")
        socket = DatagramSocket(self, process, port, events)
        if process.alive:
            self._datagrams[(number, port)] = socket
        return socket

    def resolve(self, name: str, *, near: str = "") -> int:
        """The number of a host by name or address; `near` is who asks, for "localhost". Raises `UnknownHost`."""
        wanted = near if name in LOCAL and near else name
        for number, host in enumerate(self.world.names):
            if wanted in (host, self.address(number)):
                return number
        raise failures.not_there(name)

    def address(self, number: int) -> str:
        """The address of a host: 10.0.0.1 for the first."""
        return f"10.0.{(number + 1) // 256}.{(number + 1) % 256}"

    # What `sim.control` does ---------------------------------------------------------------------------------------------

    def poison(self, toxic: Toxic, server: int) -> None:
        """Puts a toxic on all connections that a host accepts, those that are there and those that come."""
        self.toxics.append((toxic, server))
        for connection in self._all():
            if connection.is_joined:
                self._try(toxic, connection, server)

    def heal(self, token: str) -> None:
        """Takes away this token's toxics; what they held goes on."""
        self._lift([(toxic, server) for toxic, server in self.toxics if toxic.token == token])

    def heal_on(self, servers: list[int]) -> None:
        """Takes all toxics away from the connections that these hosts accept."""
        self._lift([(toxic, server) for toxic, server in self.toxics if server in servers])

    # What the world does -------------------------------------------------------------------------------------------------

    def process_died(self, process: Process) -> None:
        """The machine closes what the program had open."""
        number = process.host.number
        self._drop_ports(number, process)
        for connection in self._of(number):
            if connection.process is process:
                connection.killed()

    def power_lost(self, number: int) -> None:
        """The machine is off: it forgets everything, and nobody is told."""
        self._off[number] = True
        self._drop_ports(number, None)
        for connection in self._of(number):
            connection.vanish()

    def booted(self, number: int) -> None:
        """The machine is on."""
        self._off[number] = False

    def dissolve(self) -> None:
        """The run is over: unties circles."""
        for connection in self._all():
            connection.vanish()
        self._listeners.clear()
        self._datagrams.clear()

    # What connections do -------------------------------------------------------------------------------------------------

    def joined(self, connection: Connection) -> None:
        """Both ends know of each other: the toxics that are there now touch it."""
        for toxic, server in self.toxics:
            self._try(toxic, connection, server)

    def forget(self, connection: Connection) -> None:
        """The machine has no more to do with it."""
        self.connections[connection.process.host.number].pop(connection.key, None)
        if connection.listener is not None:
            connection.listener.waiting.pop(connection, None)

    def lighter(self, connection: Connection) -> None:
        """There may be no toxic on it any more."""
        if not connection.pipe.stages:
            self._poisoned.pop(connection, None)

    def unlisten(self, listener: Listener) -> None:
        place = (listener.process.host.number, listener.port)
        if self._listeners.get(place) is listener:
            del self._listeners[place]

    def close_datagrams(self, socket: DatagramSocket) -> None:
        place = (socket.process.host.number, socket.local[1])
        if self._datagrams.get(place) is socket:
            del self._datagrams[place]

    # Arrival -------------------------------------------------------------------------------------------------------------

    def _arrived(self, packet: Packet) -> None:
        content = packet.payload[0]
        what = type(content)
        if what is not Segment and what is not Datagram:
            self._messages(packet)
            return
        world, number = self.world, packet.destination
        host = world.hosts[number]
        if packet.is_lost():
            world.dropped(packet, "lost in flight")
            return
        if self._off[number]:
            world.dropped(packet, "host down")
            for token in host.down_by:
                world.effect(token, "missed a message")
            return
        cause = world.cause = packet.cause
        entries = world.entries
        entries.append(
            (world.kernel.now, "deliver", host.name, cause.name, packet.number, world.names[packet.source], packet.kind)
        )
        if len(entries) > CHUNK_ENTRIES:
            world.rest()
        if world.triggers.packets:
            world.triggers.effect(f"deliver {packet.kind}", world.hosts[packet.source], host)
            if self._off[number]:
                return  # the trigger struck: its power is gone
        if what is Segment:
            self._segment_arrived(number, packet.source, content, cause)
        else:
            self._datagram_arrived(number, packet.source, content)

    def _segment_arrived(self, number: int, source: int, segment: Segment, cause: Cause) -> None:
        connection = self.connections[number].get((segment.opener, segment.serial, segment.to_opener))
        if connection is not None:
            connection.arrived(segment, cause)
        elif segment.syn and not segment.acknowledges:
            self._asked(number, source, segment, cause)
        elif not segment.reset:
            self._refuse(number, source, segment, cause)

    def _asked(self, number: int, source: int, segment: Segment, cause: Cause) -> None:
        """Somebody wants to connect."""
        listener = self._listeners.get((number, segment.destination_port))
        if listener is None:
            self._refuse(number, source, segment, cause)
            return
        if len(listener.waiting) >= listener.backlog:
            return  # as Linux does: the SYN will come again
        names = self.world.names
        connection = Connection(
            self,
            listener.process,
            key=segment.key,
            local=(names[number], segment.destination_port),
            remote=(names[source], segment.source_port),
            other=source,
            listener=listener,
        )
        opener = self.connections[source].get((segment.opener, segment.serial, True))
        connection.address = opener.address if opener is not None else (cause.name, segment.serial)
        listener.waiting[connection] = None
        self.connections[number][connection.key] = connection
        connection.arrived(segment, cause)
        connection.open()

    def _refuse(self, number: int, source: int, segment: Segment, cause: Cause) -> None:
        """Nobody here knows of this connection."""
        answer = Segment(
            segment.opener,
            segment.serial,
            not segment.to_opener,
            segment.destination_port,
            segment.source_port,
            segment.acknowledges,
            segment.sequence,
            0,
            reset=True,
        )
        self.outlet.send(number, source, RST, answer, cause)

    def _datagram_arrived(self, number: int, source: int, datagram: Datagram) -> None:
        socket = self._datagrams.get((number, datagram.destination_port))
        if socket is not None:
            self._tell_datagram((socket, (self.world.names[source], datagram.source_port), datagram.data, self.world.cause))

    def _tell_datagram(self, event: tuple[DatagramSocket, Endpoint, bytes, Cause]) -> None:
        socket, sender, data, cause = event
        process = socket.process
        if process.alive and not self.world.postponed(process.host, self._tell_datagram, event):
            self.world.cause = cause
            self.world.guard(process, partial(socket.events.datagram_received, data, sender))

    # ---------------------------------------------------------------------------------------------------------------------

    def _try(self, toxic: Toxic, connection: Connection, server: int) -> None:
        """Puts a toxic on a connection's end if it is meant and the draw says so."""
        is_opener = connection.key[2]
        port = connection.remote[1] if is_opener else connection.local[1]
        if (toxic.direction == "downstream") != is_opener or connection.server != server or toxic.port not in (0, port):
            return
        nth = self._met[toxic, server] = self._met.get((toxic, server), 0) + 1
        if nth % toxic.every:
            return
        address = (toxic.token, connection.key[0], *connection.address, toxic.direction)
        draws = self.world.draws.child("toxic", *address)
        if draws.chance(toxic.toxicity, "toxicity"):
            self._poisoned[connection] = None
            connection.pipe.add(stage_of(connection.pipe, toxic, draws))

    def _lift(self, lifted: list[tuple[Toxic, int]]) -> None:
        """Takes toxics away from what their hosts accept."""
        self.toxics = [each for each in self.toxics if each not in lifted]
        for each in lifted:
            self._met.pop(each, None)
        for token, server in dict.fromkeys((toxic.token, server) for toxic, server in lifted):
            for connection in list(self._poisoned):
                if connection.server == server:
                    connection.pipe.remove(token)
                    self.lighter(connection)

    def _free_port(self, number: int) -> int:
        while True:
            port = self._ports[number]
            self._ports[number] = port + 1 if port + 1 < EPHEMERAL_UNTIL else EPHEMERAL_FROM
            if (number, port) not in self._listeners and (number, port) not in self._datagrams:
                return port

    def _drop_ports(self, number: int, process: Process | None) -> None:
        """Closes the ports of a host: a program's, or all."""
        tables: tuple[dict[tuple[int, int], Any], ...] = (self._listeners, self._datagrams)
        for table in tables:
            for place, bound in list(table.items()):
                if place[0] == number and process in (None, bound.process):
                    del table[place]

    def _of(self, number: int) -> list[Connection]:
        poisoned = [connection for connection in self._poisoned if connection.process.host.number == number]
        return list(dict.fromkeys([*self.connections[number].values(), *poisoned]))

    def _all(self) -> list[Connection]:
        known = [connection for table in self.connections.values() for connection in table.values()]
        return list(dict.fromkeys([*known, *self._poisoned]))
