"""What is judged without a search: as by brute force, as by the search, down to the first failing completion.

The millions of the quality target are in `test_linear_truth`.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from path_oracle import SPECS, hard_problems, history_of, mistake, path_of, random_problems, rows_of

from chaoskit.check import Linearizable
from chaoskit.check.linear import elements
from chaoskit.check.linear.judged import Bad, Good
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.paths import PATHS, first_failure, judge
from chaoskit.check.linear.replays import replayed
from chaoskit.check.linear.search import Stuck
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.core.verdict import Budget
from chaoskit.spec import UNKNOWN, CompleteSpec, Illegal, State, complete, spec_from_text
from chaoskit.spec.exact import identity
from chaoskit.testing.small_histories import small_problems

NAMES = sorted(SPECS)
SEVERAL_AMOUNTS = "counter:initial=1"  # adds of several amounts are left to the search
FAMILIES = sorted(name for name in SPECS if ":" not in name)
RANDOM = 150  # histories a spec, by default
OF_THREE = 1_000  # of the histories of three calls


def wrong(problems: list[Problem], name: str) -> list[str]:
    """What is wrong with the verdicts on these problems."""
    spec = complete(spec_from_text(name))
    found = ((mistake(problem, spec, path_of(spec)), problem) for problem in problems)
    return [f"{text}: {told(problem, spec)}" for text, problem in found if text not in (None, "undecided")]


def told(problem: Problem, spec: CompleteSpec) -> list[str]:
    """The calls of a problem for people."""
    return [
        f"{call.began}-{call.ended if call.returned else ''} {spec.describe_op(problem.label(call))}" for call in problem.calls
    ]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_path_agrees_with_brute_force_on_every_history_of_two_calls_and_some_of_three(name: str) -> None:
    """Two values, two clients, unanswered calls included; of the histories of three calls an even sample."""
    spec = complete(spec_from_text(name))
    problems = [*small_problems(spec, SPECS[name](2), calls=2, clients=2)]
    of_three = [*small_problems(spec, SPECS[name](2), calls=3, clients=2)]
    assert not wrong(problems + of_three[:: len(of_three) // OF_THREE + 1], name)


@pytest.mark.parametrize("name", NAMES)
def test_a_path_agrees_with_brute_force_on_random_histories(name: str) -> None:
    """Four to nine calls on two to four values, most of them as a correct object might have answered, or nearly."""
    assert not wrong([*hard_problems(name), *random_problems(name, count=RANDOM, seed=1)], name)


@pytest.mark.parametrize("name", [name for name in NAMES if "queue" in name or "stack" in name])
def test_values_that_are_numbered_anew_change_no_verdict(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are for an object with few calls in a history of many values."""
    monkeypatch.setattr(elements, "SPARSE", 0)
    assert not wrong([*hard_problems(name), *random_problems(name, count=RANDOM // 2, seed=7)], name)


@pytest.mark.parametrize("name", NAMES)
def test_a_path_and_the_search_say_the_same_of_larger_histories(name: str) -> None:
    """The status, the failing completion and the kind; where the search gives up, nothing is compared."""
    for problem in random_problems(name, count=12, seed=3, calls=24, values=12):
        history = history_of(problem)
        quick = Linearizable(spec_from_text(name), search_up_to=0).check(history, budget=Budget(configurations=20_000))
        searched = Linearizable(spec_from_text(name), search_up_to=1_000).check(history, budget=Budget(configurations=20_000))
        if not searched.is_unknown:
            assert quick.status is searched.status, told(problem, complete(spec_from_text(name)))
            assert [(each.kind, each.data["op"]) for each in quick.violations] == [
                (each.kind, each.data["op"]) for each in searched.violations
            ]


@settings(deadline=None, derandomize=True, max_examples=120)
@given(st.sampled_from([name for name in NAMES if name.startswith("kv")]), st.integers(0, 10**6), st.integers(4, 40))
def test_a_bad_text_says_itself_where_it_fails(name: str, seed: int, calls: int) -> None:
    """The completion at which the search gets stuck, without a look at a shorter history; and so says who explains it."""
    spec = complete(spec_from_text(name))
    (problem,) = random_problems(name, count=1, seed=seed, calls=calls, values=calls // 2)
    judged = judge(rows_of(problem, spec, horizon=10 * calls), path_of(spec), spec.original)
    if not isinstance(judged, Bad):
        return
    layout, table = lay_out(problem), Table(spec, problem.labels, problem.is_read)
    stuck = search(layout, table, limit=100_000)
    assert judged.is_first
    assert isinstance(stuck, Stuck) and judged.near == problem.calls[layout.stops[stuck.stop].call].ended, told(problem, spec)
    explained = first_failure(rows_of(problem, spec, horizon=10 * calls), judged, path_of(spec), spec.original)
    assert explained is not None and explained.position == judged.near


@pytest.mark.parametrize("name", [name for name in NAMES if name != SEVERAL_AMOUNTS])
def test_most_histories_of_values_that_were_put_in_once_are_decided(name: str) -> None:
    """The preconditions are honest, and no more than is needed."""
    spec = complete(spec_from_text(name))
    problems = [problem for problem in random_problems(name, count=RANDOM, seed=4) if is_distinct(problem, name)]
    undecided = [problem for problem in problems if mistake(problem, spec, path_of(spec)) == "undecided"]
    assert len(problems) > RANDOM // 3 and len(undecided) <= 0.02 * len(problems)


def test_a_path_decides_what_chance_hardly_finds() -> None:
    """The hard histories of the oracle are known to be good or bad."""
    for name in NAMES:
        spec = complete(spec_from_text(name))
        for problem in hard_problems(name):
            assert judge(rows_of(problem, spec), path_of(spec), spec.original) is not None


def is_distinct(problem: Problem, name: str) -> bool:
    """Is every value put in at most once?"""
    if name.startswith("counter"):
        return True
    reads = ("read", "contains", "pop", "dequeue", "get")
    puts = [repr(problem.label(call).input) for call in problem.calls if problem.label(call).f not in reads]
    return len(set(puts)) == len(puts) and not any(text in name for text in puts)


@pytest.mark.parametrize("name", NAMES)
def test_an_order_that_replays_is_a_linearization_by_the_spec_itself(name: str) -> None:
    """The replays stand in for the specs, which would take too long on large histories; here the specs replay as well."""
    spec = complete(spec_from_text(name))
    replayed_orders = 0
    for problem in random_problems(name, count=60, seed=5):
        calls = rows_of(problem, spec)
        judged = judge(calls, path_of(spec), spec.original)
        if not isinstance(judged, Good):
            continue
        states: dict[object, State] = {identity(spec.init()): spec.init()}
        for row in judged.order.tolist():
            label = problem.label(problem.calls[row])
            answers = [spec.step(state, label) for state in states.values()]
            states = {identity(after): after for answer in answers if not isinstance(answer, Illegal) for after in answer}
            assert states, told(problem, spec)
        held = replayed(calls, judged.order, spec.original, path_of(spec).replay)
        assert identity(complete(type(spec.original)(**{**vars(spec.original), "initial": held})).init()) in states
        replayed_orders += 1
    assert replayed_orders > 5


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.sampled_from([name for name in FAMILIES if name != "counter"]), st.integers(0, 10**6), st.data())
def test_an_unanswered_call_that_repeats_a_value_changes_no_verdict(name: str, seed: int, data: st.DataObject) -> None:
    """It may as well not have happened; what was good stays good, and is not left to the search for it."""
    spec = complete(spec_from_text(name))
    (problem,) = random_problems(name, count=1, seed=seed)
    before = judge(rows_of(problem, spec), path_of(spec), spec.original)
    puts = [call for call in problem.calls if problem.label(call).input is not None and problem.label(call).f != "contains"]
    if not isinstance(before, Good) or not puts:
        return
    again = data.draw(st.sampled_from(puts))
    label = problem.label(again)
    problem.labels.append(type(label)(f=label.f, input=label.input, output=UNKNOWN))
    problem.is_read.append(False)
    late = max(max(call.began, call.ended if call.returned else 0) for call in problem.calls) + 1
    problem.calls.append(again._replace(began=late, ended=10**9, settled=None, label=len(problem.labels) - 1))
    assert isinstance(judge(rows_of(problem, spec), path_of(spec), spec.original), Good)


def test_every_path_is_held_to_these_laws() -> None:
    """A new path needs its line in the oracle's table."""
    assert {type(spec_from_text(name)) for name in SPECS} == set(PATHS)
