"""Values are the same exactly when their canonical bytes are; what is interned is a copy of its own."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any

import msgspec
import pytest

from chaoskit.core.canonical import Digest, Interner, canonical
from chaoskit.core.errors import ModelError


class Colour(str, Enum):
    """A text by another name."""

    RED = "red"


class Level(IntEnum):
    """A number by another name."""

    LOW = 1


class Pair(msgspec.Struct):
    """A record."""

    a: int
    b: int


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (True, 1.0),
        (0, False),
        (0, None),
        (0.0, -0.0),
        ("", None),
        ("1", 1),
        (b"a", "a"),
        ([], {}),
        ([1], [True]),
    ],
)
def test_values_that_python_or_people_may_confuse_are_different(one: Any, other: Any) -> None:
    """1 == True == 1.0 in Python; a history that took them for one value would make a wrong verdict."""
    assert canonical(one) != canonical(other)
    interner = Interner()
    assert interner.intern(one) != interner.intern(other)
    assert interner.intern([one]) != interner.intern([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, 2), [1, 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (float("nan"), float("nan")),
        (Colour.RED, "red"),
        (Level.LOW, 1),
        (Pair(1, 2), {"b": 2, "a": 1}),
        (bytearray(b"x"), b"x"),
    ],
)
def test_values_of_equal_canonical_bytes_are_one_value(one: Any, other: Any) -> None:
    """In whichever order they come."""
    assert canonical(one) == canonical(other)
    for first, second in ((one, other), (other, one)):
        interner = Interner()
        assert interner.intern(first) == interner.intern(second) == 0
        assert len(interner) == 1


def test_numbers_count_by_first_appearance() -> None:
    """They are indices of `values`."""
    interner = Interner()
    assert [interner.intern(value) for value in ("b", "a", "b", 1, True, [1], (1,))] == [0, 1, 0, 2, 3, 4, 4]
    assert interner.values == ["b", "a", 1, True, [1]]


def test_a_value_that_its_owner_goes_on_changing_stays_as_it_was_seen() -> None:
    """A node may answer with the very list that it keeps adding to."""
    interner, state = Interner(), {"elements": [1]}
    number = interner.intern(state)
    state["elements"].append(2)
    assert interner.values[number] == {"elements": [1]}
    assert interner.intern(state) != number


def test_what_is_kept_is_as_plain_as_what_a_saved_history_holds() -> None:
    """Checkers must see the same in a live history and in one that was read back."""
    interner = Interner()
    for value in ((1, (2, 3)), Pair(1, 2), Colour.RED):
        interner.intern(value)
    assert interner.values == [[1, [2, 3]], {"a": 1, "b": 2}, "red"]
    assert [type(value) for value in interner.values] == [list, dict, str]


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800", object(), [object()], {1: 2}, {1.5}, lambda: None])
def test_a_value_that_no_digest_could_take_is_refused_at_once(value: Any) -> None:
    """Not later, when the history is hashed: then everything would be lost."""
    if value == {1.5}:
        assert canonical(value) == canonical([1.5])
        return
    interner = Interner()
    with pytest.raises(ModelError, match=r"^expected a value that can be encoded but got "):
        interner.intern(value)
    assert len(interner) == 0


def test_the_extremes_of_64_bits_are_values() -> None:
    """Foreign histories hold them."""
    interner = Interner()
    assert [interner.intern(value) for value in (2**64 - 1, -(2**63))] == [0, 1]


def test_digests_depend_on_where_records_end_and_on_the_name() -> None:
    """Length prefixes keep `ab` + `c` from being `a` + `bc`."""

    def digest(name: str, *records: bytes) -> str:
        running = Digest(name)
        for record in records:
            running.add(record)
        return running.hex()

    assert digest("x", b"ab", b"c") == digest("x", b"ab", b"c")
    assert len({digest("x", b"ab", b"c"), digest("x", b"a", b"bc"), digest("x", b"abc"), digest("y", b"ab", b"c")}) == 4


def test_a_stream_may_be_cut_anywhere() -> None:
    """Chunks of a journal are streams."""
    whole, parts = Digest("x"), Digest("x")
    whole.add_stream(b"abcdef")
    for part in (b"a", b"", b"bcde", b"f"):
        parts.add_stream(part)
    assert whole.hex() == parts.hex()


def test_long_lists_share_their_elements() -> None:
    """Reads of a whole set, each with what the one before had; what is kept of a value is the same as of a short one."""
    interner = Interner()
    one, other = ([10**6 + element for element in range(size)] for size in (100, 101))
    numbers = [interner.intern(value) for value in (one, other, list(other), [1] * 100, [True] * 100, [1.0] * 100, ["1"] * 100)]
    assert numbers == [0, 1, 1, 2, 3, 4, 5]
    assert interner.values[:2] == [one, other]
    assert all(mine is theirs for mine, theirs in zip(*interner.values[:2], strict=False))
    assert [type(value[0]) for value in interner.values[2:]] == [int, bool, float, str]
