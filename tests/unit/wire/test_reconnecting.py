"""A client over many connections: exact instants, requests asked again, events each once, and an end that everybody hears of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.draws import Draws
from chaoskit.wire.app import FramedApp
from chaoskit.wire.codec import CodecError, HotlineCodec, HotlineFrame, LineCodec
from chaoskit.wire.duplex import Streams, duplex
from chaoskit.wire.reconnecting import EVENTS_WAITING_MAX, ReconnectingClient, Subscription
from chaoskit.wire.retry import Backoff, GaveUpError, Once
from chaoskit.wire.virtual_time import VirtualTime, run

CODEC = HotlineCodec()
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


def now() -> float:
    return asyncio.get_running_loop().time()


class Net:
    """Connections in memory: each of the handlers serves one, the last all others; an exception in its place refuses."""

    def __init__(self, *handlers: Handler | Exception) -> None:
        self.instants: list[float] = []
        self.open = 0
        self._handlers = list(handlers)
        self._serving: list[asyncio.Task[None]] = []

    async def connect(self) -> Streams:
        self.instants.append(now())
        handler = self._handlers.pop(0) if len(self._handlers) > 1 else self._handlers[0]
        if isinstance(handler, Exception):
            raise handler
        client, server = duplex()
        self._serving.append(asyncio.create_task(self._serve(handler, *server)))
        return client

    async def _serve(self, handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            await handler(reader, writer)
        except (ConnectionError, EOFError):
            pass
        finally:
            self.open -= 1
            writer.close()


def client_of(net: Net, *, backoff: Backoff | None = None, answer_seconds: float = 5) -> ReconnectingClient[HotlineFrame]:
    return ReconnectingClient(net.connect, CODEC, backoff=backoff or Backoff(), answer_seconds=answer_seconds)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads and says nothing."""
    await reader.read(-1)


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ends at once."""


def upper() -> Handler:
    return FramedApp(CODEC, lambda frame: [HotlineFrame(frame.payload.upper(), frame.transaction_id)]).handle_connection


def breaks_off(bytes_: int) -> Handler:
    """Answers with so many bytes of a frame, then ends."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(CODEC.encode(HotlineFrame(b"LONG ANSWER", 1))[:bytes_])
        await writer.drain()

    return handler


REFUSED = ConnectionRefusedError("nobody there")


async def ask(net: Net, **how: object) -> tuple[bytes, float]:
    """The answer to one question, and when it came."""
    async with client_of(net, **how) as client:  # type: ignore[arg-type]
        answer = await client.request(HotlineFrame(b"question", 1))
        return answer.payload, now()


def test_row_89_it_connects_at_0_1_and_3_seconds() -> None:
    """And the next would come four seconds later."""
    net = Net(REFUSED, REFUSED, upper())
    assert run(ask(net)) == (b"QUESTION", 3)
    assert net.instants == [0, 1, 3]
    net = Net(REFUSED)
    with pytest.raises(GaveUpError, match=r"^gave up: tried 4 times in 7 s, and the last failed with ConnectionRefusedError"):
        run(ask(net))
    assert net.instants == [0, 1, 3, 7]


def test_row_89_the_cap_and_the_most_tries_hold() -> None:
    """Five tries, never more than two seconds apart."""
    net = Net(REFUSED)
    with pytest.raises(GaveUpError):
        run(ask(net, backoff=Backoff(longest_seconds=2, tries=5)))
    assert net.instants == [0, 1, 3, 5, 7]


def test_row_89_clients_with_draws_of_their_own_do_not_come_back_together() -> None:
    """Ten that were refused at once: with jitter no two try again at one instant, and the same seed says when."""

    def second_tries(seed: int) -> list[float]:
        async def main() -> list[float]:
            nets = [Net(REFUSED, upper()) for _ in range(10)]
            backoffs = [Backoff(jitter=0.5, draws=Draws(seed).child("client", number)) for number in range(10)]
            await asyncio.gather(*(ask(net, backoff=backoff) for net, backoff in zip(nets, backoffs, strict=True)))
            return [net.instants[1] for net in nets]

        return run(main())

    assert second_tries(1) == second_tries(1) != second_tries(2)
    assert len(set(second_tries(1))) == 10


