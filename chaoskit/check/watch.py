"""How far a check is, for somebody who watches. A verdict never depends on it: what is told here is told, and nothing is asked.

A search that may take minutes tells it whenever it looks at the clock, every thousand configurations or so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chaoskit.core.op import Value


class Progress(NamedTuple):
    """Where a check stands: at which of so many objects, and how many of that object's answers have a place in an order.

    `configurations` are those visited so far, of all objects, in round numbers.
    """

    place: int  # from 1
    objects: int
    key: Value
    answers: int
    answers_all: int
    configurations: int


Watch = Callable[[Progress], None]


def nobody(_: Progress) -> None:
    """The watch that nobody keeps."""
