"""One connection of a sweep: a client that plays its part of a script, a fault on the way, and the handler's streams.

The client is no task: it says its next piece in the very moment in which it has all answers before it. Nothing of what the
handler writes is buffered: `drain` waits until the client has taken every byte, the worst that a network may do. So does a close,
which is over when everything was taken; who does not want to wait for that aborts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from chaoskit.wire.on_demand import OnDemandReader, Supply, WholeTransport, connect
from chaoskit.wire.steps import Kind, Step
from chaoskit.wire.sweep.conversation import Conversation
from chaoskit.wire.sweep.faults import Fault, FaultKind, Side

SLICE_SECONDS = 0.001
LATE_SECONDS = 1.0  # how long after the time-out a delayed byte comes
IDLE_READS_MAX = 10_000  # of an end or an error that was read already: nobody waits in them, so time would stand still
FLOOD_BYTE = b"\xff"
FLOOD_PIECE_BYTES = 65_536
FLOOD_MESSAGES = 2  # that a handler may take of a flood: the rest of one that had begun, and one more

_TURNED_OVER = 0xFF
_THE_END = Step(kind=Kind.EOF)  # a client that has nothing more to say hangs up


class SpinError(BaseException):
    """A handler reads an end again and again. Not an Exception, so that no handler takes it for a client's fault."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on the wire, for the transcript of a cell."""

    ns: int
    what: str
    data: bytes = b""


