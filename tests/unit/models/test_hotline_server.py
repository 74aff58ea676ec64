"""The Hotline server's scenarios, byte for byte and second for second: the rows 13 to 23, 25 and 27."""

from __future__ import annotations

import asyncio

import pytest

from chaoskit.models.hotline import (
    NO_WRITE_TIMEOUT,
    TRUNCATED_IS_END,
    UNBOUNDED_LENGTH,
    Ended,
    HotlineServer,
    IoTimeoutError,
    Reply,
    Request,
    TruncatedError,
)
from chaoskit.sim.loops import StuckError
from chaoskit.wire.codec import CodecError, Field, Transaction, TransactionCodec, encode_fields
from chaoskit.wire.duplex import duplex
from chaoskit.wire.on_demand import WholeTransport, connect
from chaoskit.wire.scripted import ScriptedConnection, play
from chaoskit.wire.steps import Script
from chaoskit.wire.virtual_time import VirtualTime, run

HELLO = bytes.fromhex("54525450 00000000 0001 0000")
OK = bytes.fromhex("54525450 00000000")
INVALID = bytes.fromhex("54525450 00000001")
UNSUPPORTED = bytes.fromhex("54525450 00000002")
TIMEOUT = bytes.fromhex("54525450 00000003")
HALF_HEADER = bytes.fromhex("00 00 0001 0000002A 00000000 00000064 00000032")  # type 1, id 42, 100 bytes, of which 50 follow
REQUEST = bytes.fromhex("00 00 0001 0000002A 00000000 00000002 00000002 0000")  # type 1, id 42, no fields
ANSWER = bytes.fromhex("00 01 0001 0000002A 00000000 00000002 00000002 0000")
WELCOMED = Script("hotline").read(HELLO).write(OK)
EVERY_BYTE = range(len(REQUEST))


class Canned:
    """A request handler that needs nothing: it counts what it is asked, and says yes."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        return Reply()


def server(*bugs: str, handler: Canned | None = None, shutdown: asyncio.Event | None = None) -> HotlineServer:
    """A server with a handler that can be asked afterwards."""
    return HotlineServer(handlers=lambda: handler or Canned(), shutdown=shutdown or asyncio.Event(), bugs=frozenset(bugs))


def served(script: Script, *bugs: str, handler: Canned | None = None) -> tuple[Ended, float]:
    """How a scripted connection ended, and when."""
    with VirtualTime() as time:
        return time.run(play(script, server(*bugs, handler=handler).handle_connection)), time.now


def failed(script: Script, *bugs: str) -> tuple[BaseException, float]:
    """What a scripted connection failed of, and when."""
    with VirtualTime() as time, pytest.raises((OSError, EOFError, CodecError)) as caught:
        time.run(play(script, server(*bugs).handle_connection))
    return caught.value, time.now


def test_row_13_silence_instead_of_a_handshake_is_answered_with_code_3() -> None:
    """After five seconds, not at 4.999; the connection is closed, and the server has not failed."""

    async def serve(script: Script) -> tuple[Ended, bool]:
        with ScriptedConnection(script) as connection:
            return await server().handle_connection(connection.reader, connection.writer), connection.closed

    for said in (b"", HELLO[:1], HELLO[:11]):
        script = Script().read(said) if said else Script()
        with VirtualTime() as time:
            serving = time.start(serve(script.stall().write(TIMEOUT)))
            time.advance(4.999)
            assert not serving.done()
            time.advance(0.001)
            assert serving.result() == (Ended.HANDSHAKE_TIMEOUT, True)


def test_row_14_a_handshake_of_another_protocol_is_answered_with_code_1() -> None:
    """The row's own bytes, and names that differ in one byte; nothing is read behind them, and the server has not failed."""
    other = bytes.fromhex("57524E47 00000000 0001 0000")
    near = [HELLO[:at] + b"?" + HELLO[at + 1 :] for at in range(4)]
    for said in (other, *near):
        assert served(Script().read(said).write(INVALID).eof()) == (Ended.OTHER_PROTOCOL, 0)


def test_row_15_a_handshake_of_another_version_is_answered_with_code_2() -> None:
    """Unless it is another protocol's: then the version says nothing."""
    assert served(Script().read(bytes.fromhex("54525450 00000000 0002 0000")).write(UNSUPPORTED)) == (Ended.OTHER_VERSION, 0)
    assert served(Script().read(bytes.fromhex("54525450 00000000 0000 0000")).write(UNSUPPORTED)) == (Ended.OTHER_VERSION, 0)
    assert served(Script().read(bytes.fromhex("57524E47 00000000 0002 0000")).write(INVALID)) == (Ended.OTHER_PROTOCOL, 0)


