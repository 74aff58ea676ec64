"""What a driver drives: a handler of connections, and a small server that answers frame by frame."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol

from chaoskit.wire.codec.contract import Frame, FrameCodec

READ_BYTES = 4096  # asked for at once

Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]
Answer = Callable[[Frame], "Iterable[Frame] | Awaitable[Iterable[Frame]]"]


class App(Protocol):
    """A server as a value. A driver also takes its method alone: any `async def handler(reader, writer)`."""

    async def handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> object:
        """Serves one connection to its end."""


class FramedApp(Generic[Frame]):
    """Reads frames, gives each to a function, and writes the frames that it answers with, in their order.

    The function may be plain or `async`. An end in the middle of a frame is the end; bytes that are no frame are a `CodecError`.
    """

    def __init__(self, codec: FrameCodec[Frame], answer: Answer[Frame]) -> None:
        self._codec = codec
        self._answer = answer

    def codec(self) -> FrameCodec[Frame]:
        """How it reads and writes frames."""
        return self._codec

    async def handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until its end, and closes it."""
        decoder, encoder = self._codec.decoder(), self._codec.encoder()
        try:
            while data := await reader.read(READ_BYTES):
                decoder.feed(data)
                while (frame := decoder.next_frame()) is not None:
                    answers = self._answer(frame)
                    for each in await answers if inspect.isawaitable(answers) else answers:
                        writer.write(encoder.encode(each))
                        await writer.drain()
        finally:
            writer.close()


def connection_of(app: App | Connection) -> Connection:
    """The handler of an app, or the handler itself."""
    return app.handle_connection if hasattr(app, "handle_connection") else app
