"""Durations, sizes, probabilities and counts as people write them, and as integers.

Virtual time is integer nanoseconds, probability is integer parts per million, size is bytes: floats never enter a run.
A duration without its unit is refused, because `--time-limit 60` has cost people an afternoon before.
"""

from __future__ import annotations

import re
from fractions import Fraction

from chaoskit.core.errors import UsageError

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MILLION = 1_000_000  # probabilities are parts per million

_DURATIONS = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "µs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": 60 * SECOND,
    "min": 60 * SECOND,
    "h": 3600 * SECOND,
}
_SIZES = {"": 1, "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1024, "MiB": 1024**2}
_NUMBER = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-zµ%]*)\s*$")


def parse_duration(text: str, *, name: str = "duration") -> int:
    """Nanoseconds of a text such as `5ms`, `1.5s`, `2min`.

    Raises `UsageError` when the unit is missing or the text is not a duration.
    """
    match = _NUMBER.match(text)
    if match is None or match[2] not in _DURATIONS or text.strip().startswith("-"):
        units = ", ".join(unit for unit in _DURATIONS if unit != "µs")
        raise UsageError(f"expected a duration with its unit (one of {units}) but got {name}={text!r}; write e.g. '5s'.")
    return int(Fraction(match[1]) * _DURATIONS[match[2]])


def parse_probability(text: str, *, name: str = "probability") -> int:
    """Parts per million of a text such as `1%`, `0.01` or `250ppm`. Raises `UsageError`."""
    match = _NUMBER.match(text)
    scale = {"%": Fraction(10_000), "": Fraction(MILLION), "ppm": Fraction(1)}.get(match[2]) if match else None
    if match is None or scale is None or not 0 <= Fraction(match[1]) * scale <= MILLION:
        raise UsageError(f"expected a probability (0.01, 1% or 250ppm) but got {name}={text!r}.")
    return int(Fraction(match[1]) * scale)


def parse_size(text: str, *, name: str = "size") -> int:
    """Bytes of a text such as `4096`, `64KiB`, `1MB`. Raises `UsageError`."""
    match = _NUMBER.match(text)
    if match is None or match[2] not in _SIZES or match[1].startswith("-"):
        raise UsageError(f"expected a size (4096, 64KiB, 1MB) but got {name}={text!r}.")
    return int(Fraction(match[1]) * _SIZES[match[2]])


def format_time(ns: int) -> str:
    """An instant of virtual time for people: seconds with three decimals, `1.240 s`."""
    sign = "-" if ns < 0 else ""
    milliseconds = (abs(ns) + MILLISECOND // 2) // MILLISECOND
    return f"{sign}{milliseconds // 1000}.{milliseconds % 1000:03d} s"


def format_duration(ns: int) -> str:
    """A duration in the largest unit that keeps it exact enough to read and to parse back: `1500ms`, `5s`, `250us`."""
    for unit in ("s", "ms", "us"):
        if ns % _DURATIONS[unit] == 0:
            return f"{ns // _DURATIONS[unit]}{unit}"
    return f"{ns}ns"


def format_probability(ppm: int) -> str:
    """A probability for people: `2.5%`."""
    text = f"{ppm / 10_000:.4f}".rstrip("0").rstrip(".")
    return f"{text}%"


def count(number: int) -> str:
    """A whole number with its thousands apart: `12,431`."""
    return f"{number:,}"


def plural(number: int, noun: str, *, many: str | None = None) -> str:
    """`1 fault`, `3 faults`, `2 histories` with `many="histories"`."""
    return f"{count(number)} {noun if number == 1 else many or noun + 's'}"
