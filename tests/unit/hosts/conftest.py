"""What the tests of asyncio hosts have in common: universes that are closed, a certificate, and an echo server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoskit.hosts import AsyncioHost, Universe

CERTIFICATE = Path(__file__).with_name("certificate.pem")  # a server's, by RSA: the sizes of its signatures are always the same


@pytest.fixture
def universe() -> Iterator[Callable[..., Universe]]:
    """Makes universes in which a packet takes a millisecond, and closes them."""
    made: list[Universe] = []

    def make(programs: Any, **how: Any) -> Universe:
        made.append(Universe(programs, **{"latency": "constant:1ms", **how}))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS contexts: a server's and a client's that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    return server, ssl.create_default_context(cafile=str(CERTIFICATE))


@pytest.fixture
def echo() -> Any:
    """A program that answers every line with itself, on port 7."""

    async def main(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(converse, port=7)
        await server.serve_forever()

    return main
