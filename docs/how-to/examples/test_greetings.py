"""Two asyncio programs in a world of their own, in plain pytest: what happens to the client when the server loses its power?"""

from __future__ import annotations

import asyncio

import pytest

from chaoskit.hosts import AsyncioHost, Universe


async def serve(host: AsyncioHost) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = await reader.readline()
        await asyncio.sleep(5)  # takes its time, and the test none
        writer.write(b"hello " + name)
        writer.close()

    server = await asyncio.start_server(greet, port=4000)
    await server.serve_forever()


async def ask(host: AsyncioHost) -> str:
    reader, writer = await asyncio.open_connection("server", 4000)
    try:
        writer.write(b"Ada\n")
        async with asyncio.timeout(60):
            return (await reader.readline()).decode()
    finally:
        writer.close()


def test_who_asks_is_greeted() -> None:
    with Universe({"server": serve, "client": ask}) as universe:
        assert universe.run("client") == "hello Ada\n"
        assert 5 < universe.now < 5.1


def test_a_power_loss_is_silence() -> None:
    with Universe({"server": serve, "client": ask}) as universe:
        universe.run(2.0)
        universe.control.kill("outage", "server", power_loss=True)
        with pytest.raises(TimeoutError):
            universe.run("client")


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_of_the_process_ends_the_connection(seed: int) -> None:
    with Universe({"server": serve, "client": ask}, seed=seed) as universe:
        universe.run(2.0)
        universe.control.kill("crash", "server")
        assert universe.run("client") == ""
