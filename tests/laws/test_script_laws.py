"""What holds for every script and duplex: how bytes are cut changes nothing, and a byte that is wrong is found where it is."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.wire.drive import Pace, drive_with_frames
from chaoskit.wire.scripted import ScriptError, play
from chaoskit.wire.steps import Script
from chaoskit.wire.virtual_time import VirtualTime, run

law = settings(deadline=None, derandomize=True, max_examples=150)
data_and_cuts = st.binary(min_size=1, max_size=60).flatmap(
    lambda data: st.tuples(st.just(data), cuts_of(len(data)), cuts_of(len(data)))
)


def cuts_of(length: int) -> st.SearchStrategy[list[int]]:
    """Places at which so many bytes are cut, from the first to the last."""
    inner = st.sets(st.integers(1, length - 1), max_size=8) if length > 1 else st.just(set[int]())
    return inner.map(lambda places: [0, *sorted(places), length])


def cut(data: bytes, places: list[int]) -> list[bytes]:
    return [data[start:end] for start, end in pairwise(places)]


@given(data_and_cuts, st.lists(st.integers(0, 3), min_size=10, max_size=10))
@law
def test_row_5_any_cut_of_what_is_written_meets_any_cut_of_the_script(
    example: tuple[bytes, list[int], list[int]], waits: list[int]
) -> None:
    """With waits between the steps, it takes as long as these, and is not held up by anything else."""
    data, steps, parts = example
    script = Script()
    pieces = cut(data, steps)
    for seconds, piece in zip(waits, pieces, strict=False):
        script = (script.wait(seconds) if seconds else script).write(piece)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in cut(data, parts):
            writer.write(part)
            await writer.drain()

    with VirtualTime() as time:
        time.run(play(script, handler))
        assert time.now == sum(waits[: len(pieces)])


@given(data_and_cuts, st.integers(0, 1000), st.integers(1, 255))
@law
def test_row_5_a_wrong_byte_is_found_where_it_is(example: tuple[bytes, list[int], list[int]], place: int, change: int) -> None:
    """In its step, at its offset there, whatever was cut."""
    data, steps, parts = example
    at = place % len(data)
    wrong = data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]
    script = Script()
    for piece in cut(data, steps):
        script = script.write(piece)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in cut(wrong, parts):
            writer.write(part)
            await writer.drain()

    with pytest.raises(ScriptError) as caught:
        run(play(script, handler))
    step = max(number for number, start in enumerate(steps, 1) if start <= at)
    assert f": step {step} (" in str(caught.value)
    assert f"first at offset {at - steps[step - 1]}.\n" in str(caught.value)


@given(data_and_cuts)
@law
def test_row_2_any_cut_of_what_is_read_meets_any_cut_of_the_script(example: tuple[bytes, list[int], list[int]]) -> None:
    """Exact reads of other lengths than the steps give the same bytes."""
    data, steps, parts = example
    script = Script()
    for piece in cut(data, steps):
        script = script.read(piece)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[bytes]:
        return [await reader.readexactly(len(part)) for part in cut(data, parts)]

    assert run(play(script, handler)) == cut(data, parts)


@given(data_and_cuts, st.integers(1, 70), st.integers(1, 9), st.integers(1, 9))
@law
def test_row_28_a_driver_carries_any_bytes_at_any_capacity_and_pace(
    example: tuple[bytes, list[int], list[int]], capacity: int, write_bytes: int, read_bytes: int
) -> None:
    """There and back, none lost, none twice, in their order."""
    data, frames, _ = example

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(7):
            writer.write(piece)
            await writer.drain()

    pace = Pace(write_bytes=write_bytes, read_bytes=read_bytes, read_seconds=0.001)
    assert run(drive_with_frames(echo, cut(data, frames), capacity=capacity, pace=pace)) == data
