"""A priority queue: `enqueue` an element with a priority, `dequeue` one of those with the best.

An element is a number, which is its own priority, or a list that begins with one: [priority, what …]. The smallest number
comes first, or the largest with `first=largest`; among equals any may come. A dequeue that returned nil found the queue empty.
`initial` is what it holds at first.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.collection import Collection, Elements, in_order, placed
from chaoskit.spec.contract import UNKNOWN, Label, State, wrong_input
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class PriorityQueue(Collection):
    """A queue that gives its best element first."""

    first: str = "smallest"

    name: ClassVar[str] = "priority-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return in_order(self.initial)

    def _with(self, elements: Elements, element: Hashable) -> Elements:
        return placed(elements, element)

    def _places(self, elements: Elements) -> Sequence[int]:
        """Those of the best priority."""
        if not elements:
            return ()
        priorities = [_known_priority(element) for element in elements]
        best = min(priorities) if self.first == "smallest" else max(priorities)
        return [place for place, priority in enumerate(priorities) if priority == best]

    def _instead(self, elements: Elements, label: Label, places: Sequence[int]) -> str:
        is_there = label.output is not UNKNOWN and exact(label.output) in elements
        return f": {show(elements[places[0]])} comes first" if is_there else ""

    def _put(self, label: Label) -> Hashable:
        if priority_of(label.input) is None:
            raise wrong_input(self.name, label, "enqueue to take a number, or a list that begins with one: its priority")
        return super()._put(label)


def priority_of(element: Value) -> int | float | None:
    """The priority of an element, None when it has none."""
    if type(element) is int:  # as most are
        return element
    found = element[0] if isinstance(element, list | tuple) and element else element
    return found if type(found) is int or (type(found) is float and not math.isnan(found)) else None


def _known_priority(element: Hashable) -> int | float:
    priority = priority_of(plain(element))
    assert priority is not None, "only elements with a priority come in"
    return priority