def test_row_89_waits_begin_anew_once_something_was_heard() -> None:
    """A connection that opens and says nothing is one more failure; one that answered is a new beginning."""
    net = Net(hangs_up, hangs_up, hangs_up, upper())
    assert run(ask(net)) == (b"QUESTION", 7)

    async def main() -> None:
        net = Net(REFUSED, REFUSED, once_then_gone, REFUSED, upper())
        async with client_of(net) as client:
            await client.request(HotlineFrame(b"one", 1))
            await client.request(HotlineFrame(b"two", 2))
        assert net.instants == [0, 1, 3, 4, 6]

    async def once_then_gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(23)
        writer.write(CODEC.encode(HotlineFrame(b"ONE", 1)))
        await reader.readexactly(23)

    run(main())


def test_row_83_an_answer_that_does_not_come_is_asked_for_on_the_next_connection() -> None:
    """After five seconds from the question; then a second's wait."""
    net = Net(silent, upper())
    assert run(ask(net)) == (b"QUESTION", 6)
    assert net.instants == [0, 6]


def test_row_83_a_connection_that_does_not_open_is_given_up() -> None:
    """It hangs; the same time-out ends it."""

    async def hangs() -> Streams:
        await asyncio.sleep(1000)
        raise AssertionError("never comes here")

    async def main() -> None:
        async with ReconnectingClient(hangs, CODEC, backoff=Backoff(tries=2)) as client:
            await client.request(HotlineFrame(b"question", 1))

    with VirtualTime() as time:
        with pytest.raises(GaveUpError, match=r"^gave up: tried 2 times in 11 s, and the last failed with TimeoutError"):
            time.run(main())
        assert time.now == 11


def test_row_83_cancelling_frees_what_was_held() -> None:
    """A request that is cancelled is not sent again; a client that is left closes its connection and stops its task."""

    async def main() -> None:
        net = Net(silent)
        async with client_of(net) as client:
            request = asyncio.create_task(client.request(HotlineFrame(b"question", 1)))
            await asyncio.sleep(1)
            assert net.open == 1
            request.cancel()
            await asyncio.sleep(100)
            assert net.instants == [0]
        await asyncio.sleep(0.1)
        assert net.open == 0
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    run(main())


@pytest.mark.parametrize("bytes_", range(31))
def test_row_85_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(bytes_: int) -> None:
    """At any byte: the question is asked again, and the whole answer counts."""
    net = Net(breaks_off(bytes_), upper())
    assert run(ask(net)) == (b"QUESTION", 1)


def test_row_85_the_last_failure_says_where_it_broke_off() -> None:
    """When every answer does."""
    with pytest.raises(GaveUpError, match=r"EOFError\('the connection ended in the middle of a frame'\)$"):
        run(ask(Net(breaks_off(25))))
    with pytest.raises(GaveUpError, match=r"EOFError\('the connection ended'\)$"):
        run(ask(Net(breaks_off(0))))


def test_answers_are_known_by_their_id_and_not_by_their_order() -> None:
    """A late answer to a question that was given up is nobody's."""

    async def backwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = [(await reader.readexactly(21))[-1:] for _ in range(3)]
        for number, payload in reversed(list(enumerate(frames))):
            writer.write(CODEC.encode(HotlineFrame(payload.upper(), number + 1)))
        await reader.read(1)

    async def main() -> None:
        async with client_of(Net(backwards)) as client:
            given_up = asyncio.create_task(client.request(HotlineFrame(b"a", 1)))
            asked = [asyncio.create_task(client.request(HotlineFrame(text, number))) for text, number in ((b"b", 2), (b"c", 3))]
            await asyncio.sleep(0)
            given_up.cancel()
            assert [frame.payload for frame in await asyncio.gather(*asked)] == [b"B", b"C"]
            await asyncio.sleep(1)
            assert client.strays == 1

    run(main())


