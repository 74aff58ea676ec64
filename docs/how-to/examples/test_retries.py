"""Tests of time-outs and retries: waits at exact instants, and a counter that must not count twice when an answer is lost."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, NoReturn

import pytest

from chaoskit.hosts import AsyncioHost, Universe
from chaoskit.wire.app import Answer, FramedApp
from chaoskit.wire.codec import HotlineCodec, HotlineFrame
from chaoskit.wire.reconnecting import ReconnectingClient
from chaoskit.wire.retry import Backoff, GaveUpError, Once, retry
from chaoskit.wire.virtual_time import VirtualTime

CODEC = HotlineCodec()


def test_it_tries_at_0_1_3_and_7_seconds_and_gives_up() -> None:
    """In virtual time: the instants are exact, and nobody waits."""
    time, instants = VirtualTime(), list[float]()

    async def attempt() -> NoReturn:
        instants.append(time.now)
        raise ConnectionRefusedError("nobody there")

    with time, pytest.raises(GaveUpError):
        time.run(retry(attempt, backoff=Backoff(first_seconds=1, longest_seconds=10, tries=4), each_seconds=5))
    assert instants == [0, 1, 3, 7]


class Counter:
    """Adds up what it is told, and answers with the sum."""

    def __init__(self) -> None:
        self.sum = 0

    def add(self, frame: HotlineFrame) -> list[HotlineFrame]:
        self.sum += int(frame.payload)
        return [HotlineFrame(b"%d" % self.sum, frame.transaction_id)]


async def serve(answer: Answer[HotlineFrame], host: AsyncioHost) -> None:
    """The server's program."""
    async with await asyncio.start_server(FramedApp(CODEC, answer).handle_connection, port=80) as server:
        await server.serve_forever()


async def add_ten(host: AsyncioHost) -> int:
    """The client's program: ten times one, however many connections that takes."""
    connect = partial(asyncio.open_connection, "server", 80)
    async with ReconnectingClient(connect, CODEC, backoff=Backoff(first_seconds=0.1), answer_seconds=1) as client:
        answers = [await client.request(HotlineFrame(b"1", transaction_id=number)) for number in range(10)]
    return int(answers[-1].payload)


def sum_of_ten(answer: Answer[HotlineFrame]) -> Any:
    """What ten times one comes to when every connection is cut after the server has said 50 bytes: in its third answer."""
    programs: dict[str, Any] = {"client": add_ten, "server": partial(serve, answer)}
    with Universe(programs, seed=7) as universe:
        universe.control.poison("t1", "server", type="limit_data", bytes=50)
        return universe.run("client")


def test_a_request_that_is_done_once_may_be_asked_twice() -> None:
    """The server remembers what it answered, by the request's id."""
    assert sum_of_ten(Once(Counter().add, key=CODEC.correlation_id)) == 10


def test_a_server_that_forgets_counts_twice() -> None:
    """The mistake that these tests are there to find."""
    assert sum_of_ten(Counter().add) > 10
