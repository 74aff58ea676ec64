"""MySQL's packets: a length of three bytes, little-endian, a sequence number of one byte, the payload."""

from __future__ import annotations

from dataclasses import dataclass

from chaoskit.wire.codec.buffered import BufferedDecoder
from chaoskit.wire.codec.contract import DEFAULT_FRAME_LENGTH_MAX, CodecError, checked_limit, checked_number

_HEADER_BYTES = 4
_LENGTH_BYTES = 3
_LENGTH_MAX = 0xFFFFFF


@dataclass(frozen=True, slots=True)
class MysqlFrame:
    """A packet; sequence numbers count the packets of one command, from 0, modulo 256."""

    payload: bytes
    sequence: int = 0


@dataclass(frozen=True, kw_only=True)
class MysqlCodec:
    """One packet a frame. Payloads of 16 MiB and more, which MySQL cuts into several packets, are refused."""

    max_frame_length: int = DEFAULT_FRAME_LENGTH_MAX

    def __post_init__(self) -> None:
        checked_limit(self.max_frame_length)

    def decoder(self) -> BufferedDecoder[MysqlFrame]:
        return BufferedDecoder(self._parse)

    def encoder(self) -> MysqlCodec:
        return self  # it remembers nothing

    def encode(self, frame: MysqlFrame) -> bytes:
        """A frame's bytes. Raises `CodecError`."""
        if len(frame.payload) > self.max_frame_length:
            raise CodecError("payload too large")
        if len(frame.payload) > _LENGTH_MAX:
            raise CodecError("payload too long")
        checked_number("sequence", frame.sequence, bits=8)
        return len(frame.payload).to_bytes(_LENGTH_BYTES, "little") + bytes([frame.sequence]) + frame.payload

    def frame_payload(self, frame: MysqlFrame) -> bytes:
        return frame.payload

    def wrap_payload(self, payload: bytes) -> MysqlFrame:
        return MysqlFrame(payload)

    def correlation_id(self, frame: MysqlFrame) -> int:
        return frame.sequence

    def _parse(self, buffer: bytearray) -> tuple[MysqlFrame, int] | None:
        if len(buffer) < _HEADER_BYTES:
            return None
        length = int.from_bytes(buffer[:_LENGTH_BYTES], "little")
        if length > self.max_frame_length:
            raise CodecError("payload too large")
        end = _HEADER_BYTES + length
        if len(buffer) < end:
            return None
        return MysqlFrame(bytes(buffer[_HEADER_BYTES:end]), buffer[_LENGTH_BYTES]), end
