"""An actor node and an asyncio program in one world: a gateway asks a sensor by messages, and serves what it says over TCP."""

from __future__ import annotations

import asyncio

import pytest

from chaoskit.hosts import AsyncioHost, Universe
from chaoskit.model import Message, Node, Request, TimedOut


class Ask(Message):
    room: str


class Degrees(Message):
    value: int


class Sensor(Node):
    """Written in the engine's own style: `receive`, and an answer to that request."""

    def receive(self, request: Request) -> None:
        request.reply(Degrees(21))


async def gateway(host: AsyncioHost) -> None:
    """Plain asyncio towards its clients; `host.call` towards the sensor."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        room = (await reader.readline()).decode().strip()
        try:
            answer = await host.call("sensor", Ask(room), timeout=1)
            writer.write(f"{room} has {answer.value} degrees\n".encode())
        except TimedOut:
            writer.write(b"nobody knows\n")
        writer.close()

    server = await asyncio.start_server(converse, port=4000)
    await server.serve_forever()


async def visitor(host: AsyncioHost) -> str:
    reader, writer = await asyncio.open_connection("gateway", 4000)
    writer.write(b"kitchen\n")
    answer = await reader.readline()
    writer.close()
    return answer.decode()


@pytest.mark.parametrize(("cut", "told"), [(False, "kitchen has 21 degrees\n"), (True, "nobody knows\n")])
def test_the_gateway_tells_what_the_sensor_says_or_that_it_cannot(cut: bool, told: str) -> None:
    with Universe({"sensor": Sensor, "gateway": gateway, "visitor": visitor}) as universe:
        if cut:
            universe.control.cut("storm", "gateway", "sensor")
        assert universe.run("visitor") == told
