"""The greeter with a time-out for writing as well: a client that takes nothing is let go."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from greeter import PATIENCE_SECONDS
from greeter_conversation import greeter


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """Serves one connection. Gives how many were greeted. Raises ConnectionAbortedError for a client that takes nothing."""
    greeted = 0
    try:
        while True:
            name = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE_SECONDS)
            await say(writer, b"hello " + name)
            greeted += 1
    except TimeoutError:
        await say(writer, b"too slow\n")
    except asyncio.IncompleteReadError:
        pass  # the end, or half a name
    finally:
        writer.close()
    return greeted


async def say(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Returns when the client has taken it. A close would wait for that as well: abort does not."""
    writer.write(data)
    try:
        await asyncio.wait_for(writer.drain(), PATIENCE_SECONDS)
    except TimeoutError:
        writer.transport.abort()
        raise ConnectionAbortedError("the client takes nothing") from None


patient = replace(greeter, handler=lambda: greet)
