"""What combinators take as counts and durations, and how they refuse the rest.

A duration is an integer of nanoseconds or a text with its unit; a float is refused, because seconds and nanoseconds look alike.
"""

from __future__ import annotations

from chaoskit.core.errors import UsageError
from chaoskit.core.units import parse_duration

Duration = int | str  # nanoseconds, or a text such as "5ms"


def duration(value: Duration, *, name: str) -> int:
    """A duration in nanoseconds. Raises `UsageError`."""
    if isinstance(value, str):
        return parse_duration(value, name=name)
    if not is_integer(value) or value < 0:
        raise UsageError(f"expected a duration (a text such as '5ms', or nanoseconds as an int) but got {name}={value!r}.")
    return value


def count(value: int, *, name: str) -> int:
    """A number of things. Raises `UsageError`."""
    if not is_integer(value) or value < 0:
        raise UsageError(f"expected a count (an int, 0 or more) but got {name}={value!r}.")
    return value


def is_integer(value: object) -> bool:
    """Whether a value is an int, and no bool."""
    return isinstance(value, int) and not isinstance(value, bool)