def test_row_15_the_other_two_numbers_of_a_handshake_are_not_looked_at() -> None:
    """Sub-protocol and sub-version may be anything."""
    said = bytes.fromhex("54525450 484F544C 0001 FFFF")
    assert served(Script().read(said).write(OK).eof()) == (Ended.LEFT, 0)


@pytest.mark.parametrize("length", range(12))
def test_row_16_who_leaves_before_the_handshake_is_whole_is_told_nothing(length: int) -> None:
    """At each of its bytes; the server has not failed."""
    script = Script().read(HELLO[:length]) if length else Script()
    assert served(script.eof()) == (Ended.LEFT_EARLY, 0)


def test_row_17_a_handshake_that_cannot_be_read_fails_the_server() -> None:
    """With the connection's own error, and without a reply; also when it is the network's own time-out."""
    for error in (ConnectionResetError("conn reset"), TimeoutError(110, "Connection timed out")):
        assert failed(Script().read_error(error)) == (error, 0)
        assert failed(Script().read(HELLO[:7]).read_error(error)) == (error, 0)


def test_row_18_a_stall_between_fragments_is_an_io_timeout() -> None:
    """The row's own bytes: five seconds after the second header was waited for; only the handshake has been answered."""
    error, at = failed(WELCOMED.read(HALF_HEADER + bytes(50)).stall())
    assert isinstance(error, IoTimeoutError)
    assert str(error) == "I/O timeout: the 20 bytes of a header did not come within 5 s"
    assert at == 5


@pytest.mark.parametrize("length", EVERY_BYTE)
def test_row_19_a_stall_at_any_byte_of_a_request_is_an_io_timeout(length: int) -> None:
    """Five seconds after the read began that is not met; before the first byte as well: who says nothing is sent away."""
    script = WELCOMED.read(REQUEST[:length]) if length else WELCOMED
    error, at = failed(script.stall())
    what = "the 20 bytes of a header" if length < 20 else "the 2 bytes of a payload"
    assert (str(error), at) == (f"I/O timeout: {what} did not come within 5 s", 5)


def test_row_19_each_read_has_five_seconds_of_its_own() -> None:
    """Handshake, header, payload, each after 4.9 s: all is well at 24.5 s; one that takes 5.1 s is not waited for."""
    slow = Script().wait(4.9).read(HELLO).write(OK).wait(4.9).read(REQUEST[:20]).wait(4.9).read(REQUEST[20:]).write(ANSWER)
    assert served(slow.wait(4.9).read(REQUEST).write(ANSWER).wait(4.9).eof()) == (Ended.LEFT, 24.5)
    error, at = failed(slow.wait(4.9).read(REQUEST[:20]).stall())
    assert isinstance(error, IoTimeoutError)
    assert at == pytest.approx(4 * 4.9 + 5)


def test_row_20_a_reset_after_the_handshake_fails_the_server_with_the_reset() -> None:
    """Not with an end; the handshake has been answered."""
    reset = ConnectionResetError("conn reset")
    assert failed(WELCOMED.read_error(reset)) == (reset, 0)
    assert failed(WELCOMED.read(REQUEST[:9]).read_error(reset)) == (reset, 0)


def test_row_21_an_answer_that_cannot_be_written_fails_the_server() -> None:
    """The handshake was answered, the request came whole and was handled; the pipe's own error is the server's."""
    broken, handler = BrokenPipeError("broken pipe"), Canned()
    with pytest.raises(BrokenPipeError) as caught:
        served(WELCOMED.read(REQUEST).eof().write_error(broken), handler=handler)
    assert caught.value is broken
    assert handler.asked == [Request(1)]


def test_row_21_a_handshake_that_cannot_be_answered_fails_the_server() -> None:
    """Whatever the answer would have been, and also when the error is the network's own time-out."""
    wrong = b"WRNG" + HELLO[4:]
    for error in (BrokenPipeError("broken pipe"), TimeoutError(110, "Connection timed out")):
        for script in (Script().read(HELLO), Script().read(wrong), Script().stall()):
            assert failed(script.write_error(error))[0] is error


def test_row_22_an_end_between_transactions_is_a_good_end() -> None:
    """After the handshake, and after a request that was answered."""
    assert served(WELCOMED.eof()) == (Ended.LEFT, 0)
    assert served(WELCOMED.read(REQUEST).write(ANSWER).eof()) == (Ended.LEFT, 0)