def test_bytes_that_are_no_frame_end_the_connection() -> None:
    """What was asked is asked again elsewhere."""

    async def babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\xff" * 20)
        await reader.read(-1)

    assert run(ask(Net(babbles, upper()))) == (b"QUESTION", 1)


class Ledger:
    """A server that keeps a sum and tells every change to its subscribers; its connections may be dropped at any time."""

    def __init__(self) -> None:
        self.changes: list[int] = []
        self.done = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._once = Once(self._add, key=CODEC.correlation_id)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await FramedApp(CODEC, lambda frame: self._answer(frame, writer)).handle_connection(reader, writer)
        finally:
            self.drop(writer)

    def drop(self, *writers: asyncio.StreamWriter) -> None:
        """These connections, or all, are reset."""
        for writer in writers or list(self._writers):
            writer.transport.abort()
            if writer in self._writers:
                self._writers.remove(writer)

    def _answer(self, frame: HotlineFrame, writer: asyncio.StreamWriter) -> list[HotlineFrame] | Awaitable[list[HotlineFrame]]:
        if frame.payload.startswith(b"from "):
            self._writers.append(writer)
            first = int(frame.payload.removeprefix(b"from "))
            return [self._event(number) for number in range(first, len(self.changes) + 1)]
        return self._once(frame)

    def _add(self, frame: HotlineFrame) -> list[HotlineFrame]:
        self.done += 1
        self.changes.append(int(frame.payload))
        for writer in self._writers:
            writer.write(CODEC.encode(self._event(len(self.changes))))
        return [HotlineFrame(b"%d" % sum(self.changes), frame.transaction_id)]

    def _event(self, number: int) -> HotlineFrame:
        return HotlineFrame(b"event %d %d" % (number, self.changes[number - 1]))


def number_of(frame: HotlineFrame) -> int | None:
    return int(frame.payload.split()[1]) if frame.payload.startswith(b"event ") else None


def subscribed(client: ReconnectingClient[HotlineFrame]) -> Subscription[HotlineFrame]:
    return client.subscribe(ask=lambda number: HotlineFrame(b"from %d" % number), number=number_of)


def test_row_91_subscriptions_are_said_again_and_every_event_comes_once() -> None:
    """All connections are reset again and again while a second client writes: forty events, forty writes, each once."""

    async def main() -> None:
        ledger = Ledger()
        net = Net(ledger.handle)
        seen: list[int] = []

        async def listen(subscription: Subscription[HotlineFrame]) -> None:
            async for event in subscription:
                seen.append(int(event.payload.split()[2]))
                if len(seen) == 40:
                    return

        async with client_of(net) as reader, client_of(net) as writer:
            listening = asyncio.create_task(listen(subscribed(reader)))
            for number in range(40):
                await writer.request(HotlineFrame(b"%d" % number, number + 1))
                if number % 7 == 3:
                    ledger.drop()
                await asyncio.sleep(0.3)
            await listening
            assert reader.connections > 4
        assert seen == list(range(40))
        assert ledger.done == 40

    run(main())


def test_row_91_a_request_whose_answer_was_lost_is_done_once() -> None:
    """The server does it and the connection breaks before the answer; asked again, it gives the answer that it gave."""
    ledger = Ledger()

    async def deaf_on_the_way_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frame = HotlineFrame((await reader.readexactly(21))[-1:], 1)
        await ledger._once(frame)

    async def main() -> bytes:
        async with client_of(Net(deaf_on_the_way_back, deaf_on_the_way_back, ledger.handle)) as client:
            return (await client.request(HotlineFrame(b"5", 1))).payload

    assert run(main()) == b"5"
    assert ledger.done == 1
    assert ledger._once.repeats == 2


