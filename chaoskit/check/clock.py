"""The only place in this room that looks at a wall clock: for the optional time limit of a check.

A verdict that this limit decides is `unknown`, and says that it is not reproducible; without one no clock is read at all.
"""

from __future__ import annotations

import time
from typing import Protocol


class Alarm(Protocol):
    """Is the time over? A search says which stop it has reached when it asks; that is for those who watch it."""

    def __call__(self, reached: int = 0, /) -> bool: ...


def alarm(seconds: float | None) -> Alarm | None:
    """A function that says whether so many seconds have passed since now; None when there is no limit."""
    if seconds is None:
        return None
    end = time.monotonic() + seconds
    return lambda _=0, /: time.monotonic() > end
