"""The story told again with one thing gone wrong: what clients would have been answered.

The calls keep their times and their order; from the fault on, each is answered by the state that it now finds. When that is the
state which it found before, nothing differs any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaoskit.check.linear.normalise import Problem
from chaoskit.check.power.answers import answered
from chaoskit.check.power.linearization import Linearization
from chaoskit.spec import UNKNOWN, CompleteSpec, Illegal, Label, State
from chaoskit.spec.exact import identity

NOWHERE = -1

Changes = dict[int, Label | None]  # number of a call → what it was answered instead; None: it failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, by places in the order: the effect of one call is `lost`, that of one is made `again` after another."""

    lost: int = NOWHERE
    again: int = NOWHERE
    after: int = NOWHERE


def retold(told: Linearization, fault: Fault) -> Changes:
    """How the answers differ once this has gone wrong. Raises `UnanswerableError`."""
    changes: Changes = {}
    begin = min(place for place in (fault.lost, fault.after) if place != NOWHERE)
    state = told.states[begin]
    for place in range(begin, len(told)):
        if place > max(fault.lost, fault.after) and identity(state) == identity(told.states[place]):
            break
        if place != fault.lost:
            state = _told_again(told, place, state, changes)
        if place == fault.after:
            state = again(told.spec, state, told.label(fault.again))
    return changes


def again(spec: CompleteSpec, state: State, label: Label) -> State:
    """The state after the effect of an operation comes once more, whatever it now returns."""
    after = spec.step(state, replace(label, output=UNKNOWN))
    return state if isinstance(after, Illegal) else after[0]


def mutated(problem: Problem, spec: CompleteSpec, changes: Changes) -> Problem:
    """The problem with these answers in the place of those that were given. Failed calls are numbered after the others."""
    made = Problem(problem.key)
    made.labels, made.is_read, made.is_write = list(problem.labels), list(problem.is_read), list(problem.is_write)
    for number, call in enumerate([*problem.calls, *problem.failed]):
        label = changes.get(number, problem.label(call))
        if label is None or (number >= len(problem.calls) and number not in changes):
            made.failed.append(call)
        elif number not in changes:
            made.calls.append(call)
        else:
            made.labels.append(label)
            made.is_read.append(bool(spec.is_read(label)))
            made.is_write.append(bool(spec.is_write(label)))
            ended = call.ended if call.returned or call.settled is None else call.settled
            made.calls.append(call._replace(label=len(made.labels) - 1, ended=ended))
    made.calls.sort()
    return made


def _told_again(told: Linearization, place: int, state: State, changes: Changes) -> State:
    """The state after this call, which finds the object in `state`; its answer is a change when it is another."""
    label: Label | None = told.label(place)
    assert label is not None
    if told.call(place).returned:
        given = answered(told.spec, told.problem, state, label)
        if given is not label:
            changes[told.order[place]] = label = given
    if label is None:
        return state
    after = told.spec.step(state, label)
    if isinstance(after, Illegal):  # of a call that was never answered: it had no effect
        return state
    usual = told.states[place + 1]
    return usual if any(identity(usual) == identity(each) for each in after) else after[0]
