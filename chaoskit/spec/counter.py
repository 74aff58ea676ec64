"""A counter: `add` a whole number (negative to subtract), `read` the total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import same
from chaoskit.spec.text import call_text, show


@dataclass(frozen=True, kw_only=True)
class Counter:
    """A number that is added to and read."""

    initial: int = 0

    name: ClassVar[str] = "counter"
    functions: ClassVar[frozenset[str]] = frozenset({"add", "read"})

    def init(self) -> State:
        return self.initial

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, int)
        if label.f == "add":
            if type(label.input) is not int:
                raise wrong_input(self.name, label, "add to take a whole number")
            return (state + label.input,)
        if label.f != "read":
            raise wrong_input(self.name, label, "add or read")
        if label.output is UNKNOWN or same(label.output, state):
            return (state,)
        return Illegal(f"read {show(label.output)}, but the counter is at {state}")

    def is_read(self, label: Label) -> bool:
        return label.f == "read"

    def describe_op(self, label: Label) -> str:
        if label.f == "read":
            return call_text("read", label.key, result=label.output, shows_result=label.output is not UNKNOWN)
        return call_text("add", label.key, label.input)
