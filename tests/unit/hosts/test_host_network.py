"""Connections, servers, TLS, datagrams and names of asyncio hosts: as asyncio's documentation has them, in the world."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

import pytest

from chaoskit.hosts import AsyncioHost


async def lines(host: AsyncioHost, *, to: str = "n1", count: int = 3, **options: Any) -> list[bytes]:
    """Asks the echo server some lines."""
    await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(to, 7, **options)
    answers = []
    for number in range(count):
        writer.write(b"line %d\n" % number)
        await writer.drain()
        answers.append(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answers


def test_a_conversation_takes_its_round_trips(universe: Any, echo: Any) -> None:
    """Four of 2 ms (one to connect), and nothing for the work itself."""
    world = universe({"n1": echo, "n2": lines})
    assert world.run("n2") == [b"line 0\n", b"line 1\n", b"line 2\n"]
    assert world.now == 0.018


def test_names_and_addresses_are_those_of_the_worlds_hosts(universe: Any, echo: Any) -> None:
    """By the loop, by the module `socket` and by what a transport says."""

    async def main(host: AsyncioHost) -> list[Any]:
        await asyncio.sleep(0.01)
        loop = asyncio.get_running_loop()
        _, writer = await asyncio.open_connection("n1", 7)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        writer.close()
        return [
            (await loop.getaddrinfo("n1", 80, type=socket.SOCK_STREAM))[0][4],
            await loop.getnameinfo(("10.0.0.1", 80)),
            socket.gethostname(),
            socket.getaddrinfo("localhost", 80)[0][4],
            writer.get_extra_info("peername"),
            sock.getpeername() == writer.get_extra_info("peername"),
            (sock.family, sock.type, sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)),
            writer.get_extra_info("nothing", "default"),
        ]

    assert universe({"n1": echo, "n2": main}).run("n2") == [
        ("10.0.0.1", 80),
        ("n1", "80"),
        "n2",
        ("10.0.0.2", 80),
        ("10.0.0.1", 7),
        True,
        (socket.AF_INET, socket.SOCK_STREAM, 1),
        "default",
    ]


@pytest.mark.parametrize(
    ("to", "error"),
    [(("n1", 8), ConnectionRefusedError), (("nowhere", 7), socket.gaierror), (("10.9.9.9", 7), socket.gaierror)],
)
def test_a_connection_that_cannot_be_fails_as_in_asyncio(universe: Any, echo: Any, to: tuple[str, int], error: type) -> None:
    """Nobody listens, or nobody is there."""

    async def main(host: AsyncioHost) -> None:
        await asyncio.sleep(0.01)
        await asyncio.open_connection(*to)

    with pytest.raises(error):
        universe({"n1": echo, "n2": main}).run("n2")


def test_a_partition_makes_a_connection_time_out_and_healing_lets_it_be(universe: Any, echo: Any) -> None:
    """SYNs are sent again until the stream layer's limit; a program's own time-out comes first."""
    world = universe({"n1": echo, "n2": lambda host: asyncio.wait_for(lines(host), 5)})
    world.control.cut("f1", "n2", "n1")
    with pytest.raises(TimeoutError):
        world.run("n2")
    assert world.now == 5.0

    world = universe({"n1": echo, "n2": lines})
    world.control.cut("f1", "n2", "n1")
    world.run(5)
    world.control.heal("f1")
    assert len(world.run("n2")) == 3
    assert 5 < world.now < 16


def test_one_direction_ends_and_the_other_goes_on(universe: Any) -> None:
    """Half-close: the server reads to the end, then answers."""

    async def serve(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"%d bytes" % len(await reader.read()))
            writer.close()

        await (await asyncio.start_server(converse, port=7)).serve_forever()

    async def ask(host: AsyncioHost) -> bytes:
        await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("n1", 7)
        writer.write(b"x" * 100_000)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer

    assert universe({"n1": serve, "n2": ask}).run("n2") == b"100000 bytes"


def test_a_slow_reader_makes_the_writer_wait(universe: Any) -> None:
    """Five megabytes through a window: `drain` waits, and no byte is lost."""
    size = 5_000_000

    async def serve(host: AsyncioHost) -> int:
        done = asyncio.get_running_loop().create_future()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            read = 0
            while piece := await reader.read(50_000):
                read += len(piece)
                await asyncio.sleep(0.01)
            writer.close()
            done.set_result(read)

        await asyncio.start_server(converse, port=7)
        return int(await done)

    async def ask(host: AsyncioHost) -> float:
        await asyncio.sleep(0.01)
        _, writer = await asyncio.open_connection("n1", 7)
        begin = host.loop.time()
        for _ in range(50):
            writer.write(b"x" * (size // 50))
            await writer.drain()
        waited = host.loop.time() - begin
        writer.close()
        await writer.wait_closed()
        return waited

    world = universe({"n1": serve, "n2": ask})
    assert world.run("n2") > 0.9
    assert world.run("n1") == size


@pytest.mark.parametrize("by_name", [True, False])
def test_tls_comes_from_pythons_own_protocol(universe: Any, contexts: Any, by_name: bool) -> None:
    """From the first byte on; a name that the certificate does not hold is refused."""
    server, client = contexts

    async def serve(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line)
            writer.close()

        await (await asyncio.start_server(converse, port=7, ssl=server)).serve_forever()

    async def ask(host: AsyncioHost) -> list[bytes]:
        return await lines(host, ssl=client, server_hostname="n1" if by_name else "another.example")

    world = universe({"n1": serve, "n2": ask})
    if by_name:
        assert world.run("n2") == [b"line 0\n", b"line 1\n", b"line 2\n"]
    else:
        with pytest.raises(OSError, match="certificate verify failed"):
            world.run("n2")


def test_a_connection_goes_on_in_tls(universe: Any, contexts: Any) -> None:
    """`start_tls` on both ends, after a word in clear; what is encrypted is in the journal by its size only."""
    server, client = contexts

    async def serve(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.readline() == b"tls?\n"
            writer.write(b"yes\n")
            await writer.start_tls(server)
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()

        await (await asyncio.start_server(converse, port=7)).serve_forever()

    async def ask(host: AsyncioHost) -> bytes:
        await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("n1", 7)
        writer.write(b"tls?\n")
        assert await reader.readline() == b"yes\n"
        await writer.start_tls(client, server_hostname="n1")
        writer.write(b"secret\n")
        return await reader.readline()

    worlds = [universe({"n1": serve, "n2": ask}) for _ in range(2)]
    assert [world.run("n2") for world in worlds] == [b"secret\n"] * 2
    assert worlds[0].digest() == worlds[1].digest()
    bodies = [event.data["body"] for event in worlds[0].events("send") if event.data["size"] > 500]
    assert bodies
    assert all(bytes(400) in body for body in bodies)


class Notes(asyncio.DatagramProtocol):
    """Answers datagrams and keeps them."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, Any]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.got.append((data, addr))
        if data == b"ping":
            self.transport.sendto(b"pong", addr)


