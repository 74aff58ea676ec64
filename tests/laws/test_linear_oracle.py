"""The search against brute force: every small history of every spec, and larger ones at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    "fifo-queue": (
        ok("enqueue", 0),
        ok("enqueue", 1),
        info("enqueue", 0),
        *(ok("dequeue", None, v) for v in (0, 1, None)),
        info("dequeue"),
    ),
    "mutex": (ok("acquire"), ok("release"), info("acquire"), info("release")),
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
    problem: Problem, spec: CompleteSpec, *, explore: Explore = depth_first, prunings: Prunings = ALL_PRUNINGS
) -> int | None:
    """The index of the completion that no configuration passes, None for a proved linearization."""
    layout, table = lay_out(problem, prunings), Table(spec, problem.labels, problem.is_read)
    found = explore(layout, table, limit=LIMIT, prunings=prunings)
    if isinstance(found, Found):
        prove(problem, spec, [(call, table.states[state]) for call, state in found.order])
        return None
    assert isinstance(found, Stuck)
    return problem.calls[layout.stops[found.stop].call].ended


def assert_agrees(problem: Problem, spec: CompleteSpec) -> None:
    """The search, in both orders, and brute force say the same, down to the failing completion."""
    failing = first_failure(problem, spec)
    for explore in (depth_first, stop_by_stop):
        assert stuck_at(problem, spec, explore=explore) == failing, [(call, problem.label(call)) for call in problem.calls]


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
    failing = first_failure(problem, spec)
    alone = Prunings(**{each: each == pruning for each in Prunings._fields})
    for prunings in (alone, ALL_PRUNINGS._replace(**{pruning: False})):
        for explore in (depth_first, stop_by_stop):
            assert stuck_at(problem, spec, explore=explore, prunings=prunings) == failing


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strategy that is hardly patient with anything, so that small histories come to its last steps."""
    for name, value in {"DEPTH_FIRST": 1, "DEPTH_FIRST_PER_STOP": 0, "WIDTHS": (1, 2), "WINDOWS": (1, 3, 6)}.items():
        monkeypatch.setattr(strategy, name, value)


@pytest.mark.parametrize("name", ["cas-register", "fifo-queue", "counter"])
@settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_narrow_searches_and_proofs_from_windows_agree_with_brute_force(name: str, narrow: None, data: st.DataObject) -> None:
    """The failing completion is brute force's, though configurations were left out on the way."""
    spec = complete(spec_from_text(name))
    problem = data.draw(larger_problems(CHOICES[name], spec))
    assert stuck_at(problem, spec, explore=strategy.search) == first_failure(problem, spec)


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
