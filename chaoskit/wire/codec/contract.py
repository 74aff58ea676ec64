"""What a frame codec is: the interface that every codec has, also a person's own.

A codec is a value: it says how frames look, and makes a decoder and an encoder for each connection, which hold that connection's
state. Frames are never None. Whatever is wrong with bytes or frames is a `CodecError`; any other exception is a bug of the codec.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

DEFAULT_FRAME_LENGTH_MAX = 1024 * 1024  # bytes of payload

Frame = TypeVar("Frame")
Frame_co = TypeVar("Frame_co", covariant=True)
Frame_contra = TypeVar("Frame_contra", contravariant=True)


class CodecError(ValueError):
    """Bytes that are no frame, or a frame that has no bytes."""


class InvalidDataError(CodecError):
    """What a helper was given could not be encoded or decoded: says which, and the codec's own words."""


class Decoder(Protocol[Frame_co]):
    """One direction of one connection, as it is read. However the bytes are cut, the same frames come out."""

    @property
    def buffered(self) -> int:
        """How many bytes wait for the rest of their frame."""

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""

    def next_frame(self) -> Frame_co | None:
        """The next whole frame, None while it is not there. Raises `CodecError` for what is no frame, and from then on always."""


class Encoder(Protocol[Frame_contra]):
    """One direction of one connection, as it is written."""

    def encode(self, frame: Frame_contra) -> bytes:
        """A frame's bytes. Raises `CodecError` for a frame that has none."""


class FrameCodec(Protocol[Frame]):
    """How frames look. Immutable, so that connections share one."""

    @property
    def max_frame_length(self) -> int:
        """The bytes of the longest payload that is read or written."""

    def decoder(self) -> Decoder[Frame]:
        """A new decoder, for one connection."""

    def encoder(self) -> Encoder[Frame]:
        """A new encoder, for one connection."""

    def frame_payload(self, frame: Frame) -> bytes:
        """What a frame carries."""

    def wrap_payload(self, payload: bytes) -> Frame:
        """A frame that carries this."""

    def correlation_id(self, frame: Frame) -> int | None:
        """Which exchange a frame belongs to, None where frames do not say."""


def checked_limit(max_frame_length: int, *, most: int | None = None) -> None:
    """Refuses a limit that a codec cannot keep. Raises `ValueError`."""
    if max_frame_length < 0 or (most is not None and max_frame_length > most):
        bounds = "at least 0" if most is None else f"between 0 and {most}"
        raise ValueError(
            f"expected a limit of {bounds} but got max_frame_length={max_frame_length}; what do the frames' headers allow?"
        )


def checked_number(name: str, number: int, *, bits: int) -> None:
    """Refuses a header's number that has no room in it. Raises `CodecError`."""
    if not 0 <= number < 1 << bits:
        raise CodecError(f"expected {name} of {bits} bits but got {name}={number}")