def test_row_91_an_event_that_comes_twice_or_too_early_is_seen_once_and_in_order() -> None:
    """A repeated one is dropped; at a gap the connection is left, and what is missing is asked for."""
    asked: list[bytes] = []

    async def sloppy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readexactly(26))[20:])
        for number in (1, 2, 2, 1, 4):
            writer.write(CODEC.encode(HotlineFrame(b"event %d %d" % (number, number))))
        await reader.read(-1)

    async def proper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readexactly(26))[20:])
        for number in (3, 4):
            writer.write(CODEC.encode(HotlineFrame(b"event %d %d" % (number, number))))
        await reader.read(-1)

    async def main() -> tuple[list[int | None], int]:
        async with client_of(Net(sloppy, proper)) as client:
            subscription = subscribed(client)
            seen = []
            async for event in subscription:
                seen.append(number_of(event))
                if len(seen) == 4:
                    subscription.close()
            return seen, subscription.repeats

    assert run(main()) == ([1, 2, 3, 4], 2)
    assert asked == [b"from 1", b"from 3"]


def test_row_91_whoever_waits_hears_that_it_gave_up() -> None:
    """Requests and subscriptions; what had come before can still be read."""

    async def one_event(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(26)
        writer.write(CODEC.encode(HotlineFrame(b"event 1 1")))

    async def main() -> None:
        async with client_of(Net(one_event, REFUSED), backoff=Backoff(tries=3)) as client:
            subscription = subscribed(client)
            request = asyncio.create_task(client.request(HotlineFrame(b"question", 1)))
            await asyncio.wait([request])
            assert isinstance(request.exception(), GaveUpError)
            events = []
            with pytest.raises(GaveUpError, match=r"^gave up: tried 2 times in 3 s"):
                async for event in subscription:
                    events.append(number_of(event))
            assert events == [1]

    run(main())


def test_a_slow_subscriber_holds_the_connection_up() -> None:
    """At most so many events wait; the others stay with the server until there is room."""

    async def main() -> None:
        ledger = Ledger()
        ledger.changes = list(range(2 * EVENTS_WAITING_MAX))
        async with client_of(Net(ledger.handle)) as client:
            subscription = subscribed(client)
            await asyncio.sleep(10)
            assert subscription.next == EVENTS_WAITING_MAX + 1
            seen = 0
            async for _ in subscription:
                seen += 1
                if seen == len(ledger.changes):
                    break
            assert client.connections == 1

    run(main())


def test_a_clients_mistake_reaches_whoever_waits() -> None:
    """A function of the person's own that raises is not tried again, and nobody waits for ever."""

    async def main() -> None:
        async with client_of(Net(upper())) as client:
            client.subscribe(ask=lambda number: HotlineFrame(b"x"), number=lambda frame: 1 // 0)
            with pytest.raises(ZeroDivisionError):
                await client.request(HotlineFrame(b"question", 1))

    run(main())


def test_what_cannot_be_asked_is_refused() -> None:
    """No id, an id in use, no frame, a closed client, no time for an answer."""

    async def main() -> None:
        net = Net(silent)
        async with client_of(net) as client:
            first = asyncio.create_task(client.request(HotlineFrame(b"x", 1)))
            await asyncio.sleep(0)
            with pytest.raises(UsageError, match=r"^expected a frame with a correlation id .* but got id=1\.$"):
                await client.request(HotlineFrame(b"y", 1))
            with pytest.raises(CodecError, match=r"^payload too large$"):
                await client.request(HotlineFrame(bytes(2_000_000), 2))
        with pytest.raises(ConnectionAbortedError, match=r"^the client was closed$"):
            await first
        with pytest.raises(ConnectionAbortedError, match=r"^the client was closed$"):
            await client.request(HotlineFrame(b"z", 3))
        lines = ReconnectingClient(net.connect, LineCodec(), backoff=Backoff())
        with pytest.raises(UsageError, match=r"but got id=None\.$"):
            await lines.request(b"no id")
        with pytest.raises(UsageError, match=r"^expected a time to wait for answers but got answer_seconds=0\.$"):
            client_of(net, answer_seconds=0)

    run(main())
