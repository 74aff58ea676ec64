"""One program for real sockets and for the world: uploads, a slow reader, a half-close, a cancellation, TLS; with a transcript.

It knows nothing of the simulation: `Server.start` and `converse` take a host's name, ports and TLS contexts, and note what an
application sees, never when. What is left to chance on real sockets (how bytes are cut, how far an upload came) is not noted.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl

UPLOAD = bytes(range(256)) * 20_480  # 5 MiB
PIECE = 64 * 1024
PAUSE = 0.001  # s, of the slow reader after each piece

Transcript = list[str]


def fingerprint(data: bytes) -> str:
    return f"{len(data)} bytes {hashlib.sha256(data).hexdigest()[:8]}"


class Server:
    """Answers conversations, each opened by a line that says which: `upload`, `slow`, `half` or `forever`."""

    def __init__(self, notes: Transcript) -> None:
        self.notes = notes
        self._over = asyncio.Semaphore(0)

    async def start(self, host: str, plain: int, secure: int, tls: ssl.SSLContext) -> list[asyncio.Server]:
        return [
            await asyncio.start_server(self.converse, host, plain),
            await asyncio.start_server(self.converse, host, secure, ssl=tls),
        ]

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        what = (await reader.readline()).decode().strip()
        secure = writer.get_extra_info("ssl_object") is not None
        try:
            await getattr(self, what)(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            kind = "cut off" if isinstance(error, asyncio.IncompleteReadError) else type(error).__name__
            self.notes.append(f"server: {what}: {kind}")
        finally:
            self.notes.append(f"server: {what}{' in TLS' if secure else ''}: over")
            writer.close()
            self._over.release()

    async def finished(self, conversations: int) -> None:
        """Waits until so many are over."""
        for _ in range(conversations):
            await self._over.acquire()

    async def upload(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A length, a body, its fingerprint back."""
        length = int(await reader.readline())
        body = await reader.readexactly(length)
        self.notes.append(f"server: upload: {fingerprint(body)}")
        writer.write(fingerprint(body).encode() + b"\n")
        await writer.drain()

    async def slow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As `upload`, but reads a piece at a time and rests: the writer must wait."""
        length = int(await reader.readline())
        body = bytearray()
        while len(body) < length:
            body += await reader.readexactly(min(PIECE, length - len(body)))
            await asyncio.sleep(PAUSE)
        writer.write(fingerprint(bytes(body)).encode() + b"\n")
        await writer.drain()

    async def half(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads to the end, and answers behind it."""
        body = await reader.read()
        self.notes.append(f"server: half: read to the end: {fingerprint(body)}")
        writer.write(b"after your end: " + body[:5])
        writer.write_eof()
        await writer.drain()


async def converse(host: str, plain: int, secure: int, tls: ssl.SSLContext, notes: Transcript) -> None:
    """The client: every kind of conversation, in the clear and in TLS where it is possible."""
    for port, options in ((plain, {}), (secure, {"ssl": tls, "server_hostname": "server"})):
        for what in ("upload", "slow"):
            reader, writer = await asyncio.open_connection(host, port, **options)
            waited = await send(writer, what, len(UPLOAD), UPLOAD)
            notes.append(f"client: {what}: {(await reader.readline()).decode().strip()}")
            if what == "slow":
                notes.append(f"client: slow: {'had to wait' if waited else 'never waited'}")
            notes.append(f"client: {what}: then {await reader.read()!r}")
            writer.close()
            await writer.wait_closed()
        await cancelled(host, port, options, notes)
    await half_closed(host, plain, notes)


async def send(writer: asyncio.StreamWriter, what: str, length: int, body: bytes) -> bool:
    """Sends a body in pieces; says whether it ever had to wait for the other end."""
    writer.write(f"{what}\n{length}\n".encode())
    waited = False
    for start in range(0, len(body), PIECE):
        writer.write(body[start : start + PIECE])
        waited = waited or writer.transport.get_write_buffer_size() > 0
        await writer.drain()
    return waited


async def cancelled(host: str, port: int, options: dict[str, object], notes: Transcript) -> None:
    """An upload that is cancelled in the middle of its body: the server must see that it is not whole."""
    reader, writer = await asyncio.open_connection(host, port, **options)  # type: ignore[arg-type]
    half = asyncio.Event()

    async def upload() -> None:
        try:
            await send(writer, "upload", len(UPLOAD), UPLOAD[: len(UPLOAD) // 2])
            half.set()
            await reader.readline()
        finally:
            notes.append("client: cancelled upload: finally")
            writer.close()

    task = asyncio.create_task(upload())
    await half.wait()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        notes.append("client: cancelled upload: CancelledError")
    await writer.wait_closed()


async def half_closed(host: str, port: int, notes: Transcript) -> None:
    """Ends its own way first and goes on reading."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"half\n" + UPLOAD[:100_000])
    writer.write_eof()
    notes.append(f"client: half: {await reader.read()!r}")
    writer.close()
    await writer.wait_closed()
