"""Drivers over a connection of the simulated network, with toxics on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.hosts import Universe
from chaoskit.wire.app import FramedApp
from chaoskit.wire.codec import FrameCodec, HotlineCodec, LengthDelimitedCodec, LineCodec, MysqlCodec, TransactionCodec
from chaoskit.wire.drive import (
    ServerTaskError,
    drive_with_codec_frames,
    drive_with_codec_payloads,
    drive_with_frame,
    drive_with_partial_frame,
    tcp,
)

CODECS: list[FrameCodec[Any]] = [LengthDelimitedCodec(), HotlineCodec(), MysqlCodec(), LineCodec(), TransactionCodec()]
PAYLOADS = [b"one", b"", b"three" * 400]
KEEPING = [
    {"type": "slicer", "average_size": 1},
    {"type": "slicer", "average_size": 9, "size_variation": 8, "delay": MILLISECOND},
    {"type": "latency", "latency": SECOND, "jitter": SECOND // 2},
    {"type": "bandwidth", "rate": 1000},
    {"type": "slow_close", "delay": SECOND},
    {"type": "reset_peer", "toxicity": 0},
]
both_ways = pytest.mark.parametrize("direction", ["upstream", "downstream"])


def echo(codec: FrameCodec[Any]) -> FramedApp[Any]:
    return FramedApp(codec, lambda frame: [frame])


def through(drive: Any, **toxic: Any) -> tuple[Any, float, dict[str, int]]:
    """What a drive gives through a toxic, how many virtual seconds it took, and what the toxic did."""
    with Universe({"host": lambda host: drive()}, latency="constant:1ms") as universe:
        universe.control.poison("t1", "host", **toxic)
        answer = universe.run("host")
        return answer, universe.now, universe.world.faults.effects.get("t1", {})


@both_ways
@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: type(codec).__name__)
@pytest.mark.parametrize("toxic", KEEPING, ids=lambda toxic: "-".join(map(str, toxic.values())))
def test_row_65_frames_come_whole_through_toxics_that_keep_bytes(
    codec: FrameCodec[Any], toxic: dict[str, Any], direction: str
) -> None:
    """Whatever pieces they come in, and however late."""
    answers, _, effects = through(
        lambda: drive_with_codec_payloads(echo(codec), codec, PAYLOADS, over=tcp), direction=direction, **toxic
    )
    assert answers == PAYLOADS
    assert bool(effects) == (toxic.get("toxicity") != 0)


def test_row_65_the_time_that_a_toxic_takes_is_exact() -> None:
    """Two seconds late, there or back; a thousand and four bytes at a thousand a second: 1.004 s."""
    codec = LengthDelimitedCodec()

    async def drive() -> Any:
        return await drive_with_codec_payloads(echo(codec), codec, [bytes(1000)], over=tcp)

    for direction in ("upstream", "downstream"):
        assert through(drive, type="latency", latency=2 * SECOND, direction=direction)[1] == 2
        assert through(drive, type="bandwidth", rate=1000, direction=direction)[1] == 1.004


@pytest.mark.parametrize("limit", range(47))
def test_row_65_a_connection_that_is_cut_gives_whole_frames_or_none(limit: int) -> None:
    """After any number of bytes of two frames of 23: what is answered is the frames that came whole, and never a part of one."""
    codec = HotlineCodec()

    async def drive() -> Any:
        return await drive_with_codec_payloads(echo(codec), codec, [b"one", b"two"], over=tcp)

    answers, _, _ = through(drive, type="limit_data", bytes=limit)
    assert answers == [b"one", b"two"][: limit // 23]


def test_row_65_what_breaks_the_connection_is_raised_by_name() -> None:
    """A reset on the way back is the client's; on the way there it is the server that fails."""
    codec = HotlineCodec()

    async def drive() -> Any:
        return await drive_with_codec_payloads(echo(codec), codec, [b"one"], over=tcp)

    with pytest.raises(ConnectionResetError):
        through(drive, type="reset_peer")
    with pytest.raises(ServerTaskError, match=r"^server task failed: ConnectionResetError"):
        through(drive, type="reset_peer", direction="upstream")


def test_row_65_changed_bytes_are_read_as_they_came() -> None:
    """One bit in each KiB, and no checksum: the client reads other payloads than the server wrote."""
    codec = LengthDelimitedCodec()
    payloads = [bytes(1000)] * 4

    async def drive() -> Any:
        return await drive_with_codec_payloads(echo(codec), codec, payloads, over=tcp)

    answers, _, effects = through(drive, type="corrupt", probability=1_000_000)
    assert effects == {"corrupted": 4}
    assert sum(byte.bit_count() for answer in answers for byte in answer) == 4


def test_row_65_a_line_that_falls_silent_is_for_the_client_to_leave() -> None:
    """No end comes, and no error: the driver waits as long as it is let."""

    async def drive() -> Any:
        async with asyncio.timeout(60):
            await drive_with_frame(echo(LineCodec()), b"one\ntwo\n", over=tcp)

    with pytest.raises(TimeoutError):
        through(drive, type="drop_after", bytes=3)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: type(codec).__name__)
def test_row_65_real_sockets_carry_a_drive_as_well(codec: FrameCodec[Any]) -> None:
    """The same call on asyncio's own loop."""
    frames = [codec.wrap_payload(payload) for payload in PAYLOADS]

    async def main() -> None:
        assert await drive_with_codec_frames(echo(codec), codec, frames, over=tcp) == frames
        part = await drive_with_partial_frame(echo(codec), codec, frames, last_frame_bytes=1, over=tcp)
        assert part == frames[:-1]

    asyncio.run(main())
