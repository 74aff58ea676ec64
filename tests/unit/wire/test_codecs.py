"""Each codec's exact bytes, what it refuses, and the helpers for whole conversations."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any

import pytest

from chaoskit.wire.codec import (
    BufferedDecoder,
    CodecError,
    Field,
    FrameCodec,
    HotlineCodec,
    HotlineFrame,
    InvalidDataError,
    LengthDelimitedCodec,
    LineCodec,
    MysqlCodec,
    MysqlFrame,
    Transaction,
    TransactionCodec,
    decode_fields,
    decode_frames_with_codec,
    encode_fields,
    encode_frames_with_codec,
    encode_payloads_with_codec,
    extract_payloads,
)

CODECS: list[FrameCodec[Any]] = [LengthDelimitedCodec(), HotlineCodec(), MysqlCodec(), LineCodec(), TransactionCodec()]
every_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: type(codec).__name__)


@dataclass(frozen=True)
class Stars:
    """A person's own codec: each byte of the payload behind a star, a full stop at the end. Its encoder counts its frames."""

    max_frame_length: int = 5

    def decoder(self) -> BufferedDecoder[bytes]:
        def parse(buffer: bytearray) -> tuple[bytes, int] | None:
            end = buffer.find(b".")
            if buffer[:1] not in (b"", b"*", b"."):
                raise CodecError("no star")
            return None if end < 0 else (bytes(buffer[1:end:2]), end + 1)

        return BufferedDecoder(parse)

    def encoder(self) -> CountingEncoder:
        return CountingEncoder()

    def frame_payload(self, frame: bytes) -> bytes:
        return frame

    def wrap_payload(self, payload: bytes) -> bytes:
        return payload

    def correlation_id(self, frame: bytes) -> int | None:
        return frame[0] if frame else None


class CountingEncoder:
    """Encodes two frames, and refuses the third."""

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, frame: bytes) -> bytes:
        self.encoded += 1
        if self.encoded > 2:
            raise CodecError("two frames are enough")
        return b"".join(b"*%c" % byte for byte in frame) + b"."


def broken(codec: FrameCodec[Any], data: bytes) -> str:
    """What a codec says of bytes that are no frame."""
    with pytest.raises(InvalidDataError) as caught:
        decode_frames_with_codec(codec, data)
    return str(caught.value)


def refused(codec: FrameCodec[Any], frame: object) -> str:
    """What a codec says of a frame that has no bytes."""
    with pytest.raises(InvalidDataError) as caught:
        encode_frames_with_codec(codec, [frame])
    return str(caught.value)


@every_codec
def test_row_50_a_codec_is_a_value_with_all_six_members(codec: FrameCodec[Any]) -> None:
    """A copy equals it and reads what it wrote; connections get decoders of their own."""
    twin = copy.copy(codec)
    assert twin == codec
    frame = codec.wrap_payload(b"abc")
    assert codec.frame_payload(frame) == b"abc"
    assert codec.correlation_id(frame) in (None, 0)
    assert codec.max_frame_length == 1024 * 1024
    assert decode_frames_with_codec(twin, codec.encoder().encode(frame)) == [frame]
    first, second = codec.decoder(), codec.decoder()
    first.feed(b"\x00")
    assert (first.buffered, second.buffered) == (1, 0)


def test_row_50_a_persons_own_codec_works_everywhere() -> None:
    """It implements the interface, and inherits nothing."""
    codec: FrameCodec[bytes] = Stars()
    assert encode_payloads_with_codec(codec, [b"ab", b""]) == [b"*a*b.", b"."]
    assert decode_frames_with_codec(codec, b"*a*b..*c") == [b"ab", b""]
    assert codec.correlation_id(b"ab") == ord("a")
    assert broken(codec, b"*a.b") == "codec decode failed: no star"


def test_row_50_the_default_is_length_delimited() -> None:
    """Four bytes of length, big-endian."""
    assert encode_payloads_with_codec(LengthDelimitedCodec(), [b"abc"]) == [b"\x00\x00\x00\x03abc"]
    assert encode_payloads_with_codec(LengthDelimitedCodec(length_bytes=2, byte_order="little"), [b"abc"]) == [b"\x03\x00abc"]