@pytest.mark.parametrize("length", EVERY_BYTE[1:])
def test_row_22_an_end_in_a_transaction_is_a_failure(length: int) -> None:
    """At each of its bytes. The server that the row is after took it for a good end, as the planted bug does."""
    script = WELCOMED.read(REQUEST[:length]).eof()
    error, _ = failed(script)
    expected, got = (20, length) if length < 20 else (2, length - 20)
    assert isinstance(error, TruncatedError)
    assert str(error) == f"expected {expected} bytes of a transaction but got {got}, then the end"
    assert served(script, TRUNCATED_IS_END.name) == (Ended.LEFT, 0)


def test_row_22_an_end_between_fragments_is_a_failure() -> None:
    """A header was due, and no byte of it came: but the transaction had begun."""
    script = WELCOMED.read(HALF_HEADER + bytes(50)).eof()
    assert str(failed(script)[0]) == "expected 20 bytes of a transaction but got 0, then the end"
    assert served(script, TRUNCATED_IS_END.name) == (Ended.LEFT, 0)


@pytest.mark.parametrize("said", [b"", HELLO[:5], HELLO, HELLO + REQUEST[:3], HELLO + HALF_HEADER, HELLO + REQUEST])
def test_row_23_a_shutdown_ends_what_waits(said: bytes) -> None:
    """In the handshake, between transactions and in one: at once, without a failure, and nothing more is written."""
    script = Script().read(said) if said else Script()
    if said.startswith(HELLO):
        script = script.write(OK)
    if said.endswith(REQUEST):
        script = script.write(ANSWER)
    shutdown = asyncio.Event()
    with VirtualTime() as time:
        serving = time.start(play(script.stall(), server(shutdown=shutdown).handle_connection))
        time.advance(3)
        assert not serving.done()
        shutdown.set()
        time.settle()
        assert (serving.result(), time.now) == (Ended.SHUT_DOWN, 3)


def test_row_23_a_request_that_is_being_answered_is_answered() -> None:
    """The signal comes while its handler works: the reply is written; the next request, which has come by then, has none."""
    shutdown = asyncio.Event()

    class Slow(Canned):
        async def answer(self, request: Request) -> Reply:
            await asyncio.sleep(2)
            return await super().answer(request)

    handler = Slow()

    async def main() -> tuple[Ended, bytes, float]:
        (reader, writer), end = duplex()
        writer.write(HELLO + REQUEST + REQUEST)
        asyncio.get_running_loop().call_later(1, shutdown.set)
        ended = await server(handler=handler, shutdown=shutdown).handle_connection(*end)
        said = await reader.read()
        writer.close()
        return ended, said, asyncio.get_running_loop().time()

    assert run(main()) == (Ended.SHUT_DOWN, OK + ANSWER, 2)
    assert handler.asked == [Request(1)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bytes.fromhex("01 00 0001 0000002A 00000000 00000002 00000002"), "invalid flags"),
        (bytes.fromhex("00 00 0001 0000002A 00000000 00100001 00000002"), "payload too large"),
        (bytes.fromhex("00 00 0001 0000002A 00000000 00000002 00000003"), "size mismatch"),
        (HALF_HEADER + bytes(50) + bytes.fromhex("00 00 0001 0000002B 00000000 00000064 00000032"), "size mismatch"),
        (HALF_HEADER + bytes(50) + bytes.fromhex("00 00 0001 0000002A 00000000 00000064 00000033"), "size mismatch"),
        (HALF_HEADER + bytes(50) + HALF_HEADER + bytes(50), "size mismatch"),
        (REQUEST[:-2] + b"\x00\x01", "size mismatch"),
        (
            bytes.fromhex("00 00 0001 0000002A 00000000 0000000A 0000000A 0002 0065 0000 0065 0000"),
            "duplicate field id 101",
        ),
        (ANSWER, "expected a request but got a reply of id=42: this server asks nothing"),
    ],
)
def test_row_24_the_server_refuses_what_is_no_request(data: bytes, reason: str) -> None:
    """By the codec's words, as soon as the last of these bytes has come; the request handler never hears of it."""
    handler = Canned()
    with pytest.raises(CodecError) as caught:
        served(WELCOMED.read(data).stall(), handler=handler)
    assert (str(caught.value), handler.asked) == (reason, [])


