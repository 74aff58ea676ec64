"""One program on real sockets and in the world leaves the same transcript; then, in the world, its server loses its power."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from typing import Any

import pytest

from chaoskit.hosts import AsyncioHost

SIZE = 5_000_000
Notes = list[str]


async def serve(port: int, notes: Notes, context: ssl.SSLContext | None, address: str | None = None) -> None:
    """Takes uploads slowly, echoes what is half-closed, and notes how each conversation ends."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        what = (await reader.readline()).decode().strip()
        digest, size = hashlib.sha256(), 0
        try:
            while piece := await reader.read(200_000):
                digest.update(piece)
                size += len(piece)
                if what == "slow":
                    await asyncio.sleep(0.002)
                if what == "cancelled" and size >= 100_000:
                    writer.write(b"enough\n")
            writer.write(f"{what} {size} {digest.hexdigest()[:8]}\n".encode())
            await writer.drain()
        except OSError:
            pass  # how much of what was cut off arrived is not the same twice
        finally:
            notes.append(f"server: {what} over")
            writer.close()

    server = await asyncio.start_server(converse, address, port, ssl=context)
    await server.serve_forever()


async def talk(host: str, port: int, notes: Notes, context: ssl.SSLContext | None) -> None:
    """Uploads, half-closes, waits for the answer; and is cancelled in the middle of one."""

    async def upload(what: str, size: int) -> None:
        reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="n1" if context else None)
        try:
            writer.write(f"{what}\n".encode())
            for begin in range(0, size, 100_000):
                writer.write(bytes([begin // 100_000 % 251]) * 100_000)
                await writer.drain()
            if what == "cancelled":
                notes.append((await reader.readline()).decode())
                await asyncio.sleep(3600)
            if writer.can_write_eof():
                writer.write_eof()
                notes.append((await reader.read()).decode())
            notes.append(f"client: {what} over")
        except asyncio.CancelledError:
            notes.append(f"client: {what} cancelled")
            raise
        finally:
            writer.close()

    for what in ("slow", "quick"):
        await upload(what, SIZE)
        await asyncio.sleep(0.05)
    task = asyncio.create_task(upload("cancelled", 200_000))
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0.1)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, port + 1)
    notes.append("refused")


def in_reality(contexts: tuple[ssl.SSLContext | None, ssl.SSLContext | None]) -> Notes:
    notes: Notes = []

    async def both() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = asyncio.create_task(serve(port, notes, contexts[0], "127.0.0.1"))
        await asyncio.sleep(0.05)
        await talk("127.0.0.1", port, notes, contexts[1])
        async with asyncio.timeout(60):
            while len(sides(notes)[0]) < 3:  # noqa: ASYNC110  # a busy machine takes its time
                await asyncio.sleep(0.05)
        server.cancel()

    asyncio.run(both())
    return notes


def sides(notes: Notes) -> tuple[Notes, Notes]:
    """What the server noted of its conversations, which may overlap, and what the client did, in order."""
    server = [note for note in notes if note.startswith("server")]
    return sorted(server), [note for note in notes if note not in server]


@pytest.mark.parametrize("secure", [False, True])
def test_the_world_and_real_sockets_leave_the_same_transcript(universe: Any, contexts: Any, secure: bool) -> None:
    """A slow reader of 5 MB, a half-close where there is one, a cancellation in mid-body, a refusal; with TLS, too."""
    used = contexts if secure else (None, None)
    notes: Notes = []

    async def server(host: AsyncioHost) -> None:
        await serve(7, notes, used[0])

    async def client(host: AsyncioHost) -> None:
        await asyncio.sleep(0.01)
        await talk("n1", 7, notes, used[1])

    world = universe({"n1": server, "n2": client})
    world.run("n2")
    world.run(world.now + 1)
    assert sides(notes) == sides(in_reality(used))
    assert [len(side) for side in sides(notes)] == [3, 5 if secure else 7]


def test_a_power_loss_in_mid_body_leaves_no_trace_of_the_server(universe: Any) -> None:
    """No `finally` of it runs; the client waits until TCP gives up."""
    notes: Notes = []

    async def server(host: AsyncioHost) -> None:
        await serve(7, notes, None)

    async def client(host: AsyncioHost) -> None:
        await asyncio.sleep(0.01)
        try:
            await talk("n1", 7, notes, None)
        except OSError as error:
            notes.append(f"client: {type(error).__name__} after {host.loop.time():.0f} s")

    world = universe({"n1": server, "n2": client})
    world.run(0.03)
    world.control.kill("f1", "n1", power_loss=True)
    world.run("n2")
    assert notes == ["client: TimeoutError after 30 s"]
