"""The programs that event loops are measured with, in plain asyncio: mailboxes, and lines over TCP. Each counts what it did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

MESSAGES = 20_000
TRIPS = 3_000
LATENCY = 0.001
PORT = 7


async def mailboxes(latency: float = LATENCY) -> int:
    """Five coroutines pass twenty messages on; each waits in its mailbox, and a message takes a while."""
    loop = asyncio.get_running_loop()
    boxes: list[asyncio.Queue[int]] = [asyncio.Queue() for _ in range(5)]
    done = loop.create_future()
    left = 20

    async def node(own: int) -> None:
        nonlocal left
        while True:
            hops = await boxes[own].get()
            if hops:
                loop.call_later(latency, boxes[(own + hops % 4 + 1) % 5].put_nowait, hops - 1)
            else:
                left -= 1
                if not left:
                    done.set_result(None)

    tasks = [asyncio.ensure_future(node(own)) for own in range(5)]
    for message in range(20):
        boxes[message % 5].put_nowait(MESSAGES // 20)
    await done
    for task in tasks:
        task.cancel()
    return MESSAGES


async def serve_lines(*_: Any, at: str | None = None) -> None:
    """Answers each line by itself."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(converse, at, PORT)
    await server.serve_forever()


def ask_lines(host: str) -> Callable[..., Awaitable[int]]:
    """Asks as many lines, one after the other."""

    async def ask(*_: Any) -> int:
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection(host, PORT)
        for _ in range(TRIPS):
            writer.write(b"hello, is anybody there?\n")
            await writer.drain()
            await reader.readline()
        writer.close()
        await asyncio.sleep(0.1)  # the server sees the end
        return TRIPS

    return ask
