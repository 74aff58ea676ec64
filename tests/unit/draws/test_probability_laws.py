"""Probability laws: the right shape, text and back, integers only."""

from __future__ import annotations

import math
import re
from statistics import mean, median

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.units import MICROSECOND, MILLISECOND
from chaoskit.draws import Draws, Law, bimodal, constant, exponential, law_from_text, lognormal, pareto, uniform
from chaoskit.draws.laws import VALUE_MAX

ROUNDS = 20_000
MS = MILLISECOND


def samples(law: Law) -> list[int]:
    """Values at evenly hashed bits."""
    draws = Draws(3)
    return [law.sample(draws.bits("sample", number)) for number in range(ROUNDS)]


def share_above(values: list[int], limit: int) -> float:
    """How much of them is larger."""
    return sum(value > limit for value in values) / len(values)


def test_a_constant_is_always_the_same() -> None:
    """Whatever the bits."""
    assert set(samples(constant(5 * MS))) == {5 * MS}


def test_a_uniform_law_covers_its_range_evenly() -> None:
    """Both ends included, none passed."""
    values = samples(uniform(1 * MS, 9 * MS))
    assert 1 * MS <= min(values) < 1.01 * MS
    assert 8.99 * MS < max(values) <= 9 * MS
    assert mean(values) == pytest.approx(5 * MS, rel=0.01)
    assert share_above(values, 7 * MS) == pytest.approx(0.25, abs=0.015)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (3, 5), (0, 9)])
def test_a_narrow_uniform_law_gives_every_value_as_often(low: int, high: int) -> None:
    """Its last value as well."""
    values = samples(uniform(low, high))
    kinds = high - low + 1
    for value in range(low, high + 1):
        assert values.count(value) / ROUNDS == pytest.approx(1 / kinds, rel=0.12), value


def test_an_exponential_law_has_its_mean_and_no_memory() -> None:
    """P(X > x) is e to the minus x by the mean, wherever one begins to wait."""
    values = samples(exponential(3 * MS))
    assert mean(values) == pytest.approx(3 * MS, rel=0.02)
    assert median(values) == pytest.approx(3 * MS * math.log(2), rel=0.03)
    assert share_above(values, 3 * MS) == pytest.approx(math.exp(-1), abs=0.012)
    late = [value for value in values if value > 3 * MS]
    assert share_above(late, 6 * MS) == pytest.approx(math.exp(-1), abs=0.02)
    assert min(values) >= 0


@pytest.mark.parametrize("sigma", [400, 1000])
def test_a_lognormal_law_has_its_median_and_its_deviation(sigma: int) -> None:
    """The logarithm is normal: 16 % lie above one deviation."""
    values = samples(lognormal(2 * MS, sigma))
    assert median(values) == pytest.approx(2 * MS, rel=0.02)
    assert mean(values) == pytest.approx(2 * MS * math.exp((sigma / 1000) ** 2 / 2), rel=0.05)
    assert share_above(values, int(2 * MS * math.exp(sigma / 1000))) == pytest.approx(0.1587, abs=0.012)
    assert min(values) > 0


def test_a_bimodal_law_has_two_values() -> None:
    """The rare one as often as it says; what lies between is one cell of the table."""
    values = samples(bimodal(2 * MS, 30 * MS, 50_000))
    assert sum(value not in (2 * MS, 30 * MS) for value in values) < ROUNDS / 500
    assert values.count(2 * MS) / ROUNDS == pytest.approx(0.95, abs=0.006)
    assert values.count(30 * MS) / ROUNDS == pytest.approx(0.05, abs=0.006)


def test_a_pareto_law_has_a_heavy_tail() -> None:
    """P(X > x) = (least / x)^alpha."""
    values = samples(pareto(1 * MS, 1500))
    assert min(values) >= 1 * MS
    for factor in (2, 4, 16):
        assert share_above(values, factor * MS) == pytest.approx(factor**-1.5, abs=0.012), factor
    assert max(values) > 200 * MS


@pytest.mark.parametrize("law", [exponential(3 * MS), lognormal(2 * MS, 400), pareto(1 * MS, 1500), uniform(1, 10**12)])
def test_more_bits_never_give_a_smaller_value(law: Law) -> None:
    """A table of an inverse distribution function rises; guided search relies on it."""
    values = [law.sample(number << 52) for number in range(1 << 12)] + [law.sample(2**64 - 1)]
    assert values == sorted(values)


def test_the_lower_bits_decide_nothing() -> None:
    """They may decide something else."""
    law = lognormal(2 * MS, 400)
    for number in range(1000):
        bits = Draws(1).bits("x", number)
        assert law.sample(bits) == law.sample(bits | 0xFF_FFFF) == law.sample(bits & ~0xFF_FFFF)


@pytest.mark.parametrize(
    "text",
    [
        "constant:5ms",
        "constant:0s",
        "uniform:1ms..10ms",
        "uniform:5ms..5ms",
        "exponential:250us",
        "lognormal:2ms,sigma=0.4",
        "lognormal:2ms,sigma=1",
        "bimodal:2ms,30ms,5%",
        "bimodal:2ms,30ms,0.001%",
        "pareto:1ms,alpha=1.5",
        "pareto:1ns,alpha=0.001",
    ],
)
def test_a_law_reads_back_from_its_text(text: str) -> None:
    """The text is in the plan; it is the law."""
    law = law_from_text(text)
    assert law.text == text
    assert law_from_text(law.text).table == law.table
    assert law == law_from_text(text)
    assert repr(law) == f"Law({text!r})"
    assert all(0 <= value <= VALUE_MAX for value in law.table)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("uniform:1000us..10000000ns", "uniform:1ms..10ms"),
        ("bimodal:2ms,30ms,0.05", "bimodal:2ms,30ms,5%"),
        ("pareto:1ms,alpha=1.50", "pareto:1ms,alpha=1.5"),
    ],
)
def test_texts_that_mean_the_same_are_the_same_law(text: str, same: str) -> None:
    """In its usual words."""
    assert law_from_text(text).text == same
    assert hash(law_from_text(text)) == hash(law_from_text(same))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5ms",
        "gauss:5ms",
        "constant:5",
        "constant:-5ms",
        "uniform:1ms",
        "uniform:10ms..1ms",
        "uniform:1ms..2ms..3ms",
        "lognormal:5ms",
        "lognormal:5ms,0.5",
        "lognormal:5ms,alpha=0.5",
        "lognormal:5ms,sigma=0",
        "lognormal:5ms,sigma=-1",
        "lognormal:5ms,sigma=nan",
        "lognormal:5ms,sigma=inf",
        "lognormal:5ms,sigma=1e30",
        "bimodal:1ms,2ms",
        "bimodal:1ms,2ms,200%",
        "pareto:1ms,alpha=x",
    ],
)
def test_what_is_no_law_is_refused_with_examples(text: str) -> None:
    """A spread of 1e30 would take all memory, not a long time."""
    with pytest.raises(UsageError, match=rf"^expected a law such as constant:5ms, .* but got latency={re.escape(repr(text))}\.$"):
        law_from_text(text, name="latency")


def test_small_laws_are_laws_too() -> None:
    """A table of nought and one nanosecond."""
    assert set(samples(exponential(0))) == {0}
    assert set(samples(lognormal(1 * MICROSECOND, 1))) <= set(range(990, 1010))
