"""Hard objects searched at once, each in a process of its own, and the answer is the one that a single process would give.

A process costs about as much as some ten thousands of configurations (`EASY`): every object is tried that far first, and
processes are started only when two or more are left. What a search finds does not depend on its limit as long as it stays
below, so that each is given all of it; who was done first has no part in the outcome. A process is a new Python that is told
the problem on its standard input: nothing of the program that asks is run again in it. A spec that cannot be sent there, say
one from a person's own file, is searched here.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.search import Found, GaveUp, Stuck
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.core.errors import ChaoskitError, InternalError
from chaoskit.spec import CompleteSpec, State, complete

EASY = 50_000  # configurations
WORKER = "from chaoskit.check.linear.processes import work; work()"

Outcome = Found | Stuck | GaveUp
Searched = tuple[Outcome, list[State]]  # and what the numbers of states in it mean
Answer = Searched | ChaoskitError


def searched_at_once(
    objects: Sequence[Problem], spec: CompleteSpec, *, limit: int, processes: int
) -> Iterator[tuple[Problem, Searched | None]]:
    """What a search with this limit finds in each object, in their order; None where it was not searched."""
    tried = [(problem, *_search(problem, spec, min(limit, EASY))) for problem in objects]
    hard = [problem for problem, found, _ in tried if isinstance(found, GaveUp)] if limit > EASY else []
    sent = _send(hard, spec, limit) if len(hard) > 1 else None
    answers = _answers(sent, processes) if sent else None
    try:
        for problem, found, states in tried:
            if not isinstance(found, GaveUp):
                yield problem, (found, states)
            else:
                yield problem, next(answers) if answers is not None else None
    finally:
        if answers is not None:
            answers.close()


def work() -> None:
    """A process's own part: searches the problem on its standard input, and answers on its standard output."""
    told = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that started this one
    key, calls, labels, is_read, is_write, spec, limit = told
    problem = Problem(key)
    problem.calls, problem.labels, problem.is_read, problem.is_write = calls, labels, is_read, is_write
    try:
        answer: Answer = _search(problem, complete(spec), limit)
    except ChaoskitError as error:
        answer = error
    pickle.dump(answer, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _search(problem: Problem, spec: CompleteSpec, limit: int) -> Searched:
    table = Table(spec, problem.labels, problem.is_read)
    return search(lay_out(problem), table, limit=limit), table.states


def _send(problems: list[Problem], spec: CompleteSpec, limit: int) -> list[bytes] | None:
    """The problems as bytes; None when they cannot be sent."""
    try:
        return [
            pickle.dumps((each.key, each.calls, each.labels, each.is_read, each.is_write, spec.original, limit))
            for each in problems
        ]
    except (pickle.PicklingError, TypeError, AttributeError):
        return None


def _answers(sent: list[bytes], processes: int) -> Generator[Searched, None, None]:
    """The answers to what was sent, in order; so many processes at a time."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for place in range(len(sent)):
            fresh = [_start() for _ in sent[place + len(running) : place + processes]]
            for number, process in enumerate(fresh, start=place + len(running)):
                _tell(process, sent[number])
            running += fresh
            yield _answer_of(running.pop(0))
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _tell(process: subprocess.Popen[bytes], message: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(message)
    process.stdin.flush()


def _answer_of(process: subprocess.Popen[bytes]) -> Searched:
    told, _ = process.communicate()
    if process.returncode or not told:
        raise InternalError(f"a process that searched ended with code {process.returncode} and no answer.")
    answer: Answer = pickle.loads(told)  # noqa: S301  # from the process that was started
    if isinstance(answer, ChaoskitError):
        raise answer
    return answer


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
