"""aiohttp's client and server on hosts of the world: requests, a web socket, TLS, and what the client is told under faults."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
from aiohttp import web
from talks import Library, Told, client_tls, cut, heal_cut, kill, played, server_tls

from chaoskit.hosts import AsyncioHost

STARTED = 0.5  # s; when the client begins


async def serve(host: AsyncioHost) -> None:
    """Greetings, uploads and echoes, in the clear and in TLS."""
    app = web.Application(client_max_size=1 << 20)
    app.add_routes([web.get("/", _greet), web.post("/", _count), web.get("/echo", _echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 80).start()
    await web.TCPSite(runner, "0.0.0.0", 443, ssl_context=server_tls()).start()
    await asyncio.Event().wait()


async def _greet(request: web.Request) -> web.Response:
    return web.json_response({"scheme": request.scheme, "from": request.remote, "query": dict(request.query)})


async def _count(request: web.Request) -> web.Response:
    return web.Response(text=f"{len(await request.read())} bytes")


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=5)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"echo {message.data}")
    return socket


async def ask(host: AsyncioHost) -> list[Any]:
    """Two requests and an upload over kept connections, a web socket, each in the clear and in TLS."""
    await asyncio.sleep(STARTED)
    said: list[Any] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=client_tls())) as session:
        for url in ("http://server/?a=1", "https://server/?b=2"):
            async with session.get(url) as answer:
                said.append(await answer.json())
            async with session.post(url, data=bytes(200_000)) as answer:
                said.append(await answer.text())
            async with session.ws_connect(url.partition("?")[0] + "echo") as socket:
                await socket.send_str("hello")
                said.append((await socket.receive()).data)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(12):  # heartbeats go by
                        await socket.receive()
                await socket.send_str("again")
                said.append((await socket.receive()).data)
    return said


async def ask_every_second(host: AsyncioHost) -> list[Any]:
    """A request a second, each with five seconds to be answered: (asked at, told at, what)."""
    await asyncio.sleep(STARTED)
    said: list[Any] = []
    time = asyncio.get_running_loop().time
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(5):
            begun = time()
            try:
                async with session.get("http://server/") as answer:
                    told = (await answer.json())["from"]
                    said.append((begun, time(), told))
            except (aiohttp.ClientError, TimeoutError) as error:
                said.append((begun, time(), type(error).__name__))
            await asyncio.sleep(1)
    return said


def all_of_it(seed: int) -> Told:
    """No fault but lost, late and overtaking packets."""
    return played({"server": serve, "client": ask}, seed=seed, loss=20_000, reorder=20_000)


def partition(seed: int) -> Told:
    """A partition for nine seconds."""
    return played({"server": serve, "client": ask_every_second}, seed=seed, faults=[(1.0, cut), (10.0, heal_cut)])


def killed(seed: int) -> Told:
    """The server is killed."""
    return played({"server": serve, "client": ask_every_second}, seed=seed, faults=[(1.0, kill)])


LIBRARY = Library(
    name="aiohttp", packages=("aiohttp",), used="client, server, web socket, TLS", talks=(all_of_it, partition, killed)
)
