"""A first-in first-out queue: `enqueue` a value at the back, `dequeue` the one at the front.

A dequeue that returned nil found the queue empty; nil cannot be enqueued. `initial` is what it holds at first, the front first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.collection import describe, element_put, finds_nothing, take
from chaoskit.spec.contract import Label, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class FifoQueue:
    """A queue: first in, first out."""

    initial: tuple[Value, ...] = ()

    name: ClassVar[str] = "fifo-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return tuple(map(exact, self.initial))

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == "enqueue":
            return ((*state, element_put(self.name, label)),)
        if label.f != "dequeue":
            raise wrong_input(self.name, label, "enqueue or dequeue")
        return take(state, label, (0,), kind="queue", instead=f": {show(state[0])} is at the front" if state else "")

    def is_read(self, label: Label) -> bool:
        return finds_nothing(label, "dequeue")

    def describe_op(self, label: Label) -> str:
        return describe(label, "dequeue")
