"""Frame codecs: how a protocol cuts the bytes of a connection into frames. Free of the world, and of everything else of ours.

codec = HotlineCodec(max_frame_length=4096)
wire = encode_payloads_with_codec(codec, [b"first", b"second"])
frames = decode_frames_with_codec(codec, b"".join(wire))
assert extract_payloads(codec, frames) == [b"first", b"second"]
"""

from chaoskit.wire.codec.buffered import BufferedDecoder
from chaoskit.wire.codec.contract import DEFAULT_FRAME_LENGTH_MAX, CodecError, Decoder, Encoder, FrameCodec, InvalidDataError
from chaoskit.wire.codec.hotline import HotlineCodec, HotlineFrame
from chaoskit.wire.codec.length_delimited import LengthDelimitedCodec
from chaoskit.wire.codec.line import LineCodec
from chaoskit.wire.codec.mysql import MysqlCodec, MysqlFrame
from chaoskit.wire.codec.plain import PlainFrames
from chaoskit.wire.codec.transaction import (
    Field,
    Fragments,
    Transaction,
    TransactionCodec,
    decode_fields,
    encode_fields,
)
from chaoskit.wire.codec.whole import (
    decode_frames_with_codec,
    encode_frames_with_codec,
    encode_payloads_with_codec,
    extract_payloads,
)

__all__ = [
    "DEFAULT_FRAME_LENGTH_MAX",
    "BufferedDecoder",
    "CodecError",
    "Decoder",
    "Encoder",
    "Field",
    "Fragments",
    "FrameCodec",
    "HotlineCodec",
    "HotlineFrame",
    "InvalidDataError",
    "LengthDelimitedCodec",
    "LineCodec",
    "MysqlCodec",
    "MysqlFrame",
    "PlainFrames",
    "Transaction",
    "TransactionCodec",
    "decode_fields",
    "decode_frames_with_codec",
    "encode_fields",
    "encode_frames_with_codec",
    "encode_payloads_with_codec",
    "extract_payloads",
]
