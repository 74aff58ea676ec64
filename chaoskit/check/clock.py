"""The only place in this room that looks at a wall clock: for the optional time limit of a check.

A verdict that this limit decides is `unknown`, and says that it is not reproducible; without one no clock is read at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def alarm(seconds: float | None) -> Callable[[], bool] | None:
    """A function that says whether so many seconds have passed since now; None when there is no limit."""
    if seconds is None:
        return None
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