def test_row_52_one_encoder_encodes_the_whole_list() -> None:
    """An encoder that counts sees all of them, and its own words are in the error."""
    assert encode_payloads_with_codec(Stars(), [b"a", b"b"]) == [b"*a.", b"*b."]
    with pytest.raises(InvalidDataError, match=r"^codec encode failed: two frames are enough$"):
        encode_payloads_with_codec(Stars(), [b"a", b"b", b"c"])


def test_row_53_whole_frames_come_out_and_part_of_one_does_not() -> None:
    """Nothing in, nothing out; what is left at the end is left out; what is no frame is named."""
    codec = LengthDelimitedCodec(max_frame_length=4)
    assert decode_frames_with_codec(codec, b"") == []
    assert decode_frames_with_codec(codec, b"\x00\x00\x00\x02ab\x00\x00\x00\x04abc") == [b"ab"]
    assert broken(codec, b"\x00\x00\x00\x02ab\x00\x00\x00\x05") == "codec decode failed: payload too large"


def test_row_54_payloads_are_taken_out_of_frames() -> None:
    """Whatever else stands in them."""
    assert extract_payloads(HotlineCodec(), [HotlineFrame(b"a", 7), HotlineFrame(b"", 8)]) == [b"a", b""]
    assert extract_payloads(MysqlCodec(), []) == []


def test_row_61_hotline_frames_have_these_bytes() -> None:
    """The row's own example, and one with an id."""
    codec = HotlineCodec(max_frame_length=16)
    written = bytes.fromhex("00000003 00000017 00000000 0000000000000000 010203")
    assert encode_frames_with_codec(codec, [HotlineFrame(bytes([1, 2, 3]), 0)]) == [written]
    assert decode_frames_with_codec(codec, written) == [HotlineFrame(bytes([1, 2, 3]), 0)]
    numbered = bytes.fromhex("00000000 00000014 deadbeef 0000000000000000")
    assert decode_frames_with_codec(codec, numbered) == [HotlineFrame(b"", 0xDEADBEEF)]
    assert codec.correlation_id(HotlineFrame(b"", 0xDEADBEEF)) == 0xDEADBEEF


def test_row_61_hotline_refuses_by_name() -> None:
    """Too large before anything else, then sizes that contradict each other; a short header is waited for."""
    codec = HotlineCodec(max_frame_length=16)
    assert broken(codec, bytes.fromhex("00000011 00000000 00000000 0000000000000000")) == "codec decode failed: payload too large"
    assert (
        broken(codec, bytes.fromhex("00000003 00000018 00000000 0000000000000000")) == "codec decode failed: invalid total size"
    )
    assert decode_frames_with_codec(codec, bytes.fromhex("00000011 00000000 00000000 00000000000000")) == []
    assert refused(codec, HotlineFrame(bytes(17))) == "codec encode failed: payload too large"
    assert refused(codec, HotlineFrame(b"", 1 << 32)) == (
        "codec encode failed: expected transaction_id of 32 bits but got transaction_id=4294967296"
    )


def test_row_62_mysql_packets_have_these_bytes() -> None:
    """The row's own example; the sequence number tells packets apart."""
    codec = MysqlCodec(max_frame_length=16)
    assert encode_frames_with_codec(codec, [MysqlFrame(b"abc", 0)]) == [bytes.fromhex("03 00 00 00 61 62 63")]
    assert decode_frames_with_codec(codec, bytes.fromhex("01 00 00 ff 61")) == [MysqlFrame(b"a", 255)]
    assert codec.correlation_id(MysqlFrame(b"abc", 9)) == 9


def test_row_62_mysql_refuses_by_name() -> None:
    """Over the codec's limit is too large; within it, but beyond three bytes of length, is too long."""
    codec = MysqlCodec(max_frame_length=16)
    assert broken(codec, bytes.fromhex("11 00 00 00")) == "codec decode failed: payload too large"
    assert refused(codec, MysqlFrame(bytes(17))) == "codec encode failed: payload too large"
    assert refused(MysqlCodec(max_frame_length=1 << 25), MysqlFrame(bytes(0x1000000))) == "codec encode failed: payload too long"
    assert refused(codec, MysqlFrame(b"", 256)) == "codec encode failed: expected sequence of 8 bits but got sequence=256"


