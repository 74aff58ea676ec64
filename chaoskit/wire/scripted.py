"""Plays a script to a handler: streams that say, byte for byte, what the peer does, and hold the handler to what it should do.

    script = Script("handshake").read(HELLO).write(WELCOME).stall()
    with VirtualTime() as time:
        time.run(play(script, handler))        # handler(reader, writer), as asyncio.start_server would call it

The handler gets asyncio's own classes. Bytes other than the script's, bytes that it does not expect, reading beyond its end, and
steps that are left over are a `ScriptError`, which is an AssertionError; it is raised where it happens and, in case the handler
swallows it, again at the end. Steps that only offer something (`eof`, `stall`, `wait`) may be left over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from chaoskit.core.errors import UsageError
from chaoskit.wire.on_demand import OnDemandReader, WholeTransport, connect
from chaoskit.wire.steps import FOR_READING, OFFERED, Kind, Script, Step

Value = TypeVar("Value")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Value]]

_MUST_BE_MET = (Kind.READ, Kind.WRITE, Kind.READ_ERROR, Kind.WRITE_ERROR)
_DUMP_COLUMNS = 16
_DUMP_LINES = 3  # around the first byte that differs


class ScriptError(AssertionError):
    """A handler did not do what its script says."""


async def play(script: Script, handler: Handler[Value]) -> Value:
    """What a handler gives for a scripted connection. Raises `ScriptError`, or what the handler raises when it met the script."""
    with ScriptedConnection(script) as connection:
        return await handler(connection.reader, connection.writer)


class ScriptedConnection:
    """One connection on which a script is played; made inside a coroutine. With `live`, steps may be added while it runs.

    As a context manager, it closes the connection and checks the script at the end, unless the coroutine was cancelled.
    """

    def __init__(self, script: Script, *, live: bool = False) -> None:
        self._script = script
        self._live = live
        self._steps = [_Played(number, step) for number, step in enumerate(script.steps, 1)]
        self._begin = 0  # every step before this one is done
        self._written = bytearray()  # not held against a step yet: the peer does not take it
        self._first_error: ScriptError | None = None
        self._loop = asyncio.get_running_loop()
        self.reader: asyncio.StreamReader = OnDemandReader(self._supply)
        self._wake = self.reader.wake
        protocol = asyncio.StreamReaderProtocol(self.reader, loop=self._loop)
        self._transport = _ScriptedTransport(self, protocol)
        self.writer = connect(self.reader, self._transport, protocol)
        self._go_on()

    @property
    def closed(self) -> bool:
        """Whether the handler has closed the connection."""
        return self._transport.is_closing()

    @property
    def half_closed(self) -> bool:
        """Whether the handler has said that it writes no more."""
        return self._transport.half_closed

    def push(self, more: Script) -> None:
        """Adds steps, which are played as if they had been there from the beginning."""
        if not self._live:
            raise UsageError(f"expected a live connection but got steps for {self._script.name!r}; make it with live=True.")
        self._script = self._script.then(more)
        self._steps += [_Played(number, step) for number, step in enumerate(more.steps, len(self._steps) + 1)]
        self.taken()
        self._go_on()

    def finish(self) -> None:
        """No more steps come: a live connection is then as any other."""
        self._live = False
        self.taken()
        self._wake()

    def check(self) -> None:
        """Raises the first thing that went wrong, or names the steps that are left over."""
        if self._first_error is not None:
            raise self._first_error
        if self._written and self._next_writing() is None:
            raise self._error(f"{len(self._written)} bytes were written that the peer never took:\n{_dump(self._written, 0)}")
        left = [played for played in self._steps if not played.done and played.step.kind in _MUST_BE_MET]
        if left:
            raise self._error(f"left over when the handler ended: {', '.join(map(str, left))}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.writer.close()
        if self._first_error is not None and error is not self._first_error:
            raise self._first_error
        if self._first_error is None and not isinstance(error, asyncio.CancelledError):
            self.check()

    # Reading ----------------------------------------------------------------------------------------------------------------

    def _supply(self, reader: asyncio.StreamReader) -> bool:
        played = self._next(Kind.WRITE_STALL)
        if played is None:
            if self._live:
                return False
            raise self._error("the handler reads, but the script is at its end; let it end with eof() or stall().")
        match played.step.kind:
            case Kind.READ:
                played.done = True
                reader.feed_data(played.step.data)
            case Kind.EOF:
                played.done = True
                reader.feed_eof()
            case Kind.READ_ERROR:
                played.done = True
                assert played.step.error is not None, "the builder takes an exception"
                self._go_on()
                raise played.step.error.with_traceback(None)  # a script is played many times
            case _:
                return False
        self._go_on()
        return True

    # Writing ----------------------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Takes what the handler writes, and holds it against the script."""
        self._written += data
        self.taken()

    def taken(self) -> None:
        """Holds what was written against the steps that there are. Raises `ScriptError`."""
        while self._written:
            played = self._next_writing()
            if played is None and not self._live:
                raise self._unexpected()
            if played is None or played.step.kind in (Kind.WAIT, Kind.WRITE_STALL):
                self._transport.hold()
                break
            if played.step.kind is Kind.WRITE:
                self._match(played)
            else:
                played.done = True
                self._written.clear()
                self._transport.lose(played.step.error)
        else:
            self._transport.release()
        self._go_on()

    def _match(self, played: _Played) -> None:
        data = played.step.data
        wanted = data[played.matched : played.matched + len(self._written)]
        got = bytes(self._written[: len(wanted)])
        if got != wanted:
            raise self._mismatch(played, got)
        del self._written[: len(got)]
        played.matched += len(got)
        played.done = played.matched == len(data)

    def _mismatch(self, played: _Played, got: bytes) -> ScriptError:
        data = played.step.data
        whole = data[: played.matched] + got
        offset = next(at for at, (mine, theirs) in enumerate(zip(data, whole, strict=False)) if mine != theirs)
        rest = data[: played.matched] + bytes(self._written)
        self._written.clear()
        return self._error(
            f"{played}: the handler wrote other bytes, first at offset {offset}.\n"
            f"expected\n{_dump(data, offset)}\ngot\n{_dump(rest, offset)}"
        )

    def _unexpected(self) -> ScriptError:
        data = bytes(self._written)
        self._written.clear()
        more = "more " if any(step.kind is Kind.WRITE for step in self._script.steps) else ""
        return self._error(f"the script expects no {more}writes, but the handler wrote {len(data)} bytes:\n{_dump(data, 0)}")

    # Going on ---------------------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Lets the steps begin whose turn it is, and a reader that waits look again."""
        first = self._next(*OFFERED)
        if first is not None and first.step.kind is Kind.WAIT and not first.begun:
            first.begun = True
            self._loop.call_later(first.step.seconds, self._waited, first)
        self._wake()

    def _next(self, *skipped: Kind) -> _Played | None:
        """The first step that is not done and not of these kinds."""
        while self._begin < len(self._steps) and self._steps[self._begin].done:
            self._begin += 1
        rest = range(self._begin, len(self._steps))
        open_steps = (self._steps[at] for at in rest if not self._steps[at].done)
        return next((played for played in open_steps if played.step.kind not in skipped), None)

    def _next_writing(self) -> _Played | None:
        """What the next byte written is held against."""
        return self._next(*FOR_READING)

    def _waited(self, played: _Played) -> None:
        played.done = True
        try:
            self.taken()
        except ScriptError as error:  # the handler that wrote it is elsewhere by now: its next drain or read tells it
            self._transport.lose(ConnectionAbortedError(str(error)))

    def _error(self, text: str) -> ScriptError:
        error = ScriptError(f"{self._script.name!r}: {text}")
        self._first_error = self._first_error or error
        return error


