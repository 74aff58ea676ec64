"""Drives a server through one connection in memory, and gives what it answered: as payloads, as frames, or as bytes.

    async def test() -> None:
        assert await drive_with_codec_payloads(app, HotlineCodec(), [b"hello"]) == [b"hello"]

    run(test())     # in virtual time; any other event loop will do, too

    universe = Universe({"host": lambda host: drive_with_codec_payloads(app, HotlineCodec(), [b"hello"], over=tcp)})
    universe.control.poison("t1", "host", type="slicer", average_size=1)
    assert universe.run("host") == [b"hello"]      # through a toxic

A driver writes everything in order and half-closes, reads until the server has closed, and does both at once, so that a buffer of
one byte is enough. An app is left as it was: what it keeps, it keeps, and the next drive finds it. A server that fails is a
`ServerTaskError`; one that hangs up early is none, and what it had said is the answer. How bytes come and go is a `Pace`; what
carries them, where it is not a buffer in memory, is what `over` gives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from chaoskit.core.errors import UsageError
from chaoskit.wire.app import App, Connection, connection_of
from chaoskit.wire.codec.contract import Frame, FrameCodec
from chaoskit.wire.codec.whole import (
    decode_frames_with_codec,
    encode_frames_with_codec,
    extract_payloads,
)
from chaoskit.wire.duplex import DEFAULT_CAPACITY, Streams, duplex

Pair = Callable[[], Awaitable[tuple[Streams, Streams]]]


class ServerTaskError(RuntimeError):
    """The server failed while it was driven; its own exception is the cause."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How the client writes and reads: in pieces of so many bytes, with so many seconds between two of them."""

    write_bytes: int | None = None
    write_seconds: float = 0
    read_bytes: int | None = None
    read_seconds: float = 0

    def __post_init__(self) -> None:
        for name, bytes_ in (("write_bytes", self.write_bytes), ("read_bytes", self.read_bytes)):
            if bytes_ is not None and bytes_ < 1:
                raise UsageError(f"expected pieces of at least one byte but got {name}={bytes_}; None is as much as there is.")
        for name, seconds in (("write_seconds", self.write_seconds), ("read_seconds", self.read_seconds)):
            if not seconds >= 0:
                raise UsageError(f"expected a time between pieces but got {name}={seconds}; 0 is none.")


AT_ONCE = Pace()


async def tcp() -> tuple[Streams, Streams]:
    """Both ends of a connection of this host with itself: (the client's streams, the server's). In a world, toxics lie on it."""
    accepted: asyncio.Future[Streams] = asyncio.get_running_loop().create_future()
    listening = await asyncio.start_server(lambda reader, writer: accepted.set_result((reader, writer)), "127.0.0.1", 0)
    try:
        client = await asyncio.open_connection(*listening.sockets[0].getsockname()[:2])
        return client, await accepted
    finally:
        listening.close()


async def drive_with_codec_payloads(
    app: App | Connection,
    codec: FrameCodec[Frame],
    payloads: Iterable[bytes],
    *,
    capacity: int = DEFAULT_CAPACITY,
    over: Pair | None = None,
    pace: Pace = AT_ONCE,
) -> list[bytes]:
    """The payloads of what a server answers to these payloads. Raises `InvalidDataError`, `ServerTaskError`."""
    frames = map(codec.wrap_payload, payloads)
    return extract_payloads(codec, await drive_with_codec_frames(app, codec, frames, capacity=capacity, over=over, pace=pace))


async def drive_with_codec_frames(
    app: App | Connection,
    codec: FrameCodec[Frame],
    frames: Iterable[Frame],
    *,
    capacity: int = DEFAULT_CAPACITY,
    over: Pair | None = None,
    pace: Pace = AT_ONCE,
) -> list[Frame]:
    """The frames that a server answers to these frames, with all that stands in them. Raises as the payload driver does."""
    pieces = encode_frames_with_codec(codec, frames)
    return decode_frames_with_codec(codec, await drive_with_frames(app, pieces, capacity=capacity, over=over, pace=pace))


async def drive_with_partial_frame(
    app: App | Connection,
    codec: FrameCodec[Frame],
    frames: Iterable[Frame],
    *,
    last_frame_bytes: int,
    capacity: int = DEFAULT_CAPACITY,
    over: Pair | None = None,
    pace: Pace = AT_ONCE,
) -> list[Frame]:
    """As `drive_with_codec_frames`, but the last frame ends after so many of its bytes, and the connection with it."""
    pieces = encode_frames_with_codec(codec, frames)
    if not pieces or not 0 <= last_frame_bytes < len(pieces[-1]):
        whole = len(pieces[-1]) if pieces else 0
        raise UsageError(f"expected a part of the last frame's {whole} bytes but got last_frame_bytes={last_frame_bytes}.")
    pieces[-1] = pieces[-1][:last_frame_bytes]
    return decode_frames_with_codec(codec, await drive_with_frames(app, pieces, capacity=capacity, over=over, pace=pace))


async def drive_with_frame(
    app: App | Connection, frame: bytes, *, capacity: int = DEFAULT_CAPACITY, over: Pair | None = None, pace: Pace = AT_ONCE
) -> bytes:
    """What a server answers to these bytes. Raises `ServerTaskError`."""
    return await drive_with_frames(app, [frame], capacity=capacity, over=over, pace=pace)


async def drive_with_frames(
    app: App | Connection,
    frames: Iterable[bytes],
    *,
    capacity: int = DEFAULT_CAPACITY,
    over: Pair | None = None,
    pace: Pace = AT_ONCE,
) -> bytes:
    """What a server answers to these bytes, written piece by piece. Raises `ServerTaskError`."""
    (reader, writer), server = duplex(capacity=capacity) if over is None else await over()
    serving = asyncio.create_task(_serve(connection_of(app), *server), name="server")
    writing = asyncio.create_task(_write(writer, frames, pace), name="client")
    try:
        answer = await _read(reader, pace)
        await asyncio.wait([writing, serving], return_when=asyncio.FIRST_COMPLETED)
        if writing.done():  # else the server has ended without hearing it all
            await writing
        await _served(serving)
    except ConnectionError:  # the server has reset the connection
        await _served(serving)
        raise
    finally:
        writer.close()
        for task in (writing, serving):
            task.cancel()
        await asyncio.gather(writing, serving, return_exceptions=True)
    return answer


async def _serve(handler: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await handler(reader, writer)
    finally:
        writer.close()


async def _served(serving: asyncio.Task[None]) -> None:
    """Waits for the server. Raises `ServerTaskError` with its exception as the cause."""
    await asyncio.wait([serving])
    if serving.cancelled():
        raise ServerTaskError("server task failed: it was cancelled")
    error = serving.exception()
    if error is not None:
        raise ServerTaskError(f"server task failed: {error!r}") from error


async def _write(writer: asyncio.StreamWriter, frames: Iterable[bytes], pace: Pace) -> None:
    try:
        for frame in frames:
            step = pace.write_bytes or max(1, len(frame))
            for at in range(0, len(frame), step):
                writer.write(frame[at : at + step])
                await writer.drain()
                await asyncio.sleep(pace.write_seconds)
        writer.write_eof()
    except ConnectionError:
        pass  # the server has hung up: what it said, or what it failed of, tells why
    finally:
        writer.write_eof()


async def _read(reader: asyncio.StreamReader, pace: Pace) -> bytes:
    answer = bytearray()
    while piece := await reader.read(pace.read_bytes or DEFAULT_CAPACITY):
        answer += piece
        await asyncio.sleep(pace.read_seconds)
    return bytes(answer)
