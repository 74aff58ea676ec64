"""asyncio's transports over the world's connections and datagram sockets.

A stream transport is what a connection tells of itself: it hears `data_received` and the like as events of the world, steps into
its host's loop and passes them to the protocol. What a process still does in the callback in which it died reaches nobody.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import protocols
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from chaoskit.hosts.sockets import Address, HostSocket
from chaoskit.sim.streams import Connection, DatagramSocket, Endpoint

if TYPE_CHECKING:
    from chaoskit.hosts.network import NetworkLoop

_feed_buffered: Callable[[Any, bytes], None] = protocols._feed_data_to_buffered_proto  # type: ignore[attr-defined]
TLS_HANDSHAKE = b"\x16\x03"  # how a client's or server's first record begins
_SERVERS_KNOW_TRANSPORTS = sys.version_info >= (3, 13)


class StreamTransport(asyncio.Transport):
    """One end of a connection.

    `factory` makes its protocol once the connection is there, else it is given by `adopt`. `opened` is told None then, or the
    error that it failed with.
    """

    connection: Connection

    def __init__(
        self,
        loop: NetworkLoop,
        *,
        factory: Callable[[], asyncio.BaseProtocol] | None = None,
        opened: Callable[[OSError | None], None] | None = None,
        server: Any = None,
        context: Context | None = None,
    ) -> None:
        super().__init__()
        self._loop = loop
        self._context = copy_context() if context is None else context
        self._server = server
        self._opened = opened
        self._closing = False
        self._is_reading = True
        self._eof_written = False
        self._limits = (16_384, 65_536)
        self._error: BaseException | None = None  # why the program's side of it ended it
        self._socket: HostSocket | None = None
        self._protocol: Any = None
        self._receive: Callable[[bytes], None] = self._keep
        self._early: list[bytes] = []  # came before there was a protocol
        self._factory = factory

    # What the connection tells -------------------------------------------------------------------------------------------

    def connection_made(self, connection: Connection) -> None:
        self.connection = connection
        self._loop.enter(self._context, self._made)

    def connection_failed(self, error: OSError) -> None:
        self._closing = True
        self._loop.enter(self._context, self._tell_opened, error)

    def data_received(self, data: bytes) -> None:
        self._loop.enter(self._context, self._received, data)

    def eof_received(self) -> bool:
        self._loop.enter(self._context, self._ended)
        return True  # `_ended` closes it, if the protocol says so

    def pause_writing(self) -> None:
        self._guarded(self._protocol.pause_writing)  # called by `write`: the host runs already

    def resume_writing(self) -> None:
        self._loop.enter(self._context, self._guarded, self._protocol.resume_writing)

    def connection_lost(self, error: OSError | None) -> None:
        self._closing = True
        self._loop.enter(self._context, self._lost, error)

    # What a program may do -----------------------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        match name:
            case "peername":
                return self.socket.remote
            case "sockname":
                return self.socket.local
            case "socket":
                return self.socket
            case _:
                return default

    @property
    def socket(self) -> HostSocket:
        """What names and configures the connection."""
        if self._socket is None:
            loop, connection = self._loop, self.connection
            local, remote = loop.address_of(connection.local), loop.address_of(connection.remote)
            self._socket = HostSocket(local=local, remote=remote)
            self._socket.transport = self
        return self._socket

    @property
    def is_readable(self) -> bool:
        """Whether the machine has data or an end that the program was not told."""
        received = self.connection.receiving
        return self._closing or bool(received.unread) or (received.ended and not self.connection.pipe.is_waiting)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol
        self.connection.secret = self.connection.secret or isinstance(protocol, SSLProtocol)
        if isinstance(protocol, asyncio.BufferedProtocol):
            self._receive = lambda data: _feed_buffered(protocol, data)
        else:
            self._receive = protocol.data_received  # type: ignore[attr-defined]

    def adopt(self, protocol: asyncio.BaseProtocol) -> None:
        """An open connection gets its protocol."""
        self.set_protocol(protocol)
        self._guarded(self._protocol.connection_made, self)
        early, self._early = self._early, []
        for data in early:
            self._received(data)
        self.connection.resume_reading()

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def is_closing(self) -> bool:
        return self._closing or not self._loop.process.alive

    def is_reading(self) -> bool:
        return self._is_reading and not self._closing

    def pause_reading(self) -> None:
        if not self._closing:
            self._is_reading = False
            self.connection.pause_reading()

    def resume_reading(self) -> None:
        if not self._closing:
            self._is_reading = True
            self.connection.resume_reading()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._eof_written:
            raise RuntimeError("Cannot call write() after write_eof()")
        loop, connection = self._loop, self.connection
        if self._closing or not data or not loop.process.alive or connection.is_closing:
            return
        sent = data if type(data) is bytes else bytes(data)
        loop.written += len(sent)
        if sent.startswith(TLS_HANDSHAKE):  # some libraries, as anyio, encrypt by themselves
            connection.secret = True
        connection.write(sent)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self._eof_written and not self._closing:
            self._eof_written = True
            if self._loop.process.alive:
                self.connection.write_eof()

    def get_write_buffer_size(self) -> int:
        return self.connection.write_buffer_size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._limits

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if high is None:
            high = 65_536 if low is None else 4 * low
        self._limits = (high // 4 if low is None else low, high)
        self.connection.set_write_buffer_limits(low=self._limits[0], high=high)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            if self._loop.process.alive:
                self.connection.close()

    def abort(self) -> None:
        self._closing = True
        if self._loop.process.alive:
            self.connection.abort()

    def _force_close(self, error: BaseException | None) -> None:
        """As asyncio's TLS protocol ends a transport, with what is told to `connection_lost`."""
        self._error = error
        self.abort()

    # In the host ---------------------------------------------------------------------------------------------------------

    def _made(self) -> None:
        if self._server is not None:
            self._server._attach(*((self,) if _SERVERS_KNOW_TRANSPORTS else ()))
        if self._factory is None:
            self.connection.pause_reading()
        else:
            self._guarded(self._begin, self._factory)
        self._tell_opened(None)

    def _begin(self, factory: Callable[[], asyncio.BaseProtocol]) -> None:
        self.set_protocol(factory())
        self._protocol.connection_made(self)

    def _tell_opened(self, error: OSError | None) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened(error)

    def _keep(self, data: bytes) -> None:
        self._early.append(data)

    def _received(self, data: bytes) -> None:
        if not self._closing:
            try:
                self._receive(data)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001  # as in `_guarded`, without its call
                self._failed(error)

    def _ended(self) -> None:
        if self._closing or self._protocol is None:
            return
        if not self._guarded(self._protocol.eof_received):
            self.close()

    def _lost(self, error: OSError | None) -> None:
        if self._protocol is not None:
            self._guarded(self._protocol.connection_lost, error or self._error)
        server, self._server = self._server, None
        if server is not None:
            server._detach(*((self,) if _SERVERS_KNOW_TRANSPORTS else ()))

    def _guarded(self, callback: Callable[..., Any], *args: Any) -> Any:
        """Calls the protocol; what it raises ends the connection, as in asyncio."""
        try:
            return callback(*args)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001  # a protocol may raise anything
            self._failed(error)
            return None

    def _failed(self, error: BaseException) -> None:
        context = {"message": "a protocol failed", "exception": error, "transport": self, "protocol": self._protocol}
        self._loop.call_exception_handler(context)
        self.abort()


class HostDatagramTransport(asyncio.DatagramTransport):
    """A datagram socket, with a fixed other end or without."""

    socket: DatagramSocket

    def __init__(self, loop: NetworkLoop, protocol: asyncio.DatagramProtocol, remote: Address | None) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._remote = remote
        self._context = copy_context()
        self._closing = False

    # What the socket tells -----------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, sender: Endpoint) -> None:
        address = self._loop.address_of(sender)
        if not self._closing and self._remote in (None, address):
            self._loop.enter(self._context, self._protocol.datagram_received, data, address)

    # What a program may do -----------------------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        local = self._loop.address_of(self.socket.local)
        match name:
            case "peername":
                return self._remote
            case "sockname":
                return local
            case "socket":
                return HostSocket(type=2, local=local, remote=self._remote)
            case _:
                return default

    def sendto(self, data: Any, addr: Any = None) -> None:
        to = addr or self._remote
        if to is None:
            raise ValueError("expected an address but got addr=None; give one, or connect the endpoint by remote_addr.")
        if self._closing or not self._loop.process.alive:
            return
        try:
            self.socket.send(bytes(data), (to[0], to[1]))
        except OSError as error:
            self._protocol.error_received(error)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.socket.close()
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close
