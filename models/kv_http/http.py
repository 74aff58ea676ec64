"""As much of HTTP/1.1 as the store speaks: a start line, a body of known length, connections that are kept and pooled.

What cannot be read is a `ValueError`; what breaks off is an `EOFError` or an `OSError`, as streams raise them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

PORT = 8080
BODY_BYTES_MAX = 1 << 20

Answer = tuple[int, bytes]  # status and body
Handler = Callable[[str, str, bytes], Awaitable[Answer]]  # (method, path, body) → answer


class Connection:
    """A client's end of a connection: one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str) -> Connection:
        return cls(*await asyncio.open_connection(host, PORT))

    @property
    def is_usable(self) -> bool:
        """Whether the other end still listens, as far as one knows."""
        return not self._writer.is_closing() and not self._reader.at_eof()

    async def request(self, method: str, path: str, body: bytes = b"") -> Answer:
        self._writer.write(_message(f"{method} {path} HTTP/1.1", body))
        await self._writer.drain()
        start, answer = await _read_message(self._reader)
        _, status, _ = start.split(" ", 2)
        return int(status), answer

    def close(self) -> None:
        self._writer.close()


class Pool:
    """Connections to one host that are kept for further requests. `keep_unanswered` is a planted bug."""

    def __init__(self, host: str, *, keep_unanswered: bool = False) -> None:
        self._host = host
        self._idle: list[Connection] = []
        self._keep_unanswered = keep_unanswered

    async def request(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Asks on a connection that is free, or on a new one."""
        connection = await self._take()
        try:
            answer = await connection.request(method, path, body)
        except BaseException:  # a time-out, too: the answer may still come, and must not be taken for the next one's
            if self._keep_unanswered:
                self._idle.append(connection)
            else:
                connection.close()
            raise
        self._idle.append(connection)
        return answer

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.close()
        return await Connection.open(self._host)


async def serve(handler: Handler) -> None:
    """Answers requests for ever."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                start, body = await _read_message(reader)
                method, path, _ = start.split()
                status, answer = await handler(method, path, body)
                writer.write(_message(f"HTTP/1.1 {status} {'OK' if status == 200 else 'Failed'}", answer))
                await writer.drain()
        except (OSError, EOFError, ValueError):
            pass  # the other end is gone, or does not speak HTTP
        finally:
            writer.close()

    server = await asyncio.start_server(converse, port=PORT)
    await server.serve_forever()


def _message(start: str, body: bytes) -> bytes:
    return f"{start}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _read_message(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The start line and the body of the next request or answer."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    except asyncio.LimitOverrunError as error:
        raise ValueError(f"expected a head that ends but {error}") from error
    start, *fields = head.strip().split("\r\n")
    lengths = [field.partition(":")[2] for field in fields if field.lower().startswith("content-length:")]
    length = int(lengths[0]) if lengths else 0
    if not 0 <= length <= BODY_BYTES_MAX:
        raise ValueError(f"expected a body of at most {BODY_BYTES_MAX} bytes but got content-length={length}")
    return start, await reader.readexactly(length)
