"""What queues, stacks and priority queues have in common: elements are put in, and taken out again one at a time.

The state is a tuple of exact elements; the specs differ in its order and in the places from which an element may leave. Taking
that returned nil found nothing there, so that nil itself cannot be put in. Taking of which nobody knows the result may have
taken any of what could leave: a step to several states.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable

from chaoskit.core.canonical import canonical
from chaoskit.core.op import Value
from chaoskit.spec.contract import UNKNOWN, Illegal, Label, Step, wrong_input
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.text import call_text, show

Elements = tuple[Hashable, ...]


def element_put(spec: str, label: Label) -> Hashable:
    """The element that an operation puts in. Raises `ModelError` for nil."""
    if label.input is None:
        raise wrong_input(spec, label, f"{label.f} to take an element that is not nil, which stands for empty")
    return exact(label.input)


def take(elements: Elements, label: Label, places: Iterable[int], *, kind: str, instead: str = "") -> Step:
    """The step of an operation that takes one element out, from one of these places; there is one unless all is empty.

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


def finds_nothing(label: Label, taking: str) -> bool:
    """Did this operation look for an element and find none?"""
    return label.f == taking and label.output is None


def describe(label: Label, taking: str) -> str:
    """An operation for people, of a collection from which `taking` takes."""
    if label.f == taking:
        return call_text(label.f, label.key, result=label.output, shows_result=label.output is not UNKNOWN)
    return call_text(label.f, label.key, label.input)


def _without(elements: Elements, place: int) -> Elements:
    return elements[:place] + elements[place + 1 :]


def _rank(element: Value) -> bytes:
    return canonical(plain(element))
