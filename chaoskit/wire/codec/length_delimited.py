"""Frames that begin with their payload's length: the default codec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chaoskit.wire.codec.buffered import BufferedDecoder
from chaoskit.wire.codec.contract import DEFAULT_FRAME_LENGTH_MAX, CodecError, checked_limit
from chaoskit.wire.codec.plain import PlainFrames


@dataclass(frozen=True, kw_only=True)
class LengthDelimitedCodec(PlainFrames):
    """A length of `length_bytes` bytes, then the payload. A frame is its payload: nothing else stands in it."""

    max_frame_length: int = DEFAULT_FRAME_LENGTH_MAX
    length_bytes: int = 4
    byte_order: Literal["big", "little"] = "big"

    def __post_init__(self) -> None:
        checked_limit(self.max_frame_length)
        if not 1 <= self.length_bytes <= 8:
            raise ValueError(f"expected a length of 1 to 8 bytes but got length_bytes={self.length_bytes}; 4 is usual.")

    def decoder(self) -> BufferedDecoder[bytes]:
        return BufferedDecoder(self._parse)

    def encoder(self) -> LengthDelimitedCodec:
        return self  # it remembers nothing

    def encode(self, frame: bytes) -> bytes:
        """A frame's bytes. Raises `CodecError`."""
        if len(frame) > self.max_frame_length:
            raise CodecError("payload too large")
        if len(frame) >= 1 << 8 * self.length_bytes:
            raise CodecError("payload too long")
        return len(frame).to_bytes(self.length_bytes, self.byte_order) + frame

    def _parse(self, buffer: bytearray) -> tuple[bytes, int] | None:
        if len(buffer) < self.length_bytes:
            return None
        length = int.from_bytes(buffer[: self.length_bytes], self.byte_order)
        if length > self.max_frame_length:
            raise CodecError("payload too large")
        end = self.length_bytes + length
        return (bytes(buffer[self.length_bytes : end]), end) if len(buffer) >= end else None
