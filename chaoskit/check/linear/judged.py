"""What a fast path says about one object: a linearization, or why there is none. It says nothing where it cannot decide."""

from __future__ import annotations

from typing import NamedTuple

from chaoskit.check.linear.columns import Numbers


class Clue(NamedTuple):
    """Why there is no linearization, in a few calls: sentences in which a number stands for the call of that row."""

    why: str  # in a few words
    story: tuple[tuple[str | int, ...], ...]


class Good(NamedTuple):
    """Rows of a linearization: all calls that returned, and the unanswered ones that it needs."""

    order: Numbers


class Bad(NamedTuple):
    """There is none, as what had happened up to about this position shows.

    `is_first`: up to this position, that of a completion, and not up to the completion before it.
    """

    near: int
    clue: Clue | None = None
    is_first: bool = False


Judged = Good | Bad | None
