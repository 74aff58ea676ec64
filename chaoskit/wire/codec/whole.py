"""Encodes and decodes all at once, for tests that have the bytes of a whole conversation in hand."""

from __future__ import annotations

from collections.abc import Iterable

from chaoskit.wire.codec.contract import CodecError, Frame, FrameCodec, InvalidDataError


def encode_frames_with_codec(codec: FrameCodec[Frame], frames: Iterable[Frame]) -> list[bytes]:
    """The bytes of each frame, by one encoder. Raises `InvalidDataError`: "codec encode failed: …"."""
    encoder = codec.encoder()
    try:
        return [encoder.encode(frame) for frame in frames]
    except CodecError as error:
        raise InvalidDataError(f"codec encode failed: {error}") from error


def encode_payloads_with_codec(codec: FrameCodec[Frame], payloads: Iterable[bytes]) -> list[bytes]:
    """The bytes of each payload's frame, by one encoder. Raises `InvalidDataError`: "codec encode failed: …"."""
    return encode_frames_with_codec(codec, map(codec.wrap_payload, payloads))


def decode_frames_with_codec(codec: FrameCodec[Frame], data: bytes) -> list[Frame]:
    """All whole frames; what is left of one at the end is left out. Raises `InvalidDataError`: "codec decode failed: …"."""
    decoder = codec.decoder()
    decoder.feed(data)
    frames: list[Frame] = []
    try:
        while (frame := decoder.next_frame()) is not None:
            frames.append(frame)
    except CodecError as error:
        raise InvalidDataError(f"codec decode failed: {error}") from error
    return frames


def extract_payloads(codec: FrameCodec[Frame], frames: Iterable[Frame]) -> list[bytes]:
    """What each frame carries."""
    return [codec.frame_payload(frame) for frame in frames]
