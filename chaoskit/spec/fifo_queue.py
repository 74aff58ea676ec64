"""A first-in first-out queue: `enqueue` a value at the back, `dequeue` the one at the front.

A dequeue that returned nil found the queue empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.text import call_text, show


@dataclass(frozen=True, kw_only=True)
class FifoQueue:
    """A queue: first in, first out."""

    name: ClassVar[str] = "fifo-queue"
    functions: ClassVar[frozenset[str]] = frozenset({"enqueue", "dequeue"})

    def init(self) -> State:
        return ()

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == "enqueue":
            return ((*state, exact(label.input)),)
        if label.f != "dequeue":
            raise wrong_input(self.name, label, "enqueue or dequeue")
        if label.output is UNKNOWN:
            return (state[1:],)
        if state and state[0] == exact(label.output):
            return (state[1:],)
        if label.output is None:
            return Illegal(f"found the queue empty, but it holds {show(state)}") if state else (state,)
        if not state:
            return Illegal(f"can't dequeue {show(label.output)} from empty queue")
        return Illegal(f"dequeued {show(label.output)}, but {show(state[0])} is at the front")

    def describe_op(self, label: Label) -> str:
        if label.f == "dequeue":
            return call_text("dequeue", label.key, result=label.output, shows_result=label.output is not UNKNOWN)
        return call_text("enqueue", label.key, label.input)
