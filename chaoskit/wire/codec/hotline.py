"""Hotline-like frames: two sizes, a transaction id, eight bytes of nothing, the payload.

All big-endian: data size (4), total size (4, always the data size and 20), transaction id (4), eight zero bytes. What stands in
the eight bytes is not looked at when read. The Hotline server's own transactions are another layout: see `transaction`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from chaoskit.wire.codec.buffered import BufferedDecoder
from chaoskit.wire.codec.contract import DEFAULT_FRAME_LENGTH_MAX, CodecError, checked_limit, checked_number

_HEADER = struct.Struct(">III8x")


@dataclass(frozen=True, slots=True)
class HotlineFrame:
    """A payload and the transaction it belongs to."""

    payload: bytes
    transaction_id: int = 0


@dataclass(frozen=True, kw_only=True)
class HotlineCodec:
    """A header of 20 bytes, then the payload; an answer carries its question's transaction id."""

    max_frame_length: int = DEFAULT_FRAME_LENGTH_MAX

    def __post_init__(self) -> None:
        checked_limit(self.max_frame_length, most=(1 << 32) - 1 - _HEADER.size)

    def decoder(self) -> BufferedDecoder[HotlineFrame]:
        return BufferedDecoder(self._parse)

    def encoder(self) -> HotlineCodec:
        return self  # it remembers nothing

    def encode(self, frame: HotlineFrame) -> bytes:
        """A frame's bytes. Raises `CodecError`."""
        size = len(frame.payload)
        if size > self.max_frame_length:
            raise CodecError("payload too large")
        checked_number("transaction_id", frame.transaction_id, bits=32)
        return _HEADER.pack(size, size + _HEADER.size, frame.transaction_id) + frame.payload

    def frame_payload(self, frame: HotlineFrame) -> bytes:
        return frame.payload

    def wrap_payload(self, payload: bytes) -> HotlineFrame:
        return HotlineFrame(payload)

    def correlation_id(self, frame: HotlineFrame) -> int:
        return frame.transaction_id

    def _parse(self, buffer: bytearray) -> tuple[HotlineFrame, int] | None:
        if len(buffer) < _HEADER.size:
            return None
        size, total, transaction_id = _HEADER.unpack_from(buffer)
        if size > self.max_frame_length:
            raise CodecError("payload too large")
        if total != size + _HEADER.size:
            raise CodecError("invalid total size")
        if len(buffer) < total:
            return None
        return HotlineFrame(bytes(buffer[_HEADER.size : total]), transaction_id), total
