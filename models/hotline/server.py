"""Serves one Hotline connection: the handshake, then requests and their answers until the client leaves, fails or falls silent.

    server = HotlineServer(handlers=Board(accounts={b"ada": b"engine"}).session)
    ended = await server.handle_connection(reader, writer)

The streams may be a script's, a duplex's, a socket's or the simulated world's: nothing here knows. Every exact read and every
write has five seconds of its own. Who leaves between two transactions has ended well; who leaves in one has not. What is wrong
raises: `IoTimeoutError`, `TruncatedError`, `CodecError` for bytes that are no request, or the connection's own OSError. The
shutdown ends a connection where it waits for bytes; a request that is there is answered first.

After mxd, a Hotline server: https://github.com/leynos/mxd.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from chaoskit.models.hotline.bugs import NO_WRITE_TIMEOUT, TRUNCATED_IS_END, UNBOUNDED_LENGTH
from chaoskit.models.hotline.handshake import HELLO_BYTES, Code, answer, judged
from chaoskit.models.hotline.reading import TruncatedError, read_transaction
from chaoskit.models.hotline.requests import Request, RequestHandler
from chaoskit.wire.codec import (
    CodecError,
    Transaction,
    TransactionCodec,
    decode_fields,
    encode_fields,
)

HANDSHAKE_TIMEOUT_SECONDS = 5
IO_TIMEOUT_SECONDS = 5  # for each exact read, and each write

Value = TypeVar("Value")


class Ended(Enum):
    """How a connection ended that did not fail."""

    LEFT_EARLY = "the client left before its handshake was whole"
    HANDSHAKE_TIMEOUT = "no handshake came in time"
    OTHER_PROTOCOL = "the client speaks another protocol"
    OTHER_VERSION = "the client speaks another version"
    LEFT = "the client left between transactions"
    SHUT_DOWN = "the server was told to shut down"


class IoTimeoutError(TimeoutError):
    """A read or a write took longer than it may."""


@dataclass(frozen=True, kw_only=True)
class HotlineServer:
    """What all its connections share. `handlers` makes the request handler of a connection; setting `shutdown` ends them all."""

    handlers: Callable[[], RequestHandler]
    shutdown: asyncio.Event = field(default_factory=asyncio.Event)
    codec: TransactionCodec = field(default_factory=TransactionCodec)
    bugs: frozenset[str] = frozenset()

    async def handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Ended:
        """Serves one connection to its end, and closes it."""
        connection = _Connection(self, reader, writer)
        try:
            return await connection.converse()
        except _ShutDownError:
            return Ended.SHUT_DOWN
        finally:
            await connection.hang_up()


class _ShutDownError(Exception):
    """The signal came while a connection waited for bytes."""


class _Connection:
    """One connection of a server."""

    def __init__(self, server: HotlineServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._shutdown = asyncio.ensure_future(server.shutdown.wait())

    async def converse(self) -> Ended:
        try:
            said = await self._unless_shut_down(self._read(HELLO_BYTES, "handshake", HANDSHAKE_TIMEOUT_SECONDS))
        except asyncio.IncompleteReadError:
            return Ended.LEFT_EARLY
        except IoTimeoutError:
            await self._write(answer(Code.TIMEOUT))
            return Ended.HANDSHAKE_TIMEOUT
        code = judged(said)
        await self._write(answer(code))
        match code:
            case Code.INVALID:
                return Ended.OTHER_PROTOCOL
            case Code.UNSUPPORTED_VERSION:
                return Ended.OTHER_VERSION
        return await self._serve(self._server.handlers())

    async def hang_up(self) -> None:
        """Closes the connection. What it still has to send, it has five seconds for."""
        self._shutdown.cancel()
        self._writer.close()
        try:
            async with asyncio.timeout(IO_TIMEOUT_SECONDS):
                await self._writer.wait_closed()
        except OSError:  # also the time-out; how the conversation ended is known by now
            self._writer.transport.abort()
        except asyncio.CancelledError:
            self._writer.transport.abort()
            raise

    # Transactions -----------------------------------------------------------------------------------------------------------

    async def _serve(self, handler: RequestHandler) -> Ended:
        while (asked := await self._unless_shut_down(self._next_transaction())) is not None:
            if asked.is_reply:
                raise CodecError(f"expected a request but got a reply of id={asked.id}: this server asks nothing")
            reply = await handler.answer(Request(asked.type, decode_fields(asked.payload)))
            told = Transaction(asked.type, asked.id, encode_fields(reply.fields), is_reply=1, error=reply.error)
            await self._write(self._server.codec.encode(told))
        return Ended.LEFT

    async def _next_transaction(self) -> Transaction | None:
        bugs, most = self._server.bugs, self._server.codec.max_frame_length
        try:
            return await read_transaction(self._read, max_frame_length=(1 << 32) - 1 if UNBOUNDED_LENGTH.name in bugs else most)
        except TruncatedError:
            if TRUNCATED_IS_END.name in bugs:
                return None
            raise

    # Bytes ------------------------------------------------------------------------------------------------------------------

    async def _read(self, size: int, what: str, seconds: float = IO_TIMEOUT_SECONDS) -> bytes:
        """So many bytes. Raises `IoTimeoutError`, `asyncio.IncompleteReadError`, OSError."""
        try:
            async with asyncio.timeout(seconds) as limit:
                return await self._reader.readexactly(size)
        except TimeoutError as error:
            if not limit.expired():
                raise  # the network's own
            raise IoTimeoutError(f"I/O timeout: the {size} bytes of a {what} did not come within {seconds} s") from error

    async def _write(self, data: bytes) -> None:
        """Returns when the peer has taken the bytes, or the system has. Raises `IoTimeoutError`, OSError."""
        self._writer.write(data)
        try:
            async with asyncio.timeout(None if NO_WRITE_TIMEOUT.name in self._server.bugs else IO_TIMEOUT_SECONDS) as limit:
                await self._writer.drain()
        except TimeoutError as error:
            if not limit.expired():
                raise
            self._writer.transport.abort()  # what it has not taken, it will not take
            raise IoTimeoutError(f"I/O timeout: {len(data)} bytes were not taken within {IO_TIMEOUT_SECONDS} s") from error

    async def _unless_shut_down(self, reading: Coroutine[Any, Any, Value]) -> Value:
        """What a coroutine gives. Raises `_ShutDownError` if the signal comes first, and what the coroutine raises."""
        if self._server.shutdown.is_set():  # a client that never waits for answers cannot put it off
            reading.close()
            raise _ShutDownError
        task = asyncio.ensure_future(reading)
        try:
            await asyncio.wait((task, self._shutdown), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise _ShutDownError
            return task.result()
        finally:
            task.cancel()
