"""What queues, stacks and priority queues have in common: elements are put in, and taken out again one at a time.

The state is a tuple of exact elements; the specs differ in its order and in the places from which an element may leave. Taking
that returned nil found nothing there, so that nil itself cannot be put in. Taking of which nobody knows the result may have
taken any of what could leave: a step to several states.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.canonical import canonical
from chaoskit.core.op import Value
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, State, Step, wrong_input
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.read_whole import describe_reading
from chaoskit.spec.text import call_text, show

Elements = tuple[Hashable, ...]


@dataclass(frozen=True, kw_only=True)
class Collection(ABC):
    """Elements that `putting` puts in and `taking` takes out; a spec of one says where an element goes, and which may leave."""

    initial: tuple[Value, ...] = ()

    name: ClassVar[str]
    functions: ClassVar[frozenset[str]]
    putting: ClassVar[str] = "enqueue"
    taking: ClassVar[str] = "dequeue"
    kind: ClassVar[str] = "queue"  # what it is called in sentences

    def step(self, state: State, label: Label) -> Step:
        assert isinstance(state, tuple)
        if label.f == self.putting:
            return (self._with(state, self._put(label)),)
        if label.f != self.taking:
            raise wrong_input(self.name, label, f"{self.putting} or {self.taking}")
        places = self._places(state)
        return take(state, label, places, kind=self.kind, instead=self._instead(state, label, places) if state else "")

    def is_read(self, label: Label) -> bool:
        return label.f == self.taking and label.output is None  # it looked for an element and found none

    def describe_op(self, label: Label) -> str:
        return describe_reading(label) if label.f == self.taking else call_text(label.f, label.key, label.input)

    @abstractmethod
    def _with(self, elements: Elements, element: Hashable) -> Elements:
        """The elements with one more."""

    @abstractmethod
    def _places(self, elements: Elements) -> Sequence[int]:
        """The places from which an element may leave; there is one unless all is empty."""

    def _instead(self, elements: Elements, label: Label, places: Sequence[int]) -> str:
        """What had to come out when another element did."""
        return ""

    def _put(self, label: Label) -> Hashable:
        if label.input is None:
            raise wrong_input(self.name, label, f"{label.f} to take an element that is not nil, which stands for empty")
        return exact(label.input)


def take(elements: Elements, label: Label, places: Iterable[int], *, kind: str, instead: str = "") -> Step:
    """The step of an operation that takes one element out, from one of these places.

    `kind` is what the collection is called; `instead` follows the reason when another element had to come out.
    """
    if not elements:
        if label.output is UNKNOWN or label.output is None:
            return (elements,)
        return Illegal(f"can't {label.f} {show(label.output)} from empty {kind}")
    if label.output is UNKNOWN:
        return tuple(dict.fromkeys(_without(elements, place) for place in places))
    if label.output is None:
        return Illegal(f"found the {kind} empty, but it holds {show(elements)}")
    wanted = exact(label.output)
    for place in places:
        if elements[place] == wanted:
            return (_without(elements, place),)
    return Illegal(f"can't {label.f} {show(label.output)}{instead}")


def in_order(elements: Iterable[Value]) -> Elements:
    """The elements of a collection that has no order, in one that is the same in every process."""
    return tuple(sorted(map(exact, elements), key=_rank))


def placed(elements: Elements, element: Hashable) -> Elements:
    """The elements of a collection that has no order, with one more."""
    place = bisect_right(elements, _rank(element), key=_rank)
    return (*elements[:place], element, *elements[place:])


def _without(elements: Elements, place: int) -> Elements:
    return elements[:place] + elements[place + 1 :]


def _rank(element: Value) -> bytes:
    return canonical(plain(element))
