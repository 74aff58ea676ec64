"""The Hotline server's transactions: requests and replies with an id, an error code and fields, cut into fragments when long.

A header of 20 bytes, big-endian: flags (1, always 0), is reply (1), type (2), id (4), error (4), total size (4), data size (4);
then data-size bytes. Fragments repeat the header, with a data size of their own, until the total size is there. A fragment
without bytes of a payload that has some is refused: a peer could send such for ever. The payload is a count (2), then fields:
id (2), length (2), bytes; `decode_fields` reads it, because not every payload is one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.wire.codec.buffered import BufferedDecoder
from chaoskit.wire.codec.contract import DEFAULT_FRAME_LENGTH_MAX, CodecError, checked_limit, checked_number

FRAGMENT_BYTES = 32 * 1024  # of a long payload, as the server writes it

_HEADER = struct.Struct(">BBHIIII")
_COUNT = struct.Struct(">H")
_FIELD = struct.Struct(">HH")


@dataclass(frozen=True, slots=True)
class Transaction:
    """A request, or the reply to the request of the same id."""

    type: int
    id: int
    payload: bytes = b""
    is_reply: int = 0
    error: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One of the fields in a transaction's payload."""

    id: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class TransactionCodec:
    """One transaction a frame, whatever the number of its fragments."""

    max_frame_length: int = DEFAULT_FRAME_LENGTH_MAX
    fragment_bytes: int = FRAGMENT_BYTES

    def __post_init__(self) -> None:
        checked_limit(self.max_frame_length, most=(1 << 32) - 1)
        if self.fragment_bytes < 1:
            raise ValueError(f"expected fragments of at least 1 byte but got fragment_bytes={self.fragment_bytes}.")

    def decoder(self) -> BufferedDecoder[Transaction]:
        return BufferedDecoder(_Parser(Fragments(max_frame_length=self.max_frame_length)).parse)

    def encoder(self) -> TransactionCodec:
        return self  # it remembers nothing

    def encode(self, frame: Transaction) -> bytes:
        """All fragments of a transaction. Raises `CodecError`."""
        total = len(frame.payload)
        if total > self.max_frame_length:
            raise CodecError("payload too large")
        for name, number, bits in (
            ("is_reply", frame.is_reply, 8),
            ("type", frame.type, 16),
            ("id", frame.id, 32),
            ("error", frame.error, 32),
        ):
            checked_number(name, number, bits=bits)
        parts = [frame.payload[at : at + self.fragment_bytes] for at in range(0, total, self.fragment_bytes)] or [b""]
        return b"".join(
            _HEADER.pack(0, frame.is_reply, frame.type, frame.id, frame.error, total, len(part)) + part for part in parts
        )

    def frame_payload(self, frame: Transaction) -> bytes:
        return frame.payload

    def wrap_payload(self, payload: bytes) -> Transaction:
        return Transaction(type=0, id=0, payload=payload)

    def correlation_id(self, frame: Transaction) -> int:
        return frame.id


class Fragments:
    """Puts transactions together, for who reads headers and data himself: `begin` with a header, `add` its data, again and again.

    It never holds more than the limit, whatever headers say.
    """

    header_bytes: ClassVar[int] = _HEADER.size

    def __init__(self, *, max_frame_length: int = DEFAULT_FRAME_LENGTH_MAX) -> None:
        self._max_frame_length = max_frame_length
        self._first: tuple[int, ...] | None = None  # what the fragments of a transaction have in common
        self._payload = bytearray()

    def begin(self, header: bytes | bytearray) -> int:
        """How many bytes of data follow this header. Raises `CodecError`."""
        flags, *common, total, size = _HEADER.unpack_from(header)
        if flags != 0:
            raise CodecError("invalid flags")
        if total > self._max_frame_length:
            raise CodecError("payload too large")
        differs = self._first is not None and (*common, total) != self._first
        if differs or size > total - len(self._payload) or (size == 0 and total > 0):
            raise CodecError("size mismatch")
        self._first = (*common, total)
        return int(size)

    def add(self, data: bytes | bytearray) -> Transaction | None:
        """The whole transaction, if these data of the last header were what it lacked."""
        assert self._first is not None, "data follow a header"
        is_reply, type_, id_, error, total = self._first
        self._payload += data
        if len(self._payload) < total:
            return None
        whole = Transaction(type_, id_, bytes(self._payload), is_reply, error)
        self._first = None
        self._payload.clear()
        return whole


class _Parser:
    """Reads fragments as their bytes come."""

    def __init__(self, fragments: Fragments) -> None:
        self._fragments = fragments
        self._size = 0  # of the data that are waited for; 0 while a header is

    def parse(self, buffer: bytearray) -> tuple[Transaction | None, int] | None:
        if self._size:
            if len(buffer) < self._size:
                return None
            size, self._size = self._size, 0
            return self._fragments.add(buffer[:size]), size
        if len(buffer) < Fragments.header_bytes:
            return None
        self._size = self._fragments.begin(buffer)
        return (None if self._size else self._fragments.add(b"")), Fragments.header_bytes


def encode_fields(fields: Iterable[Field]) -> bytes:
    """A payload of these fields. Raises `CodecError`, also for two fields of one id."""
    found = tuple(fields)
    checked_number("the count of fields", len(found), bits=16)
    _check_ids(found)
    for field in found:
        checked_number("a field's id", field.id, bits=16)
        checked_number("a field's length", len(field.data), bits=16)
    return _COUNT.pack(len(found)) + b"".join(_FIELD.pack(field.id, len(field.data)) + field.data for field in found)


def decode_fields(payload: bytes) -> tuple[Field, ...]:
    """The fields of a payload; an empty payload has none. Raises `CodecError` unless they fill it to its last byte."""
    if not payload:
        return ()
    fields: list[Field] = []
    try:
        (count,) = _COUNT.unpack_from(payload)
        at = _COUNT.size
        for _ in range(count):
            id_, length = _FIELD.unpack_from(payload, at)
            at += _FIELD.size
            fields.append(Field(id_, payload[at : at + length]))
            at += length
    except struct.error as error:
        raise CodecError("size mismatch") from error
    if at != len(payload):  # bytes are left, or the last field has fewer than it says
        raise CodecError("size mismatch")
    _check_ids(fields)
    return tuple(fields)


def _check_ids(fields: Iterable[Field]) -> None:
    seen: dict[int, Field] = {}
    for field in fields:
        if field.id in seen:
            raise CodecError(f"duplicate field id {field.id}")
        seen[field.id] = field
