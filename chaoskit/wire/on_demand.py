"""asyncio's own StreamReader and StreamWriter on something else than a socket: what a handler gets here is what a server gets.

A socket pushes bytes into its reader, whether anybody reads or not. This reader asks its supply when somebody waits for bytes,
and only then, so that a script knows what was read, and a buffer how much. All else (`readexactly`, `readline`, limits, what is
kept at an end) is the standard library's own code: only the place where it would wait for its transport is replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Supply = Callable[[asyncio.StreamReader], bool]


class OnDemandReader(asyncio.StreamReader):
    """A reader whose `supply` feeds it bytes or an end and answers True, or answers False and calls `wake` later, or raises."""

    def __init__(self, supply: Supply) -> None:
        self._loop_of_waiting = asyncio.get_running_loop()
        super().__init__(loop=self._loop_of_waiting)
        self._supply = supply
        self._hungry: asyncio.Future[None] | None = None
        self._over = False

    def wake(self) -> None:
        """The supply may have something by now."""
        if self._hungry is not None and not self._hungry.done():
            self._hungry.set_result(None)

    def feed_eof(self) -> None:
        self._over = True
        super().feed_eof()
        self.wake()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.wake()

    async def _wait_for_data(self, func_name: str) -> None:
        """What asyncio's reading methods call when they need more than is there."""
        if self._hungry is not None:
            raise RuntimeError(f"{func_name}() called while another coroutine is already waiting for incoming data")
        while (error := self.exception()) is None and not self._over and not self._supply(self):
            self._hungry = self._loop_of_waiting.create_future()
            try:
                await self._hungry
            finally:
                self._hungry = None
        if error is not None:
            raise error


class WholeTransport(asyncio.Transport):
    """What every transport in memory has: nobody pauses its reading, because nothing is pushed."""

    def pause_reading(self) -> None:
        """A long piece in the reader's buffer asks for it."""

    def resume_reading(self) -> None:
        """The reader's buffer is short again."""

    def can_write_eof(self) -> bool:
        return True


def connect(
    reader: asyncio.StreamReader, transport: asyncio.Transport, protocol: asyncio.StreamReaderProtocol
) -> asyncio.StreamWriter:
    """The writer that belongs to a reader."""
    protocol.connection_made(transport)
    return asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())
