"""Takes connections from a listener and serves each in its own task until the shutdown; a failure is logged, and stops nothing.

A listener that cannot accept just now is asked again after a moment, so that one that never can does not take all the time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Literal, Protocol

from chaoskit.models.hotline.server import HotlineServer

ACCEPT_PAUSE_SECONDS = 0.1  # after a failed accept
GRACE_SECONDS = 10  # that connections have after the shutdown, as a request handler may take its time
WAITING_CONNECTIONS_MAX = 100

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Log = Callable[[str], object]

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Where connections come from."""

    async def accept(self) -> Streams:
        """The next connection. Raises OSError when there is none to be had just now."""

    def close(self) -> None:
        """No more connections come."""


async def serve_connections(listener: Listener, server: HotlineServer, *, log: Log = _log.warning) -> int:
    """Serves until the server's shutdown is set and its connections have ended. Gives how many there were."""
    serving: dict[asyncio.Task[None], None] = {}  # in the order of their coming
    count = 0
    shutdown = asyncio.ensure_future(server.shutdown.wait())
    try:
        while (streams := await _accepted(listener, shutdown, log)) is not None:
            count += 1
            task = asyncio.create_task(_serve(server, streams, log), name=f"connection {count}")
            serving[task] = None
            task.add_done_callback(serving.pop)
    finally:
        shutdown.cancel()
        listener.close()
        await _end(list(serving))
    return count


class SocketListener:
    """Connections of an asyncio server, which may be the system's or a simulated world's."""

    def __init__(self, server: asyncio.Server, waiting: asyncio.Queue[Streams]) -> None:
        self._server = server
        self._waiting = waiting

    @classmethod
    async def open(cls, host: str | None, port: int) -> SocketListener:
        """Listens there; on all addresses of the machine if no host is given. Raises OSError."""
        waiting: asyncio.Queue[Streams] = asyncio.Queue(WAITING_CONNECTIONS_MAX)

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if waiting.full():
                writer.transport.abort()
            else:
                waiting.put_nowait((reader, writer))

        return cls(await asyncio.start_server(accept, host, port), waiting)

    @property
    def port(self) -> int:
        """Where it listens: of interest if it was to choose."""
        return int(self._server.sockets[0].getsockname()[1])

    async def accept(self) -> Streams:
        return await self._waiting.get()

    def close(self) -> None:
        self._server.close()
        while not self._waiting.empty():
            _, writer = self._waiting.get_nowait()
            writer.transport.abort()


async def _accepted(listener: Listener, shutdown: asyncio.Future[Literal[True]], log: Log) -> Streams | None:
    """The next connection, None when the shutdown comes first."""
    while not shutdown.done():
        accepting = asyncio.ensure_future(listener.accept())
        try:
            await asyncio.wait((accepting, shutdown), return_when=asyncio.FIRST_COMPLETED)
            if not accepting.done():
                return None
            return accepting.result()
        except OSError as error:
            log(f"accept failed: {type(error).__name__}: {error}")
            await asyncio.wait((shutdown,), timeout=ACCEPT_PAUSE_SECONDS)
        finally:
            accepting.cancel()
    return None


async def _serve(server: HotlineServer, streams: Streams, log: Log) -> None:
    try:
        await server.handle_connection(*streams)
    except Exception as error:  # noqa: BLE001  # whatever one connection fails of, the others go on
        peer = streams[1].get_extra_info("peername")
        log(f"connection of {peer} failed: {type(error).__name__}: {error}")


async def _end(serving: list[asyncio.Task[None]]) -> None:
    """Lets connections end by themselves, then ends them."""
    if serving:
        _, late = await asyncio.wait(serving, timeout=GRACE_SECONDS)
        for task in serving:
            if task in late:
                task.cancel()
        await asyncio.wait(serving)
