"""A first-in first-out queue: `enqueue` a value at the back, `dequeue` the one at the front.

A dequeue that returned nil found the queue empty; nil cannot be enqueued. `initial` is what it holds at first, the front first.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.collection import Collection, Elements
from chaoskit.spec.contract import Label, State
from chaoskit.spec.exact import exact
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class FifoQueue(Collection):
    """A queue: first in, first out."""

    name: ClassVar[str] = "fifo-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return tuple(map(exact, self.initial))

    def _with(self, elements: Elements, element: Hashable) -> Elements:
        return (*elements, element)

    def _places(self, elements: Elements) -> Sequence[int]:
        return (0,)

    def _instead(self, elements: Elements, label: Label, places: Sequence[int]) -> str:
        return f": {show(elements[0])} is at the front"
