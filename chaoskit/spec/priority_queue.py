"""A priority queue: `enqueue` an element with a priority, `dequeue` one of those with the best.

An element is a number, which is its own priority, or a list that begins with one: [priority, what …]. The smallest number
comes first, or the largest with `first=largest`; among equals any may come. A dequeue that returned nil found the queue empty.
`initial` is what it holds at first.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.collection import Elements, describe, element_put, finds_nothing, in_order, placed, take
from chaoskit.spec.contract import UNKNOWN, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class PriorityQueue:
    """A queue that gives its best element first."""

    initial: tuple[Value, ...] = ()
    first: str = "smallest"

    name: ClassVar[str] = "priority-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return in_order(self.initial)

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == "enqueue":
            if priority_of(label.input) is None:
                raise wrong_input(self.name, label, "enqueue to take a number, or a list that begins with one: its priority")
            return (placed(state, element_put(self.name, label)),)
        if label.f != "dequeue":
            raise wrong_input(self.name, label, "enqueue or dequeue")
        best = self._best(state)
        is_there = label.output is not UNKNOWN and exact(label.output) in state
        instead = f": {show(state[best[0]])} comes first" if is_there else ""
        return take(state, label, best, kind="queue", instead=instead)

    def is_read(self, label: Label) -> bool:
        return finds_nothing(label, "dequeue")

    def describe_op(self, label: Label) -> str:
        return describe(label, "dequeue")

    def _best(self, state: Elements) -> list[int]:
        """The places of those that may come out next."""
        if not state:
            return []
        priorities = [_known_priority(element) for element in state]
        best = min(priorities) if self.first == "smallest" else max(priorities)
        return [place for place, priority in enumerate(priorities) if priority == best]


def priority_of(element: Value) -> int | float | None:
    """The priority of an element, None when it has none."""
    found = element[0] if isinstance(element, list | tuple) and element else element
    return found if type(found) is int or (type(found) is float and not math.isnan(found)) else None


def _known_priority(element: Hashable) -> int | float:
    priority = priority_of(plain(element))
    assert priority is not None, "only elements with a priority come in"
    return priority
