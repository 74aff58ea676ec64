"""redis.asyncio on a host of the world, against a server of a few commands in plain asyncio on another."""

from __future__ import annotations

import asyncio
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import RedisError
from talks import Library, Told, cut, heal_cut, kill, played

from chaoskit.hosts import AsyncioHost

STARTED = 0.5


class Store:
    """As much of Redis as the talk uses, in RESP2."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            words = []
            for _ in range(int(head[1:])):
                length = int((await reader.readline())[1:])
                words.append((await reader.readexactly(length + 2))[:-2])
            writer.write(self.answer(words[0].upper(), words[1:]))
            await writer.drain()
        writer.close()

    def answer(self, command: bytes, words: list[bytes]) -> bytes:
        match command, words:
            case b"SET", [key, value, *_]:
                self.values[key] = value
                return b"+OK\r\n"
            case b"GET", [key]:
                value = self.values.get(key)
                return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)
            case b"INCRBY", [key, amount]:
                self.values[key] = b"%d" % (int(self.values.get(key, 0)) + int(amount))
                return b":%s\r\n" % self.values[key]
            case b"PING", _:
                return b"+PONG\r\n"
            case b"CLIENT" | b"SELECT", _:
                return b"+OK\r\n"
        return b"-ERR unknown command\r\n"


async def serve(host: AsyncioHost) -> None:
    server = await asyncio.start_server(Store().converse, port=6379)
    await server.serve_forever()


async def ask(host: AsyncioHost) -> list[Any]:
    """Single commands, a pipeline, and many at once from a pool."""
    await asyncio.sleep(STARTED)
    async with redis.asyncio.Redis(host="server", protocol=2) as client:
        said: list[Any] = [await client.ping(), await client.set("x", 1), await client.get("x"), await client.get("none")]
        async with client.pipeline(transaction=False) as pipeline:
            said.append(await pipeline.set("y", "a" * 50_000).get("y").incr("x").execute())
        said.append(sorted(await asyncio.gather(*(client.incr("n") for _ in range(20)))))
    return said


async def ask_with_retries(host: AsyncioHost) -> list[Any]:
    """A command a second, each tried four times with a back-off and jitter from `random`: (asked at, told at, what)."""
    await asyncio.sleep(STARTED)
    retry = Retry(ExponentialWithJitterBackoff(base=0.5, cap=4), 3)
    said: list[Any] = []
    time = asyncio.get_running_loop().time
    async with redis.asyncio.Redis(
        host="server", protocol=2, socket_timeout=1, socket_connect_timeout=1, retry=retry
    ) as client:
        for _ in range(4):
            begun = time()
            try:
                number = await client.incr("n")
                said.append((begun, time(), number))
            except RedisError as error:
                said.append((begun, time(), type(error).__name__))
            await asyncio.sleep(1)
    return said


def all_of_it(seed: int) -> Told:
    """No fault but lost, late and overtaking packets."""
    return played({"server": serve, "client": ask}, seed=seed, loss=20_000, reorder=20_000)


def partition(seed: int) -> Told:
    """A partition, longer than the retries."""
    return played({"server": serve, "client": ask_with_retries}, seed=seed, faults=[(1.0, cut), (20.0, heal_cut)])


def killed(seed: int) -> Told:
    """The server is killed."""
    return played({"server": serve, "client": ask_with_retries}, seed=seed, faults=[(1.0, kill)])


LIBRARY = Library(
    name="redis.asyncio",
    packages=("redis",),
    used="client with pool, pipeline, time-outs and retries",
    talks=(all_of_it, partition, killed),
)
