"""Draws by address: pure, uniform, overridable."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from chaoskit.core.errors import InternalError
from chaoskit.draws import Draws

DRAWS = Draws(7)
SAMPLES = 12_000


def chi_square(counts: Counter[object], kinds: int) -> float:
    """The statistic against equal shares of `SAMPLES`."""
    assert len(counts) == kinds, "every kind was seen"
    share = SAMPLES / kinds
    return sum((count - share) ** 2 / share for count in counts.values())


def critical(kinds: int) -> float:
    """What chi-square exceeds once in 100,000 (Wilson and Hilferty's approximation)."""
    freedom = kinds - 1
    return float(freedom * (1 - 2 / (9 * freedom) + 4.265 * (2 / (9 * freedom)) ** 0.5) ** 3)


@pytest.mark.parametrize("kinds", [2, 3, 7, 10, 24])
def test_integers_are_uniform(kinds: int) -> None:
    """Chi-square over ranges that are no powers of two."""
    counts: Counter[object] = Counter(DRAWS.integer(5, 4 + kinds, "i", kinds, number) for number in range(SAMPLES))
    assert chi_square(counts, kinds) < critical(kinds)
    assert min(counts) == 5  # type: ignore[type-var]
    assert max(counts) == 4 + kinds  # type: ignore[type-var]


def test_row_87_permutations_are_uniform() -> None:
    """Every order of four as likely (a true Fisher-Yates shuffle; sorting by a random comparison is not)."""
    counts: Counter[object] = Counter(tuple(DRAWS.shuffle("abcd", "s", number)) for number in range(SAMPLES))
    assert chi_square(counts, 24) < critical(24)
    assert set(counts) == set(permutations("abcd"))


def test_every_place_of_a_long_shuffle_is_uniform() -> None:
    """Ten items: each as often at each place."""
    shuffles = [DRAWS.shuffle(range(10), "long", number) for number in range(SAMPLES)]
    for place in range(10):
        assert chi_square(Counter(order[place] for order in shuffles), 10) < critical(10), place


def test_picks_and_samples_are_uniform() -> None:
    """Pairs out of five, in their own order."""
    picks: Counter[object] = Counter(DRAWS.pick("abc", "p", number) for number in range(SAMPLES))
    assert chi_square(picks, 3) < critical(3)
    pairs: Counter[object] = Counter(tuple(DRAWS.sample("abcde", 2, "q", number)) for number in range(SAMPLES))
    assert chi_square(pairs, 10) < critical(10)
    assert all(pair == tuple(sorted(pair)) for pair in pairs)  # type: ignore[call-overload]


def test_weights_are_shares() -> None:
    """A weight of nought is never drawn."""
    counts = Counter(DRAWS.weighted([("a", 1), ("b", 0), ("c", 3)], "w", number) for number in range(SAMPLES))
    assert counts["b"] == 0
    assert abs(counts["a"] - SAMPLES / 4) < 5 * (SAMPLES * 3 / 16) ** 0.5


@pytest.mark.parametrize("ppm", [0, 1_000, 250_000, 999_000, 1_000_000])
def test_a_chance_comes_true_as_often_as_it_says(ppm: int) -> None:
    """Never and always are exact."""
    hits = sum(DRAWS.chance(ppm, "c", number) for number in range(SAMPLES))
    expected = SAMPLES * ppm / 1_000_000
    assert abs(hits - expected) <= 5 * (expected * (1 - ppm / 1_000_000)) ** 0.5


def test_bits_are_balanced() -> None:
    """Each of the 64 is set half of the time."""
    words = [DRAWS.bits("b", number) for number in range(4000)]
    for place in range(64):
        assert abs(sum(word >> place & 1 for word in words) - 2000) < 5 * 1000**0.5, place


def test_a_draw_depends_on_seed_and_address_and_nothing_else() -> None:
    """Not on what was asked before, nor on how often."""
    first = DRAWS.bits("x", 1)
    DRAWS.shuffle(range(100), "other")
    assert DRAWS.bits("x", 1) == first == Draws(7).bits("x", 1)
    assert Draws(8).bits("x", 1) != first
    assert DRAWS.bits("x", 2) != first


@pytest.mark.parametrize("seed", [0, 1, -1, 2**64, 10**30])
def test_every_integer_is_a_seed(seed: int) -> None:
    """And each its own."""
    assert Draws(seed).bits("x") != Draws(seed + 1).bits("x")


def test_seeds_mean_the_same_for_ever() -> None:
    """A failing seed is written into bug reports."""
    expected = [4069538252376418982, 9716231669133947275, 715046936918780861]
    assert [Draws(seed).bits("packet", "i17", "n1>n2", 0) for seed in (0, 7, -1)] == expected


def test_an_override_fixes_one_decision() -> None:
    """By its whole address, wherever the code that draws cut it; all others stay."""
    free, fixed = Draws(7), Draws(7, {"node/i3/2": 0, "node/i3/n1.1/2/cut": 2**64 - 1})
    assert fixed.bits("node", "i3", 2) == fixed.child("node").bits("i3", 2) == fixed.child("node", "i3").bits(2) == 0
    assert fixed.integer(10, 19, "node", "i3", 2) == 10
    assert fixed.child("node", "i3", "n1.1").integer(10, 19, 2, "cut") == 19
    assert fixed.bits("node", "i3", 3) == free.bits("node", "i3", 3)


def test_a_shuffle_may_be_overridden_swap_by_swap() -> None:
    """An exhaustive search enumerates them."""
    orders = {
        tuple(Draws(1, {"o/swap/2": two << 62, "o/swap/1": one << 63}).shuffle("abc", "o"))
        for two in range(4)
        for one in range(2)
    }
    assert orders == set(permutations("abc"))


def test_an_empty_range_is_a_bug_of_ours() -> None:
    """Callers check what people give them."""
    with pytest.raises(InternalError, match=r"^expected low <= high but got low=1, high=0\.$"):
        DRAWS.integer(1, 0, "x")
    with pytest.raises(InternalError, match="low <= high"):
        DRAWS.pick([], "x")
    with pytest.raises(InternalError, match="low <= high"):
        DRAWS.weighted([("a", 0)], "x")


def test_items_may_be_few() -> None:
    """Nothing to draw is no error."""
    assert DRAWS.shuffle([], "x") == []
    assert DRAWS.shuffle(["a"], "x") == ["a"]
    assert DRAWS.sample(["a", "b"], 5, "x") == ["a", "b"]
    assert DRAWS.integer(3, 3, "x") == 3


def test_a_settled_purpose_decides_by_the_place_alone() -> None:
    """Whatever caused it and however often: a node draws the same at every boot; a whole address still overrides."""
    draws = Draws(7, {"node": 3, "node/i1/n2.1/0": 11})
    assert draws.bits("node", "i5", "n1.1", 0) == draws.bits("node", "n1.2.election.4", "n1.2", 1)
    assert draws.bits("node", "i5", "n1.1", 0) != draws.bits("node", "i5", "n2.1", 0)
    assert draws.bits("node", "i1", "n2.1", 0) == 11
    assert draws.bits("clock", "n1", "offset") == Draws(7).bits("clock", "n1", "offset")


def test_a_settled_purpose_is_the_same_below_a_prefix() -> None:
    """Wherever the address is cut, and for code that folds addresses itself; another value deals the places differently."""
    draws = Draws(7, {"disk": 1, "packet": 2})
    assert draws.child("disk", "n1").bits("sync", "i4", 0) == draws.bits("disk", "n1", "sync", "i9", 3)
    assert draws.settled("packet", "n1>n2") == draws.bits("packet", "i4", "n1>n2", 5)
    assert draws.settled("packet", "n1>n2") != Draws(7, {"packet": 3}).settled("packet", "n1>n2")
    assert Draws(7).settled("packet", "n1>n2") is None