@pytest.mark.parametrize(
    "codec",
    [
        LengthDelimitedCodec(max_frame_length=9),
        HotlineCodec(max_frame_length=9),
        MysqlCodec(max_frame_length=9),
        LineCodec(max_frame_length=9),
        LineCodec(max_frame_length=9, end=b"\r\n"),
        TransactionCodec(max_frame_length=9, fragment_bytes=4),
    ],
    ids=lambda codec: type(codec).__name__,
)
def test_row_63_the_longest_payload_passes_and_one_byte_more_does_not(codec: FrameCodec[Any]) -> None:
    """On both sides: what a codec without a limit writes is refused when read."""
    roomy: Any = type(codec)(**{**vars(codec), "max_frame_length": 100})
    for length in range(10):
        frame = codec.wrap_payload(b"x" * length)
        assert decode_frames_with_codec(codec, encode_frames_with_codec(codec, [frame])[0]) == [frame]
    assert refused(codec, codec.wrap_payload(b"x" * 10)) == "codec encode failed: payload too large"
    assert broken(codec, encode_payloads_with_codec(roomy, [b"x" * 10])[0]) == "codec decode failed: payload too large"


def test_lines_may_end_as_a_person_says() -> None:
    """A payload never holds, nor begins, what ends a line."""
    assert encode_payloads_with_codec(LineCodec(), [b"a\r", b""]) == [b"a\r\n", b"\n"]
    assert decode_frames_with_codec(LineCodec(end=b"\r\n"), b"a\r\r\n\nb\r\nrest\r") == [b"a\r", b"\nb"]
    assert refused(LineCodec(), b"a\nb") == "codec encode failed: payload contains the end of a line"
    assert refused(LineCodec(end=b"aa"), b"xa") == "codec encode failed: payload contains the end of a line"


def header(*, flags: int = 0, reply: int = 0, kind: int = 1, id: int = 42, error: int = 0, total: int, size: int) -> bytes:
    """A transaction's header, byte by byte as the row has it."""
    parts = ((flags, 1), (reply, 1), (kind, 2), (id, 4), (error, 4), (total, 4), (size, 4))
    return b"".join(number.to_bytes(width, "big") for number, width in parts)


def test_row_24_fragments_make_one_transaction() -> None:
    """The header that the rows show, twice, with half of the payload each; long payloads are cut when written."""
    codec = TransactionCodec()
    first = header(total=100, size=50)
    assert first == bytes.fromhex("00 00 0001 0000002A 00000000 00000064 00000032")
    whole = Transaction(type=1, id=42, payload=bytes(50) + b"\x01" * 50)
    assert decode_frames_with_codec(codec, first + bytes(50) + first + b"\x01" * 50) == [whole]
    assert decode_frames_with_codec(codec, first + bytes(50)) == []
    written = TransactionCodec(fragment_bytes=50).encoder().encode(whole)
    assert written == first + bytes(50) + first + b"\x01" * 50
    assert len(codec.encoder().encode(Transaction(1, 1, bytes(32 * 1024 + 1)))) == 32 * 1024 + 1 + 2 * 20


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (header(flags=1, total=0, size=0), "invalid flags"),
        (header(total=1024 * 1024 + 1, size=0), "payload too large"),
        (header(total=3, size=4), "size mismatch"),
        (header(total=3, size=0), "size mismatch"),
        (header(total=3, size=2) + b"ab" + header(total=3, size=2), "size mismatch"),
        (header(total=3, size=2) + b"ab" + header(total=3, size=0), "size mismatch"),
        *[
            (header(total=3, size=2) + b"ab" + header(**{"total": 3, "size": 1, name: 9}), reason)
            for name, reason in [("flags", "invalid flags")]
            + [(name, "size mismatch") for name in ("reply", "kind", "id", "error", "total")]
        ],
    ],
)
def test_row_24_a_header_that_cannot_be_is_refused_before_its_payload(data: bytes, reason: str) -> None:
    """The last header of the bytes is whole, and nothing behind it is needed to refuse it."""
    assert broken(TransactionCodec(), data) == f"codec decode failed: {reason}"
    assert decode_frames_with_codec(TransactionCodec(), data[:-1]) == []


