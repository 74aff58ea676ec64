"""A register: one cell that is written whole and read whole.

`write` puts its input there; `read` returns what is there. With `nil-read=unknown` a read that returned nil tells nothing and is
always legal: Knossos writes reads so whose answer was lost. By default nil is a value like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.read_whole import ReadWhole
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class Register(ReadWhole):
    """One cell, written and read whole."""

    initial: Value = None
    nil_read: str = "value"

    name: ClassVar[str] = "register"
    functions: ClassVar[frozenset[str]] = frozenset({"read", "write"})

    def init(self) -> State:
        return exact(self.initial)

    def step(self, state: State, label: Label) -> Step:
        if label.f == "write":
            return (exact(label.input),)
        if label.f != "read":
            raise wrong_input(self.name, label, "a read or a write")
        if not observes(label, nil_read=self.nil_read) or exact(label.output) == state:
            return (state,)
        return Illegal(lambda: f"{show(state)}≠{show(label.output)}")

    def is_write(self, label: Label) -> bool:
        return label.f == "write"


def observes(label: Label, *, nil_read: str) -> bool:
    """Does this read tell what the register held?"""
    return label.output is not UNKNOWN and not (label.output is None and nil_read == "unknown")
