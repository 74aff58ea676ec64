"""The Hotline server's accept loop: errors are logged, connections fail alone, the shutdown ends it all; also on real sockets."""

from __future__ import annotations

import asyncio
import gc

import pytest

from chaoskit.models.hotline import Board, HotlineServer, Reply, Request, SocketListener, serve_connections
from chaoskit.models.hotline.accept import ACCEPT_PAUSE_SECONDS, GRACE_SECONDS, WAITING_CONNECTIONS_MAX, Streams
from chaoskit.models.hotline.conversations import HOTLINE, LOGIN, PASSWORD, handler
from chaoskit.models.hotline.handshake import hello
from chaoskit.wire.drive import drive_with_frame
from chaoskit.wire.duplex import duplex
from chaoskit.wire.virtual_time import VirtualTime, run

OK = bytes.fromhex("54525450 00000000")


class ScriptedListener:
    """Gives what it is told to, then sets the shutdown or, without one, waits."""

    def __init__(self, *accepted: Streams | OSError, shutdown: asyncio.Event | None = None) -> None:
        self._accepted = list(accepted)
        self._shutdown = shutdown
        self.accepts = 0
        self.closed = False

    async def accept(self) -> Streams:
        self.accepts += 1
        if not self._accepted:
            if self._shutdown is not None:
                self._shutdown.set()
            await asyncio.Event().wait()
        first = self._accepted.pop(0)
        if isinstance(first, OSError):
            raise first
        return first

    def close(self) -> None:
        self.closed = True


