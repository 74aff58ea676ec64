"""A client that outlives its connections: it opens the next with back-off, asks again, and says again what it subscribed to.

    async with ReconnectingClient(connect, HotlineCodec(), backoff=Backoff(first_seconds=1)) as client:
        answer = await client.request(HotlineFrame(b"put x 1", transaction_id=7))
        async for event in client.subscribe(ask=events_from, number=number_of):
            ...

Answers are known by their correlation id, never by their order, so that one that comes late is nobody's. A request is sent again
under its id on every connection until it is answered: a server that remembers ids (`retry.Once`) does it once. Events are known
by number: one that comes twice is dropped, one that is missing is asked for again. Whoever still waits when the client gives up
is told so: nothing is lost in silence. Waits begin anew once a connection has brought something; one that opens and says nothing
counts as failed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self

from chaoskit.core.errors import UsageError
from chaoskit.wire.app import READ_BYTES
from chaoskit.wire.codec.contract import Encoder, Frame, FrameCodec
from chaoskit.wire.retry import FAILURES, Backoff, gave_up

EVENTS_WAITING_MAX = 1024  # of a subscription whose reader is slow; while there are so many, its connection is read no further

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Subscription(Generic[Frame]):
    """Events in the order of their numbers, each once: `async for event in subscription`. Raises why the client gave up."""

    def __init__(self, ask: Callable[[int], Frame], number: Callable[[Frame], int | None], first: int) -> None:
        self.next = first  # the number of the event that is expected
        self.repeats = 0  # events that had come before
        self.over = False
        self._ask = ask
        self._number = number
        self._error: Exception | None = None
        self._waiting: deque[Frame] = deque()
        self._news, self._room = asyncio.Event(), asyncio.Event()

    def close(self) -> None:
        """No more is wanted; what waits is still read."""
        self.end(None)

    def asked(self) -> Frame:
        """What asks for the events from the next one on."""
        return self._ask(self.next)

    async def take(self, frame: Frame) -> bool:
        """Whether a frame is an event of this one. Raises `ConnectionError` when one before it is missing."""
        number = self._number(frame)
        if number is None:
            return False
        if number > self.next:
            raise ConnectionError(f"event {number} came where event {self.next} was expected")
        if number < self.next:
            self.repeats += 1
            return True
        while len(self._waiting) >= EVENTS_WAITING_MAX and not self.over:
            self._room.clear()
            await self._room.wait()
        self._waiting.append(frame)
        self.next += 1
        self._news.set()
        return True

    def end(self, error: Exception | None) -> None:
        """No more will come, because of an error or because nobody wants it."""
        self.over, self._error = True, error
        self._news.set()
        self._room.set()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while True:
            while self._waiting:
                event = self._waiting.popleft()
                self._room.set()
                yield event
            if self.over:
                break
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            raise self._error


@dataclass(slots=True)
class _Request(Generic[Frame]):
    frame: Frame
    answer: asyncio.Future[Frame]
    sent: float = 0


@dataclass(slots=True)
class _Line(Generic[Frame]):
    """The connection that there is."""

    writer: asyncio.StreamWriter
    encoder: Encoder[Frame]
    patience: asyncio.Timeout

    def say(self, frame: Frame) -> None:
        self.writer.write(self.encoder.encode(frame))


class ReconnectingClient(Generic[Frame]):
    """Requests and subscriptions over one connection after the other. The first is opened when there is something to say.

    A connection that has not opened, or has left a request without an answer, for `answer_seconds` is given up for the next.
    `connections` counts those that opened, `strays` the frames that nobody waited for.
    """

    def __init__(
        self,
        connect: Connect,
        codec: FrameCodec[Frame],
        *,
        backoff: Backoff,
        answer_seconds: float = 5,
    ) -> None:
        if not answer_seconds > 0:
            raise UsageError(f"expected a time to wait for answers but got answer_seconds={answer_seconds}.")
        self.connections = self.strays = 0
        self._connect = connect
        self._codec = codec
        self._backoff = backoff
        self._answer_seconds = answer_seconds
        self._requests: dict[int, _Request[Frame]] = {}  # without an answer, in the order in which they were made
        self._subscriptions: list[Subscription[Frame]] = []
        self._line: _Line[Frame] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._heard = 0
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def request(self, frame: Frame) -> Frame:
        """The answer to a frame that has a correlation id of its own. Raises `GaveUpError`, `CodecError` for what is no frame.

        Cancelled, it is not sent again; whether the server has done it is then unknown.
        """
        self._codec.encoder().encode(frame)
        number = self._codec.correlation_id(frame)
        if number is None or number in self._requests:
            raise UsageError(f"expected a frame with a correlation id that no other request has but got id={number}.")
        loop = asyncio.get_running_loop()
        request = self._requests[number] = _Request(frame, loop.create_future(), sent=loop.time())
        try:
            self._say(frame)
            self._be_patient()
            return await request.answer
        finally:
            del self._requests[number]
            self._be_patient()

    def subscribe(
        self, *, ask: Callable[[int], Frame], number: Callable[[Frame], int | None], first: int = 1
    ) -> Subscription[Frame]:
        """Events from the number `first` on. `ask(n)` asks for those from n on; `number` is an event's, None for what is none."""
        subscription = Subscription(ask, number, first)
        self._subscriptions.append(subscription)
        self._say(subscription.asked())
        return subscription

    async def close(self) -> None:
        """Ends the connection in order. Requests that wait fail with `ConnectionAbortedError`; subscriptions end."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        for subscription in self._subscriptions:
            subscription.close()
        self._leave(ConnectionAbortedError("the client was closed"))

    # ---------------------------------------------------------------------------------------------------------------------

    def _say(self, frame: Frame) -> None:
        """Says it on the connection that there is; one that opens says by itself all that is to be said."""
        if self._closed:
            raise ConnectionAbortedError("the client was closed")
        if self._line is not None:
            self._line.say(frame)
        elif self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="reconnecting client")

    def _be_patient(self) -> None:
        """Gives the connection until the oldest request is overdue."""
        if self._line is not None and not self._line.patience.expired():
            waiting = next((request for request in self._requests.values() if not request.answer.done()), None)
            self._line.patience.reschedule(None if waiting is None else waiting.sent + self._answer_seconds)

    def _is_needed(self) -> bool:
        self._subscriptions = [subscription for subscription in self._subscriptions if not subscription.over]
        return bool(self._requests or self._subscriptions)

    async def _keep(self) -> None:
        """One connection after the other, as long as somebody waits for something and tries are left."""
        time = asyncio.get_running_loop().time
        episode, tries, begin, waits = 0, 0, time(), self._backoff.waits()
        while self._is_needed():
            heard, tries = self._heard, tries + 1
            try:
                await self._converse()
            except FAILURES as error:
                failure = error
            except Exception as error:  # noqa: BLE001  # a function of the caller's failed: those who wait hear of it
                self._leave(error)
                return
            if self._heard > heard:
                episode, tries, begin = episode + 1, 0, time()
                waits = self._backoff.waits(episode=episode)
            wait = next(waits, None)
            if wait is None:
                self._leave(gave_up(tries, time() - begin, failure))
                return
            await asyncio.sleep(wait)

    async def _converse(self) -> None:
        """One connection until it ends. Raises why it did."""
        async with asyncio.timeout(self._answer_seconds) as patience:
            reader, writer = await self._connect()
            self.connections += 1
            self._line = _Line(writer, self._codec.encoder(), patience)
            try:
                self._greet(self._line)
                await self._listen(reader)
            finally:
                self._line = None
                if self._closed:
                    writer.close()
                else:
                    writer.transport.abort()  # what is broken is not waited for

    def _greet(self, line: _Line[Frame]) -> None:
        """Says all that is to be said on a new connection."""
        for subscription in self._subscriptions:
            line.say(subscription.asked())
        for request in self._requests.values():
            request.sent = asyncio.get_running_loop().time()
            line.say(request.frame)
        self._be_patient()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        decoder = self._codec.decoder()
        while data := await reader.read(READ_BYTES):
            decoder.feed(data)
            while (frame := decoder.next_frame()) is not None:
                await self._take(frame)
                self._heard += 1
        raise EOFError(f"the connection ended{' in the middle of a frame' if decoder.buffered else ''}")

    async def _take(self, frame: Frame) -> None:
        for subscription in self._subscriptions:
            if await subscription.take(frame):
                return
        number = self._codec.correlation_id(frame)
        request = None if number is None else self._requests.get(number)
        if request is None or request.answer.done():
            self.strays += 1
        else:
            request.answer.set_result(frame)
            self._be_patient()

    def _leave(self, error: Exception) -> None:
        """Nobody waits any longer: requests and subscriptions fail."""
        for request in self._requests.values():
            if not request.answer.done():
                request.answer.set_exception(error)
        for subscription in self._subscriptions:
            if not subscription.over:
                subscription.end(error)
