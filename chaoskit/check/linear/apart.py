"""Sets that nobody read whole are judged element by element: each is an object of its own, there or not there.

What is done to one element neither changes nor shows another, so that a set is linearizable exactly when each of its elements is
(linearizability is local). An element forgets: add and remove lead to one state, whatever was there before. So few of the orders
differ that a search takes about a step per call, however many elements there are and however many clients.

Source: Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", 1990 (locality).
"""

from __future__ import annotations

from collections.abc import Sequence

from chaoskit.check.linear.normalise import Problem
from chaoskit.spec import CompleteSpec
from chaoskit.spec.exact import exact
from chaoskit.spec.set import Set

OF_ONE_ELEMENT = ("add", "remove", "contains")


def apart(problem: Problem, spec: CompleteSpec) -> list[Problem]:
    """The problems of the elements of a set of which nobody read the whole; the problem itself of whatever else."""
    wholly = type(spec.original) is not Set or any(problem.label(call).f not in OF_ONE_ELEMENT for call in problem.calls)
    if wholly or not problem.calls:
        return [problem]
    elements = _Elements(problem)
    for call in problem.calls:
        part, number = elements.number(call.label)
        part.calls.append(call._replace(label=number))
    for call in problem.failed:
        if problem.label(call).f in OF_ONE_ELEMENT:
            part, number = elements.number(call.label)
            part.failed.append(call._replace(label=number))
    return elements.parts()


def together(orders: Sequence[list[int]]) -> list[int]:
    """One linearization of those of the parts: invocations, each at the earliest moment that its part's order leaves it."""
    if len(orders) == 1:
        return orders[0]
    placed = []
    for order in orders:
        latest = -1
        for began in order:
            latest = max(latest, began)
            placed.append((latest, began))
    placed.sort(key=lambda each: each[0])  # at one moment there are calls of one part alone: they stay in its order
    return [began for _, began in placed]


class _Elements:
    """Gives calls the problem of their element, and their label's number there."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._of_element: dict[object, Problem] = {}
        self._known: dict[int, tuple[Problem, int]] = {}

    def parts(self) -> list[Problem]:
        """Those of elements with calls that may have happened."""
        return [part for part in self._of_element.values() if part.calls]

    def number(self, label: int) -> tuple[Problem, int]:
        found = self._known.get(label)
        if found is None:
            found = self._known[label] = self._new(label)
        return found

    def _new(self, number: int) -> tuple[Problem, int]:
        whole = self._problem
        label = whole.labels[number]
        part = self._of_element.setdefault(exact(label.input), Problem(whole.key))
        part.labels.append(label)
        part.is_read.append(whole.is_read[number])
        part.is_write.append(label.f != "contains")
        return part, len(part.labels) - 1
