"""Which objects are judged without a search, and by what; and the evidence when one is bad.

A path takes the calls on one object and says good, bad, or nothing; it is chosen by the spec, and tests its preconditions itself.
To add one, write its file and give it a line in `PATHS`. Good is proved by a replay. Bad is narrowed to the first completion up
to which the calls have no linearization, unless the path says itself which it is: each beginning of a history is a history, in
which what ended later need not have happened. Whoever explains it finds a linearization of what was before, which proves it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from chaoskit.check.linear.append_lists import judge_append_list
from chaoskit.check.linear.columns import NO_VALUE, Flags, Numbers
from chaoskit.check.linear.counters import judge_counter
from chaoskit.check.linear.decided import Failing, failing_by_search
from chaoskit.check.linear.explain import CALLS_EXPLAINED, Reading, explain
from chaoskit.check.linear.fifo import judge_fifo
from chaoskit.check.linear.judged import Bad, Clue, Good, Judged
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.lifo import judge_lifo
from chaoskit.check.linear.normalise import Call, Problem, problems
from chaoskit.check.linear.priority import judge_priority
from chaoskit.check.linear.replays import (
    Replay,
    replay_append_list,
    replay_counter,
    replay_priority,
    replay_queue,
    replay_set,
    replay_stack,
    replay_text,
    replay_unordered,
    replayed,
)
from chaoskit.check.linear.rows import Book, Rows, book
from chaoskit.check.linear.search import GaveUp, Stuck
from chaoskit.check.linear.sets import judge_set
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.texts import judge_text
from chaoskit.check.linear.unordered import judge_unordered
from chaoskit.core.errors import InternalError
from chaoskit.core.history import History
from chaoskit.core.op import Value
from chaoskit.core.verdict import Violation
from chaoskit.spec import CompleteSpec, Spec, State, complete
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.collection import Collection
from chaoskit.spec.counter import Counter
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.kv import KeyValue
from chaoskit.spec.priority_queue import PriorityQueue
from chaoskit.spec.set import Set
from chaoskit.spec.stack import Stack
from chaoskit.spec.unordered_queue import UnorderedQueue

SEARCH_UP_TO = 256  # calls of a history: a search takes no longer than columns need to be made
FEW_CALLS = 64  # up to so many its linearization is shown, which is the one that a search finds
CONFIGURATIONS_PER_CALL = 64  # what an object may spend of its own, whatever became of the budget
GUESSES = 6  # so often a contradiction tells where to look for the first failure; then halves are tried


class Path(NamedTuple):
    """How objects of one spec are judged, and their linearizations replayed.

    Histories of up to `search_up_to` calls are searched all the same; bad objects of up to `explain_up_to` are explained by a
    search, which shows more of what may have been. `judges_mutants`: what `power` makes of its objects is judged so too.
    """

    judge: Callable[[Rows, Any], Judged]
    replay: Replay
    search_up_to: int = SEARCH_UP_TO
    explain_up_to: int = 0
    judges_mutants: bool = True


PATHS: dict[type, Path] = {
    FifoQueue: Path(judge_fifo, replay_queue),
    Stack: Path(judge_lifo, replay_stack),
    PriorityQueue: Path(judge_priority, replay_priority),
    UnorderedQueue: Path(judge_unordered, replay_unordered),
    AppendList: Path(judge_append_list, replay_append_list),
    Set: Path(judge_set, replay_set),
    Counter: Path(judge_counter, replay_counter),
    KeyValue: Path(judge_text, replay_text, search_up_to=FEW_CALLS, explain_up_to=SEARCH_UP_TO, judges_mutants=False),
}


class Outcome(NamedTuple):
    """What was judged: by key of the history, is it decided; and the calls, linearizations and failures of those that are."""

    decided: Flags  # by number of the key's value
    good: int
    calls: int
    failing: list[Failing]
    witnesses: list[tuple[Value, list[int]]]


class Failure(NamedTuple):
    """Where a bad object fails: a completion; rows of a linearization of the others until then, and what is held after it."""

    position: int
    clue: Clue | None
    before: Numbers
    held: Any


class Telling(NamedTuple):
    """How a bad object is explained."""

    checker: str
    has_times: bool
    configurations: int  # what a search for the explanation may visit


def judge_by_path(clients: History, spec: CompleteSpec, path: Path, *, witness: bool, telling: Telling) -> Outcome:
    """Judges what its path can, object by object."""
    outcome = Outcome(np.zeros(len(clients.values) + 1, dtype=bool), 0, 0, [], [])
    found = book(clients, spec.functions)
    if found is None:
        return outcome
    indices = np.arange(len(clients)) if clients.indices is None else clients.indices
    good = calls_judged = 0
    starts = found.starts.tolist()
    for place, key in enumerate(found.keys.tolist()):
        rows = slice(starts[place], starts[place + 1])
        calls = found.calls.take(rows)
        judged = judge(calls, path, spec.original)
        if isinstance(judged, Good):
            replayed(calls, judged.order, spec.original, path.replay)
            good += 1
            if witness:
                outcome.witnesses.append((clients.values[key], indices[calls.began[judged.order]].tolist()))
        elif isinstance(judged, Bad):
            failing = _Evidence(clients, indices, found, rows, calls, key, path, spec, telling).failing(judged)
            if failing is None:
                continue
            outcome.failing.append(failing)
        else:
            continue
        outcome.decided[key] = True
        calls_judged += len(calls.began)
    return outcome._replace(good=good, calls=calls_judged)


def judge(calls: Rows, path: Path, spec: Spec) -> Judged:
    """What a path says. Where it says nothing, unanswered calls that repeat others are left out: they need not have happened.

    What is good without them is good. What was bad before the first of them began stays bad, whatever comes later.
    """
    found = path.judge(calls, spec)
    if found is not None:
        return found
    unanswered = (calls.ended == calls.horizon) & (calls.asked != calls.nil)
    order = np.lexsort((unanswered, calls.f, calls.asked))  # equal calls side by side, the answered ones before the others
    repeats = np.zeros(len(order), dtype=bool)
    one, other = order[:-1], order[1:]
    repeats[other] = (calls.asked[one] == calls.asked[other]) & (calls.f[one] == calls.f[other]) & unanswered[other]
    if not repeats.any():
        return None
    places = np.flatnonzero(~repeats)
    hoped = path.judge(calls.take(places), spec)
    if isinstance(hoped, Good):
        return Good(places[hoped.order])
    if hoped is None:
        return None
    before, places = calls.known_before(int(calls.began[repeats].min()))
    sure = path.judge(before, spec)
    return sure._replace(clue=sure.clue and _with_rows(sure.clue, places)) if isinstance(sure, Bad) else None


def first_failure(calls: Rows, judged: Bad, path: Path, spec: Spec) -> Failure | None:
    """Where a bad object fails first; None when a beginning of its history cannot be decided."""
    good, bad, clue = -1, judged.near if judged.is_first else calls.horizon - 1, judged.clue
    before: tuple[Rows, Numbers, Numbers] | None = None  # of the longest good beginning: calls, their rows here, an order
    guesses, left = [judged.near - judged.is_first], GUESSES  # the best guess at the end
    while bad - good > 1:
        guesses = [guess for guess in guesses if good < guess < bad]
        middle = guesses.pop() if guesses and left else (good + bad) // 2
        left = max(left - 1, 0)
        told, places = calls.known_before(middle + 1)
        part = judge(told, path, spec)
        if part is None:
            return None
        if isinstance(part, Good):
            good, before = middle, (told, places, part.order)
        else:
            bad, clue = middle, part.clue and _with_rows(part.clue, places)
            guesses = [middle - 1, part.near]
    assert before is not None, "before the first completion nothing can be wrong"
    told, places, order = before
    if (calls.ended[places[order]] == bad).any():  # the same order would explain what ended now
        raise InternalError(f"a history of spec {spec.name!r} was judged bad, and its order has the call that fails.")
    return Failure(bad, clue, places[order], replayed(told, order, spec, path.replay))


def _with_rows(clue: Clue, places: Numbers) -> Clue:
    """A clue on some of the calls, by their rows among all."""
    rows = places.tolist()
    return clue._replace(
        story=tuple(tuple(piece if isinstance(piece, str) else rows[piece] for piece in pieces) for pieces in clue.story)
    )


class _Evidence:
    """What is known of the failure of one object."""

    def __init__(
        self,
        clients: History,
        indices: Numbers,
        found: Book,
        rows: slice,
        calls: Rows,
        key: int,
        path: Path,
        spec: CompleteSpec,
        telling: Telling,
    ) -> None:
        self._clients, self._indices, self._calls, self._key = clients, indices, calls, key
        self._found, self._rows = found, rows
        self._path, self._spec, self._telling = path, spec, telling

    def failing(self, judged: Bad) -> Failing | None:
        """None when it cannot be told where it fails first."""
        if judged.is_first:
            return self._failing_at(judged.near, partial(self._explained, judged))
        failure = first_failure(self._calls, judged, self._path, self._spec.original)
        return failure and self._failing_at(failure.position, partial(self._violation, failure))

    def _failing_at(self, position: int, explain: Callable[[], Violation]) -> Failing:
        return Failing(self._clients.values[self._key], int(self._indices[position]), explain=explain)

    def _explained(self, judged: Bad) -> Violation:
        """By a search of small objects, unless it gives up; else by the path."""
        small = len(self._calls.began) <= self._path.explain_up_to
        found = self._searched() if small else None
        if found is None:
            failure = first_failure(self._calls, judged, self._path, self._spec.original)
            if failure is None or failure.position != judged.near:
                raise InternalError(f"a history of spec {self._spec.name!r} was judged bad by {judged.near}, and it is not.")
            return self._violation(failure)
        if found.op != self._indices[judged.near]:
            raise InternalError(f"a path of spec {self._spec.name!r} and the search differ on where a history fails.")
        return found.violation

    def _searched(self) -> Failing | None:
        """Where a search gets stuck; None when it gives up."""
        problem = self._problem(self._clients.keys == self._key)
        layout, table = lay_out(problem), Table(self._spec, problem.labels, problem.is_read)
        limit = min(self._telling.configurations, CONFIGURATIONS_PER_CALL * len(problem.calls))
        found = search(layout, table, limit=limit)
        if isinstance(found, GaveUp):
            return None
        if not isinstance(found, Stuck):
            raise InternalError(f"a history of spec {self._spec.name!r} was judged bad, and a search finds a linearization.")
        checker, has_times = self._telling.checker, self._telling.has_times
        return failing_by_search(problem, layout, table, found, checker=checker, has_times=has_times)

    def _problem(self, events: Flags) -> Problem:
        (problem,) = problems(self._clients.where(events), self._spec)
        return problem

    def _violation(self, failure: Failure) -> Violation:
        spec, calls = self._spec, self._calls
        kept = self._around(failure, is_collection=isinstance(spec.original, Collection))
        events = self._clients.keys == self._key
        if not kept.all():
            events[calls.began[~kept]] = False
            completions = self._found.completions[self._rows][~kept]
            events[completions[completions >= 0]] = False
        problem = self._problem(events)
        by_begin = {call.began: call for call in problem.calls}
        begun = self._indices[calls.began]

        def call_of(row: int) -> Call:
            return by_begin[int(begun[row])]

        order = failure.before[kept[failure.before]]
        table = Table(spec, problem.labels, problem.is_read)
        return explain(
            problem,
            table,
            failing=call_of(int(np.flatnonzero(calls.ended == failure.position)[0])),
            placed=[call_of(row) for row in order.tolist()],
            states=[table.number(_state(spec.original, failure.held))],
            checker=self._telling.checker,
            has_times=self._telling.has_times,
            reading=_reading(failure.clue, call_of),
        )

    def _around(self, failure: Failure, *, is_collection: bool) -> Flags:
        """Which calls the violation is explained by: of elements those near it, all on the same, and those without an answer."""
        calls = self._calls
        kept = np.ones(len(calls.began), dtype=bool)
        if len(kept) <= CALLS_EXPLAINED or not is_collection:
            return kept
        middle = int(np.searchsorted(calls.began, failure.position))
        kept[: max(middle - CALLS_EXPLAINED // 2, 0)] = False
        kept[middle + CALLS_EXPLAINED // 2 :] = False
        kept |= (calls.ended == failure.position) | (calls.ended == calls.horizon)
        if failure.clue is not None:
            kept[[piece for pieces in failure.clue.story for piece in pieces if not isinstance(piece, str)]] = True
        touched = np.zeros(len(calls.values) + 2, dtype=bool)
        touched[calls.asked[kept]] = True
        touched[calls.got[kept]] = True
        touched[[NO_VALUE, calls.nil]] = False
        return kept | touched[calls.asked] | touched[calls.got]


def _state(spec: Any, held: Any) -> State:
    """The state in which an object of this spec holds this."""
    return complete(replace(spec, initial=held)).init()


def _reading(clue: Clue | None, call_of: Callable[[int], Call]) -> Reading | None:
    if clue is None:
        return None
    return Reading(
        clue.why,
        [tuple(piece if isinstance(piece, str) else call_of(piece) for piece in pieces) for pieces in clue.story],
    )
