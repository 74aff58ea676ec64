"""Durations, probabilities and sizes: as people write them, exactly."""

from __future__ import annotations

import re

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.units import (
    SECOND,
    format_duration,
    format_probability,
    format_time,
    parse_duration,
    parse_probability,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0s", 0),
        ("1ns", 1),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("5ms", 5_000_000),
        ("1.5s", 1_500_000_000),
        (" 2 min ", 120 * SECOND),
        ("2m", 120 * SECOND),
        ("1h", 3600 * SECOND),
        ("0.1s", 100_000_000),  # exact, although 0.1 is no binary number
    ],
)
def test_a_duration_is_a_number_and_its_unit(text: str, ns: int) -> None:
    """In integer nanoseconds."""
    assert parse_duration(text) == ns


@pytest.mark.parametrize("text", ["60", "5 parsecs", "", "s", "-1s", "1e3s", "1s 2s", "5S", "∞s"])
def test_a_duration_without_a_known_unit_is_refused(text: str) -> None:
    """`--time-limit 60` has cost people an afternoon before."""
    message = f"expected a duration with its unit (one of ns, us, ms, s, m, min, h) but got limit={text!r}; write e.g. '5s'."
    with pytest.raises(UsageError, match=rf"^{re.escape(message)}$"):
        parse_duration(text, name="limit")


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("0", 0), ("1", 1_000_000), ("0.01", 10_000), ("1%", 10_000), ("2.5%", 25_000), ("250ppm", 250), ("100%", 1_000_000)],
)
def test_a_probability_is_a_share_a_percentage_or_ppm(text: str, ppm: int) -> None:
    """In integer parts per million."""
    assert parse_probability(text) == ppm


@pytest.mark.parametrize("text", ["1.1", "101%", "-1%", "1000001ppm", "often", "", "5s"])
def test_what_is_no_probability_is_refused(text: str) -> None:
    """Nothing is clipped."""
    with pytest.raises(
        UsageError, match=rf"^expected a probability \(0\.01, 1% or 250ppm\) but got loss={re.escape(repr(text))}\.$"
    ):
        parse_probability(text, name="loss")


@pytest.mark.parametrize(("text", "size"), [("4096", 4096), ("64KiB", 65536), ("1MB", 1_000_000), ("1.5kB", 1500), ("7B", 7)])
def test_a_size_is_in_bytes(text: str, size: int) -> None:
    """Decimal and binary units differ."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["-1", "5s", "", "1 TB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """With an example of what is."""
    with pytest.raises(UsageError, match=r"^expected a size \(4096, 64KiB, 1MB\) but got size="):
        parse_size(text)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0.000 s"),
        (1_240_000_000, "1.240 s"),
        (499_999, "0.000 s"),
        (500_000, "0.001 s"),
        (999_999_999, "1.000 s"),
        (-SECOND, "-1.000 s"),
    ],
)
def test_an_instant_is_shown_in_seconds(ns: int, text: str) -> None:
    """With three decimals, rounded."""
    assert format_time(ns) == text


@pytest.mark.parametrize(
    ("ns", "text"), [(0, "0s"), (5 * SECOND, "5s"), (1_500_000_000, "1500ms"), (250_000, "250us"), (1_001, "1001ns")]
)
def test_a_duration_is_shown_in_its_largest_exact_unit(ns: int, text: str) -> None:
    """And parses back."""
    assert format_duration(ns) == text
    assert parse_duration(text) == ns


@pytest.mark.parametrize(("ppm", "text"), [(0, "0%"), (25_000, "2.5%"), (1, "0.0001%"), (1_000_000, "100%")])
def test_a_probability_is_shown_as_a_percentage(ppm: int, text: str) -> None:
    """And parses back."""
    assert format_probability(ppm) == text
    assert parse_probability(text) == ppm
