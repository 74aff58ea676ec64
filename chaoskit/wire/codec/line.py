"""Lines: each payload, then what ends a line. A last line without its end is a frame that has not come whole."""

from __future__ import annotations

from dataclasses import dataclass

from chaoskit.wire.codec.buffered import BufferedDecoder
from chaoskit.wire.codec.contract import DEFAULT_FRAME_LENGTH_MAX, CodecError, checked_limit
from chaoskit.wire.codec.plain import PlainFrames


@dataclass(frozen=True, kw_only=True)
class LineCodec(PlainFrames):
    """A frame is a line without its end. With the end `\\n`, a carriage return before it belongs to the line."""

    max_frame_length: int = DEFAULT_FRAME_LENGTH_MAX
    end: bytes = b"\n"

    def __post_init__(self) -> None:
        checked_limit(self.max_frame_length)
        if not self.end:
            raise ValueError("expected bytes that end a line but got end=b''; b'\\n' is usual.")

    def decoder(self) -> BufferedDecoder[bytes]:
        return BufferedDecoder(_Lines(self).parse)

    def encoder(self) -> LineCodec:
        return self  # it remembers nothing

    def encode(self, frame: bytes) -> bytes:
        """A line with its end. Raises `CodecError`."""
        if len(frame) > self.max_frame_length:
            raise CodecError("payload too large")
        line = frame + self.end
        if line.find(self.end) != len(frame):  # also an end that begins in the payload's last bytes
            raise CodecError("payload contains the end of a line")
        return line


class _Lines:
    """Looks for the end of a line, at no byte twice: a long line that comes byte by byte takes no longer than its length."""

    def __init__(self, codec: LineCodec) -> None:
        self._codec = codec
        self._searched = 0  # so many bytes hold no beginning of an end

    def parse(self, buffer: bytearray) -> tuple[bytes, int] | None:
        end = self._codec.end
        length = buffer.find(end, self._searched)
        least = length if length >= 0 else len(buffer) - len(end) + 1
        if least > self._codec.max_frame_length:
            raise CodecError("payload too large")
        if length < 0:
            self._searched = max(0, least)
            return None
        self._searched = 0
        return bytes(buffer[:length]), length + len(end)