def test_row_24_fragments_reach_the_handler_as_one_request() -> None:
    """The row's 100 bytes in two fragments of 50, the field's own 94 bytes whole."""
    text = bytes(range(94))
    payload = encode_fields([Field(101, text)])
    assert len(payload) == 100
    handler = Canned()
    script = WELCOMED.read(HALF_HEADER + payload[:50]).read(HALF_HEADER + payload[50:]).write(ANSWER).eof()
    assert served(script, handler=handler) == (Ended.LEFT, 0)
    assert handler.asked == [Request(1, (Field(101, text),))]


def test_row_24_a_long_answer_is_cut_into_fragments() -> None:
    """Of at most 32 KiB each, all under the request's id."""

    class Long(Canned):
        async def answer(self, request: Request) -> Reply:
            return Reply([Field(101, bytes(50_000))], error=7)

    payload = encode_fields([Field(101, bytes(50_000))])
    common = bytes.fromhex("00 01 0001 0000002A 00000007") + len(payload).to_bytes(4, "big")
    first, last = payload[: 32 * 1024], payload[32 * 1024 :]
    script = WELCOMED.read(REQUEST)
    for part in (first, last):
        script = script.write(common + len(part).to_bytes(4, "big") + part)
    assert served(script.eof(), handler=Long()) == (Ended.LEFT, 0)


HANDSHAKE_TIMEOUT = Script("HandshakeTimeout").stall().write(TIMEOUT)
HANDSHAKE_INVALID = Script("HandshakeInvalid").read(b"WRNG" + HELLO[4:]).write(INVALID).eof()
READ_TIMEOUT = Script("ReadTimeout").then(WELCOMED).read(HALF_HEADER + bytes(50)).stall()
CONN_RESET = Script("ConnReset").then(WELCOMED).read_error(ConnectionResetError("conn reset"))
WRITE_FAIL = Script("WriteFail").then(WELCOMED).read(REQUEST).eof().write_error(BrokenPipeError("broken pipe"))


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(HANDSHAKE_TIMEOUT, Ended.HANDSHAKE_TIMEOUT, id="HandshakeTimeout"),
        pytest.param(HANDSHAKE_INVALID, Ended.OTHER_PROTOCOL, id="HandshakeInvalid"),
        pytest.param(READ_TIMEOUT, IoTimeoutError, id="ReadTimeout"),
        pytest.param(CONN_RESET, ConnectionResetError, id="ConnReset"),
        pytest.param(WRITE_FAIL, BrokenPipeError, id="WriteFail"),
    ],
)
def test_row_25_every_scenario_ends_as_the_matrix_says(script: Script, outcome: Ended | type[Exception]) -> None:
    """Five scenarios, each in a world of its own whose clock stands until all wait: two end well, three fail."""
    if isinstance(outcome, Ended):
        assert served(script) == (outcome, 5 if outcome is Ended.HANDSHAKE_TIMEOUT else 0)
    else:
        error, at = failed(script)
        assert (type(error), at) == (outcome, 5 if outcome is IoTimeoutError else 0)


def test_row_27_the_request_handler_is_given_to_the_server() -> None:
    """A handler of three lines is enough: one for each connection, and its failure is that connection's alone."""

    class Broken(Canned):
        async def answer(self, request: Request) -> Reply:
            raise LookupError("no such row")

    made: list[Canned] = []

    def handlers() -> Canned:
        made.append(Broken() if len(made) == 1 else Canned())
        return made[-1]

    shared = HotlineServer(handlers=handlers)
    script = WELCOMED.read(REQUEST)
    assert run(play(script.write(ANSWER).eof(), shared.handle_connection)) is Ended.LEFT
    with pytest.raises(LookupError, match="no such row"):
        run(play(script, shared.handle_connection))
    assert run(play(script.write(ANSWER).eof(), shared.handle_connection)) is Ended.LEFT
    assert [len(handler.asked) for handler in made] == [1, 0, 1]


# What else a peer may do, and the planted bugs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "size"),
    [
        (Script().read(HELLO).write_stall(), 8),
        (WELCOMED.read(REQUEST).write_stall(), 22),
        (Script().read(b"WRNG" + HELLO[4:]).write_stall(), 8),
    ],
)
def test_a_peer_that_takes_no_bytes_is_given_five_seconds(script: Script, size: int) -> None:
    """For the handshake's answer as for any; the planted bug waits for ever, and virtual time says where."""
    error, at = failed(script.stall())
    assert isinstance(error, IoTimeoutError)
    assert (str(error), at) == (f"I/O timeout: {size} bytes were not taken within 5 s", 5)
    with pytest.raises(StuckError, match=r"Tasks that wait: .*_write:\d+ → .*drain"):
        served(script.stall(), NO_WRITE_TIMEOUT.name)


