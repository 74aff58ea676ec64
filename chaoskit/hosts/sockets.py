"""What a program on a simulated host gets for a socket: it can be named, configured and handed to asyncio, and moves no byte.

Libraries make one to connect it by the loop (`loop.sock_connect`), bind one to serve on it (`create_server(sock=...)`), and ask a
transport for its own to read names and set options. Its `fileno` is a real descriptor that is readable exactly when there is data
or an end that the program was not told, because connection pools look at that before they use a connection again.
"""

from __future__ import annotations

import errno
import os
import socket
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from chaoskit.hosts.escapes import STREAMS, refuse

if TYPE_CHECKING:
    from chaoskit.hosts.transports import StreamTransport

Address = tuple[str, int]
ANYWHERE = "0.0.0.0"  # noqa: S104  # every address of a host: it has one


class HostSocket(socket.socket):
    """A socket of a host; `transport` is the connection that it stands for, once there is one."""

    def __init__(
        self,
        family: int = -1,
        type: int = -1,  # socket.socket's name
        proto: int = -1,
        fileno: int | None = None,
        *,
        local: Address = (ANYWHERE, 0),
        remote: Address | None = None,
    ) -> None:
        self._family = socket.AddressFamily(socket.AF_INET if family == -1 else family)
        self._type = socket.SocketKind(socket.SOCK_STREAM if type == -1 else type & 0xF)
        self._options: dict[tuple[int, int], Any] = {}
        self.transport: StreamTransport | None = None
        self.local = local
        self.remote = remote
        self.is_closed = False

    def __repr__(self) -> str:
        return f"<HostSocket {self.local} to {self.remote}>"

    @property
    def family(self) -> socket.AddressFamily:
        return self._family

    @property
    def type(self) -> socket.SocketKind:
        return self._type

    @property
    def proto(self) -> int:
        return 6 if self._type == socket.SOCK_STREAM else 17

    @property
    def timeout(self) -> float | None:
        return 0.0

    def bind(self, address: Any) -> None:
        self.local = (address[0] or ANYWHERE, address[1])

    def getsockname(self) -> Address:
        return self.local

    def getpeername(self) -> Address:
        if self.remote is None:
            raise OSError(errno.ENOTCONN, "socket is not connected")
        return self.remote

    def setsockopt(self, level: int, option: int, value: Any = None, length: int | None = None) -> None:
        self._options[(level, option)] = value

    def getsockopt(self, level: int, option: int, length: int | None = None) -> Any:
        if (level, option) == (socket.SOL_SOCKET, socket.SO_TYPE):
            return int(self._type)
        return self._options.get((level, option), 0)

    def fileno(self) -> int:
        if self.is_closed:
            return -1
        silent, ready = _descriptors()
        return ready if self.transport is not None and self.transport.is_readable else silent

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def settimeout(self, value: float | None) -> None:
        """It never blocks."""

    def gettimeout(self) -> float | None:
        return 0.0

    def listen(self, backlog: int = 0) -> None:
        """Its server does."""

    def close(self) -> None:
        self.is_closed = True

    def detach(self) -> int:
        self.is_closed = True
        return -1

    def shutdown(self, how: int) -> None:
        """Its transport does."""

    def _refused(self, *arguments: Any, **options: Any) -> NoReturn:
        refuse("a raw socket's own traffic", STREAMS)

    connect = connect_ex = accept = send = sendall = sendto = sendmsg = sendfile = _refused
    recv = recv_into = recvfrom = recvfrom_into = recvmsg = recvmsg_into = makefile = dup = _refused


@cache
def _descriptors() -> tuple[int, int]:
    """Two pipes' reading ends: one that nothing ever comes to, and one that has ended."""
    silent, _ = os.pipe()
    ended, other = os.pipe()
    os.close(other)
    return silent, ended
