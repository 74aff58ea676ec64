"""One order that explains what happened to an object, with the states between: what a mutant is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.core.errors import InternalError
from chaoskit.spec import CompleteSpec, Illegal, Label, State
from chaoskit.spec.exact import identity


@dataclass(frozen=True, kw_only=True)
class Linearization:
    """The calls of a problem in an order that explains them. `states[place]` is the state before the call at that place."""

    problem: Problem
    spec: CompleteSpec
    order: list[int]  # numbers of calls
    states: list[State]  # one more than calls in the order

    def __len__(self) -> int:
        return len(self.order)

    def call(self, place: int) -> Call:
        return self.problem.calls[self.order[place]]

    def label(self, place: int) -> Label:
        return self.problem.label(self.call(place))

    def is_read(self, place: int) -> bool:
        return self.problem.is_read[self.call(place).label]

    @cached_property
    def changes(self) -> list[bool]:
        """By place: did the call change the state?"""
        keys = [identity(state) for state in self.states]
        return [before != after for before, after in pairwise(keys)]

    @cached_property
    def updates(self) -> list[int]:
        """The places of acknowledged calls that changed the state."""
        return [place for place, changed in enumerate(self.changes) if changed and self.call(place).returned]


def linearization(problem: Problem, spec: CompleteSpec, order: Sequence[int]) -> Linearization:
    """The linearization that an order of calls is. Raises `InternalError` when a step of it is illegal.

    Where a step leads to several states the first is taken: only for specs whose steps lead to one.
    """
    states = [spec.init()]
    for number in order:
        after = spec.step(states[-1], problem.label(problem.calls[number]))
        if isinstance(after, Illegal):
            raise InternalError(f"the linearization of key {problem.key!r} takes a step that spec {spec.name!r} forbids.")
        states.append(after[0])
    return Linearization(problem=problem, spec=spec, order=list(order), states=states)
