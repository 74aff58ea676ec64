"""The part of the loop that connects: TCP and TLS connections, servers, datagrams and names, all on the world's streams.

Servers are asyncio's own (`asyncio.Server`), TLS is asyncio's own protocol over our transport; so both behave as on this Python.
Names are those of the world's hosts. Address families other than IPv4 do not exist here.
"""

from __future__ import annotations

import asyncio
import socket
import ssl as tls
from asyncio import base_events, sslproto
from collections.abc import Callable
from contextvars import copy_context
from typing import Any
from weakref import WeakSet

from chaoskit.core.errors import ModelError
from chaoskit.hosts.callbacks import CallbackLoop
from chaoskit.hosts.sockets import ANYWHERE, Address, HostSocket
from chaoskit.hosts.transports import HostDatagramTransport, StreamTransport
from chaoskit.sim.host import Process
from chaoskit.sim.streams import Connection, Endpoint, Listener, Streams, UnknownHost

Factory = Callable[[], Any]
SSLProtocol: Any = sslproto.SSLProtocol  # asyncio's own, which has no public types


class NetworkLoop(CallbackLoop, asyncio.AbstractEventLoop):  # type: ignore[misc]  # typeshed's callbacks know their arguments
    """The part of `HostLoop` that knows of the network."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.written = 0  # bytes handed to connections
        self._listeners: dict[HostSocket, Listener] = {}
        self._secured: WeakSet[Any] = WeakSet()  # TLS protocols

    @property
    def streams(self) -> Streams:
        streams = self.process.world.streams
        if streams is None:
            raise ModelError("expected a model whose programs open connections to say so but got streams=False; leave it out.")
        return streams

    def abandon(self) -> None:
        """The process is dead: its transports are not to warn that nobody closed them."""
        for secure in list(self._secured):
            if secure._app_transport is not None:
                secure._app_transport._closed = True

    # Names ---------------------------------------------------------------------------------------------------------------

    def address_of(self, endpoint: Endpoint) -> Address:
        """What a program sees of (host name, port): an IP address."""
        world = self.process.world
        return self.streams.address(world.host_number(endpoint[0])), endpoint[1]

    def resolve(self, name: str | bytes | None) -> str:
        """The IP address of a host by name or address. Raises `socket.gaierror`."""
        text = name.decode() if isinstance(name, bytes) else name or "localhost"
        near = self.process.host.name
        try:
            return self.streams.address(self.streams.resolve(near if text in (ANYWHERE, "::") else text, near=near))
        except UnknownHost as error:
            raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {text!r}") from error

    def lookup(self, host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0) -> list[Any]:
        """As `socket.getaddrinfo`."""
        if family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_ADDRFAMILY, "there is no IPv6 here")
        if isinstance(port, str | bytes) and port:
            port = int(port) if port.isdigit() else socket.getservbyname(port.decode() if isinstance(port, bytes) else port)
        address = (self.resolve(host), int(port or 0))
        kinds = [socket.SocketKind(type)] if type else [socket.SOCK_STREAM, socket.SOCK_DGRAM]
        return [(socket.AF_INET, kind, proto or (6 if kind == socket.SOCK_STREAM else 17), "", address) for kind in kinds]

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        await asyncio.sleep(0)
        return self.lookup(host, port, family, type, proto)

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:
        await asyncio.sleep(0)
        streams = self.streams
        name = streams.world.names[streams.resolve(sockaddr[0], near=self.process.host.name)]
        return (sockaddr[0] if flags & socket.NI_NUMERICHOST else name), str(sockaddr[1])

    # Connections ---------------------------------------------------------------------------------------------------------

    async def create_connection(  # type: ignore[override]  # with any options
        self,
        protocol_factory: Factory,
        host: Any = None,
        port: Any = None,
        *,
        ssl: Any = None,
        sock: Any = None,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        **options: Any,
    ) -> tuple[asyncio.BaseTransport, Any]:
        """`options` choose among addresses and address families; every host here has one."""
        if ssl and server_hostname is None:
            if not host:
                raise ValueError("You must set server_hostname when using ssl without a host")
            server_hostname = host
        if sock is not None:
            transport = self._connected(sock)
        else:
            transport = await self._open(self.resolve(host), int(port))
        protocol = protocol_factory()
        if not ssl:
            transport.adopt(protocol)
            return transport, protocol
        waiter = self.create_future()
        secure = SSLProtocol(
            self,
            protocol,
            tls.create_default_context() if ssl is True else ssl,
            waiter,
            False,
            server_hostname,
            ssl_handshake_timeout=ssl_handshake_timeout,
            ssl_shutdown_timeout=ssl_shutdown_timeout,
        )
        self._secured.add(secure)
        transport.adopt(secure)
        try:
            await waiter
        except BaseException:
            transport.abort()
            raise
        return secure._app_transport, protocol

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """A socket that `create_connection(sock=...)` takes afterwards."""
        sock.transport = await self._open(self.resolve(address[0]), int(address[1]))
        sock.local, sock.remote = sock.transport.socket.local, sock.transport.socket.remote

    async def start_tls(
        self,
        transport: Any,
        protocol: Any,
        sslcontext: Any,
        *,
        server_side: bool = False,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
    ) -> Any:
        """Goes on in TLS over an open connection."""
        waiter = self.create_future()
        secure = SSLProtocol(
            self,
            protocol,
            sslcontext,
            waiter,
            server_side,
            server_hostname,
            call_connection_made=False,
            ssl_handshake_timeout=ssl_handshake_timeout,
            ssl_shutdown_timeout=ssl_shutdown_timeout,
        )
        self._secured.add(secure)
        transport.pause_reading()  # the first bytes are for the new protocol
        transport.set_protocol(secure)
        made = self.call_soon(secure.connection_made, transport)
        resumed = self.call_soon(transport.resume_reading)
        try:
            await waiter
        except BaseException:
            transport.close()
            made.cancel()
            resumed.cancel()
            raise
        return secure._app_transport

    # Servers -------------------------------------------------------------------------------------------------------------

    async def create_server(
        self,
        protocol_factory: Factory,
        host: Any = None,
        port: Any = None,
        *,
        sock: Any = None,
        backlog: int = 100,
        ssl: Any = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        start_serving: bool = True,
        **options: Any,
    ) -> base_events.Server:
        """`options` are of real sockets. A server listens on all addresses of its host."""
        if sock is None:
            first = host[0] if isinstance(host, list | tuple) and host else host
            sock = HostSocket(local=(self.resolve(first or None), int(port or 0)))
        server = base_events.Server(self, [sock], protocol_factory, ssl, backlog, ssl_handshake_timeout, ssl_shutdown_timeout)
        if start_serving:
            server._start_serving()  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        return server

    def _start_serving(
        self,
        protocol_factory: Factory,
        sock: HostSocket,
        sslcontext: Any = None,
        server: Any = None,
        backlog: int = 100,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
    ) -> None:
        """asyncio's server says: listen."""
        context = copy_context()

        def protocol() -> asyncio.BaseProtocol:
            made: asyncio.BaseProtocol = protocol_factory()
            if not sslcontext:
                return made
            secure: asyncio.BaseProtocol = SSLProtocol(
                self,
                made,
                sslcontext,
                None,
                True,
                ssl_handshake_timeout=ssl_handshake_timeout,
                ssl_shutdown_timeout=ssl_shutdown_timeout,
            )
            self._secured.add(secure)
            return secure

        def accept(connection: Connection) -> StreamTransport:
            return StreamTransport(self, factory=protocol, server=server, context=context)

        try:
            listener = self.streams.listen(self.process, sock.local[1], accept, backlog=backlog)
        except OSError as error:
            raise OSError(error.errno, f"error while attempting to bind on address {sock.local!r}: {error.strerror}") from None
        sock.local = (sock.local[0], listener.port)
        self._listeners[sock] = listener

    def _stop_serving(self, sock: HostSocket) -> None:
        """asyncio's server says: stop."""
        listener = self._listeners.pop(sock, None)
        if listener is not None and self.process.alive:
            listener.close()
        sock.close()

    # Datagrams -----------------------------------------------------------------------------------------------------------

    async def create_datagram_endpoint(
        self,
        protocol_factory: Factory,
        local_addr: Any = None,
        remote_addr: Any = None,
        *,
        sock: Any = None,
        **options: Any,
    ) -> tuple[HostDatagramTransport, Any]:
        protocol = protocol_factory()
        remote = None if remote_addr is None else (self.resolve(remote_addr[0]), int(remote_addr[1]))
        local = sock.local if sock is not None else local_addr
        transport = HostDatagramTransport(self, protocol, remote)
        transport.socket = self.streams.open_datagrams(self.process, int(local[1]) if local else 0, transport)
        self.call_soon(protocol.connection_made, transport)
        await asyncio.sleep(0)
        return transport, protocol

    # ---------------------------------------------------------------------------------------------------------------------

    async def _open(self, address: str, port: int) -> StreamTransport:
        """A connection that has no protocol yet."""
        waiter = self.create_future()

        def opened(error: OSError | None) -> None:
            if waiter.done():
                return
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(type(error)(error.errno, f"Connect call failed {(address, port)}"))

        transport = StreamTransport(self, opened=opened)
        transport.connection = self.streams.connect(self.process, address, port, transport)
        try:
            await waiter
        except asyncio.CancelledError:
            transport.abort()
            raise
        return transport

    def _connected(self, sock: Any) -> StreamTransport:
        """The connection that `sock_connect` opened."""
        transport: StreamTransport | None = getattr(sock, "transport", None)
        if transport is None:
            raise ValueError(f"expected a socket that loop.sock_connect connected but got sock={sock!r}.")
        return transport
