"""Canonical bytes of a value, and the hashes built on them.

Two values are the same to chaoskit exactly when their canonical bytes are: 1, True and 1.0 differ, a tuple is a list, a
dict has no order. Everything that is compared across processes (digests, interned values, messages) goes through here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec

from chaoskit.core.errors import ModelError

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
LONG = 64  # of a list or its bytes: what is longer is kept more tightly
_PLAIN = frozenset({int, str, type(None)})  # told apart by a dict as by their bytes; a bool or a float may equal an integer
DIGEST_BYTES = 16
HASH_BYTES = 32  # nobody can make two values with one


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value. Raises `ModelError` for what cannot be written down (a function, an open file …)."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise ModelError(f"expected a value that can be encoded but got {value!r:.200}: {error}") from error


class Interner:
    """Values to small integers and back, by type and canonical bytes.

    A plain dict would make 1, True and 1.0 one value, and the checker would call a wrong history valid. What is kept is a copy in
    plain form (a tuple as a list, a record as a dict): a value that its owner goes on changing must not change what was seen, and
    a live history must hold what a saved one does. Long lists share their elements: reads of a whole set, each with all that the
    one before had, would else take five times the memory.
    """

    __slots__ = ("_by_bytes", "_by_hash", "_by_plain", "_elements", "values")

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._by_plain: dict[int | str | None, int] = {}
        self._by_bytes: dict[bytes, int] = {}
        self._by_hash: dict[bytes, int] = {}  # of long ones
        self._elements: dict[int | str | None, int | str | None] = {}  # of long lists

    def __len__(self) -> int:
        return len(self.values)

    def intern(self, value: Any) -> int:
        """The number of a value; equal canonical bytes, equal number; numbers count from 0 by first appearance."""
        if type(value) in _PLAIN:
            number = self._by_plain.get(value)
            if number is None:
                canonical(value)  # refuses what no digest could take: an integer beyond 64 bits, a broken text
                number = self._by_plain[value] = len(self.values)
                self.values.append(value)
            return number
        encoded = canonical(value)
        known, name = self._by_bytes, encoded
        if len(encoded) > LONG:
            known, name = self._by_hash, hashlib.blake2b(encoded, digest_size=HASH_BYTES).digest()
        number = known.get(name)
        if number is None:
            plain = msgspec.msgpack.decode(encoded)
            if type(plain) in _PLAIN:  # an enum's member, a decimal: as plain as any
                return self.intern(plain)
            if type(plain) is list and len(plain) > LONG and _PLAIN.issuperset(map(type, plain)):
                plain = list(map(self._elements.setdefault, plain, plain))
            number = known[name] = len(self.values)
            self.values.append(plain)
        return number

    def intern_all(self, values: Sequence[Any]) -> list[int]:
        """The numbers of many values, the same that `intern` would give them one by one."""
        if not _PLAIN.issuperset(map(type, values)):
            return [self.intern(value) for value in values]
        known = self._by_plain
        new = [value for value in dict.fromkeys(values) if value not in known]
        canonical(new)
        known.update(zip(new, count(len(self.values))))
        self.values.extend(new)
        return list(map(known.__getitem__, values))


class Digest:
    """A running hash over length-prefixed records, named by what it covers and its version."""

    __slots__ = ("_hash", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._hash = hashlib.blake2b(name.encode(), digest_size=DIGEST_BYTES)

    def add(self, record: bytes) -> None:
        self._hash.update(len(record).to_bytes(8, "big"))
        self._hash.update(record)

    def add_stream(self, chunk: bytes) -> None:
        """Adds records that are self-delimiting (a msgpack stream): where a chunk ends does not matter."""
        self._hash.update(chunk)

    def copy(self) -> Digest:
        """Another one that goes on from here."""
        other = Digest.__new__(Digest)
        other.name, other._hash = self.name, self._hash.copy()
        return other

    def hex(self) -> str:
        return self._hash.hexdigest()