def test_row_24_fields_fill_a_payload_to_its_last_byte() -> None:
    """A count, then id, length and bytes of each; every other length, and an id that comes twice, is refused."""
    fields = (Field(101, b"hello"), Field(102, b""))
    payload = bytes.fromhex("0002 0065 0005") + b"hello" + bytes.fromhex("0066 0000")
    assert encode_fields(fields) == payload
    assert decode_fields(payload) == fields
    assert decode_fields(b"") == decode_fields(bytes(2)) == ()
    for wrong in [*(payload[:cut] for cut in range(1, len(payload))), payload + b"\x00"]:
        with pytest.raises(CodecError, match=r"^size mismatch$"):
            decode_fields(wrong)
    twice = bytes.fromhex("0002 0065 0000 0065 0000")
    with pytest.raises(CodecError, match=r"^duplicate field id 101$"):
        decode_fields(twice)
    with pytest.raises(CodecError, match=r"^duplicate field id 7$"):
        encode_fields([Field(7, b"a"), Field(7, b"b")])


def test_a_decoder_stays_broken() -> None:
    """Nobody knows where the next frame would begin; what comes later is not kept."""
    decoder = LengthDelimitedCodec(max_frame_length=1).decoder()
    decoder.feed(b"\x00\x00\x00\x01a\x00\x00\x00\x02")
    assert decoder.next_frame() == b"a"
    for _ in range(2):
        with pytest.raises(CodecError, match=r"^payload too large$"):
            decoder.next_frame()
        decoder.feed(b"\x00\x00\x00\x01a")
        assert decoder.buffered == 0


def test_a_parser_that_takes_nothing_is_a_bug() -> None:
    """It would be asked for ever."""
    for used in (0, 2):
        decoder = BufferedDecoder[bytes](lambda _, used=used: (b"", used))  # type: ignore[misc]
        decoder.feed(b"a")
        with pytest.raises(RuntimeError, match=rf"^expected a parser to use 1 to 1 bytes but got used={used}; mend the codec\.$"):
            decoder.next_frame()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MysqlCodec(max_frame_length=-1), "expected a limit of at least 0 but got max_frame_length=-1"),
        (lambda: HotlineCodec(max_frame_length=1 << 32), "expected a limit of between 0 and 4294967275 but got"),
        (lambda: LengthDelimitedCodec(length_bytes=0), "expected a length of 1 to 8 bytes but got length_bytes=0"),
        (lambda: LineCodec(end=b""), "expected bytes that end a line but got end=b''"),
        (lambda: TransactionCodec(fragment_bytes=0), "expected fragments of at least 1 byte but got fragment_bytes=0"),
    ],
)
def test_a_codec_that_cannot_be_is_refused_when_made(make: Any, message: str) -> None:
    """Not when the first frame comes."""
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}"):
        make()


# The names that the mission gives to these claims -------------------------------------------------------------------------------


def test_row_64_encode_payloads_with_codec_produces_decodable_frames() -> None:
    """What was encoded is what is decoded."""
    codec = HotlineCodec(max_frame_length=64)
    wire = encode_payloads_with_codec(codec, [b"one", b"", b"three"])
    assert len(wire) == 3
    assert extract_payloads(codec, decode_frames_with_codec(codec, b"".join(wire))) == [b"one", b"", b"three"]


def test_row_64_decode_frames_with_codec_handles_empty_input() -> None:
    """No bytes are no frames."""
    assert decode_frames_with_codec(HotlineCodec(), b"") == []


def test_row_64_extract_payloads_returns_payload_bytes() -> None:
    """Of frames that carry more than a payload."""
    assert extract_payloads(HotlineCodec(), [HotlineFrame(b"\x01\x02", 5), HotlineFrame(b"\x03", 6)]) == [b"\x01\x02", b"\x03"]
