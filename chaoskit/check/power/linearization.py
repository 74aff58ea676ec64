"""One order that explains what happened to an object, with the states between: what a mutant is made from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.core.errors import InternalError
from chaoskit.spec import CompleteSpec, Illegal, Label, State
from chaoskit.spec.exact import identity

STATES_MAX = 64  # that may be possible at one place of an order


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


def linearization(problem: Problem, spec: CompleteSpec, order: Sequence[int]) -> Linearization | None:
    """The linearization that an order of calls is; None when too many states are possible on the way.

    Where a step leads to several states, one is taken from which the order goes on. Raises `InternalError` when there is none.
    """
    possible: list[_States] = [{identity(spec.init()): (spec.init(), None)}]
    for number in order:
        label = problem.label(problem.calls[number])
        after: _States = {}
        for key, (state, _) in possible[-1].items():
            answer = spec.step(state, label)
            for new in () if isinstance(answer, Illegal) else answer:
                after.setdefault(identity(new), (new, key))
        if not after:
            raise InternalError(f"the linearization of key {problem.key!r} takes a step that spec {spec.name!r} forbids.")
        if len(after) > STATES_MAX:
            return None
        possible.append(after)
    states, key = [], next(iter(possible[-1]))
    for each in reversed(possible):
        state, before = each[key]
        states.append(state)
        key = before
    return Linearization(problem=problem, spec=spec, order=list(order), states=states[::-1])


_States = dict[Hashable, tuple[State, Hashable]]  # by identity: a state, and the identity of one before it