def test_datagrams_come_with_their_senders_address(universe: Any) -> None:
    """To and fro; too long a one is an error of the endpoint."""

    async def serve(host: AsyncioHost) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(Notes, ("0.0.0.0", 53))
        await asyncio.sleep(10)

    async def ask(host: AsyncioHost) -> Any:
        await asyncio.sleep(0.01)
        loop = asyncio.get_running_loop()
        transport, notes = await loop.create_datagram_endpoint(Notes, remote_addr=("n1", 53))
        transport.sendto(b"ping")
        await asyncio.sleep(0.01)
        transport.close()
        return notes.got, transport.get_extra_info("peername")

    assert universe({"n1": serve, "n2": ask}).run("n2") == ([(b"pong", ("10.0.0.1", 53))], ("10.0.0.1", 53))


def test_a_closed_server_refuses_and_its_connections_live_on(universe: Any) -> None:
    """As asyncio's own, which it is."""

    async def serve(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line)

        server = await asyncio.start_server(converse, port=7)
        assert server.is_serving()
        assert [sock.getsockname()[1] for sock in server.sockets] == [7]
        await asyncio.sleep(0.1)
        server.close()
        await asyncio.sleep(10)

    async def ask(host: AsyncioHost) -> bytes:
        await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("n1", 7)
        await asyncio.sleep(0.2)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("n1", 7)
        writer.write(b"still there\n")
        return await reader.readline()

    assert universe({"n1": serve, "n2": ask}).run("n2") == b"still there\n"


