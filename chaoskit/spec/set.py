"""A set: `add` and `remove` an element, ask whether it `contains` one, `read` it whole.

Adding what is there and removing what is not are legal and change nothing. A read returns the elements in any order, each once.
`initial` is what it holds at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.op import Value
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import all_exact, exact
from chaoskit.spec.read_whole import describe_reading
from chaoskit.spec.text import call_text, show


@dataclass(frozen=True, kw_only=True)
class Set:
    """A set of elements: add, remove, contains, read."""

    initial: tuple[Value, ...] = ()

    name: ClassVar[str] = "set"
    functions: ClassVar[frozenset[str]] = frozenset({"add", "remove", "contains", "read"})

    def init(self) -> State:
        return frozenset(map(exact, self.initial))

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, frozenset)
        match label.f:
            case "add":
                return (state | {exact(label.input)},)
            case "remove":
                return (state - {exact(label.input)},)
            case "contains":
                return self._contains(state, label)
            case "read":
                return self._read(state, label)
            case _:
                raise wrong_input(self.name, label, "add, remove, contains or read")

    def is_read(self, label: Label) -> bool:
        return label.f in ("contains", "read")

    def describe_op(self, label: Label) -> str:
        if label.f == "read":
            return describe_reading(label)
        asked = label.f == "contains" and label.output is not UNKNOWN
        return call_text(label.f, label.key, label.input, result=label.output, shows_result=asked)

    def _contains(self, state: frozenset[Value], label: Label) -> Step:
        there = exact(label.input) in state
        if label.output is UNKNOWN or label.output is there:
            return (state,)
        if not isinstance(label.output, bool):
            raise wrong_input(self.name, label, "contains to return true or false")
        return Illegal(f"contains {show(label.input)} returned {show(label.output)}, but the set is {show(state)}")

    def _read(self, state: frozenset[Value], label: Label) -> Step:
        if label.output is UNKNOWN:
            return (state,)
        elements = elements_read(label.output)
        if elements is None:
            raise wrong_input(self.name, label, "a read to return a list of elements")
        seen = frozenset(elements)
        if len(seen) != len(elements):
            twice = next(element for position, element in enumerate(elements) if element in elements[:position])
            return Illegal(f"can't read {show(label.output)} from a set: it has {show(twice)} twice")
        if seen == state:
            return (state,)
        missing, extra = state - seen, seen - state
        wrong = [f"lacks {show(missing)}"] * bool(missing) + [f"has {show(extra)}"] * bool(extra)
        return Illegal(f"can't read {show(seen)} from {show(state)}: it {' and '.join(wrong)}")


def elements_read(value: Value) -> list[Value] | None:
    """The elements that a read of a set returned, exact; none for nil; None when it is not a collection."""
    if value is None:
        return []
    if not isinstance(value, list | tuple | set | frozenset):
        return None
    return all_exact(value)
