"""Two ends of a connection in memory, with a bounded buffer each way: the transport for tests that want no fault.

    (client_reader, client_writer), server = duplex(capacity=64)

An end's `drain` waits while more than `capacity` bytes of it have not been read; the other end never gets more than so many at
once. What was written before a close can still be read; what is written to an end that has closed fails with BrokenPipeError at
the latest in the second `drain`, and leaves what that end had said to be read. `abort` is a reset: ConnectionResetError there.
"""

from __future__ import annotations

import asyncio

from chaoskit.core.errors import UsageError
from chaoskit.wire.on_demand import OnDemandReader, WholeTransport, connect

DEFAULT_CAPACITY = 4096  # bytes each way

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def duplex(*, capacity: int = DEFAULT_CAPACITY) -> tuple[Streams, Streams]:
    """The reader and writer of either end; to be made inside a coroutine."""
    if capacity < 1:
        raise UsageError(f"expected room for at least one byte but got capacity={capacity}; 1 is the narrowest that works.")
    left, right = _End(capacity), _End(capacity)
    left.peer, right.peer = right, left
    return left.streams(), right.streams()


class _End(WholeTransport):
    """One end: what it has written and the other has not read."""

    peer: _End

    def __init__(self, capacity: int) -> None:
        super().__init__({"peername": ("duplex", 0)})
        self._capacity = capacity
        self._written = bytearray()
        self._ended = self._broken = self._closing = self._paused = False
        self._reader = OnDemandReader(self._supply)
        self._protocol = _LeavesReading(self._reader)

    def streams(self) -> Streams:
        return self._reader, connect(self._reader, self, self._protocol)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._ended and not self._closing:
            raise RuntimeError("Cannot call write() after write_eof()")
        if not data or self._ended:
            return  # asyncio's transports drop what is written after close as well
        if self.peer._closing:
            self._break(BrokenPipeError("the other end has closed"))
            return
        self._written += data
        self._hold_or_release()
        self.peer._reader.wake()

    def write_eof(self) -> None:
        self._ended = True
        self.peer._reader.wake()

    def get_write_buffer_size(self) -> int:
        return len(self._written)

    def is_closing(self) -> bool:
        return self._closing or self._broken

    def close(self) -> None:
        self._close(None)

    def abort(self) -> None:
        self._written.clear()
        self._close(ConnectionResetError("the other end has reset the connection"))

    def _close(self, told: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self.write_eof()
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)
        if told is not None:
            self.peer._reader.set_exception(told)
        if self.peer._written:  # nobody will read it
            self.peer._written.clear()
            self.peer._break(told or BrokenPipeError("the other end has closed"))

    def _break(self, error: Exception) -> None:
        """Nothing can be written any more; what the other end had said can be read."""
        self._broken = True
        self._protocol.connection_lost(error)

    def _supply(self, reader: asyncio.StreamReader) -> bool:
        """What the other end has written."""
        peer = self.peer
        if peer._written:
            reader.feed_data(bytes(peer._written[: self._capacity]))
            del peer._written[: self._capacity]
            peer._hold_or_release()
            return True
        if peer._ended:
            reader.feed_eof()
        return peer._ended

    def _hold_or_release(self) -> None:
        full = len(self._written) > self._capacity
        if full and not self._paused:
            self._protocol.pause_writing()
        elif self._paused and not full:
            self._protocol.resume_writing()
        self._paused = full


class _LeavesReading(asyncio.StreamReaderProtocol):
    """asyncio's protocol, except that a writing half that breaks leaves the reading half: what was said can be read."""

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            super().connection_lost(None)
        else:
            asyncio.streams.FlowControlMixin.connection_lost(self, exc)
