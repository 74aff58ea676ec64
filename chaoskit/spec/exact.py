"""Values that compare as chaoskit compares them: 1, True and 1.0 are three values, -0.0 is not 0.0, and NaN is NaN.

Specs keep `exact(value)` in their states and compare those with ==; plain == would call a wrong read right. An exact value is
hashable even when the value is a list or a dict.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable
from typing import Any

from chaoskit.core.canonical import canonical

_PLAIN = frozenset({int, str, bytes, type(None)})  # among these, == already means the same value


class Exact:
    """A value that is equal to another exactly when their canonical bytes are."""

    __slots__ = ("_bytes", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._bytes = canonical(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and self._bytes == other._bytes

    def __hash__(self) -> int:
        return zlib.crc32(self._bytes)  # the same in every process, unlike the hash of bytes

    def __repr__(self) -> str:
        return repr(self.value)


def exact(value: Any) -> Hashable:
    """The value itself where == is good enough for it, else wrapped in an `Exact`."""
    return value if type(value) in _PLAIN or type(value) is Exact else Exact(value)


def all_exact(values: Iterable[Any]) -> list[Hashable]:
    """The exact value of each; quick where they are as good as they are."""
    listed = list(values)
    return listed if _PLAIN.issuperset(map(type, listed)) else list(map(exact, listed))


def plain(value: Any) -> Any:
    """The value inside an exact value."""
    return value.value if type(value) is Exact else value


def same(one: Any, other: Any) -> bool:
    """Are these the same value?

    >>> same(1, True), same([1], (1,)), same(float("nan"), float("nan"))
    (False, True, True)
    """
    return exact(one) == exact(other)


def identity(state: Hashable) -> Hashable:
    """A key under which equal states, and only those, are one.

    Looks inside tuples and frozensets for what a spec forgot to make exact.
    """
    if type(state) in _PLAIN:
        return state
    if isinstance(state, bool | float):
        return Exact(state)
    if isinstance(state, tuple):
        return tuple(map(identity, state))
    if isinstance(state, frozenset):
        return frozenset(map(identity, state))
    return state
