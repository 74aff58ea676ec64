"""The Hotline server in the simulated world: the same program and the same bytes, under the world's faults."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chaoskit.hosts import AsyncioHost, Universe
from chaoskit.models.hotline import HotlineConnection, HotlineServer, SocketListener, serve_connections
from chaoskit.models.hotline.board import FieldId, Type
from chaoskit.models.hotline.client import RefusedError
from chaoskit.models.hotline.conversations import CODEC, HOTLINE, LOGIN, PASSWORD, board
from chaoskit.run import draw, execute
from chaoskit.settings import Settings
from chaoskit.wire.codec import Field

PORT = 5500
Main = Callable[[AsyncioHost], Any]


@pytest.fixture
def universe() -> Iterator[Callable[..., Universe]]:
    """Makes worlds of a server and a client in which a packet takes a millisecond, and closes them."""
    made: list[Universe] = []

    def make(client: Main, **how: Any) -> Universe:
        made.append(Universe({"server": serve, "client": client}, latency="constant:1ms", **how))
        return made[-1]

    yield make
    for each in made:
        each.close()


async def serve(host: AsyncioHost) -> None:
    """The board of the recorded conversations, on a host."""
    server = HotlineServer(handlers=board().session, shutdown=asyncio.Event(), codec=CODEC)
    await serve_connections(await SocketListener.open(None, PORT), server, log=host.log)


async def log_in() -> HotlineConnection:
    return await HotlineConnection.open("server", PORT, login=LOGIN, password=PASSWORD)


def test_row_1_the_recorded_conversation_is_the_same_in_the_simulated_world(universe: Callable[..., Universe]) -> None:
    """Byte for byte, over segments of the world's own streams; the client's end is the end of it."""

    async def client(host: AsyncioHost) -> bytes:
        reader, writer = await asyncio.open_connection("server", PORT)
        writer.write(HOTLINE.client)
        writer.write_eof()
        said = await reader.read()
        writer.close()
        return said

    world = universe(client)
    assert world.run("client") == HOTLINE.server
    assert world.logs("server") == world.failures == []


def test_the_client_asks_and_is_told(universe: Callable[..., Universe]) -> None:
    """News longer than a fragment, an error that is only an answer, and a password that is not let in."""
    text = b"tea is served " * 9

    async def client(host: AsyncioHost) -> list[object]:
        connection = await log_in()
        told: list[object] = [(await connection.request(999)).error]
        told.append((await connection.request(Type.POST_NEWS, Field(FieldId.DATA, text))).error)
        told += (await connection.request(Type.GET_NEWS)).fields
        connection.close()
        with pytest.raises(RefusedError, match=r"^expected to be logged in but got error=2$"):
            await HotlineConnection.open("server", PORT, login=LOGIN, password=b"wrong")
        return told

    assert universe(client).run("client") == [4, 0, Field(FieldId.DATA, text)]


def test_a_client_that_is_cut_off_is_given_up_and_served_again_later(universe: Callable[..., Universe]) -> None:
    """The server gives it up after five seconds; the client learns of it when the cut is healed; a new connection is served."""

    async def client(host: AsyncioHost) -> str:
        connection = await log_in()
        await asyncio.sleep(7)
        with pytest.raises((OSError, EOFError)) as caught:
            await connection.request(Type.GET_NEWS)
        connection.close()
        await asyncio.sleep(60)
        again = await log_in()
        assert (await again.request(Type.GET_NEWS)).error == 0
        again.close()
        return type(caught.value).__name__

    world = universe(client)
    world.run(1)
    for ends in (("server", "client"), ("client", "server")):
        world.control.cut("f1", *ends)
    world.run(30)
    assert [line.partition(" failed: ")[2] for line in world.logs("server")] == [
        "IoTimeoutError: I/O timeout: the 20 bytes of a header did not come within 5 s"
    ]
    world.control.heal("f1")
    assert world.run("client") == "EOFError"
    assert world.failures == []


def test_a_client_that_says_nothing_loses_its_connection_after_five_seconds(universe: Callable[..., Universe]) -> None:
    """And sees an end, which is how it knows that it has to connect anew."""

    async def client(host: AsyncioHost) -> tuple[bool, float]:
        connection = await log_in()
        begin = asyncio.get_running_loop().time()
        while connection.is_usable:  # noqa: ASYNC110  # as a program asks that has other things to do
            await asyncio.sleep(0.01)
        connection.close()
        return True, asyncio.get_running_loop().time() - begin

    ended, seconds = universe(client).run("client")
    assert ended and seconds == pytest.approx(5, abs=0.02)


def test_a_run_of_the_model_is_the_same_again_and_leaves_nothing_unawaited() -> None:
    """Digest for digest; under kills in the middle of what the server does, none of its coroutines is forgotten."""
    plan = draw(Settings(seed=14), "hotline")
    assert any(fault.kind == "kill" for fault in plan.faults)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        digests = [execute(plan).journal.digests() for _ in range(2)]
    assert digests[0] == digests[1]
