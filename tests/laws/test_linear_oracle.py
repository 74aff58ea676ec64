"""The search against brute force: every small history of every spec, and larger ones at random.

The millions of the quality target are in `test_linear_truth`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import product

import pytest
from alphabets import NAMES, Alphabet, alphabet, ok
from every_history import every_choice, every_history, random_history, shape_of
from every_history import first_failure as fails_by_numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from judges import by_search

from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings
from chaoskit.check.linear.search import Found, GaveUp, Stuck, depth_first, stop_by_stop
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.spec import CompleteSpec, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, overlaps, problem_of

LIMIT = 100_000
Explore = Callable[..., Found | Stuck | GaveUp]


def stuck_at(
    problem: Problem, spec: CompleteSpec, *, explores: Sequence[Explore], prunings: Prunings = ALL_PRUNINGS
) -> list[int | None]:
    """By search: the index of the completion that no configuration passes, None for a proved linearization."""
    layout, table = lay_out(problem, prunings), Table(spec, problem.labels, problem.is_read)
    answers: list[int | None] = []
    for explore in explores:
        found = explore(layout, table, limit=LIMIT, prunings=prunings)
        if isinstance(found, Found):
            prove(problem, spec, [(call, table.states[state]) for call, state in found.order])
            answers.append(None)
        else:
            assert isinstance(found, Stuck)
            answers.append(problem.calls[layout.stops[found.stop].call].ended)
    return answers


def assert_agrees(
    problem: Problem,
    spec: CompleteSpec,
    *,
    explores: Sequence[Explore] = (depth_first, stop_by_stop),
    prunings: Prunings = ALL_PRUNINGS,
) -> None:
    """These searches and brute force say the same, down to the failing completion."""
    failing = first_failure(problem, spec)
    found = stuck_at(problem, spec, explores=explores, prunings=prunings)
    assert found == [failing] * len(explores), [(call, problem.label(call)) for call in problem.calls]


@pytest.mark.parametrize("name", NAMES)
def test_search_agrees_with_brute_force_on_every_history_of_three_calls_and_two_clients(name: str, impatient: None) -> None:
    """Exhaustive up to symmetry; unanswered calls included. The quality target has four calls, three clients, and larger ones."""
    letters = alphabet(name)
    cases = (case for calls in (1, 2, 3) for case in every_history(letters, calls=calls, clients=2))
    assert not [told for told in by_search(letters, cases) if told.wrong]


@pytest.mark.parametrize("name", NAMES)
def test_the_oracle_of_numbers_agrees_with_the_one_that_asks_the_spec(name: str) -> None:
    """On random histories of few values, and of more."""
    for size in (2, 3):
        letters, draw = alphabet(name, size), random.Random(size)
        for _ in range(40):
            chosen, shape = random_history(draw, letters, calls=draw.randint(3, 8), wild=0.5)
            problem = problem_of(letters.spec, letters.choices, chosen, shape.intervals)
            assert first_failure(problem, letters.spec) == fails_by_numbers(letters, chosen, shape)


@pytest.mark.parametrize("name", [name for name in NAMES if alphabet(name).renamings])
def test_new_names_for_values_and_processes_change_no_history(name: str) -> None:
    """What the exhaustive laws leave out is the same history once more."""
    letters, draw = alphabet(name), random.Random(name)
    for _ in range(60):
        chosen, shape = random_history(draw, letters, calls=draw.randint(2, 6), wild=0.5)
        for renaming in letters.renamings:
            renamed = [renaming[letter] for letter in chosen]
            assert fails_by_numbers(letters, renamed, shape) == fails_by_numbers(letters, chosen, shape)


@pytest.mark.parametrize("name", ["register", "kv", "counter", "fifo-queue"])
def test_every_history_has_its_like_among_those_that_are_tried(name: str) -> None:
    """With names and impossible answers put back, all sequences of letters are there; and no class twice."""
    letters = alphabet(name)
    kept = set(every_choice(letters, 2))
    for chosen in product(range(len(letters.choices)), repeat=2):
        likes = {chosen, *(tuple(renaming[letter] for letter in chosen) for renaming in letters.renamings)}
        alike = [other for like in likes for other in kept if _is_like(letters, like, other)]
        assert alike, chosen


def _is_like(letters: Alphabet, one: Sequence[int], other: Sequence[int]) -> bool:
    """Do these ask the same, and get the same answers but for those that cannot be?"""
    for letter, place in zip(one, other, strict=True):
        if letter != place and (letters.same_question[letter] + [letter])[0] != (letters.same_question[place] + [place])[0]:
            return False
    shape = shape_of([(2 * place, 2 * place + 1) for place in range(len(one))])
    back = shape_of([(0, 2), (1, 3)])
    return all(fails_by_numbers(letters, one, each) == fails_by_numbers(letters, other, each) for each in (shape, back))


@st.composite
def larger_problems(draw: st.DrawFn, choices: Sequence[Choice], spec: CompleteSpec) -> Problem:
    """A history of up to nine calls and four clients, overlapping at random."""
    chosen = draw(st.lists(st.integers(0, len(choices) - 1), min_size=4, max_size=9))
    waiting, intervals, now = list(range(len(chosen))), [(0, NEVER)] * len(chosen), 0
    opened: list[int] = []
    while waiting or opened:
        begins = waiting and len(opened) < 4 and (not opened or draw(st.booleans()))
        if begins:
            number = waiting.pop(0)
            intervals[number] = (now, NEVER)
            if choices[chosen[number]][1]:
                opened.append(number)
        else:
            number = opened.pop(draw(st.integers(0, len(opened) - 1)))
            intervals[number] = (intervals[number][0], now)
        now += 1
    return problem_of(spec, choices, chosen, intervals)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, derandomize=True, max_examples=25)
@given(data=st.data())
def test_search_agrees_with_brute_force_on_larger_histories(name: str, data: st.DataObject) -> None:
    """Up to nine calls by four clients, drawn at random."""
    letters = alphabet(name, 3)
    assert_agrees(data.draw(larger_problems(letters.choices, letters.spec)), letters.spec)


@pytest.mark.parametrize("pruning", Prunings._fields)
@pytest.mark.parametrize("name", ["cas-register", "cas-register:failed-cas=observe", "fifo-queue"])
@settings(deadline=None, derandomize=True, max_examples=15)
@given(data=st.data())
def test_a_pruning_changes_no_verdict(name: str, pruning: str, data: st.DataObject) -> None:
    """Each alone, and all but that one, in both orders: the failing completion is brute force's."""
    letters = alphabet(name, 3)
    spec, problem = letters.spec, data.draw(larger_problems(letters.choices, letters.spec))
    alone = Prunings(**{each: each == pruning for each in Prunings._fields})
    for prunings in (alone, ALL_PRUNINGS._replace(**{pruning: False})):
        assert_agrees(problem, spec, prunings=prunings)


def test_brute_force_agrees_with_the_definition_on_a_classic() -> None:
    """An oracle must be right by itself: Herlihy and Wing's queue example, in which the first to enqueue may come second."""
    spec = complete(spec_from_text("fifo-queue"))
    choices = (ok("enqueue", 0), ok("enqueue", 1), ok("dequeue", None, 0), ok("dequeue", None, 1))
    overlapping = [(0, 2), (1, 3), (4, 5), (6, 7)]
    in_sequence = [(0, 1), (2, 3), (4, 5), (6, 7)]
    assert linearizable(problem_of(spec, choices, [0, 1, 3, 2], overlapping), spec)
    assert not linearizable(problem_of(spec, choices, [0, 1, 3, 2], in_sequence), spec)


def test_every_overlap_of_three_calls_and_two_clients_is_there() -> None:
    """Nine ways by hand: one in sequence, and those in which a pair overlaps."""
    ways = list(overlaps([True] * 3, clients=2))
    assert len(ways) == len({tuple(way) for way in ways}) == 9
    assert [(0, 1), (2, 3), (4, 5)] in ways
