"""Hard objects searched at once, each in a process of its own, and the answer is the one that a single process would give.

A process costs about as much as some ten thousands of configurations (`EASY`): objects are tried that far first, and processes
are started when two were too hard for that; they search what is left as well, which is no smaller. What a search finds does not
depend on its limit as long as it stays below, so that each is given all of it; who was done first has no part in the outcome.
What a process cannot be told, say a spec from a person's own file, what one was to find out that died, and what went wrong in a
search, is left to who asks: it is searched again when its turn comes.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.search import Found, GaveUp, Stuck
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.core.errors import ChaoskitError
from chaoskit.spec import CompleteSpec, State, complete

EASY = 50_000  # configurations
ENOUGH = 2  # so many hard objects are worth processes

Outcome = Found | Stuck | GaveUp
Searched = tuple[Outcome, list[State]]  # and what the numbers of states in it mean


def searched_at_once(
    objects: Sequence[Problem],
    spec: CompleteSpec,
    *,
    limit: int,
    processes: int,
    stop_at_first: bool,
    pulse: Callable[[], None] = lambda: None,
) -> Generator[tuple[Problem, Searched | None], None, None]:
    """What a search with this limit finds in each object, in their order; None where it was not searched.

    `stop_at_first`: objects after the first that is found bad are of no interest. `pulse` is called now and then.
    """
    tried: list[Searched] = []
    hard: list[Problem] = []
    for problem in objects:
        pulse()
        try:
            tried.append(_search(problem, spec, min(limit, EASY)))
        except ChaoskitError:  # it is told when its turn comes, if it does
            break
        if isinstance(tried[-1][0], GaveUp) and limit > EASY:
            hard.append(problem)
        if len(hard) == ENOUGH or (stop_at_first and isinstance(tried[-1][0], Stuck)):
            break
    if len(hard) == ENOUGH:
        hard += objects[len(tried) :]
    with closing(_answers(hard, spec, limit, processes, pulse)) as answers:
        for place, problem in enumerate(objects):
            known = tried[place] if place < len(tried) else None
            yield problem, next(answers, None) if known is None or isinstance(known[0], GaveUp) else known


def _answers(
    hard: list[Problem], spec: CompleteSpec, limit: int, processes: int, pulse: Callable[[], None]
) -> Generator[Searched | None, None, None]:
    """What processes find in hard objects, in order; nothing when there is little to gain."""
    told = _told(hard, spec, limit) if len(hard) >= ENOUGH else None
    if told is None:
        return
    from chaoskit.workers import Workers  # costs some milliseconds

    with Workers(min(processes, len(hard))) as workers:
        for answer in workers.in_order([partial(_searched, each) for each in told], pulse=pulse):
            yield answer.value


def _told(problems: list[Problem], spec: CompleteSpec, limit: int) -> list[bytes] | None:
    """The problems as bytes; None when they cannot be sent."""
    try:
        return [
            pickle.dumps((each.key, each.calls, each.labels, each.is_read, each.is_write, spec.original, limit))
            for each in problems
        ]
    except (pickle.PicklingError, TypeError, AttributeError):
        return None


def _searched(told: bytes) -> Searched | None:
    """A process's own part."""
    try:
        key, calls, labels, is_read, is_write, spec, limit = pickle.loads(told)  # noqa: S301  # from the process that asks
        problem = Problem(key)
        problem.calls, problem.labels, problem.is_read, problem.is_write = calls, labels, is_read, is_write
        return _search(problem, complete(spec), limit)
    except (AttributeError, ImportError, ChaoskitError):  # a spec from a file that only the process that asks has read
        return None


def _search(problem: Problem, spec: CompleteSpec, limit: int) -> Searched:
    table = Table(spec, problem.labels, problem.is_read)
    return search(lay_out(problem), table, limit=limit), table.states


def renumbered(found: Outcome, number: Callable[[State], int], states: list[State]) -> Outcome:
    """The same outcome in the numbers that another table has for these states."""
    numbers = [number(state) for state in states]
    match found:
        case Found():
            return replace(found, order=[(call, numbers[state]) for call, state in found.order])
        case Stuck():
            order = [(call, numbers[state]) for call, state in found.order]
            return replace(found, order=order, states=[numbers[state] for state in found.states])
    return found
