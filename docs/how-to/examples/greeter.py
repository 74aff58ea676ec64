"""A server of lines: every line is a name, and is answered with a greeting. Who says nothing for five seconds is sent away."""

from __future__ import annotations

import asyncio

PATIENCE_SECONDS = 5


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """Serves one connection, as `asyncio.start_server` calls it. Gives how many were greeted."""
    greeted = 0
    try:
        while True:
            name = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE_SECONDS)
            writer.write(b"hello " + name)
            await writer.drain()
            greeted += 1
    except TimeoutError:
        writer.write(b"too slow\n")
        await writer.drain()
    except asyncio.IncompleteReadError:
        pass  # the end, or half a name
    finally:
        writer.close()
    return greeted
