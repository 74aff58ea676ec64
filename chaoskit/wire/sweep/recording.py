"""Makes a script of a conversation by holding it: a client that is a coroutine, the handler, and an undisturbed connection.

    script = record("greeter", client, greet)      # async def client(reader, writer)

What one side writes before the other does is one step. Time that the client lets pass between an answer and what it says next is
a wait. A client that leaves ends the script; if the handler ends first, the client stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from chaoskit.core.errors import ModelError
from chaoskit.core.units import SECOND
from chaoskit.wire.duplex import duplex
from chaoskit.wire.scripted import Handler
from chaoskit.wire.steps import Script
from chaoskit.wire.virtual_time import VirtualTime


def record(name: str, client: Handler[Any], handler: Handler[Any]) -> Script:
    """The script of a conversation, as a handler sees it. Raises `ModelError` when either side fails, or waits for ever."""
    tape = _Tape()
    with VirtualTime() as time:
        tape.now = lambda: time.loop.now_ns
        try:
            time.run(_hold(tape, client, handler))
        except Exception as error:
            raise ModelError(
                f"expected a conversation that ends well but {name!r} could not be recorded: {type(error).__name__}: {error}"
            ) from error
    return tape.script(name)


class _Tape:
    """What was written, by whom and when, in its order."""

    def __init__(self) -> None:
        self.now: Callable[[], int] = int
        self.handler_has_ended = self.client_stays = False
        self._said: list[tuple[bool, bytearray, int]] = []  # by the client?, what, begun when
        self._last_ns = 0

    def note(self, data: bytes, *, by_client: bool) -> None:
        now = self.now()
        paused_ns = now - self._last_ns if by_client else 0
        if not self._said or self._said[-1][0] is not by_client or paused_ns:
            self._said.append((by_client, bytearray(), paused_ns))
        self._said[-1][1].extend(data)
        self._last_ns = now

    def leave(self) -> None:
        """The client has ended."""
        self.client_stays = self.handler_has_ended

    def script(self, name: str) -> Script:
        script = Script(name)
        for by_client, data, paused_ns in self._said:
            script = script.wait(paused_ns / SECOND) if paused_ns else script
            script = script.read(bytes(data)) if by_client else script.write(bytes(data))
        return script.stall() if self.client_stays else script.eof()


class _Taped(asyncio.StreamWriter):
    """A writer that notes what is written with it."""

    def __init__(self, writer: asyncio.StreamWriter, note: Callable[[bytes], None]) -> None:
        self.__dict__ = writer.__dict__  # the same writer, but for what it notes
        self._note = note

    def write(self, data: Any) -> None:
        if data:
            self._note(bytes(data))
        super().write(data)

    def writelines(self, data: Any) -> None:
        for each in data:
            self.write(each)


async def _hold(tape: _Tape, client: Handler[Any], handler: Handler[Any]) -> None:
    (client_reader, clients), (reader, handlers) = duplex()
    client_writer = _Taped(clients, lambda data: tape.note(data, by_client=True))
    writer = _Taped(handlers, lambda data: tape.note(data, by_client=False))

    async def serve() -> None:
        try:
            await handler(reader, writer)
        finally:
            tape.handler_has_ended = True
            writer.close()

    serving = asyncio.ensure_future(serve())
    try:
        try:
            await client(client_reader, client_writer)
        finally:
            if serving.done() and not serving.cancelled():
                serving.result()  # a handler that failed is why its client did
        tape.leave()
        client_writer.close()
        await serving
    finally:
        client_writer.close()
        serving.cancel()
        await asyncio.wait([serving])