def test_a_port_is_taken_once(universe: Any) -> None:
    """Two servers on one host, one port."""

    async def main(host: AsyncioHost) -> int:
        await asyncio.start_server(lambda reader, writer: None, port=7)
        with pytest.raises(OSError, match=r"10\.0\.0\.1") as error:
            await asyncio.start_server(lambda reader, writer: None, port=7)
        return int(error.value.errno or 0)

    assert universe({"n1": main}).run("n1") == errno.EADDRINUSE


def test_a_socket_that_the_loop_connects_becomes_a_connection(universe: Any, echo: Any) -> None:
    """What libraries do that choose addresses themselves; its own traffic is refused, and it tells when the other end is gone."""

    async def main(host: AsyncioHost) -> list[Any]:
        await asyncio.sleep(0.01)
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("10.0.0.1", 7))
        reader, writer = await asyncio.open_connection(sock=sock)
        writer.write(b"hello\n")
        answer = await reader.readline()
        quiet = writer.get_extra_info("socket").fileno()
        writer.write_eof()
        await reader.read()
        writer.close()
        return [answer, quiet >= 0, quiet != writer.get_extra_info("socket").fileno()]

    assert universe({"n1": echo, "n2": main}).run("n2") == [b"hello\n", True, True]


def test_a_protocol_that_fails_loses_its_connection(universe: Any) -> None:
    """The other end is reset, and the error is logged; the host lives on."""

    class Broken(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            raise ValueError("mine")

    async def serve(host: AsyncioHost) -> None:
        await (await asyncio.get_running_loop().create_server(Broken, port=7)).serve_forever()

    async def ask(host: AsyncioHost) -> str:
        await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("n1", 7)
        writer.write(b"x")
        try:
            await reader.read()
        except ConnectionResetError as error:
            return type(error).__name__
        return "nothing"

    world = universe({"n1": serve, "n2": ask})
    assert world.run("n2") == "ConnectionResetError"
    assert world.logs() == ["a protocol failed: ValueError: mine"]


def test_a_buffered_protocol_gets_its_bytes_in_its_own_buffer(universe: Any, echo: Any) -> None:
    """asyncio's other kind of protocol."""

    class Buffered(asyncio.BufferedProtocol):
        def __init__(self) -> None:
            self.buffer = bytearray(4)
            self.got = b""
            self.done = asyncio.get_running_loop().create_future()

        def get_buffer(self, sizehint: int) -> bytearray:
            return self.buffer

        def buffer_updated(self, nbytes: int) -> None:
            self.got += self.buffer[:nbytes]
            if self.got.endswith(b"\n"):
                self.done.set_result(self.got)

    async def main(host: AsyncioHost) -> Any:
        await asyncio.sleep(0.01)
        transport, protocol = await asyncio.get_running_loop().create_connection(Buffered, "n1", 7)
        transport.write(b"more than four\n")
        return await protocol.done

    assert universe({"n1": echo, "n2": main}).run("n2") == b"more than four\n"


def test_writing_after_the_end_is_an_error_and_after_closing_is_nothing(universe: Any, echo: Any) -> None:
    """As asyncio has it."""

    async def main(host: AsyncioHost) -> bool:
        await asyncio.sleep(0.01)
        _, writer = await asyncio.open_connection("n1", 7)
        assert writer.can_write_eof()
        writer.write_eof()
        with pytest.raises(RuntimeError, match="after write_eof"):
            writer.write(b"x")
        writer.close()
        _, other = await asyncio.open_connection("n1", 7)
        other.close()
        other.write(b"x")
        await other.wait_closed()
        return other.is_closing()

    assert universe({"n1": echo, "n2": main}).run("n2") is True
