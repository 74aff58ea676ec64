"""Drivers: what a server answers, as payloads, as frames and as bytes, however the bytes come."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.sim.loops import StuckError
from chaoskit.wire.app import FramedApp
from chaoskit.wire.codec import (
    FrameCodec,
    HotlineCodec,
    HotlineFrame,
    InvalidDataError,
    LengthDelimitedCodec,
    LineCodec,
    MysqlCodec,
    Transaction,
    TransactionCodec,
)
from chaoskit.wire.drive import (
    Pace,
    ServerTaskError,
    drive_with_codec_frames,
    drive_with_codec_payloads,
    drive_with_frame,
    drive_with_frames,
    drive_with_partial_frame,
)
from chaoskit.wire.virtual_time import VirtualTime, run

CODECS: list[FrameCodec[Any]] = [LengthDelimitedCodec(), HotlineCodec(), MysqlCodec(), LineCodec(), TransactionCodec()]
every_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: type(codec).__name__)
PAYLOADS = [b"one", b"", b"three" * 40]


def echo(codec: FrameCodec[Any]) -> FramedApp[Any]:
    return FramedApp(codec, lambda frame: [frame])


class Counting:
    """Answers each frame with how many it has had, over all connections."""

    def __init__(self) -> None:
        self.frames = 0
        self.app = FramedApp(LengthDelimitedCodec(), self.count)

    async def count(self, frame: bytes) -> list[bytes]:
        await asyncio.sleep(0.001)
        self.frames += 1
        return [b"%d" % self.frames]


def test_row_51_an_app_says_its_codec_and_a_driver_takes_one() -> None:
    """The driver asks nobody: it also drives a function that knows no codec of ours."""
    app = echo(HotlineCodec(max_frame_length=8))
    assert app.codec() == HotlineCodec(max_frame_length=8)

    async def upper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).upper())

    assert run(drive_with_codec_payloads(upper, LineCodec(), [b"a", b"b"])) == [b"A", b"B"]


@every_codec
def test_row_55_payloads_go_in_and_payloads_come_out(codec: FrameCodec[Any]) -> None:
    """Encoded, carried, served, carried back, decoded."""
    assert run(drive_with_codec_payloads(echo(codec), codec, PAYLOADS)) == PAYLOADS
    assert run(drive_with_codec_payloads(echo(codec), codec, [])) == []


def test_row_55_a_codec_that_cannot_says_so() -> None:
    """Before anything is sent, and for an answer that is no frame."""
    codec = LengthDelimitedCodec(max_frame_length=4)
    with pytest.raises(InvalidDataError, match=r"^codec encode failed: payload too large$"):
        run(drive_with_codec_payloads(echo(codec), codec, [b"12345"]))
    roomy = FramedApp(LengthDelimitedCodec(), lambda frame: [frame * 2])
    with pytest.raises(InvalidDataError, match=r"^codec decode failed: payload too large$"):
        run(drive_with_codec_payloads(roomy, codec, [b"123"]))


@every_codec
@pytest.mark.parametrize("capacity", [1, 2, 19, 4096])
def test_row_56_any_capacity_will_do(codec: FrameCodec[Any], capacity: int) -> None:
    """One byte, and frames many times as long as the buffer: writing and reading go on at once."""
    assert run(drive_with_codec_payloads(echo(codec), codec, PAYLOADS, capacity=capacity)) == PAYLOADS


def test_row_57_an_app_can_be_driven_again() -> None:
    """What it keeps is there: the second drive goes on where the first ended."""
    counting = Counting()
    codec = counting.app.codec()

    async def twice() -> list[list[bytes]]:
        return [await drive_with_codec_payloads(counting.app, codec, [b"", b""], capacity=capacity) for capacity in (4096, 1)]

    assert run(twice()) == [[b"1", b"2"], [b"3", b"4"]]
    assert counting.frames == 4


def test_row_58_frames_keep_what_stands_beside_their_payload() -> None:
    """An echo's answers have their questions' ids, in their order; at any capacity."""
    frames = [HotlineFrame(b"a", 7), HotlineFrame(b"", 0xFFFFFFFF), HotlineFrame(b"bc", 0)]
    for capacity in (1, 4096):
        assert run(drive_with_codec_frames(echo(HotlineCodec()), HotlineCodec(), frames, capacity=capacity)) == frames
    asked = Transaction(type=107, id=3, payload=bytes(100))
    codec = TransactionCodec(fragment_bytes=30)
    app = FramedApp(codec, lambda frame: [Transaction(frame.type, frame.id, b"", is_reply=1, error=5)])
    assert run(drive_with_codec_frames(app, codec, [asked])) == [Transaction(107, 3, b"", 1, 5)]


def test_row_59_a_driver_writes_in_order_half_closes_and_reads_to_the_end() -> None:
    """The server sees exactly that, and may speak when everything has been said."""
    seen: list[bytes] = []

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read())
        await asyncio.sleep(60)
        writer.write(b"late")

    with VirtualTime() as time:
        assert time.run(drive_with_frames(patient, [b"a", b"", b"b"])) == b"late"
        assert (seen, time.now) == ([b"ab"], 60)


def test_row_59_a_server_that_fails_is_named() -> None:
    """With its own exception as the cause, whatever it had said, and also when it resets the connection."""

    async def fails(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"some")
        raise KeyError("boom")

    async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        raise KeyError("boom")

    for handler in (fails, resets):
        with pytest.raises(ServerTaskError, match=r"^server task failed: KeyError\('boom'\)$") as caught:
            run(drive_with_frame(handler, b"x" * 10_000))
        assert isinstance(caught.value.__cause__, KeyError)


def test_row_59_malformed_frames_fail_the_server() -> None:
    """The framed app says what is wrong with them."""
    app = echo(HotlineCodec(max_frame_length=4))
    with pytest.raises(ServerTaskError, match=r"^server task failed: CodecError\('payload too large'\)$"):
        run(drive_with_frame(app, b"\xff" * 20))


def test_a_server_that_hangs_up_early_has_answered() -> None:
    """What it said is the answer; a reset is an error, and a server that never ends is named."""

    async def brief(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(2))

    async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    assert run(drive_with_frame(brief, b"a" * 100, capacity=4)) == b"aa"
    with pytest.raises(ConnectionResetError):
        run(drive_with_frame(resets, b"a"))
    with pytest.raises(
        StuckError, match=r"^nothing is left to happen at 0\.000 s\. Tasks that wait: .*server in _serve:\d+ → .*wait:\d+"
    ):
        run(drive_with_frame(endless, b"a"))


def test_row_60_raw_drivers_carry_bytes() -> None:
    """One piece or several, the same app before and behind: no codec stands between."""
    app = echo(LineCodec())
    assert run(drive_with_frame(app, b"a\nb\n")) == b"a\nb\n"
    assert run(drive_with_frames(app, [b"a", b"\nb", b"\nrest"], capacity=1)) == b"a\nb\n"


@every_codec
@pytest.mark.parametrize("write_bytes", [1, 3, 1000])
def test_row_65_frames_may_come_in_chunks(codec: FrameCodec[Any], write_bytes: int) -> None:
    """Byte by byte, each a second after the other: the same answers."""
    with VirtualTime() as time:
        pace = Pace(write_bytes=write_bytes, write_seconds=1)
        assert time.run(drive_with_codec_payloads(echo(codec), codec, PAYLOADS, pace=pace)) == PAYLOADS
        wire = [len(codec.encoder().encode(codec.wrap_payload(payload))) for payload in PAYLOADS]
        assert time.now == sum(-(-length // write_bytes) for length in wire)


@every_codec
def test_row_65_a_frame_may_break_off(codec: FrameCodec[Any]) -> None:
    """At every byte of it: the frames before it are answered, and it is not."""
    frames = [codec.wrap_payload(payload) for payload in (b"first", b"second")]
    for sent in range(len(codec.encoder().encode(frames[1]))):
        got = run(drive_with_partial_frame(echo(codec), codec, frames, last_frame_bytes=sent))
        assert got == frames[:1]


def test_row_65_a_slow_reader_holds_the_server_up() -> None:
    """Back-pressure reaches it: it has not written its last answer long before that is read."""
    codec = LengthDelimitedCodec()
    answered: list[float] = []

    def answer(frame: bytes) -> list[bytes]:
        answered.append(asyncio.get_running_loop().time())
        return [frame]

    with VirtualTime() as time:
        pace = Pace(read_bytes=8, read_seconds=1)
        got = time.run(drive_with_codec_payloads(FramedApp(codec, answer), codec, [b"1234"] * 10, capacity=8, pace=pace))
        assert got == [b"1234"] * 10
        assert time.now == 10
        assert answered[0] == 0 and answered[-1] >= 7


def test_row_65_a_slow_writer_meets_the_servers_time_out() -> None:
    """The server gives up on it, at the instant that its time-out says."""

    async def impatient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.wait_for(reader.readexactly(10), 5)

    with VirtualTime() as time:
        with pytest.raises(ServerTaskError, match=r"^server task failed: TimeoutError\(\)$"):
            time.run(drive_with_frame(impatient, b"0123456789", pace=Pace(write_bytes=1, write_seconds=1)))
        assert time.now == 5


def test_what_no_drive_can_do_is_refused() -> None:
    """A pace of nothing, and a part that is the whole."""
    for make, message in (
        (lambda: Pace(write_bytes=0), "expected pieces of at least one byte but got write_bytes=0; None is as much as there is."),
        (lambda: Pace(read_seconds=-1), "expected a time between pieces but got read_seconds=-1; 0 is none."),
    ):
        with pytest.raises(UsageError) as caught:
            make()
        assert str(caught.value) == message
    codec = LengthDelimitedCodec()
    for frames, sent, whole in (([b"a"], 5, 5), ([], 0, 0)):
        with pytest.raises(
            UsageError, match=rf"^expected a part of the last frame's {whole} bytes but got last_frame_bytes={sent}\.$"
        ):
            run(drive_with_partial_frame(echo(codec), codec, frames, last_frame_bytes=sent))


# The names that the mission gives to these claims -------------------------------------------------------------------------------


def test_row_64_drive_with_codec_payloads_round_trips_through_echo_app() -> None:
    """Payloads as they were."""
    codec = HotlineCodec(max_frame_length=64)
    assert run(drive_with_codec_payloads(echo(codec), codec, [b"hello", b"world"])) == [b"hello", b"world"]


def test_row_64_drive_with_codec_frames_preserves_codec_metadata() -> None:
    """A transaction's id comes back."""
    codec = HotlineCodec(max_frame_length=64)
    (frame,) = run(drive_with_codec_frames(echo(codec), codec, [HotlineFrame(b"hello", 99)]))
    assert (frame.transaction_id, codec.correlation_id(frame)) == (99, 99)


def test_row_64_drive_with_codec_payloads_mut_allows_app_reuse() -> None:
    """Two drives of one app in a row."""
    codec = HotlineCodec(max_frame_length=64)
    app = echo(codec)
    assert [run(drive_with_codec_payloads(app, codec, [word])) for word in (b"first", b"second")] == [[b"first"], [b"second"]]


def test_row_64_scenario_payload_round_trip_through_a_codec_aware_driver() -> None:
    """Given an echo app with the Hotline codec, when a payload is driven through it, then the answer is that payload."""
    codec = HotlineCodec(max_frame_length=4096)
    app = echo(codec)
    answer = run(drive_with_codec_payloads(app, app.codec(), [b"\x01\x02\x03"]))
    assert answer == [b"\x01\x02\x03"]


def test_row_64_scenario_frame_metadata_through_a_codec_aware_driver() -> None:
    """Given the same app, when frames are driven through it, then each answer has the payload and the metadata of its frame."""
    codec = HotlineCodec(max_frame_length=4096)
    app = echo(codec)
    asked = [HotlineFrame(b"data", transaction_id) for transaction_id in (1, 2)]
    assert run(drive_with_codec_frames(app, app.codec(), asked)) == asked
