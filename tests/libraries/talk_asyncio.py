"""asyncio's own streams and datagrams on hosts of the world, with TLS from the first byte and from a later one."""

from __future__ import annotations

import asyncio
from typing import Any

from talks import Library, Told, client_tls, cut, kill, lose_power, played, restore_power, server_tls

from chaoskit.hosts import AsyncioHost

STARTED = 0.5


async def serve(host: AsyncioHost) -> None:
    """Echoes lines: in the clear, in TLS, and in TLS from when it is asked for; datagrams, too."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
            if line == b"STARTTLS\n":
                await writer.start_tls(server_tls())
        writer.close()

    await asyncio.get_running_loop().create_datagram_endpoint(_Echo, local_addr=("0.0.0.0", 53))
    plain = await asyncio.start_server(echo, port=80)
    secure = await asyncio.start_server(echo, port=443, ssl=server_tls())
    await asyncio.gather(plain.serve_forever(), secure.serve_forever())


class _Echo(asyncio.DatagramProtocol):
    """Sends back what comes."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.transport.sendto(data, address)


class _Heard(asyncio.DatagramProtocol):
    """What came."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.heard.append(data)


async def ask(host: AsyncioHost) -> list[Any]:
    """A few lines in each way of speaking."""
    await asyncio.sleep(STARTED)
    said: list[Any] = []
    for port, options in ((80, {}), (443, {"ssl": client_tls()}), (80, {})):
        reader, writer = await asyncio.open_connection("server", port, **options)
        for line in (b"one\n", bytes(60_000) + b"\n", b"STARTTLS\n" if len(said) > 5 else b"two\n", b"three\n"):
            writer.write(line)
            said.append(len(await reader.readline()))
            if line == b"STARTTLS\n":
                await writer.start_tls(client_tls(), server_hostname="server")
                said.append(writer.get_extra_info("ssl_object").version())
        writer.close()
        await writer.wait_closed()
    heard = _Heard()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: heard, remote_addr=("server", 53))
    for number in range(20):
        transport.sendto(b"%d" % number)
    await asyncio.sleep(1)
    return [*said, sorted(heard.heard) != heard.heard, len(heard.heard)]


async def ask_for_ever(host: AsyncioHost) -> list[Any]:
    """A line a second in TLS until it fails; then whether one can connect: (asked at, told at, what)."""
    await asyncio.sleep(STARTED)
    time = asyncio.get_running_loop().time
    said: list[Any] = []
    begun = time()
    try:
        reader, writer = await asyncio.open_connection("server", 443, ssl=client_tls())
        while True:
            begun = time()
            writer.write(b"hello\n")
            line = await reader.readline()
            said.append((begun, time(), line.decode()))
            if not line:
                break
            await asyncio.sleep(1)
        writer.close()
    except OSError as error:
        said.append((begun, time(), type(error).__name__))
    begun = time()
    try:
        _, writer = await asyncio.open_connection("server", 80)
        writer.close()
        said.append((begun, time(), "connected"))
    except OSError as error:
        said.append((begun, time(), type(error).__name__))
    return said


def all_of_it(seed: int) -> Told:
    """No fault but lost, late and overtaking packets."""
    return played({"server": serve, "client": ask}, seed=seed, loss=20_000, reorder=20_000)


def partition(seed: int) -> Told:
    """A partition that lasts."""
    return played({"server": serve, "client": ask_for_ever}, seed=seed, faults=[(2.0, cut)])


def killed(seed: int) -> Told:
    """The server is killed."""
    return played({"server": serve, "client": ask_for_ever}, seed=seed, faults=[(2.0, kill)])


def power_loss(seed: int) -> Told:
    """The server loses its power, and has it again after three seconds."""
    faults = [(2.0, lose_power), (5.0, restore_power)]
    return played({"server": serve, "client": ask_for_ever}, seed=seed, faults=faults)


LIBRARY = Library(
    name="asyncio",
    packages=(),
    used="streams, datagrams, TLS from the first byte and by `start_tls`",
    talks=(all_of_it, partition, killed, power_loss),
)
