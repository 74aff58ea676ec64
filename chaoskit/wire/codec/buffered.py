"""A decoder made of one function: it keeps the bytes, the function says what stands at their beginning.

The function is given all that has come and is not used yet. It answers None (more is needed), (frame, bytes used), or
(None, bytes used) when it has taken something that is no frame yet. It checks a length that it has read before it asks for that
much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from chaoskit.wire.codec.contract import CodecError, Frame

Parse = Callable[[bytearray], "tuple[Frame | None, int] | None"]


class BufferedDecoder(Generic[Frame]):
    """A `Decoder` around a parsing function; for a codec with state, the function is a new object's method."""

    def __init__(self, parse: Parse[Frame]) -> None:
        self._parse = parse
        self._buffer = bytearray()
        self._broken: str | None = None  # once bytes are no frame, nobody knows where the next frame begins

    @property
    def buffered(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        if self._broken is None:
            self._buffer += data

    def next_frame(self) -> Frame | None:
        if self._broken is not None:
            raise CodecError(self._broken)
        try:
            return self._parsed()
        except CodecError as error:
            self._broken = str(error)
            self._buffer.clear()
            raise

    def _parsed(self) -> Frame | None:
        while (parsed := self._parse(self._buffer)) is not None:
            frame, used = parsed
            if not 0 < used <= len(self._buffer):
                raise RuntimeError(
                    f"expected a parser to use 1 to {len(self._buffer)} bytes but got used={used}; mend the codec."
                )
            del self._buffer[:used]
            if frame is not None:
                return frame
        return None
