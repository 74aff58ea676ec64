"""A stack: `push` a value on top, `pop` the one that is on top.

A pop that returned nil found the stack empty; nil cannot be pushed. `initial` is what it holds at first, the top last.
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
class Stack:
    """A stack: last in, first out."""

    initial: tuple[Value, ...] = ()

    name: ClassVar[str] = "stack"
    functions: ClassVar[frozenset[str]] = frozenset({"push", "pop"})

    def init(self) -> State:
        return tuple(map(exact, self.initial))

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == "push":
            return ((*state, element_put(self.name, label)),)
        if label.f != "pop":
            raise wrong_input(self.name, label, "push or pop")
        return take(state, label, (len(state) - 1,), kind="stack", instead=f": {show(state[-1])} is on top" if state else "")

    def is_read(self, label: Label) -> bool:
        return finds_nothing(label, "pop")

    def describe_op(self, label: Label) -> str:
        return describe(label, "pop")
