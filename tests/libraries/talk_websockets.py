"""websockets' client and server on hosts of the world: messages, keep-alive, and how a lost peer is noticed."""

from __future__ import annotations

import asyncio
from typing import Any

import websockets
from talks import Library, Told, client_tls, cut, kill, played, server_tls

from chaoskit.hosts import AsyncioHost

STARTED = 0.5


async def serve(host: AsyncioHost) -> None:
    """Echoes, in the clear and in TLS."""

    async def echo(socket: websockets.ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    async with websockets.serve(echo, "0.0.0.0", 80), websockets.serve(echo, "0.0.0.0", 443, ssl=server_tls()):
        await asyncio.Event().wait()


async def ask(host: AsyncioHost) -> list[Any]:
    """Text, bytes and a long silence with pings, in the clear and in TLS."""
    await asyncio.sleep(STARTED)
    said: list[Any] = []
    for connecting in (websockets.connect("ws://server"), websockets.connect("wss://server", ssl=client_tls())):
        async with connecting as socket:
            for message in ("hello", bytes(100_000), "again"):
                await socket.send(message)
                back = await socket.recv()
                said.append(back if isinstance(back, str) else len(back))
                await asyncio.sleep(25)  # the library pings every 20 s
    return said


async def listen(host: AsyncioHost) -> list[Any]:
    """Says hello and listens for what never comes: (when, what) it is told instead."""
    await asyncio.sleep(STARTED)
    time = asyncio.get_running_loop().time
    async with websockets.connect("ws://server", ping_interval=20, ping_timeout=20, close_timeout=10) as socket:
        begun = time()
        await socket.send("hello")
        assert await socket.recv() == "hello"
        try:
            await socket.recv()
        except websockets.ConnectionClosed as error:
            return [begun, time(), type(error).__name__, str(error)]
    return []


def all_of_it(seed: int) -> Told:
    """No fault but lost, late and overtaking packets."""
    return played({"server": serve, "client": ask}, seed=seed, loss=20_000, reorder=20_000)


def partition(seed: int) -> Told:
    """A partition that lasts."""
    return played({"server": serve, "client": listen}, seed=seed, faults=[(1.0, cut)])


def killed(seed: int) -> Told:
    """The server is killed."""
    return played({"server": serve, "client": listen}, seed=seed, faults=[(1.0, kill)])


LIBRARY = Library(
    name="websockets",
    packages=("websockets",),
    used="client, server, keep-alive pings, TLS",
    talks=(all_of_it, partition, killed),
)
