"""A queue that promises no order: `enqueue` a value, `dequeue` any of those that are there.

Each enqueue is worth one dequeue. A dequeue that returned nil found the queue empty; nil cannot be enqueued. One that was never
answered may have taken any element. `initial` is what it holds at first.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.collection import Collection, Elements, in_order, placed
from chaoskit.spec.contract import State


@dataclass(frozen=True, kw_only=True)
class UnorderedQueue(Collection):
    """A queue that gives its elements in any order."""

    name: ClassVar[str] = "unordered-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return in_order(self.initial)

    def _with(self, elements: Elements, element: Hashable) -> Elements:
        return placed(elements, element)

    def _places(self, elements: Elements) -> Sequence[int]:
        return range(len(elements))
