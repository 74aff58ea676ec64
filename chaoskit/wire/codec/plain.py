"""Frames that are nothing but their payload: what codecs of such frames have in common."""

from __future__ import annotations


class PlainFrames:
    """The members of a `FrameCodec` that are about what stands in a frame: here, bytes and no more."""

    def frame_payload(self, frame: bytes) -> bytes:
        return frame

    def wrap_payload(self, payload: bytes) -> bytes:
        return payload

    def correlation_id(self, frame: bytes) -> None:
        return None
