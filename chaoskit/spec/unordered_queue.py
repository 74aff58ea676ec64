"""A queue that promises no order: `enqueue` a value, `dequeue` any of those that are there.

Each enqueue is worth one dequeue. A dequeue that returned nil found the queue empty; nil cannot be enqueued. One that was never
answered may have taken any element. `initial` is what it holds at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.collection import describe, element_put, finds_nothing, in_order, placed, take
from chaoskit.spec.contract import Label, State, Step, wrong_input


@dataclass(frozen=True, kw_only=True)
class UnorderedQueue:
    """A queue that gives its elements in any order."""

    initial: tuple[Value, ...] = ()

    name: ClassVar[str] = "unordered-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return in_order(self.initial)

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == "enqueue":
            return (placed(state, element_put(self.name, label)),)
        if label.f != "dequeue":
            raise wrong_input(self.name, label, "enqueue or dequeue")
        return take(state, label, range(len(state)), kind="queue")

    def is_read(self, label: Label) -> bool:
        return finds_nothing(label, "dequeue")

    def describe_op(self, label: Label) -> str:
        return describe(label, "dequeue")
