"""httpx and uvicorn on hosts of the world: a Starlette application, its handlers `async` and not, in the clear and in TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from talks import CERTIFICATE, Library, Told, client_tls, cut, heal_cut, kill, played

from chaoskit.hosts import AsyncioHost

STARTED = 0.5


async def _greet(request: Request) -> Response:
    return JSONResponse({"scheme": request.url.scheme, "query": dict(request.query_params)})


def _greet_in_a_thread(request: Request) -> Response:
    """Starlette hands a handler that is not `async` to a thread."""
    return PlainTextResponse("in line")


async def _count(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def _stream(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(5):
            yield b"%d" % number * 10_000
            await asyncio.sleep(0.1)

    return StreamingResponse(pieces())


def application() -> Starlette:
    return Starlette(
        routes=[
            Route("/", _greet),
            Route("/thread", _greet_in_a_thread),
            Route("/count", _count, methods=["POST"]),
            Route("/stream", _stream),
        ]
    )


async def serve(host: AsyncioHost) -> None:
    """The application, in the clear and in TLS."""
    app = application()
    plain = uvicorn.Config(app, host="0.0.0.0", port=80, log_config=None, http="h11")
    secure = uvicorn.Config(
        app, host="0.0.0.0", port=443, log_config=None, http="h11", ssl_certfile=CERTIFICATE, ssl_keyfile=CERTIFICATE
    )
    await asyncio.gather(uvicorn.Server(plain).serve(), uvicorn.Server(secure).serve())


async def ask(host: AsyncioHost) -> list[Any]:
    """Requests over kept connections, an upload, an answer in pieces, a handler that is not `async`."""
    await asyncio.sleep(STARTED)
    said: list[Any] = []
    async with httpx.AsyncClient(verify=client_tls()) as client:
        for origin in ("http://server", "https://server"):
            said.append((await client.get(f"{origin}/?a=1")).json())
            said.append((await client.get(f"{origin}/thread")).text)
            said.append((await client.post(f"{origin}/count", content=bytes(200_000))).text)
            async with client.stream("GET", f"{origin}/stream") as answer:
                said.append(sum([len(piece) async for piece in answer.aiter_bytes()]))
            said.append(await asyncio.gather(*(_status(client, f"{origin}/{path}") for path in ("", "none", "thread"))))
    return said


async def _status(client: httpx.AsyncClient, url: str) -> int:
    return (await client.get(url)).status_code


async def ask_every_second(host: AsyncioHost) -> list[Any]:
    """A request a second, with three seconds to connect and five to answer: (asked at, told at, what)."""
    await asyncio.sleep(STARTED)
    said: list[Any] = []
    time = asyncio.get_running_loop().time
    async with httpx.AsyncClient(timeout=httpx.Timeout(5, connect=3)) as client:
        for _ in range(5):
            begun = time()
            try:
                text = (await client.get("http://server/thread")).text
                said.append((begun, time(), text))
            except httpx.HTTPError as error:
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
    name="httpx and uvicorn",
    packages=("httpx", "uvicorn", "starlette", "anyio", "h11"),
    used="client with pool and streams; ASGI server with a Starlette application, TLS, handlers that are not `async`",
    talks=(all_of_it, partition, killed),
)