def test_a_header_beyond_the_limit_is_refused_before_its_payload() -> None:
    """At once, with nothing read behind it; the planted bug goes on to read 4 GiB, and answers 1 MiB and a byte."""
    header = bytes.fromhex("00 00 0001 0000002A 00000000 FFFFFFFF FFFFFFFF")
    script = WELCOMED.read(header).stall()
    error, at = failed(script)
    assert (type(error), str(error), at) == (CodecError, "payload too large", 0)
    error, at = failed(script, UNBOUNDED_LENGTH.name)
    assert str(error) == "I/O timeout: the 4294967295 bytes of a payload did not come within 5 s"
    assert at == 5


def test_a_request_of_a_byte_more_than_the_limit_is_answered_by_the_planted_bug_alone() -> None:
    """One of the limit's own size is answered by both."""
    for size, most in ((1 << 20, False), ((1 << 20) + 1, True)):
        script = WELCOMED.read(request_of(size))
        answered = script.write(ANSWER).eof()
        assert served(answered, UNBOUNDED_LENGTH.name) == (Ended.LEFT, 0)
        if most:
            assert str(failed(script.stall())[0]) == "payload too large"
        else:
            assert served(answered) == (Ended.LEFT, 0)


def request_of(size: int) -> bytes:
    """A request with a payload of so many bytes: as many fields as that takes."""
    fields, left = [], size - 2
    while left:
        taken = min(left, 60_000)
        fields.append(Field(len(fields), bytes(taken - 4)))
        left -= taken
    return TransactionCodec(max_frame_length=size).encode(Transaction(1, 42, encode_fields(fields)))


class FullTransport(WholeTransport):
    """A peer's buffers have so much room, and nobody ever reads them: closing waits for that, as a socket's does."""

    def __init__(self, protocol: asyncio.StreamReaderProtocol, *, room: int) -> None:
        super().__init__()
        self._protocol = protocol
        self._room = room
        self.lost_at: float | None = None
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._room -= len(data)
        if self._room < 0:
            self._protocol.pause_writing()

    def close(self) -> None:
        self._closing = True

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        if self.lost_at is None:
            loop = asyncio.get_running_loop()
            self.lost_at = loop.time()
            loop.call_soon(self._protocol.connection_lost, None)


@pytest.mark.parametrize(
    ("room", "ended"),
    [(7, (IoTimeoutError, 5)), (8, (IoTimeoutError, 5)), (8 + 22, (Ended.LEFT, 5))],
)
def test_a_peer_that_never_reads_is_cut_off_after_five_seconds(room: int, ended: tuple[object, float]) -> None:
    """In the write that has no room; where all had room, in closing: nothing hangs about in the system's buffers."""

    async def main() -> tuple[object, float | None]:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = FullTransport(protocol, room=room)
        writer = connect(reader, transport, protocol)
        reader.feed_data(HELLO + REQUEST)
        reader.feed_eof()
        (outcome,) = await asyncio.gather(server().handle_connection(reader, writer), return_exceptions=True)
        assert asyncio.get_running_loop().time() == transport.lost_at
        return outcome if isinstance(outcome, Ended) else type(outcome), transport.lost_at

    assert run(main()) == ended


def test_a_connection_that_is_cancelled_is_cut_off() -> None:
    """It does not wait for its last bytes to be taken."""

    async def main() -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = FullTransport(protocol, room=100)
        serving = asyncio.create_task(server().handle_connection(reader, connect(reader, transport, protocol)))
        await asyncio.sleep(1)
        serving.cancel()
        await asyncio.sleep(1)
        assert asyncio.all_tasks() == {asyncio.current_task(), serving}
        serving.cancel()
        await asyncio.wait((serving,))
        assert (serving.cancelled(), transport.lost_at) == (True, 2)

    run(main())


def test_a_connection_that_ends_has_nothing_left() -> None:
    """However it ended: no task, no timer, and its streams are closed."""
    for script in (HANDSHAKE_TIMEOUT, HANDSHAKE_INVALID, READ_TIMEOUT, CONN_RESET, WRITE_FAIL, WELCOMED.eof()):
        with VirtualTime() as time:
            serving = time.start(play(script, server().handle_connection))
            time.advance(60)
            assert serving.done()
            assert serving.exception() is None or not isinstance(serving.exception(), AssertionError)
            assert asyncio.all_tasks(time.loop) == set()