class Sleepy:
    """A request handler that takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def answer(self, request: Request) -> Reply:
        await asyncio.sleep(self.seconds)
        return Reply()


def new_server(seconds: float = 0) -> HotlineServer:
    return HotlineServer(handlers=lambda: Sleepy(seconds), shutdown=asyncio.Event())


async def heard(reader: asyncio.StreamReader) -> bytes:
    """All that a connection says until its end."""
    return await reader.read()


def test_row_26_an_accept_that_fails_is_logged_and_the_next_connection_is_served() -> None:
    """Two connections, a network error, a third connection, the shutdown: three handlers were started, and answered."""

    async def main() -> None:
        server, log = new_server(), []
        pairs = [duplex() for _ in range(3)]
        for (_, writer), _ in pairs:
            writer.write(hello())
        ends = [end for _, end in pairs]
        error = ConnectionAbortedError("network is unreachable")
        listener = ScriptedListener(ends[0], ends[1], error, ends[2], shutdown=server.shutdown)
        served = asyncio.create_task(serve_connections(listener, server, log=log.append))
        assert [await heard(reader) for (reader, _), _ in pairs] == [OK, OK, OK]
        assert await served == 3
        assert log == ["accept failed: ConnectionAbortedError: network is unreachable"]
        assert listener.closed
        for (_, writer), _ in pairs:
            writer.close()

    run(main())


def test_row_26_the_rows_own_order_ends_well() -> None:
    """A connection, a connection, an error, the shutdown: two handlers were started."""

    async def main() -> None:
        server, log = new_server(), []
        (one, end_of_one), (two, end_of_two) = duplex(), duplex()
        listener = ScriptedListener(end_of_one, end_of_two, OSError("network"), shutdown=server.shutdown)
        assert await serve_connections(listener, server, log=log.append) == 2
        assert log == ["accept failed: OSError: network"]
        assert [await heard(one[0]), await heard(two[0])] == [b"", b""]
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        one[1].close()
        two[1].close()

    run(main())


def test_a_listener_that_can_never_accept_does_not_take_all_the_time() -> None:
    """It is asked again after a moment, ten times a second, and the shutdown is heard in between."""

    async def main() -> None:
        server, log = new_server(), []
        listener = ScriptedListener(*[OSError(24, "Too many open files")] * 1000)
        serving = asyncio.create_task(serve_connections(listener, server, log=log.append))
        await asyncio.sleep(10 * ACCEPT_PAUSE_SECONDS + 0.01)
        server.shutdown.set()
        assert await serving == 0
        assert len(log) == listener.accepts == 11
        assert asyncio.get_running_loop().time() == pytest.approx(10 * ACCEPT_PAUSE_SECONDS + 0.01)

    run(main())


def test_a_connection_that_fails_is_logged_and_harms_no_other() -> None:
    """A handler that raises, and one that a client leaves in a transaction; the third has its answers."""

    async def main() -> None:
        class Broken(Sleepy):
            async def answer(self, request: Request) -> Reply:
                raise LookupError("no such row")

        turns = iter([Broken(0), Sleepy(0), Sleepy(0)])
        server, log = HotlineServer(handlers=lambda: next(turns), shutdown=asyncio.Event()), []
        request = bytes.fromhex("00 00 0001 0000002A 00000000 00000002 00000002 0000")
        pairs = [duplex() for _ in range(3)]
        listener = ScriptedListener(*(end for _, end in pairs))
        serving = asyncio.create_task(serve_connections(listener, server, log=log.append))
        for ((_, writer), _), said in zip(pairs, (request, request[:9], request), strict=True):
            writer.write(hello() + said)
            writer.write_eof()
        answers = [await heard(reader) for (reader, _), _ in pairs]
        assert [len(answer) for answer in answers] == [8, 8, 8 + 22]
        server.shutdown.set()
        assert await serving == 3
        assert log == [
            "connection of ('duplex', 0) failed: LookupError: no such row",
            "connection of ('duplex', 0) failed: TruncatedError: expected 20 bytes of a transaction but got 9, then the end",
        ]
        for (_, writer), _ in pairs:
            writer.close()

    run(main())


@pytest.mark.parametrize(("seconds", "answered"), [(GRACE_SECONDS - 1, True), (GRACE_SECONDS * 9, False)])
def test_the_shutdown_waits_for_requests_but_not_for_ever(seconds: float, answered: bool) -> None:
    """What is being answered has a time of grace; then its connection is cut."""

    async def main() -> None:
        server = new_server(seconds)
        (reader, writer), end = duplex()
        serving = asyncio.create_task(serve_connections(ScriptedListener(end), server))
        writer.write(hello() + bytes.fromhex("00 00 0001 0000002A 00000000 00000002 00000002 0000"))
        assert await reader.readexactly(8) == OK
        await asyncio.sleep(0.5)
        server.shutdown.set()
        assert await serving == 1
        assert asyncio.get_running_loop().time() == pytest.approx(min(seconds, GRACE_SECONDS + 0.5))
        assert (len(await heard(reader)) == 22) is answered
        writer.close()

    run(main())


def test_row_28_the_whole_server_runs_on_a_duplex_however_narrow() -> None:
    """The recorded conversation through a buffer of 1 byte, of 7, and of more than all: the same answers."""
    for capacity in (1, 7, 4096):
        assert run(drive_with_frame(handler(), HOTLINE.client, capacity=capacity)) == HOTLINE.server


def test_row_28_a_full_duplex_holds_the_server_back() -> None:
    """A client that reads nothing stops it at the first write that does not fit: five seconds, then it is sent away."""

    async def main() -> None:
        (_, writer), (reader, server_writer) = duplex(capacity=8)
        writer.write(HOTLINE.client)
        await handler()(reader, server_writer)

    with VirtualTime() as time:
        with pytest.raises(TimeoutError, match=r"^I/O timeout: 33 bytes were not taken within 5 s$"):
            time.run(main())
        assert time.now == 5


def test_a_server_keeps_nothing_of_connections_that_have_ended() -> None:
    """After five hundred, no more tasks are alive than after five."""

    def alive() -> int:
        gc.collect()
        return sum(isinstance(thing, asyncio.Task) for thing in gc.get_objects())

    class Endless(ScriptedListener):
        async def accept(self) -> Streams:
            self.accepts += 1
            if self.accepts in (5, 500):
                counts.append(alive())
            if self.accepts == 500:
                server.shutdown.set()
            await asyncio.sleep(1)
            (_, writer), end = duplex()
            writer.close()
            return end

    server, counts = new_server(), list[int]()
    run(serve_connections(Endless(), server))
    assert counts[1] <= counts[0]


def test_the_server_serves_real_sockets() -> None:
    """The same conversation over the machine's own TCP, twice at once; the news are shared."""

    async def converse(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HOTLINE.client)
        writer.write_eof()
        said = await reader.read()
        writer.close()
        return said

    async def main() -> tuple[list[bytes], list[bytes], int]:
        board = Board(accounts={LOGIN: PASSWORD}, name=b"tearoom")
        server, log = HotlineServer(handlers=board.session, shutdown=asyncio.Event()), []
        listener = await SocketListener.open("127.0.0.1", 0)
        serving = asyncio.create_task(serve_connections(listener, server, log=log.append))
        port = listener.port
        answers = await asyncio.gather(*(converse(port) for _ in range(2)))
        server.shutdown.set()
        count = await serving
        assert log == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        return answers, board.news, count

    answers, news, count = asyncio.run(main())
    assert (count, len(news), len(answers)) == (2, 2, 2)
    assert all(answer.startswith(HOTLINE.server[: 8 + 33 + 22]) for answer in answers)


def test_connections_that_nobody_takes_are_not_kept_without_end() -> None:
    """Beyond a hundred that wait, a new one is cut off; those that wait when it closes are cut off as well."""

    async def main() -> tuple[int, int]:
        listener = await SocketListener.open("127.0.0.1", 0)
        clients = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(WAITING_CONNECTIONS_MAX + 1)]
        reading = [asyncio.create_task(reader.read()) for reader, _ in clients]
        cut, waiting = await asyncio.wait(reading, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        listener.close()
        ended, _ = await asyncio.wait(waiting, timeout=10)
        await asyncio.gather(*reading, return_exceptions=True)
        for _, writer in clients:
            writer.close()
        return len(cut), len(ended)

    assert asyncio.run(main()) == (1, WAITING_CONNECTIONS_MAX)
