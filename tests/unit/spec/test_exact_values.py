"""Exact values: which are the same, and how they are shown."""

from __future__ import annotations

import math
from typing import Any

import pytest

from chaoskit.spec.exact import Exact, all_exact, exact, identity, plain, same
from chaoskit.spec.text import call_text, show


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (True, 1.0),
        (0, False),
        (0.0, -0.0),
        (None, False),
        ("1", 1),
        ("a", b"a"),
        ([], None),
        ([1], [True]),
    ],
)
def test_values_of_different_kinds_are_different(one: object, other: object) -> None:
    """Python calls some of these equal."""
    assert not same(one, other)
    assert len({exact(one), exact(other)}) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [(math.nan, math.nan), ([1, [2]], (1, (2,))), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (2.5, 2.5), (True, True)],
)
def test_values_with_the_same_canonical_bytes_are_the_same(one: object, other: object) -> None:
    """Tuples are lists, dicts have no order, NaN is itself."""
    assert same(one, other)
    assert len({exact(one), exact(other)}) == 1


def test_an_exact_value_is_itself_again_and_can_be_unwrapped() -> None:
    """Wrapping twice is wrapping once."""
    assert exact(exact([1])) == exact([1])
    assert plain(exact([1])) == [1] and plain(exact(1)) == 1
    assert repr(Exact(True)) == "True"


def test_identity_looks_inside_states() -> None:
    """A state of a person's own that holds plain values is told apart all the same."""
    assert identity((1, frozenset({2}))) != identity((True, frozenset({2})))
    assert identity(frozenset({1})) != identity(frozenset({1.0}))
    assert identity(True) != identity(1)
    assert identity((1, 2)) == identity((1, 2))


def test_values_are_shown_for_people_and_cut_with_a_count() -> None:
    """Nothing is left out in silence."""
    assert show({"b": None, "a": [True, 1.5]}) == "{b: nil, a: [true, 1.5]}"
    assert show(frozenset({10, 9})) == "{9, 10}"
    assert show(list(range(30))).endswith("22, 23, … 6 more]")
    assert show("x" * 100) == '"' + "x" * 80 + '… 20 more characters"'
    assert show(b"a") == "b'a'"
    assert call_text("read", None) == "read"
    assert call_text("move", "k", 1, 2) == "move k=1, 2"


@pytest.mark.parametrize("values", [[], [1, "a", None, b"x"], [1, True, 1.0, [1]], (2, 3)])
def test_many_values_are_made_exact_as_one_is(values: list[Any]) -> None:
    """Also where it is seen at once that all are plain."""
    assert all_exact(values) == [exact(value) for value in values]
    assert list(map(type, all_exact(values))) == [type(exact(value)) for value in values]
