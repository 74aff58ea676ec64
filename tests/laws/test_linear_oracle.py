"""The search against brute force: every small history of every spec, and larger ones at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from path_oracle import random_problem

from chaoskit.check.linear import strategy
from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.prunings import ALL_PRUNINGS, Prunings
from chaoskit.check.linear.search import Found, GaveUp, Stuck, depth_first, stop_by_stop
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Label, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, overlaps, problem_of, small_problems

LIMIT = 100_000
RANDOM_QUALITY = 200_000
Explore = Callable[..., Found | Stuck | GaveUp]


def ok(f: str, input: object = None, output: object = None) -> Choice:
    """A call that returned."""
    return Label(f=f, input=input, output=output), True


def info(f: str, input: object = None) -> Choice:
    """A call that nobody answered."""
    return Label(f=f, input=input, output=UNKNOWN), False


READS_AND_WRITES = (ok("read"), ok("read", None, 0), ok("read", None, 1), ok("write", 0), ok("write", 1), info("write", 1))
CASES = (ok("cas", [0, 1]), ok("cas", [1, 0]), info("cas", [0, 1]), (Label(f="cas", input=[0, 1], output=FAILED), True))
ADDS = (ok("add", 0), info("add", 1), ok("remove", 0), info("remove", 0), ok("contains", 0, True), ok("contains", 0, False))
QUEUED = (
    *(ok("enqueue", 0), ok("enqueue", 1), info("enqueue", 0)),
    *(ok("dequeue", None, v) for v in (0, 1, None)),
    info("dequeue"),
)
BY_TWO = (
    *((Label(f=f, process=process, output=None), True) for f in ("acquire", "release") for process in (0, 1)),
    *((Label(f=f, process=0), False) for f in ("acquire", "release")),
)
CHOICES: dict[str, tuple[Choice, ...]] = {
    "register": READS_AND_WRITES,
    "cas-register": (
        *READS_AND_WRITES,
        info("write", 0),
        ok("cas", [0, 1]),
        ok("cas", [1, 2]),
        ok("write", 2),
        info("cas", [1, 2]),
    ),
    "register:initial=1": (*READS_AND_WRITES, info("write", 0)),
    "cas-register:failed-cas=observe": (*READS_AND_WRITES[1:5], *CASES),
    "set": (*ADDS, ok("read", None, [0]), ok("read", None, [1, 0])),
    "counter": (ok("add", 1), ok("add", -1), info("add", 1), ok("read", None, 0), ok("read", None, 1)),
    "fifo-queue": QUEUED,
    "unordered-queue": QUEUED,
    "priority-queue": QUEUED,
    "stack": (
        *(ok("push", 0), ok("push", 1), info("push", 0)),
        *(ok("pop", None, v) for v in (0, 1, None)),
        info("pop"),
    ),
    "kv": (
        *(ok("put", "a"), ok("append", "a"), ok("append", "b"), info("put", "b"), info("append", "a")),
        *(ok("get", None, text) for text in ("", "a", "ab", "b")),
    ),
    "append-list": (
        *(ok("append", 0), ok("append", 1), info("append", 1)),
        *(ok("read", None, values) for values in ([], [0], [1], [0, 1])),
    ),
    "mutex": (ok("acquire"), ok("release"), info("acquire"), info("release")),
    "owner-mutex": BY_TWO,
    "reentrant-mutex": BY_TWO,
    "reentrant-mutex:times=2": BY_TWO,
    "semaphore:permits=2": (ok("acquire"), ok("release"), ok("acquire", 2), info("acquire"), info("release", 2)),
    "semaphore:permits=2,owner=process": BY_TWO,
    "multi-register": (
        ok("txn", [["w", "x", 1]]),
        ok("txn", [["w", "x", 2], ["w", "y", 2]]),
        info("txn", [["w", "y", 3]]),
        ok("txn", [["r", "x", None]], [["r", "x", 1]]),
        ok("txn", [["r", "x", None], ["r", "y", None]], [["r", "x", 2], ["r", "y", 3]]),
        ok("txn", [["r", "y", None]], [["r", "y", None]]),
    ),
}


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


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_search_agrees_with_brute_force_on_every_history_of_three_calls_and_two_clients(name: str) -> None:
    """Exhaustive up to names; unanswered calls included."""
    spec = complete(spec_from_text(name))
    for calls in (1, 2, 3):
        for problem in small_problems(spec, CHOICES[name], calls=calls, clients=2):
            assert_agrees(problem, spec)


@pytest.mark.quality
@pytest.mark.parametrize("name", sorted(CHOICES))
def test_search_agrees_with_brute_force_on_every_history_of_four_calls_and_three_clients(name: str) -> None:
    """The same, one call and one client larger."""
    spec = complete(spec_from_text(name))
    for problem in small_problems(spec, CHOICES[name], calls=4, clients=3):
        assert_agrees(problem, spec)


@pytest.mark.quality
@pytest.mark.parametrize("name", sorted(CHOICES))
def test_every_search_agrees_with_brute_force_on_many_random_histories(name: str, impatient: None) -> None:
    """Two hundred thousand a spec, of four to nine calls: as a correct object might have answered, or nearly. The search in
    both orders, and a strategy that is hardly patient with anything."""
    spec = complete(spec_from_text(name))
    draw = random.Random(name)
    for _ in range(RANDOM_QUALITY):
        problem = random_problem(draw, CHOICES[name], spec, calls=draw.randint(4, 9), repeats=1.0)
        assert_agrees(problem, spec, explores=(depth_first, stop_by_stop, strategy.search))


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


@pytest.mark.parametrize("name", sorted(CHOICES))
@settings(deadline=None, derandomize=True, max_examples=25)
@given(data=st.data())
def test_search_agrees_with_brute_force_on_larger_histories(name: str, data: st.DataObject) -> None:
    """Up to nine calls by four clients, drawn at random."""
    spec = complete(spec_from_text(name))
    assert_agrees(data.draw(larger_problems(CHOICES[name], spec)), spec)


@pytest.mark.parametrize("pruning", Prunings._fields)
@pytest.mark.parametrize("name", ["cas-register", "cas-register:failed-cas=observe", "fifo-queue"])
@settings(deadline=None, derandomize=True, max_examples=15)
@given(data=st.data())
def test_a_pruning_changes_no_verdict(name: str, pruning: str, data: st.DataObject) -> None:
    """Each alone, and all but that one, in both orders: the failing completion is brute force's."""
    spec = complete(spec_from_text(name))
    problem = data.draw(larger_problems(CHOICES[name], spec))
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
