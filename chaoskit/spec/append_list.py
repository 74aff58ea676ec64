"""A list that only grows: `append` an element at the end, `read` it whole.

A read of nil is a read of an empty list. `initial` is what it holds at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.core.units import plural
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact
from chaoskit.spec.read_whole import ReadWhole
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class AppendList(ReadWhole):
    """A list: append, read."""

    initial: tuple[Value, ...] = ()

    name: ClassVar[str] = "append-list"
    functions: ClassVar[frozenset[str]] = frozenset({"append", "read"})

    def init(self) -> State:
        return tuple(map(exact, self.initial))

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == "append":
            return ((*state, exact(label.input)),)
        if label.f != "read":
            raise wrong_input(self.name, label, "append or read")
        if label.output is UNKNOWN:
            return (state,)
        if not isinstance(label.output, list | tuple | None):
            raise wrong_input(self.name, label, "a read to return a list")
        got = tuple(map(exact, label.output or ()))
        return (state,) if got == state else Illegal(lambda: f"read {show(got)}, but {_difference(got, state)}")


def _difference(got: tuple[Value, ...], state: tuple[Value, ...]) -> str:
    for place, (one, other) in enumerate(zip(got, state, strict=False)):
        if one != other:
            return f"the list has {show(other)} at place {place + 1}, not {show(one)}"
    if len(got) < len(state):
        return f"the list goes on with {show(state[len(got) :])}"
    return f"the list ends after {plural(len(state), 'element')}"
