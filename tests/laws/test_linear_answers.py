"""What a verdict answers, by every path and by the search: an order that replays, or where it ends and what shows it.

The answers are held to the spec itself and to the definition, by code that shares nothing with what found them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_histories import Shape, register_history
from path_histories import Counter, List, Priority, Queue, Set, Stack, Text, Unordered, object_history
from path_oracle import SPECS, history_of, random_problems

from chaoskit.check import Linearizable
from chaoskit.check.linear.apart import apart
from chaoskit.check.linear.brute import linearizable
from chaoskit.check.linear.normalise import NEVER, Call, Problem, problems
from chaoskit.check.linear.paths import PATHS
from chaoskit.core.history import History
from chaoskit.core.op import INFO, INVOKE
from chaoskit.core.verdict import Budget, Violation, plain
from chaoskit.spec import SPECS as TABLE
from chaoskit.spec import UNKNOWN, CompleteSpec, Illegal, State, complete, spec_from_text
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.exact import identity
from chaoskit.spec.register import Register
from chaoskit.testing.strategies import answered_histories, mutated_histories

NAMES = tuple(sorted([*TABLE, "cas-register:failed-cas=observe", "semaphore:permits=2", "set:initial=[1]"]))
BY_PATH = sorted(SPECS)
SEARCH_UP_TO = {"by path": 0, "by search": 1_000}


def after(calls: Sequence[Call], problem: Problem, spec: CompleteSpec) -> list[State]:
    """The states that these calls, in this order, may lead to; none when they cannot happen so."""
    states = {identity(spec.init()): spec.init()}
    for call in calls:
        answers = [spec.step(state, problem.label(call)) for state in states.values()]
        states = {identity(new): new for answer in answers if not isinstance(answer, Illegal) for new in answer}
    return list(states.values())


def keeps_real_time(calls: Sequence[Call]) -> bool:
    """Is no call placed after one that began when it had already ended?"""
    return all(began <= call.ended for began, call in zip(accumulate((call.began for call in calls), max), calls, strict=True))


def assert_linearization(order: Sequence[int], problem: Problem, spec: CompleteSpec) -> None:
    """All calls that returned, in an order that the spec and real time allow."""
    calls = {call.began: call for call in problem.calls}
    placed = [calls[began] for began in order]
    assert len(set(order)) == len(order)
    assert {call.began for call in problem.calls if call.returned} <= set(order)
    assert keeps_real_time(placed)
    assert after(placed, problem, spec)


def possible(known: list[Call], problem: Problem, spec: CompleteSpec) -> set[str]:
    """All states, as told, that some order of these calls leaves which has all that returned and keeps real time."""
    found: set[str] = set()
    seen: set[object] = set()
    waiting: list[tuple[State, tuple[Call, ...]]] = [(spec.init(), tuple(known))]
    while waiting:
        state, left = waiting.pop()
        if (identity(state), left) in seen:
            continue
        seen.add((identity(state), left))
        if not any(call.returned for call in left):
            found.add(spec.describe_state(state))
        first_end = min((call.ended for call in left), default=NEVER)
        for call in left:
            answer = spec.step(state, problem.label(call)) if call.began < first_end else Illegal("later")
            for new in () if isinstance(answer, Illegal) else answer:
                waiting.append((new, tuple(other for other in left if other is not call)))
    return found


def assert_shown(violation: Violation, problem: Problem, spec: CompleteSpec) -> None:
    """The failing call, a longest order before it, the states then possible, who was pending, and sentences."""
    data = violation.data
    (failing,) = [call for call in problem.calls if call.ended == data["op"]]
    so_far = [call for call in problem.calls if call.began < failing.ended and call is not failing]
    known = [call if call.ended < failing.ended else call._replace(ended=NEVER) for call in so_far]
    calls = {call.began: call for call in known}
    placed = [calls[began] for began in violation.order]
    assert len(set(violation.order)) == len(violation.order)
    assert {call.began for call in known if call.returned} <= set(violation.order)
    assert keeps_real_time(placed)
    assert after(placed, problem, spec), "the order can happen"
    told = {each["state"] for each in data["states"]}
    assert told and told <= possible(known, problem, spec), "all of these states are possible"
    assert violation.ops[0] == failing.began
    assert data["pending"] == [call.began for call in problem.calls if call.began < failing.ended < call.ended]
    assert any(part.op == failing.began for sentence in violation.sentences for part in sentence if not isinstance(part, str))
    assert all(plain(sentence).strip().endswith((".", ":")) for sentence in violation.sentences)


def assert_answers(history: History, spec: CompleteSpec, *, search_up_to: int) -> None:
    """Of every object: its linearization, or what shows that there is none."""
    verdict = Linearizable(spec, search_up_to=search_up_to, witness=True).check(history, budget=Budget())
    orders = [(each["key"], each["order"]) for each in verdict.results.get("witness", ())]
    bad = [((violation.keys or [None])[0], violation) for violation in verdict.violations]
    objects: dict[Any, Problem] = {problem.key: problem for problem in problems(history, spec)}
    assert sorted(map(repr, objects)) == sorted(repr(key) for key, _ in (*orders, *bad))
    for key, order in orders:
        assert_linearization(order, objects[key], spec)
    for key, violation in bad:
        assert_shown(violation, shown_of(violation, objects[key], spec), spec)


def shown_of(violation: Violation, problem: Problem, spec: CompleteSpec) -> Problem:
    """What a violation speaks of: the element that fails where a set was judged by its elements, else all of the object."""
    named = {*violation.order, *violation.data["pending"]}
    for part in apart(problem, spec):
        calls = {call.began for call in part.calls}
        if any(call.ended == violation.data["op"] for call in part.calls) and named <= calls:
            return part
    return problem


@pytest.mark.parametrize("by", SEARCH_UP_TO)
@pytest.mark.parametrize("name", BY_PATH)
def test_a_path_and_the_search_answer_with_what_can_be_replayed(name: str, by: str) -> None:
    """Collections, lists, sets and counters of distinct values, right or wrong somewhere."""
    spec = complete(spec_from_text(name))
    for problem in random_problems(name, count=60, seed=21, calls=10):
        assert_answers(history_of(problem), spec, search_up_to=SEARCH_UP_TO[by])


@pytest.mark.parametrize("by", SEARCH_UP_TO)
@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, derandomize=True, max_examples=15)
@given(data=st.data())
def test_blocks_and_the_search_answer_with_what_can_be_replayed(name: str, by: str, data: st.DataObject) -> None:
    """As clients record it: with failures, crashes and calls left open; two objects."""
    history = data.draw(answered_histories(name, keys="xy") | mutated_histories(name, keys="xy"))
    assert_answers(history, complete(spec_from_text(name)), search_up_to=SEARCH_UP_TO[by])


PROVED_BY_THEIR_CALLS = {"phantom-element", "duplicate-delivery", "lost-element", "out-of-order", "resurrected-element"}


@pytest.mark.parametrize("name", [name for name in BY_PATH if ":" not in name and name not in ("append-list", "counter")])
def test_the_calls_of_a_kind_of_collections_prove_it(name: str) -> None:
    """With nothing but the calls that a violation names, and the failing one, the history is bad all the same."""
    spec = complete(spec_from_text(name))
    for problem in random_problems(name, count=400, seed=22, calls=10):
        history = history_of(problem)
        for violation in Linearizable(spec).check(history, budget=Budget()).violations:
            if violation.kind in PROVED_BY_THEIR_CALLS:
                proof = Problem(None)
                proof.labels, proof.is_read, proof.is_write = problem.labels, problem.is_read, problem.is_write
                proof.calls = [call for call in problem.calls if call.began in violation.ops]
                assert not linearizable(proof, spec), (violation.kind, violation.summary)


def until(problem: Problem, op: int, spec: CompleteSpec, *, answered: bool) -> Problem:
    """What had begun by this completion: with its call as it was answered, or as if nobody had heard of it again."""
    part = Problem(problem.key)
    part.labels = [*problem.labels, *(replace(label, output=UNKNOWN) for label in problem.labels)]
    for call in problem.calls:
        if call.ended != op:
            part.calls += [call if call.ended < op else call._replace(ended=NEVER)] if call.began < op else []
        elif answered:
            part.calls.append(call)
        elif not spec.is_read(problem.label(call)):
            part.calls.append(call._replace(ended=NEVER, label=call.label + len(problem.labels)))
    return part


@pytest.mark.parametrize("by", SEARCH_UP_TO)
@pytest.mark.parametrize("name", NAMES)
def test_the_failing_call_is_what_has_no_place(name: str, by: str) -> None:
    """By brute force: with its completion the history until then is bad; had nobody heard of the call again, it were good."""
    seen = 0

    @settings(deadline=None, derandomize=True, max_examples=30)
    @given(answered_histories(name, keys="xy") | mutated_histories(name, keys="xy"))
    def law(history: History) -> None:
        nonlocal seen
        spec = complete(spec_from_text(name))
        verdict = Linearizable(spec, search_up_to=SEARCH_UP_TO[by]).check(history, budget=Budget())
        objects: dict[Any, Problem] = {problem.key: problem for problem in problems(history, spec)}
        for violation in verdict.violations:
            seen += 1
            problem, op = objects[(violation.keys or [None])[0]], violation.data["op"]
            assert not linearizable(until(problem, op, spec, answered=True), spec)
            assert linearizable(until(problem, op, spec, answered=False), spec)

    law()
    assert seen


LARGE: dict[str, Callable[[Shape], History]] = {  # by spec: histories that only a path can judge in time
    "register": register_history,
    "cas-register": register_history,
    "fifo-queue": lambda shape: object_history(shape, Queue),
    "stack": lambda shape: object_history(shape, Stack),
    "priority-queue": lambda shape: object_history(shape, Priority),
    "unordered-queue": lambda shape: object_history(shape, Unordered),
    "append-list": lambda shape: object_history(shape, List, takes=0.05),
    "kv": lambda shape: object_history(shape, Text, takes=0.05),
    "set": lambda shape: object_history(shape, Set, takes=0.05),
    "counter": lambda shape: object_history(shape, Counter, takes=0.2),
}


def large(name: str, *, bad: bool = False) -> History:
    """Eight hundred calls of twenty clients, some never answered."""
    return LARGE[name](Shape(ops=800, clients=20, cas=name == "cas-register", crashed=0.01, bad=bad))


@pytest.mark.parametrize("name", LARGE)
def test_a_large_good_history_comes_with_an_order_that_the_spec_replays(name: str) -> None:
    """What is judged without a search is proved as well: by the spec itself, step for step."""
    spec, history = complete(spec_from_text(name)), large(name)
    verdict = Linearizable(spec, witness=True).check(history, budget=Budget())
    assert verdict.is_valid and verdict.results["keys-without-search"] == 1
    (problem,) = problems(history, spec)
    assert_linearization(verdict.results["witness"][0]["order"], problem, spec)


@pytest.mark.parametrize("name", LARGE)
def test_all_before_the_failing_call_of_a_large_history_has_an_order_that_the_spec_replays(name: str) -> None:
    """Had nobody heard of it, what had happened until then were good."""
    spec, history = complete(spec_from_text(name)), large(name, bad=True)
    (violation,) = Linearizable(spec).check(history, budget=Budget()).violations
    events = list(history)[: violation.data["op"] + 1]
    before = History.of([*events[:-1], msgspec.structs.replace(events[-1], type=INFO)])
    verdict = Linearizable(spec, witness=True).check(before, budget=Budget())
    (problem,) = problems(before, spec)
    assert_linearization(verdict.results["witness"][0]["order"], problem, spec)


@pytest.mark.parametrize("bad", [False, True])
@pytest.mark.parametrize("name", [name for name in LARGE if name != "counter"])
def test_an_unanswered_call_that_repeats_a_value_costs_a_large_history_nothing(name: str, bad: bool) -> None:
    """Appended, it changes no verdict and no failing call, and nothing has to be searched for it."""
    spec, history = complete(spec_from_text(name)), large(name, bad=bad)
    puts = [op for op in history if op.type == "ok" and op.f not in ("read", "get", "dequeue", "pop")]
    again = msgspec.structs.replace(puts[len(puts) // 2], type=INVOKE, process=10**6)
    before, after = (
        Linearizable(spec).check(each, budget=Budget()) for each in (history, History.of([*history, again]))
    )
    assert before.is_invalid is after.is_invalid is bad
    assert before.results["keys-without-search"] == after.results["keys-without-search"] == 1
    assert before.results["configurations"] == after.results["configurations"] == 0
    assert [each.data["op"] for each in before.violations] == [each.data["op"] for each in after.violations]


def test_every_spec_that_is_judged_without_a_search_is_there() -> None:
    """A new path needs its line in the table of large histories."""
    assert {type(spec_from_text(name)) for name in LARGE} == {*PATHS, Register, CasRegister}