class _Played:
    """A step of a script that is being played, with its number, from 1."""

    def __init__(self, number: int, step: Step) -> None:
        self.number = number
        self.step = step
        self.matched = 0  # bytes of a write
        self.begun = False
        self.done = False

    def __str__(self) -> str:
        partly = f", {self.matched} of them written" if self.matched else ""
        return f"step {self.number} ({self.step}{partly})"


class _ScriptedTransport(WholeTransport):
    """What the handler's writer writes to."""

    def __init__(self, connection: ScriptedConnection, protocol: asyncio.StreamReaderProtocol) -> None:
        super().__init__({"peername": ("scripted", 0)})
        self._connection = connection
        self._protocol = protocol
        self._held = self._closing = False
        self.half_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.half_closed:
            raise RuntimeError("Cannot call write() after write_eof()")
        if data and not self._closing:  # asyncio's transports drop what is written after close as well
            self._connection.write(bytes(data))

    def write_eof(self) -> None:
        self.half_closed = True

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close

    def hold(self) -> None:
        """The peer takes nothing now: `drain` waits."""
        if not self._held:
            self._held = True
            self._protocol.pause_writing()

    def release(self) -> None:
        """The peer has taken everything."""
        if self._held:
            self._held = False
            self._protocol.resume_writing()

    def lose(self, error: Exception | None) -> None:
        """The connection is lost: whoever drains or reads is told this."""
        if not self._closing:
            self._closing = True
            self._protocol.connection_lost(error and error.with_traceback(None))


def _dump(data: bytes | bytearray, offset: int) -> str:
    """Bytes in hexadecimal: the line with the byte at an offset, and those around it."""
    first = max(0, offset // _DUMP_COLUMNS - 1)
    lines = []
    for line in range(first, first + _DUMP_LINES):
        row = bytes(data[line * _DUMP_COLUMNS : (line + 1) * _DUMP_COLUMNS])
        if row or line == first:
            text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
            lines.append(f"  {line * _DUMP_COLUMNS:06x}  {row.hex(' '):<{3 * _DUMP_COLUMNS}} {text}".rstrip())
    left = len(data) - (first + _DUMP_LINES) * _DUMP_COLUMNS
    return "\n".join([*lines, *([f"  … and {left} bytes more"] if left > 0 else [])])
