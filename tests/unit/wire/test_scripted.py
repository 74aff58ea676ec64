"""Scripted streams: what a handler reads and writes, byte for byte, and what is said when it does something else."""

from __future__ import annotations

import asyncio
import contextlib
import time as wall
from collections.abc import Callable
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.sim.loops import StuckError
from chaoskit.wire.duplex import duplex
from chaoskit.wire.scripted import Handler, ScriptedConnection, ScriptError, play
from chaoskit.wire.steps import Script
from chaoskit.wire.virtual_time import VirtualTime, run

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


async def echo_pairs(reader: Reader, writer: Writer) -> int:
    """Two bytes at a time, until the end; gives how often."""
    for turn in range(1000):
        try:
            pair = await reader.readexactly(2)
        except asyncio.IncompleteReadError:
            return turn
        writer.write(pair)
        await writer.drain()
    raise AssertionError("no test reads so much")


def played(script: Script, handler: Handler[Any]) -> Any:
    return run(play(script, handler))


def failed(script: Script, handler: Handler[Any]) -> str:
    """What a script says of a handler that does not keep to it."""
    with pytest.raises(ScriptError) as caught:
        played(script, handler)
    return str(caught.value)


def writes(*parts: bytes) -> Handler[None]:
    async def handler(reader: Reader, writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return handler


def test_row_1_one_handler_serves_scripts_duplexes_and_sockets() -> None:
    """The same function; on the first two it gets the standard library's own classes as well."""

    async def over_duplex() -> bytes:
        client, server = duplex(capacity=1)
        serving = asyncio.create_task(echo_and_close(*server))
        client[1].write(b"abcd")
        client[1].write_eof()
        got = await client[0].read()
        await serving
        client[1].close()
        return got

    async def over_sockets() -> bytes:
        server = await asyncio.start_server(echo_and_close, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"abcd")
        writer.write_eof()
        got = await reader.read()
        writer.close()
        server.close()
        await server.wait_closed()
        return got

    async def echo_and_close(reader: Reader, writer: Writer) -> None:
        assert isinstance(reader, Reader) and isinstance(writer, Writer)
        await echo_pairs(reader, writer)
        writer.close()

    played(Script().read(b"abcd").write(b"abcd").eof(), echo_and_close)
    assert run(over_duplex()) == b"abcd"
    assert asyncio.run(over_sockets()) == b"abcd"


def test_row_2_reads_and_steps_need_not_be_of_one_size() -> None:
    """A long step is read in parts; short steps make one exact read, a line, and all the rest."""

    async def handler(reader: Reader, writer: Writer) -> list[bytes]:
        return [
            await reader.read(3),
            await reader.read(100),
            await reader.readexactly(4),
            await reader.readline(),
            await reader.read(),
        ]

    script = Script().read(b"abcde").read(b"f").read(b"gh").read(b"ijk\nl").read(b"m").eof()
    assert played(script, handler) == [b"abc", b"de", b"fghi", b"jk\n", b"lm"]


def test_row_3_an_end_in_the_middle_of_an_exact_read_keeps_what_came() -> None:
    """And the end stays the end."""

    async def handler(reader: Reader, writer: Writer) -> None:
        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await reader.readexactly(4)
        assert (caught.value.partial, caught.value.expected) == (b"abc", 4)
        assert (await reader.read(), reader.at_eof()) == (b"", True)

    played(Script().read(b"ab").read(b"c").eof(), handler)


def test_row_4_a_read_error_surfaces_once() -> None:
    """As the exception that it is; what was read before it is not lost, and what stands behind it comes."""
    reset = ConnectionResetError("conn reset")

    async def handler(reader: Reader, writer: Writer) -> bytes:
        with pytest.raises(ConnectionResetError) as caught:
            await reader.readexactly(4)
        assert caught.value is reset
        return await reader.readexactly(4)

    assert played(Script().read(b"ab").read_error(reset).read(b"cd").stall(), handler) == b"abcd"


@pytest.mark.parametrize("parts", [[b"abcdef"], [b"ab", b"c", b"def"], [b"abcd", b"ef"]])
@pytest.mark.parametrize("steps", [[b"abcdef"], [b"a", b"bcd", b"ef"]])
def test_row_5_writes_and_steps_need_not_be_of_one_size(parts: list[bytes], steps: list[bytes]) -> None:
    """One step may be met by several writes, and one write may meet several steps."""
    script = Script()
    for step in steps:
        script = script.write(step)
    played(script, writes(*parts))


def test_row_5_a_mismatch_names_step_and_offset_with_both_dumps() -> None:
    """Also when the step was partly met before, and in the line of a long step in which it happens."""
    script = Script("hello").read(b"x").write(b"TRTP\x00\x00\x00\x03")
    assert failed(script, writes(b"TRTP", b"\x00\x00\x00\x01")) == (
        "'hello': step 2 (write 8 bytes, 4 of them written): the handler wrote other bytes, first at offset 7.\n"
        "expected\n  000000  54 52 54 50 00 00 00 03                          TRTP....\n"
        "got\n  000000  54 52 54 50 00 00 00 01                          TRTP...."
    )
    long = bytes(range(200))
    text = failed(Script().write(long), writes(long[:100] + b"?" + long[101:]))
    assert "first at offset 100" in text
    assert "  000060  60 61 62 63 64 65" in text and "  000060  60 61 62 63 3f 65" in text
    assert "  … and 72 bytes more" in text and "  000040" not in text


def test_row_6_a_write_fails_at_the_first_byte_or_later() -> None:
    """At once, after two good writes, and in the middle of one; the exception is the script's own."""
    for good in (b"", b"abcd", b"abc"):
        script = Script().write(good) if good else Script()
        pipe = BrokenPipeError("gone")
        done: list[bytes] = []

        async def handler(reader: Reader, writer: Writer, done: list[bytes] = done) -> None:
            for part in (b"ab", b"cd", b"ef"):
                writer.write(part)
                await writer.drain()
                done.append(part)

        with pytest.raises(BrokenPipeError) as caught:
            played(script.write_error(pipe), handler)
        assert caught.value is pipe
        assert done == {b"": [], b"abc": [b"ab"], b"abcd": [b"ab", b"cd"]}[good]


def test_row_6_a_lost_connection_is_lost_for_reading_as_well() -> None:
    """As with asyncio's sockets; a reader that waits already is told, too."""

    async def handler(reader: Reader, writer: Writer) -> None:
        reading = asyncio.create_task(reader.read(1))
        await asyncio.sleep(1)
        writer.write(b"a")
        for waiting in (reading, reader.read(1), writer.wait_closed()):
            with pytest.raises(BrokenPipeError):
                await waiting
        assert writer.is_closing()

    played(Script().stall().write_error(BrokenPipeError()), handler)


def test_row_7_a_write_that_nobody_expects_is_a_failure() -> None:
    """With no writes in the script, and with no more of them; also when the handler swallows what it is told."""

    async def swallows(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(Exception):
            writer.write(b"hi")

    dump = f"  000000  68 69{' ' * 43} hi"
    text = f"the script expects no writes, but the handler wrote 2 bytes:\n{dump}"
    assert failed(Script("quiet").eof(), writes(b"hi")) == f"'quiet': {text}"
    assert failed(Script("quiet").eof(), swallows) == f"'quiet': {text}"
    more = "'script': the script expects no more writes, but the handler wrote 2 bytes:"
    assert failed(Script().write(b"a"), writes(b"abc")).startswith(more)


async def does_nothing(reader: Reader, writer: Writer) -> None:
    pass


def test_row_8_steps_that_are_left_over_are_a_failure() -> None:
    """What should have been read or written; what the peer only offers may be left."""
    script = Script().read(b"abc").write(b"d").write_error(BrokenPipeError())
    assert failed(script, does_nothing) == (
        "'script': left over when the handler ended: "
        "step 1 (read 3 bytes), step 2 (write 1 byte), step 3 (write_error BrokenPipeError)."
    )
    assert failed(Script().write(b"abc"), writes(b"ab")).endswith("step 1 (write 3 bytes, 2 of them written).")
    for offered in (Script().wait(1).eof(), Script().stall(), Script().write_stall()):
        played(offered, does_nothing)


def test_row_8_a_handler_that_fails_too_early_is_told_with_what_is_left_over() -> None:
    """The script's failure comes first, the handler's own behind it."""

    async def handler(reader: Reader, writer: Writer) -> None:
        raise KeyError("mine")

    with pytest.raises(ScriptError, match=r"left over when the handler ended: step 1 \(read 1 byte\)\.$") as caught:
        played(Script().read(b"a"), handler)
    assert isinstance(caught.value.__context__, KeyError)
    with pytest.raises(KeyError, match="mine"):
        played(Script().eof(), handler)


def test_row_9_a_wait_lets_time_pass_between_steps() -> None:
    """In what is read; and in what is written, where `drain` waits until the peer takes it."""

    async def handler(reader: Reader, writer: Writer) -> list[float]:
        clock = asyncio.get_running_loop().time
        seen = []
        for _ in range(2):
            await reader.readexactly(1)
            seen.append(clock())
        for part in (b"c", b"d"):
            writer.write(part)
            await writer.drain()
            seen.append(clock())
        return seen

    script = Script().read(b"a").wait(2).read(b"b").write(b"c").wait(0.5).write(b"d").wait(60).eof()
    assert played(script, handler) == [0, 2, 2, 2.5]


def test_row_9_a_wait_begins_however_its_turn_came() -> None:
    """By a write that goes beyond it, and behind a read error."""

    async def handler(reader: Reader, writer: Writer) -> float:
        writer.write(b"ab")
        await writer.drain()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        assert await reader.read(1) == b"c"
        return asyncio.get_running_loop().time()

    script = Script().write(b"a").wait(2).write(b"b").read_error(ConnectionResetError()).wait(3).read(b"c").stall()
    assert played(script, handler) == 5


def test_row_9_time_passes_behind_what_the_peer_only_offers() -> None:
    """A silent peer takes a write two seconds later: nobody has to read its silence first."""

    async def handler(reader: Reader, writer: Writer) -> float:
        writer.write(b"a")
        await writer.drain()
        return asyncio.get_running_loop().time()

    assert played(Script().stall().wait(2).write(b"a"), handler) == 2
    assert played(Script().eof().wait(2).write(b"a"), handler) == 2


def test_row_8_a_cancelled_handler_is_not_asked_for_the_rest() -> None:
    """Whoever cancelled it is told so, not of steps that it had no time for; bytes that were wrong are still told."""

    async def handler(reader: Reader, writer: Writer) -> None:
        await asyncio.sleep(1)
        writer.write(b"b")
        await asyncio.sleep(60)

    for seconds, error in ((0.5, TimeoutError), (2, ScriptError)):
        with pytest.raises(error):
            run(asyncio.wait_for(play(Script().write(b"a"), handler), seconds))


def test_row_9_what_comes_after_a_wait_is_held_against_the_script_then() -> None:
    """The handler is elsewhere by that time: its connection is lost, and the script's failure is told at the end."""

    async def handler(reader: Reader, writer: Writer) -> None:
        writer.write(b"x")
        with pytest.raises(ConnectionAbortedError):
            await writer.drain()

    assert "step 2 (write 1 byte): the handler wrote other bytes, first at offset 0." in failed(
        Script().wait(1).write(b"y"), handler
    )


def test_row_9_steps_may_be_pushed_while_it_runs() -> None:
    """A reader waits for them, a write is held until one judges it; messages have the script's name and count on."""

    async def main() -> None:
        with ScriptedConnection(Script("long").read(b"ab"), live=True) as connection:
            serving = asyncio.create_task(echo_pairs(connection.reader, connection.writer))
            await asyncio.sleep(1)
            assert not serving.done()
            connection.push(Script().write(b"ab").read(b"cd").write(b"cd"))
            await asyncio.sleep(1)
            connection.push(Script().eof())
            connection.finish()
            assert await serving == 2

    async def wrong() -> None:
        with ScriptedConnection(Script("long").read(b"ab"), live=True) as connection:
            serving = asyncio.create_task(echo_pairs(connection.reader, connection.writer))
            await asyncio.sleep(1)
            with pytest.raises(ScriptError, match=r"^'long': step 2 \(write 1 byte\): the handler wrote other bytes"):
                connection.push(Script().write(b"x"))
            serving.cancel()

    run(main())
    with pytest.raises(ScriptError, match=r"^'long': step 2 "):
        run(wrong())


def test_row_9_a_live_script_that_nobody_goes_on_with_fails() -> None:
    """Bytes that no step judged are named."""

    async def main() -> None:
        with ScriptedConnection(Script("long"), live=True) as connection:
            connection.writer.write(b"ab")

    with pytest.raises(ScriptError, match=r"^'long': 2 bytes were written that the peer never took:\n  000000  61 62 "):
        run(main())


def test_row_9_only_a_live_script_takes_more_steps() -> None:
    """What was said to be all is all."""

    async def main() -> None:
        with ScriptedConnection(Script("all")) as connection:
            connection.push(Script().eof())

    with pytest.raises(UsageError, match=r"^expected a live connection but got steps for 'all'; make it with live=True\.$"):
        run(main())


async def tells_apart(reader: Reader, writer: Writer) -> str:
    try:
        return "end" if await asyncio.wait_for(reader.read(1), 5) == b"" else "data"
    except TimeoutError:
        return "silence"


def test_row_10_silence_and_an_end_are_two_things() -> None:
    """And a script that says neither is refused when somebody reads there: no guess is made for it."""
    assert played(Script().eof(), tells_apart) == "end"
    assert played(Script().stall(), tells_apart) == "silence"
    assert (
        failed(Script(), tells_apart)
        == "'script': the handler reads, but the script is at its end; let it end with eof() or stall()."
    )


def test_row_10_a_write_may_answer_to_silence() -> None:
    """The peer says nothing and still takes what it is told: the reply to its time-out."""

    async def handler(reader: Reader, writer: Writer) -> None:
        assert await tells_apart(reader, writer) == "silence"
        writer.write(b"TRTP\x00\x00\x00\x03")
        await writer.drain()
        writer.close()

    played(Script().stall().write(b"TRTP\x00\x00\x00\x03"), handler)


def test_a_peer_that_takes_nothing_stalls_a_drain() -> None:
    """A handler without a time-out on writing hangs, and virtual time says where; one with a time-out goes on to read."""

    async def careful(reader: Reader, writer: Writer) -> bytes:
        writer.write(b"abc")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 5)
        return await reader.read(1)

    script = Script().write(b"ab").write_stall().read(b"z")
    assert played(script, careful) == b"z"
    with pytest.raises(StuckError, match=r"Tasks that wait: task 1 in play:\d+ → writes.* → .*_drain_helper:\d+\.$"):
        played(script, writes(b"abc"))


def test_row_12_a_time_out_of_five_seconds_takes_no_time() -> None:
    """It fires at five seconds and not before, in less than 50 ms of wall time."""
    took = []
    for _ in range(5):  # the quickest counts: other programs use this machine, too
        before = wall.perf_counter()
        with VirtualTime() as time:
            task = time.start(play(Script().stall(), tells_apart))
            time.advance(4.999)
            assert not task.done()
            time.advance(0.001)
            assert task.result() == "silence"
            assert time.now == 5.0
        took.append(wall.perf_counter() - before)
    assert min(took) < 0.05


def test_a_script_is_a_value() -> None:
    """Beginnings are shared, and one script can be played many times."""
    begun = Script("twice").read(b"ab")
    whole = begun.then(Script().write(b"ab").eof())
    assert len(begun.steps) == 1
    assert [played(whole, echo_pairs) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Script().read(b""), "expected at least one byte but got data=b''; use eof() for an end, stall() for silence."),
        (lambda: Script().wait(0), "expected a time to wait but got seconds=0; leave the step out."),
        (
            lambda: Script().eof().read(b"a"),
            "expected no such step behind eof but got read 1 byte; no handler could ever come to it.",
        ),
        (lambda: Script().stall().eof(), "expected no such step behind stall but got eof; no handler could ever come to it."),
        (
            lambda: Script().write_error(BrokenPipeError()).then(Script().wait(2)),
            "expected no such step behind write_error BrokenPipeError but got wait 2 s; no handler could ever come to it.",
        ),
        (
            lambda: Script().write_stall().write(b"ab"),
            "expected no such step behind write_stall but got write 2 bytes; no handler could",
        ),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_when_built(build: Callable[[], Script], message: str) -> None:
    """A step that no handler could come to would always be left over."""
    with pytest.raises(UsageError) as caught:
        build()
    assert str(caught.value).startswith(message)


def test_closing_ends_what_waits() -> None:
    """A task that reads meets the end, one that drains goes on; what is written later is dropped, as asyncio does."""

    async def handler(reader: Reader, writer: Writer) -> None:
        reading = asyncio.create_task(reader.read(1))
        writer.write(b"abc")
        draining = asyncio.create_task(writer.drain())
        await asyncio.sleep(1)
        writer.close()
        await writer.wait_closed()
        assert await reading == b""
        await draining
        writer.write(b"later")

    played(Script().write_stall().stall(), handler)


def test_a_half_close_forbids_writing() -> None:
    """As asyncio does."""

    async def main() -> None:
        with ScriptedConnection(Script().stall()) as connection:
            assert (connection.half_closed, connection.closed) == (False, False)
            connection.writer.write_eof()
            with pytest.raises(RuntimeError, match=r"^Cannot call write\(\) after write_eof\(\)$"):
                connection.writer.write(b"a")
            assert (connection.half_closed, connection.closed) == (True, False)
            connection.writer.close()
            assert connection.closed

    run(main())


def test_one_task_reads_at_a_time() -> None:
    """As asyncio has it."""

    async def handler(reader: Reader, writer: Writer) -> None:
        first = asyncio.create_task(reader.read(1))
        await asyncio.sleep(1)
        with pytest.raises(RuntimeError, match=r"^read\(\) called while another coroutine is already waiting for incoming data$"):
            await reader.read(1)
        first.cancel()

    played(Script().stall(), handler)
