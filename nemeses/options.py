"""What a person may set of a fault family: typed options, with units and ranges, read from `name=value` texts.

An option that is not given is drawn, run by run. Values are plain: ns, ppm, bytes, texts and lists of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.units import format_duration, parse_duration, parse_probability, parse_size
from chaoskit.draws import law_from_text

SEPARATOR = "/"  # between several values of one option: commas separate the options


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """`expects` says what to write; `read` turns that into a value and raises `UsageError`."""

    name: str
    summary: str
    expects: str
    read: Callable[[str], Any]


def duration(name: str, summary: str, *, low: int, high: int) -> Option:
    """A span of virtual time, in ns from `low` to `high`."""
    expects = f"a duration from {format_duration(low)} to {format_duration(high)}"

    def read(text: str) -> int:
        value = parse_duration(text, name=name)
        if not low <= value <= high:
            raise UsageError(f"expected {expects} but got {name}={text!r}.")
        return value

    return Option(name=name, summary=summary, expects=expects, read=read)


def probability(name: str, summary: str) -> Option:
    """A share or a chance, in ppm."""
    return Option(
        name=name,
        summary=summary,
        expects="a probability (0.01, 1% or 250ppm)",
        read=lambda text: parse_probability(text, name=name),
    )


def size(name: str, summary: str, *, low: int) -> Option:
    """A number of bytes, at least `low`."""
    expects = f"a size of {low} bytes or more (4096, 64KiB, 1MB)"

    def read(text: str) -> int:
        value = parse_size(text, name=name)
        if value < low:
            raise UsageError(f"expected {expects} but got {name}={text!r}.")
        return value

    return Option(name=name, summary=summary, expects=expects, read=read)


def number(name: str, summary: str, *, low: int, high: int) -> Option:
    """A whole number from `low` to `high`."""
    expects = f"a whole number from {low} to {high}"

    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise UsageError(f"expected {expects} but got {name}={text!r}.")
        return int(text)

    return Option(name=name, summary=summary, expects=expects, read=read)


def law(name: str, summary: str) -> Option:
    """A law of durations; a single duration and a range are short for `constant` and `uniform`."""

    def read(text: str) -> str:
        written = text if ":" in text else f"uniform:{text}" if ".." in text else f"constant:{text}"
        return law_from_text(written, name=name).text

    return Option(name=name, summary=summary, expects="a duration, a range (5ms..50ms) or a law (exponential:20ms)", read=read)


def choices(name: str, summary: str, known: Iterable[str]) -> Option:
    """One or more of a few names, as a list."""
    names = tuple(known)

    def read(text: str) -> list[str]:
        chosen = text.split(SEPARATOR)
        for choice in chosen:
            if choice not in names:
                raise unknown_name(name.removesuffix("s"), choice, names)
        return chosen

    return Option(name=name, summary=summary, expects=f"one or more of {', '.join(names)}, with {SEPARATOR} between", read=read)


def words(name: str, summary: str, expects: str) -> Option:
    """One or more texts, as a list; whether they mean anything is seen when the cluster is known."""

    def read(text: str) -> list[str]:
        chosen = text.split(SEPARATOR)
        if not all(chosen):
            raise UsageError(f"expected {expects}, with {SEPARATOR} between, but got {name}={text!r}.")
        return chosen

    return Option(name=name, summary=summary, expects=f"{expects}, with {SEPARATOR} between", read=read)
