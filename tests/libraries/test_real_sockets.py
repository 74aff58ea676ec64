"""One program on real sockets and in the world: the same application transcript; and in the world, a power loss."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from talks import client_tls, lose_power, restore_power, server_tls
from transfer import PIECE, UPLOAD, Server, Transcript, converse, send

from chaoskit.hosts import AsyncioHost, Universe

PLAIN, SECURE = 8000, 8443
CONVERSATIONS = 7


def on_real_sockets() -> Transcript:
    """Both ends in stock asyncio, over the loopback."""
    notes: Transcript = []

    async def both() -> None:
        server = Server(notes)
        servers = await server.start("127.0.0.1", 0, 0, server_tls())
        plain, secure = (server.sockets[0].getsockname()[1] for server in servers)
        async with asyncio.timeout(60):
            await converse("127.0.0.1", plain, secure, client_tls(), notes)
            await server.finished(CONVERSATIONS)
        for listening in servers:
            listening.close()
            await listening.wait_closed()

    asyncio.run(both())
    return notes


async def serve(host: AsyncioHost, notes: Transcript) -> None:
    servers = await Server(notes).start("0.0.0.0", PLAIN, SECURE, server_tls())
    await asyncio.gather(*(server.serve_forever() for server in servers))


def in_the_world(**weather: Any) -> Transcript:
    """Both ends on hosts."""
    notes: Transcript = []

    async def ask(host: AsyncioHost) -> None:
        await asyncio.sleep(0.1)
        await converse("server", PLAIN, SECURE, client_tls(), notes)
        await asyncio.sleep(60)

    with Universe({"server": lambda host: serve(host, notes), "client": ask}, **weather) as universe:
        universe.run("client")
    return notes


def by_side(notes: Transcript, side: str) -> Transcript:
    """What one side noted, in its order: between the two sides there is none."""
    return [note for note in notes if note.startswith(side)]


@pytest.mark.parametrize(
    "weather",
    [{"latency": "constant:100us"}, {"seed": 3, "loss": 5_000, "reorder": 20_000, "duplicate": 20_000}],
    ids=["fair", "foul"],
)
def test_a_program_leaves_the_same_transcript_on_real_sockets_and_in_the_world(weather: dict[str, Any]) -> None:
    """5 MiB up, a slow reader, a half-close, a cancellation in mid-body, all but the half-close also in TLS."""
    real, simulated = on_real_sockets(), in_the_world(**weather)
    for side in ("client", "server"):
        assert by_side(simulated, side) == by_side(real, side)
    assert len(by_side(real, "client")) == 2 * (2 + 3 + 2) + 1
    assert "client: slow: had to wait" in real
    assert real.count("server: upload: cut off") == 2
    assert by_side(real, "server")[-1] == "server: half: over"


def test_a_power_loss_of_the_server_runs_no_finally_and_the_peer_hears_nothing_until_it_is_back() -> None:
    """In the middle of an upload: silence, then a reset by a machine that knows nothing of the connection."""
    notes: Transcript = []
    told: list[Any] = []

    async def ask(host: AsyncioHost) -> None:
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("server", PLAIN)
        try:
            await send(writer, "slow", len(UPLOAD), UPLOAD)
            await reader.readline()
        except OSError as error:
            told.append((type(error), host.loop.time()))
        writer.close()

    with Universe({"server": lambda host: serve(host, notes), "client": ask}, latency="constant:1ms") as universe:
        universe.run(0.12)
        lose_power(universe.control)
        universe.run(10.0)
        assert (told, notes) == ([], [])
        restore_power(universe.control)
        universe.run("client")
        [(error, when)] = told
        assert error is ConnectionResetError
        assert 10 < when < 30
    assert notes == [], "no `finally` of the dead server ran, neither in the world nor when it was over"


def test_a_power_loss_that_lasts_is_told_to_a_writer_as_a_time_out_and_to_a_reader_never() -> None:
    """Who writes is told after 30 s; who only reads waits for ever, as with TCP without keep-alive."""
    notes: Transcript = []
    told: list[Any] = []

    async def write(host: AsyncioHost) -> None:
        await asyncio.sleep(0.1)
        _, writer = await asyncio.open_connection("server", PLAIN)
        try:
            await send(writer, "slow", len(UPLOAD), UPLOAD)
            await asyncio.sleep(3600)
            await writer.drain()
        except OSError as error:
            told.append(type(error))
        writer.close()

    async def read(host: AsyncioHost) -> None:
        await asyncio.sleep(0.1)
        reader, _ = await asyncio.open_connection("server", PLAIN)
        await reader.read(PIECE)
        told.append("the reader was told")

    programs = {"server": lambda host: serve(host, notes), "client": write, "reader": read}
    with Universe(programs, latency="constant:1ms") as universe:
        universe.run(0.12)
        lose_power(universe.control)
        universe.run("client")
        universe.run(7200.0)
        assert told == [TimeoutError]
        assert notes == []


def test_a_kill_runs_no_finally_but_the_machine_ends_its_connections() -> None:
    """The program had read all that had come, so its machine sends an end; what the client writes on then is refused."""
    notes: Transcript = []

    async def ask(host: AsyncioHost) -> str:
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("server", PLAIN)
        try:
            await send(writer, "slow", len(UPLOAD), UPLOAD)
            return repr(await reader.readline())
        except OSError as error:
            return type(error).__name__
        finally:
            notes.append("client: finally")
            writer.close()

    with Universe({"server": lambda host: serve(host, notes), "client": ask}, latency="constant:1ms") as universe:
        universe.run(0.12)
        universe.control.kill("kill", "server")
        assert universe.run("client") == "BrokenPipeError"
        assert notes == ["client: finally"]
        assert universe.now < 1