class SweptConnection:
    """The handler's `reader` and `writer`, and all that was seen of them; made inside a coroutine."""

    def __init__(self, conversation: Conversation, fault: Fault | None, *, now: Callable[[], int]) -> None:
        self._conversation = conversation
        self._now = now
        self._inbox = bytearray()  # has arrived, and was not asked for yet
        self._over: Exception | bool = False  # what stands behind the inbox: an error, or an end
        self._floods = False
        self._steps = conversation.script.steps
        self._at_step = 0
        self._wanted = 0  # bytes of answers before the step that is next
        self._hangs_up = self._waits = False
        self.events: list[Event] = []
        self.received = bytearray()
        self.written = bytearray()
        self.early_from: int | None = None  # the first byte of an answer to what had not been asked yet
        self.swamped = False  # took more of a flood than the longest messages
        self._flooded = 0
        self.left_at: int | None = None  # how much the client had said when it hung up
        self.silence_ns = 0  # the longest time in which nothing happened until the handler did something by itself
        self._event_ns = 0
        on_client = fault if fault is not None and fault.side is Side.CLIENT else None
        on_server = fault if fault is not None and fault.side is Side.SERVER else None
        self.to_handler = _Line(self, on_client, self._arrive, self._client_fault)
        self.to_client = _Line(self, on_server, self._take, self._server_fault)
        self.reader = SweptReader(self._supply)
        protocol = asyncio.StreamReaderProtocol(self.reader)
        self.transport = _SweptTransport(self, protocol)
        self.writer = connect(self.reader, self.transport, protocol)
        self._go_on()

    def note(self, what: str, data: bytes = b"") -> None:
        """Keeps what the handler did, or what comes of it at once; if nothing came for a while before, it did that by itself."""
        now = self._now()
        self.silence_ns = max(self.silence_ns, now - self._event_ns)
        self._keep(now, what, data)

    def acted(self, what: str, data: bytes = b"") -> None:
        """Keeps what the client, or the fault, did."""
        self._keep(self._now(), what, data)

    def _keep(self, now: int, what: str, data: bytes) -> None:
        self._event_ns = now
        self.events.append(Event(now, what, data))

    @property
    def asked(self) -> int:
        """How many bytes the handler has been asked for by now, whole messages only: what it may have answered."""
        said, answers = self.to_handler.passed, 0
        for step in self._conversation.script.steps:
            if step.kind is Kind.READ:
                said -= len(step.data)
                if said < 0:
                    break
            elif step.kind is Kind.WRITE:
                answers += len(step.data)
        return answers

    # The client -------------------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Says what is to be said when these answers have come."""
        while not self._hangs_up and not self._waits:
            step = self._steps[self._at_step] if self._at_step < len(self._steps) else _THE_END
            if step.kind is Kind.WRITE:
                self._wanted += len(step.data)
            elif self.to_client.passed < self._wanted or step.kind is Kind.STALL:
                return
            self._at_step += 1
            match step.kind:
                case Kind.READ:
                    self.to_handler.push(step.data)
                case Kind.WAIT:
                    self._waits = True
                    asyncio.get_running_loop().call_later(step.seconds, self._waited)
                case Kind.EOF:
                    self._hang_up()

    def _waited(self) -> None:
        self._waits = False
        self.acted("the client has waited")
        self._go_on()

    def _hang_up(self) -> None:
        if not self._hangs_up:
            self._hangs_up = True
            self.to_handler.end()

    def _take(self, data: bytes) -> None:
        """What the client gets. It hangs up when that is not what it has in its script."""
        place = self.to_client.passed - len(data)
        self.note("the client takes", data)
        if not self._conversation.server.startswith(data, place) and not self._hangs_up:
            self.acted("the client reads what it does not expect, and hangs up")
            self._hang_up()
        self._go_on()

    # What arrives at the handler --------------------------------------------------------------------------------------------

    def _arrive(self, data: bytes) -> None:
        self.acted("the client says", data)
        self._inbox += data
        self.reader.wake()

    def over(self, how: Exception | bool) -> None:
        """Behind what has arrived there is an end, or an error."""
        self._over = self._over or how
        if how is True and self.left_at is None:
            self.left_at = self.to_handler.passed
        self.reader.wake()

    def _supply(self, reader: asyncio.StreamReader) -> bool:
        if self._inbox:
            self._give(reader, bytes(self._inbox))
            self._inbox.clear()
        elif isinstance(self._over, Exception):
            self.transport.lose(self._over)
            raise self._over
        elif self._over:
            self.note("the handler reads the end")
            reader.feed_eof()
        elif self._floods and not self.swamped:
            return self._flood(reader)
        else:
            return False
        return True

    def _flood(self, reader: asyncio.StreamReader) -> bool:
        """A piece more, unless the handler has had more than it should ever have asked for."""
        most = self._conversation.message_bytes_max
        assert most is not None, "floods are for conversations that say how long a message may be"
        self.swamped = self._flooded >= FLOOD_MESSAGES * most
        if not self.swamped:
            piece = FLOOD_BYTE * min(most, FLOOD_PIECE_BYTES)
            self._flooded += len(piece)
            self._give(reader, piece)
        return not self.swamped

    def _give(self, reader: asyncio.StreamReader, data: bytes) -> None:
        self.received += data
        self.note("the handler gets", data)
        reader.feed_data(data)

    # What the handler does --------------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Takes what the handler writes."""
        self.note("the handler writes", data)
        self.written += data
        if self.early_from is None and len(self.written) > self.asked:
            self.early_from = self.asked
        self.to_client.push(data)

    # The faults -------------------------------------------------------------------------------------------------------------

    def _client_fault(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.EOF:
                self.to_handler.cut()
                self._hangs_up = True
                self.over(True)
            case FaultKind.RESET:
                self.to_handler.cut()
                self._hangs_up = True
                self.over(ConnectionResetError("the client has reset the connection"))
            case FaultKind.FLOOD:
                self.to_handler.cut()
                self._hangs_up = self._floods = True
                self.reader.wake()
            case _:
                self._either(self.to_handler, fault)

    def _server_fault(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.EOF:
                self._hang_up()
            case FaultKind.RESET | FaultKind.FAIL:
                self._hangs_up = True
                self.to_client.cut()
                reset = fault.kind is FaultKind.RESET
                self.transport.lose(
                    ConnectionResetError("the client has reset the connection")
                    if reset
                    else BrokenPipeError("the client is gone: nothing can be written to it")
                )
            case _:
                self._either(self.to_client, fault)

    def _either(self, line: _Line, fault: Fault) -> None:
        """What is the same in both directions."""
        match fault.kind:
            case FaultKind.STALL:
                line.hold(None)
            case FaultKind.SLICE:
                line.hold(SLICE_SECONDS)
            case FaultKind.DELAY:
                line.hold(self._conversation.timeout_seconds + LATE_SECONDS)
            case FaultKind.CORRUPT:
                line.turn_over()


class SweptReader(OnDemandReader):
    """A reader that knows the most that it was asked for at once, and ends a handler that goes round at an end."""

    def __init__(self, supply: Supply) -> None:
        super().__init__(supply)
        self.asked_most = 0
        self._idle_reads = 0

    async def read(self, n: int = -1) -> bytes:
        self._look()
        return await super().read(n)

    async def readexactly(self, n: int) -> bytes:
        self._look()
        self.asked_most = max(self.asked_most, n)
        return await super().readexactly(n)

    async def readuntil(self, separator: bytes = b"\n") -> bytes:  # type: ignore[override]  # a tuple of them came with 3.13
        self._look()
        return await super().readuntil(separator)

    def _look(self) -> None:
        if self.at_eof() or self.exception() is not None:
            self._idle_reads += 1
            if self._idle_reads > IDLE_READS_MAX:
                raise SpinError(f"it read the end {IDLE_READS_MAX:,} times without waiting")


class _Line:
    """One direction: what has passed, what waits, and the fault that stands at one of its bytes."""

    def __init__(
        self,
        connection: SweptConnection,
        fault: Fault | None,
        arrive: Callable[[bytes], None],
        strike: Callable[[Fault], None],
    ) -> None:
        self._connection = connection
        self._fault = fault
        self._arrive = arrive
        self._strike = strike
        self._held = self._cut = self._ends = self._ended = False
        self.passed = 0
        self.pending = bytearray()

    def push(self, data: bytes) -> None:
        """Lets bytes pass, as far as they may."""
        if not self._cut:
            self.pending += data
            self.flow()

    def end(self) -> None:
        """Nothing follows; the other side learns it behind what still waits."""
        self._ends = True
        self.flow()

    def cut(self) -> None:
        """What waits, and all that would follow, is lost."""
        self._cut = True
        self.pending.clear()

    def hold(self, seconds: float | None) -> None:
        """Nothing passes for a time, or any more."""
        self._held = True
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self._release)

    def turn_over(self) -> None:
        """Corrupts the byte that is next."""
        self.pending[0] ^= _TURNED_OVER

    def flow(self) -> None:
        while not self._held and not self._cut and (self.pending or (self._ends and not self._ended)):
            if self._fault is not None and self._fault.at == self.passed:
                fault, self._fault = self._fault, None
                self._connection.acted(f"fault {fault}")
                self._strike(fault)
            elif self.pending:
                most = len(self.pending) if self._fault is None else self._fault.at - self.passed
                data = bytes(self.pending[:most])
                del self.pending[:most]
                self.passed += len(data)
                self._arrive(data)
            else:
                self._ended = True
                self._connection.acted("the client says no more")
                self._connection.over(True)

    def _release(self) -> None:
        self._held = False
        self._connection.acted("what was held passes")
        self.flow()
        self._connection.transport.hold_or_release()


class _SweptTransport(WholeTransport):
    """What the handler's writer writes to."""

    def __init__(self, connection: SweptConnection, protocol: asyncio.StreamReaderProtocol) -> None:
        super().__init__({"peername": ("swept", 0)})
        self._connection = connection
        self._protocol = protocol
        self._closing = self._half_closed = self._paused = False
        self.over = False  # nothing of the connection is left

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._half_closed:
            raise RuntimeError("Cannot call write() after write_eof()")
        if data and not self._closing:  # asyncio's transports drop what is written after close as well
            self._connection.write(bytes(data))
            self.hold_or_release()

    def write_eof(self) -> None:
        self._half_closed = True

    def is_closing(self) -> bool:
        return self._closing

    def get_write_buffer_size(self) -> int:
        return len(self._connection.to_client.pending)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._connection.note("the handler closes")
            self.hold_or_release()

    def abort(self) -> None:
        if not self.over:
            self._closing = True
            self._connection.note("the handler aborts")
            self._connection.to_client.cut()
            self.hold_or_release()

    def lose(self, error: Exception) -> None:
        """The connection is lost: whoever drains or reads is told this."""
        if not self.over:
            self._closing = self.over = True
            self._protocol.connection_lost(error.with_traceback(None))

    def hold_or_release(self) -> None:
        """A writer waits while the client has not taken everything; a close waits for that, too."""
        waits = bool(self._connection.to_client.pending)
        if waits and not self._paused:
            self._protocol.pause_writing()
        elif self._paused and not waits:
            self._protocol.resume_writing()
        self._paused = waits
        if self._closing and not waits and not self.over:
            self.over = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)
