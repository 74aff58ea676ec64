"""A stack: `push` a value on top, `pop` the one that is on top.

A pop that returned nil found the stack empty; nil cannot be pushed. `initial` is what it holds at first, the top last.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.spec.collection import Collection, Elements
from chaoskit.spec.contract import Label, State
from chaoskit.spec.exact import exact
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class Stack(Collection):
    """A stack: last in, first out."""

    name: ClassVar[str] = "stack"
    functions: ClassVar[frozenset[str]] = frozenset({"push", "pop"})
    putting: ClassVar[str] = "push"
    taking: ClassVar[str] = "pop"
    kind: ClassVar[str] = "stack"

    def init(self) -> State:
        return tuple(map(exact, self.initial))

    def _with(self, elements: Elements, element: Hashable) -> Elements:
        return (*elements, element)

    def _places(self, elements: Elements) -> Sequence[int]:
        return (len(elements) - 1,)

    def _instead(self, elements: Elements, label: Label, places: Sequence[int]) -> str:
        return f": {show(elements[-1])} is on top"
