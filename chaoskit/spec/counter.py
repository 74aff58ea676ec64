"""A counter: `add` a whole number (negative to subtract), `read` the total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import same
from chaoskit.spec.read_whole import ReadWhole
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class Counter(ReadWhole):
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
