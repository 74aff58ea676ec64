"""Addresses: parts to 64 bits, text and back."""

from __future__ import annotations

from itertools import combinations

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.draws import address_text, fold, mix, parse_address, salt
from chaoskit.draws.address import MASK


def test_an_address_reads_as_a_path_and_back() -> None:
    """A purpose, a cause, a place, a number."""
    parts = ("packet", "i17", "n1>n2", 0)
    assert address_text(*parts) == "packet/i17/n1>n2/0"
    assert parse_address("packet/i17/n1>n2/0") == parts


@pytest.mark.parametrize("text", ["", "/", "a//b", "a/", "/a"])
def test_an_address_with_an_empty_part_is_refused(text: str) -> None:
    """It comes from a plan, which a person may have edited."""
    with pytest.raises(UsageError, match=rf"^expected an address such as 'packet/i17/n1>n2/0' but got '{text}'\.$"):
        parse_address(text)


def test_different_addresses_have_different_keys() -> None:
    """Order, grouping, numbers beside strings of the same digits, prefixes: all matter."""
    addresses: list[tuple[str | int, ...]] = [
        (),
        ("a",),
        ("b",),
        ("a", 0),
        ("a", 1),
        ("a", "1"),
        ("a", 1, 0),
        ("a", 0, 1),
        ("a", 1, 1),
        ("a", "b"),
        ("b", "a"),
        ("ab",),
        ("a", "b", 1),
        ("a", 1, "b"),
        (0,),
        (1,),
        (0, 0),
        (0, "a"),
    ]
    keys = [fold(0, *address) for address in addresses]
    assert len(set(keys)) == len(addresses)
    assert all(0 <= key <= MASK for key in keys)


def test_neighbouring_numbers_have_unrelated_keys() -> None:
    """About half of the 64 bits differ between any two of them."""
    keys = [fold(0, "packet", "i17", "n1>n2", number) for number in range(50)]
    distances = [(one ^ other).bit_count() for one, other in combinations(keys, 2)]
    assert 12 < min(distances) <= max(distances) < 52
    assert 31 < sum(distances) / len(distances) < 33


def test_the_mixer_is_a_bijection_that_moves_half_of_the_bits() -> None:
    """Each single input bit."""
    assert len({mix(value) for value in range(10_000)}) == 10_000
    for place in range(64):
        moved = [(mix(value) ^ mix(value ^ 1 << place)).bit_count() for value in range(1000, 1200)]
        assert 28 < sum(moved) / len(moved) < 36, place


def test_the_salt_of_a_string_is_fixed_for_ever() -> None:
    """Seeds mean the same on every machine and in every version: these are BLAKE2b's bytes."""
    assert salt("packet") == 0x81BFE128E79BB94C
