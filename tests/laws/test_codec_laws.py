"""What holds for every codec: however bytes are cut, the same frames; nothing hangs, and nothing is held beyond the limit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.wire.codec import (
    CodecError,
    Field,
    FrameCodec,
    HotlineCodec,
    HotlineFrame,
    LengthDelimitedCodec,
    LineCodec,
    MysqlCodec,
    MysqlFrame,
    Transaction,
    TransactionCodec,
    decode_fields,
    encode_fields,
    encode_frames_with_codec,
)

LIMIT = 24
payloads = st.binary(max_size=LIMIT)
words = st.integers(0, (1 << 32) - 1)
lines = payloads.filter(lambda line: b"\n" not in line)
CASES: dict[str, tuple[FrameCodec[Any], st.SearchStrategy[Any], int]] = {  # codec, frames, most bytes that may wait
    "length": (LengthDelimitedCodec(max_frame_length=LIMIT), payloads, LIMIT + 4),
    "length-little": (LengthDelimitedCodec(max_frame_length=LIMIT, length_bytes=3, byte_order="little"), payloads, LIMIT + 3),
    "hotline": (HotlineCodec(max_frame_length=LIMIT), st.builds(HotlineFrame, payloads, words), LIMIT + 20),
    "mysql": (MysqlCodec(max_frame_length=LIMIT), st.builds(MysqlFrame, payloads, st.integers(0, 255)), LIMIT + 4),
    "line": (LineCodec(max_frame_length=LIMIT), lines, LIMIT + 1),
    "line-crlf": (LineCodec(max_frame_length=LIMIT, end=b"\r\n"), lines.filter(lambda line: b"\r\n" not in line), LIMIT + 2),
    "transaction": (
        TransactionCodec(max_frame_length=LIMIT, fragment_bytes=7),
        st.builds(Transaction, st.integers(0, 0xFFFF), words, payloads, st.integers(0, 255), words),
        LIMIT + 20,
    ),
}
every_codec = pytest.mark.parametrize("name", CASES)
law = settings(deadline=None, derandomize=True, max_examples=60)


def told(codec: FrameCodec[Any], pieces: list[bytes], *, waiting_max: int | None = None) -> tuple[list[Any], str]:
    """The frames of a stream that comes in these pieces, and what is wrong with it."""
    decoder, frames = codec.decoder(), []
    for piece in pieces:
        decoder.feed(piece)
        try:
            while (frame := decoder.next_frame()) is not None:
                frames.append(frame)
        except CodecError as error:
            return frames, str(error)
        assert waiting_max is None or decoder.buffered < waiting_max
    return frames, ""


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@every_codec
@given(data=st.data())
@law
def test_row_63_frames_come_back_however_the_bytes_are_cut(name: str, data: st.DataObject) -> None:
    """Whole, byte by byte, in two at every place, and in any other pieces; nothing is left over."""
    codec, frames, waiting_max = CASES[name]
    sent = data.draw(st.lists(frames, max_size=4))
    wire = b"".join(encode_frames_with_codec(codec, sent))
    cuts = data.draw(st.lists(st.integers(0, 1000), max_size=6))
    ways = [
        [wire],
        [bytes([byte]) for byte in wire],
        pieces(wire, cuts),
        *([wire[:at], wire[at:]] for at in range(len(wire) + 1)),
    ]
    for way in ways:
        assert told(codec, way) == (sent, "")
    assert told(codec, ways[1], waiting_max=waiting_max) == (sent, "")


@every_codec
@given(data=st.data())
@law
def test_row_63_what_is_no_frame_is_refused_alike_however_it_is_cut(name: str, data: st.DataObject) -> None:
    """Good frames with noise behind them: the same frames, the same words, and never more bytes held than a frame can have."""
    codec, frames, waiting_max = CASES[name]
    wire = b"".join(encode_frames_with_codec(codec, data.draw(st.lists(frames, max_size=2)))) + data.draw(st.binary(max_size=80))
    whole = told(codec, [wire])
    cuts = data.draw(st.lists(st.integers(0, 1000), max_size=6))
    assert told(codec, pieces(wire, cuts)) == whole
    assert told(codec, [bytes([byte]) for byte in wire], waiting_max=waiting_max) == whole


@given(st.lists(st.builds(Field, st.integers(0, 0xFFFF), st.binary(max_size=9)), max_size=6, unique_by=lambda field: field.id))
@law
def test_row_24_fields_come_back(fields: list[Field]) -> None:
    """Any fields with ids of their own."""
    assert decode_fields(encode_fields(fields)) == tuple(fields)


@given(st.binary(max_size=40))
@law
def test_row_24_any_payload_is_fields_or_a_size_or_an_id_that_is_wrong(payload: bytes) -> None:
    """No other exception, and what is read is written back as it was."""
    try:
        fields = decode_fields(payload)
    except CodecError as error:
        assert str(error) == "size mismatch" or str(error).startswith("duplicate field id ")
    else:
        assert encode_fields(fields) == (payload or bytes(2))
