"""What an operation would have returned, had it found the object in another state.

Of our specs each says so by a rule of a line or two. Of a person's own, nobody knows more than what it accepts: an answer that
the same question got elsewhere in the history is taken where it is legal in that state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from chaoskit.check.linear.normalise import Problem
from chaoskit.core.op import Value
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Illegal, Label, State
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.counter import Counter
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.kv import KeyValue
from chaoskit.spec.multi_register import READS, MultiRegister, micro_ops
from chaoskit.spec.mutex import Mutex
from chaoskit.spec.owner_mutex import OwnerMutex
from chaoskit.spec.priority_queue import PriorityQueue
from chaoskit.spec.reentrant_mutex import ReentrantMutex
from chaoskit.spec.register import Register
from chaoskit.spec.semaphore import Semaphore
from chaoskit.spec.set import Set
from chaoskit.spec.stack import Stack
from chaoskit.spec.unordered_queue import UnorderedQueue


class UnanswerableError(Exception):
    """Nobody knows what this operation would have returned there."""


def answered(spec: CompleteSpec, problem: Problem, state: State, label: Label) -> Label | None:
    """The call as it would have been answered in this state; None when it would have failed.

    The answer that it got stays where it is legal. Raises `UnanswerableError`.
    """
    if not isinstance(spec.step(state, label), Illegal):
        return label
    given = replace(label, output=_answer(spec, problem, state, label))
    if given.output is not FAILED and isinstance(spec.step(state, given), Illegal):
        raise UnanswerableError
    return None if given.output is FAILED and not spec.observes_failure(label.f, None) else given


def _answer(spec: CompleteSpec, problem: Problem, state: State, label: Label) -> Any:
    rule = _RULES.get(type(spec.original))
    if rule is not None:
        return rule(spec, state, label)
    same = (other for other in problem.labels if (other.f, exact(other.input)) == (label.f, exact(label.input)))
    for other in same:
        if other.output is not UNKNOWN and not isinstance(spec.step(state, other), Illegal):
            return other.output
    raise UnanswerableError


def _held(_: CompleteSpec, state: State, label: Label) -> Value:
    """What is there: registers, texts, totals. A cas fails, or succeeds where it had failed."""
    if label.f == "cas":
        return label.input if label.output is FAILED else FAILED
    return plain(state)


def _listed(_: CompleteSpec, state: State, __: Label) -> Value:
    return [plain(element) for element in _parts(state)]


def _elements(_: CompleteSpec, state: State, label: Label) -> Value:
    assert isinstance(state, frozenset)
    if label.f == "contains":
        return exact(label.input) in state
    return sorted((plain(element) for element in state), key=lambda element: (type(element).__name__, repr(element)))


def _transaction(spec: CompleteSpec, state: State, label: Label) -> Value:
    assert isinstance(state, frozenset)
    assert isinstance(spec.original, MultiRegister)
    cells, made = dict(state), []
    for f, register, value in micro_ops(label):
        if f in READS:
            made.append([f, register, plain(cells.get(exact(register), exact(spec.original.initial)))])
        else:
            cells[exact(register)] = exact(value)
            made.append([f, register, value])
    return made


def _taken(spec: CompleteSpec, state: State, label: Label) -> Value:
    """The first of the elements that may come out, nil where there is none."""
    tries: Iterable[Value] = [None, *map(plain, _parts(state))]
    return next(value for value in tries if not isinstance(spec.step(state, replace(label, output=value)), Illegal))


def _refused(_: CompleteSpec, __: State, ___: Label) -> Value:
    return FAILED


def _parts(state: State) -> tuple[Any, ...]:
    assert isinstance(state, tuple)
    return state


_RULES: dict[type, Callable[[CompleteSpec, State, Label], Any]] = {
    Register: _held,
    CasRegister: _held,
    KeyValue: _held,
    Counter: _held,
    AppendList: _listed,
    Set: _elements,
    MultiRegister: _transaction,
    FifoQueue: _taken,
    UnorderedQueue: _taken,
    PriorityQueue: _taken,
    Stack: _taken,
    Mutex: _refused,
    OwnerMutex: _refused,
    ReentrantMutex: _refused,
    Semaphore: _refused,
}
