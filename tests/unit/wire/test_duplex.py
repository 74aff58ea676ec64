"""The connection in memory: nothing is lost or reordered, and its buffer is bounded."""

from __future__ import annotations

import asyncio

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.wire.duplex import duplex
from chaoskit.wire.virtual_time import VirtualTime, run


def test_row_28_a_writer_waits_while_the_buffer_is_full() -> None:
    """It holds so many bytes and no more; reading one lets one more in."""

    async def main() -> None:
        (reader, writer), (_, other) = duplex(capacity=4)
        other.write(b"abcd")
        await other.drain()
        other.write(b"ef")
        draining = asyncio.create_task(other.drain())
        for expected in (b"a", b"bcd"):  # the reader takes what is in the buffer, at most four bytes at once
            await asyncio.sleep(1)
            assert not draining.done() or expected != b"a"
            assert await reader.read(len(expected)) == expected
        await draining
        assert await reader.readexactly(2) == b"ef"
        other.close()
        assert await reader.read() == b""
        writer.close()

    run(main())


@pytest.mark.parametrize("capacity", [1, 2, 7, 4096])
def test_row_28_bytes_arrive_in_their_order(capacity: int) -> None:
    """Both ways at once, with more bytes than there is room for, and never more at once than there is room for."""
    data = bytes(range(256)) * 3

    async def send(writer: asyncio.StreamWriter) -> None:
        for at in range(0, len(data), 5):
            writer.write(data[at : at + 5])
            await writer.drain()
        writer.write_eof()

    async def receive(reader: asyncio.StreamReader) -> bytes:
        got = b""
        while piece := await reader.read(10_000):
            assert len(piece) <= capacity
            got += piece
        return got

    async def main() -> None:
        left, right = duplex(capacity=capacity)
        got = await asyncio.gather(receive(left[0]), receive(right[0]), send(left[1]), send(right[1]))
        assert got[:2] == [data, data]
        left[1].close()
        right[1].close()

    run(main())


def test_row_28_a_half_close_leaves_the_other_half() -> None:
    """The end that has said all still hears; it may not write."""

    async def main() -> None:
        (reader, writer), (other_reader, other_writer) = duplex()
        writer.write(b"ask")
        writer.write_eof()
        assert await other_reader.read() == b"ask"
        other_writer.write(b"answer")
        other_writer.close()
        assert await reader.read() == b"answer"
        with pytest.raises(RuntimeError, match=r"^Cannot call write\(\) after write_eof\(\)$"):
            writer.write(b"more")
        writer.close()
        await asyncio.gather(writer.wait_closed(), other_writer.wait_closed())

    run(main())


def test_row_28_writing_to_an_end_that_has_closed_fails() -> None:
    """At once for a writer that waits for room, soon for another; what the closed end had said can be read."""

    async def main() -> None:
        (reader, writer), (_, other) = duplex(capacity=2)
        writer.write(b"abc")
        draining = asyncio.create_task(writer.drain())
        await asyncio.sleep(1)
        other.write(b"no")
        other.close()
        with pytest.raises(BrokenPipeError, match=r"^the other end has closed$"):
            await draining
        assert writer.is_closing()
        writer.write(b"d")
        with pytest.raises(ConnectionError):
            await writer.drain()
        assert await reader.read() == b"no"
        writer.close()

    run(main())


def test_row_28_a_reset_is_told_to_the_other_end() -> None:
    """What was on its way is lost."""

    async def main() -> None:
        (reader, writer), (_, other) = duplex()
        other.write(b"lost")
        other.transport.abort()
        with pytest.raises(ConnectionResetError, match=r"^the other end has reset the connection$"):
            await reader.read(1)
        writer.close()

    run(main())


def test_closing_wakes_what_waits_on_either_end() -> None:
    """Who reads meets the end."""
    with VirtualTime() as time:

        async def main() -> None:
            (reader, writer), (other_reader, other) = duplex()
            waiting = [asyncio.create_task(each.read(1)) for each in (reader, other_reader)]
            await asyncio.sleep(1)
            writer.close()
            assert await asyncio.gather(*waiting) == [b"", b""]
            other.close()

        time.run(main())
        assert time.now == 1


def test_a_duplex_without_room_is_refused() -> None:
    """Nothing could ever pass."""

    async def main() -> None:
        duplex(capacity=0)

    with pytest.raises(
        UsageError, match=r"^expected room for at least one byte but got capacity=0; 1 is the narrowest that works\.$"
    ):
        run(main())
