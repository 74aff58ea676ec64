"""What a program is told about its streams, and the errors by which streams fail, named as Python names them.

The events are those of an asyncio protocol, so that a transport can sit right on a connection. They come one at a time, as
events of the world: never from within a call of the program's own, `pause_writing` excepted, which `write` calls itself.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chaoskit.sim.streams.connection import Connection

Endpoint = tuple[str, int]  # a host's name and a port


class Events(Protocol):
    """What happens to a connection. `connection_failed` comes instead of `connection_made`; else `connection_lost` is last."""

    def connection_made(self, connection: Connection) -> None: ...
    def connection_failed(self, error: OSError) -> None: ...
    def data_received(self, data: bytes) -> None: ...
    def eof_received(self) -> bool | None: ...  # a true answer keeps the other direction open
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def connection_lost(self, error: OSError | None) -> None: ...


class DatagramEvents(Protocol):
    """What happens to a datagram socket."""

    def datagram_received(self, data: bytes, sender: Endpoint) -> None: ...


class UnknownHost(OSError):  # noqa: N818  # read by programs as what happened, as `TimedOut` is
    """No host has this name or address (`socket.gaierror` in a real program)."""


def refused(where: str) -> ConnectionRefusedError:
    return ConnectionRefusedError(errno.ECONNREFUSED, f"connection refused by {where}")


def reset(where: str) -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, f"connection reset by {where}")


def timed_out(where: str) -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, f"connection to {where} timed out")


def broken_pipe(where: str) -> BrokenPipeError:
    return BrokenPipeError(errno.EPIPE, f"broken pipe to {where}")


def in_use(where: str) -> OSError:
    return OSError(errno.EADDRINUSE, f"address already in use: {where}")


def too_long(size: int, limit: int) -> OSError:
    return OSError(errno.EMSGSIZE, f"message too long: expected at most {limit} bytes but got {size}")


def not_there(name: str) -> UnknownHost:
    return UnknownHost(f"name or service not known: {name!r}")
