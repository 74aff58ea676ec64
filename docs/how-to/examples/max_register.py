"""A max-register: `write` raises it, `read` returns the largest value written so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec import UNKNOWN, Illegal, Label, State, Step
from chaoskit.spec.contract import wrong_input


@dataclass(frozen=True, kw_only=True)
class MaxRegister:
    """A number that only grows."""

    initial: int = 0

    name: ClassVar[str] = "max-register"
    functions: ClassVar[frozenset[str]] = frozenset({"read", "write"})

    def init(self) -> State:
        return self.initial

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, int)
        if label.f == "write":
            if not isinstance(label.input, int):
                raise wrong_input(self.name, label, "write to take a whole number")
            return (max(state, label.input),)
        if label.output is UNKNOWN or label.output == state:
            return (state,)
        return Illegal(f"read {label.output}, but the largest value is {state}")

    def is_read(self, label: Label) -> bool:
        return label.f == "read"
