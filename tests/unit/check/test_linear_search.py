"""The search: limits, order, and that the work stays small where others explode."""

from __future__ import annotations

import pytest

from chaoskit.check.linear import search as search_module
from chaoskit.check.linear import strategy
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import Problem, problems
from chaoskit.check.linear.prunings import ALL_PRUNINGS
from chaoskit.check.linear.search import Found, GaveUp, Stuck, depth_first, stop_by_stop
from chaoskit.check.linear.strategy import Proof, search
from chaoskit.check.linear.tables import Table
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.spec import CompleteSpec, complete, spec_from_text
from chaoskit.testing.histories import h

LIMIT = 1_000_000


def solve(history: History, spec: str = "cas-register", *, limit: int = LIMIT) -> tuple[Problem, Found | Stuck | GaveUp]:
    """The one problem of a history and what the search says of it."""
    completed: CompleteSpec = complete(spec_from_text(spec))
    (problem,) = problems(history, completed)
    return problem, search(lay_out(problem), Table(completed, problem.labels, problem.is_read), limit=limit)


def order_of(history: History, spec: str = "cas-register") -> list[int]:
    """The invocations in the order that was found, or in a longest one."""
    problem, found = solve(history, spec)
    assert not isinstance(found, GaveUp)
    return [problem.calls[call].began for call, _ in found.order]


def unanswered_writes(count: int, *tokens: str) -> History:
    """So many writes that nobody answered, each of a value of its own, then these events."""
    return h(" ".join([*(f"{number}:w{number}?" for number in range(100, 100 + count)), *tokens]))


def test_overlapping_calls_are_put_in_the_order_that_reads_need() -> None:
    """The write that returned first may come second."""
    assert order_of(h("0(w1 1(w2 1) 0) 2:r1")) == [1, 0, 4]
    assert order_of(h("0(w1 1(w2 1) 0) 2:r2")) == [0, 1, 4]


def test_a_read_is_placed_where_its_value_was() -> None:
    """A long read sees the value between two writes."""
    assert order_of(h("9(r 0:w1 0:w2 9)1 0:r2")) == [1, 0, 3, 6]


def test_an_unanswered_call_takes_part_only_when_it_is_needed() -> None:
    """Of three unanswered writes the one that was read."""
    assert order_of(unanswered_writes(3, "0:r101", "0:w5", "0:r5")) == [2, 6, 8, 10]


def test_an_unanswered_call_may_take_effect_much_later() -> None:
    """After a write that began when it had long been given up."""
    assert order_of(h("0:w1? 1:w2 1:r2 1:r1")) == [2, 4, 0, 6]


def test_a_stuck_search_gives_the_longest_order_and_the_possible_states() -> None:
    """Two overlapping writes leave either value; neither is what was read."""
    problem, found = solve(h("0(w1 1(w2 0) 1) 2:r3 2:w9"))
    assert isinstance(found, Stuck)
    assert problem.calls[lay_out(problem).stops[found.stop].call].began == 4
    assert sorted(found.states) == [1, 2] and len(found.order) == 2


def test_the_failing_stop_is_the_first_that_no_order_passes() -> None:
    """A later contradiction does not hide the first."""
    problem, found = solve(h("0:w1 1:r2 1:r3"))
    assert isinstance(found, Stuck) and problem.calls[lay_out(problem).stops[found.stop].call].began == 2


def test_a_limit_stops_the_search_at_the_farthest_stop() -> None:
    """The budget counts configurations, and meets its number exactly."""
    history = h(
        " ".join(f"{number}(w{number}" for number in range(8)) + " " + " ".join(f"{number})" for number in range(8)) + " 9:r77"
    )
    problem, found = solve(history, limit=20)
    assert isinstance(found, GaveUp)
    assert not found.clock and found.configurations == 20
    assert 0 <= found.stop < len(lay_out(problem).stops)


def test_a_search_takes_the_same_number_of_configurations_each_time() -> None:
    """Budgets decide verdicts, so that the count is part of what must be reproducible."""
    history = h("0(w1 1(w2 2(c1>3 3(w4 0) 1) 2) 3) 4:r2 5:r9")
    assert solve(history)[1] == solve(history)[1]


def test_the_clock_is_asked_now_and_then_and_stops_the_search() -> None:
    """A wall-clock limit is reported as such."""
    spec = complete(spec_from_text("register"))
    history = h(
        " ".join(f"{number}(w{number} {20 + number}(r" for number in range(9))
        + " "
        + " ".join(f"{number}) {20 + number}){number}" for number in range(9))
        + " 9:r77"
    )
    (problem,) = problems(history, spec)
    table = Table(spec, problem.labels, problem.is_read)
    found = search(lay_out(problem), table, limit=LIMIT, out_of_time=lambda _: True)
    assert isinstance(found, GaveUp) and found.clock


def test_a_long_history_needs_no_recursion_and_one_configuration_a_write() -> None:
    """Ten thousand calls in sequence."""
    ops = [
        Op(type=type, process=0, f=f, value=number // 2 if f == "write" or type == "ok" else None)
        for number in range(10_000)
        for f in (("write", "read")[number % 2],)
        for type in ("invoke", "ok")
    ]
    _, found = solve(History.of(ops), "register")
    assert isinstance(found, Found) and len(found.order) == 10_000 and found.configurations == 5_000


def test_unanswered_writes_do_not_multiply() -> None:
    """Forty of them before a contradiction: 2^40 subsets, but whoever uses one in vain is dominated by who does not."""
    _, found = solve(unanswered_writes(40, *(f"0:w{number} 1:r{number}" for number in range(10)), "1:r77"))
    assert isinstance(found, Stuck) and found.configurations < 10_000


def test_equal_unanswered_calls_count_once() -> None:
    """Thirty equal increments, none of which explains the total."""
    ops = [Op(type=type, process=number, f="add", value=1) for number in range(30) for type in ("invoke", "info")]
    reads = [Op(type=type, process=99, f="read", value=value) for type, value in (("invoke", None), ("ok", 31))]
    _, found = solve(History.of(ops + reads), "counter")
    assert isinstance(found, Stuck) and found.configurations <= 31


def test_many_overlapping_reads_cost_nothing() -> None:
    """Reads are placed as soon as they may be: no choice among fifty of them."""
    reads = " ".join(f"{number}(r" for number in range(50))
    answers = " ".join(f"{number}){number % 2 + 1}" for number in range(50))
    _, found = solve(h(f"{reads} 90:w1 90:w2 {answers}"))
    assert isinstance(found, Found) and found.configurations <= 4


@pytest.mark.parametrize("last", ["9:r2", "9:r77"])
def test_when_depth_first_has_spent_its_share_the_search_goes_on_stop_by_stop(last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer; both count."""
    history = h(f"0(w1 1(w2 2(c1>3 3(w4 0) 1) 2) 3) 4:r2 {last}")
    _, alone = solve(history)
    monkeypatch.setattr(strategy, "DEPTH_FIRST", 2)
    monkeypatch.setattr(strategy, "DEPTH_FIRST_PER_STOP", 0)
    _, both = solve(history)
    assert type(both) is type(alone) and both.configurations > 2
    assert getattr(both, "stop", None) == getattr(alone, "stop", None)


def test_stop_by_stop_visits_those_that_used_the_fewest_crashed_calls_first() -> None:
    """A bad history with unanswered calls that overlap writes: dominated configurations are never looked at."""
    crashed = " ".join(f"{100 + number}:c{number}>{number + 1}?" for number in range(6))
    rounds = " ".join(
        f"{' '.join(f'{client}(w{(client + number) % 7}' for client in range(5))} {' '.join(f'{client})' for client in range(5))}"
        for number in range(4)
    )
    spec = complete(spec_from_text("cas-register"))
    (problem,) = problems(h(f"{crashed} {rounds} 9:r77"), spec)
    counts = []
    for explore in (depth_first, stop_by_stop):
        found = explore(lay_out(problem), Table(spec, problem.labels, problem.is_read), limit=LIMIT)
        assert isinstance(found, Stuck)
        counts.append(found.configurations)
    assert counts[1] < counts[0]


def overlapping_writes(count: int, last: str) -> History:
    """So many writes at once, then this."""
    begin = " ".join(f"{number}(w{number}" for number in range(count))
    return h(f"{begin} {' '.join(f'{number})' for number in range(count))} {last}")


def test_writes_that_nobody_sees_are_not_told_apart() -> None:
    """Thirty at once: not the ways to place some of them before others, but which of them came last."""
    problem, found = solve(overlapping_writes(30, "90:r77"))
    assert isinstance(found, Stuck) and found.configurations < 1_000
    assert len(found.order) == 30 and len(found.states) == 30
    assert problem.calls[lay_out(problem).stops[found.stop].call].began == 60


def test_a_write_that_was_hidden_can_still_be_seen_when_it_ends() -> None:
    """Hidden before another at first, it comes to light at the last moment."""
    assert order_of(h("0(w1 1:w2 2:r2 0) 2:r1")) == [1, 3, 0, 6]


def test_an_unanswered_write_of_what_is_there_already_may_hide_another() -> None:
    """It leaves the state as it is, and yet it matters: what is written meanwhile is over before anybody sees it."""
    assert order_of(h("0:w2 1:w2? 2(w0 3:c2>1 2) 4:c1>3")) == [0, 4, 2, 5, 8]


CRASHED_CAS = " ".join(f"{100 + number}:c{number % 5}>{(number * 2 + 1) % 5}?" for number in range(12))
ROUND = "0(w1 1(w2 2(w3 3(c1>4 4(r 0) 1) 2) 3) 4)4"


def test_a_window_proves_what_a_narrow_search_supposes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same stop as with everything kept, for a fraction of the configurations."""
    history = h(f"{CRASHED_CAS} {' '.join([ROUND] * 12)} 9:r77")
    monkeypatch.setattr(strategy, "DEPTH_FIRST", 1)
    monkeypatch.setattr(strategy, "DEPTH_FIRST_PER_STOP", 0)
    monkeypatch.setattr(strategy, "WIDTHS", (1,))
    _, found = solve(history)
    monkeypatch.setattr(strategy, "WIDTHS", ())
    _, whole = solve(history)
    assert isinstance(found, Stuck) and isinstance(whole, Stuck) and found.certain
    assert found.stop == whole.stop and found.configurations < whole.configurations
    assert set(found.states) <= set(whole.states)


def proof_of(history: History, stop: int, spec: str = "cas-register") -> Proof:
    """A proof that nothing passes this stop."""
    completed = complete(spec_from_text(spec))
    (problem,) = problems(history, completed)
    return Proof(lay_out(problem), Table(completed, problem.labels, problem.is_read), stop, ALL_PRUNINGS)


def test_a_proof_fails_where_there_is_a_way() -> None:
    """Whatever the window, within its limit or not."""
    history = h(" ".join(f"0:w{number % 3} 1:r{number % 3}" for number in range(60)))
    assert not proof_of(history, 100).succeeds(limit=LIMIT, out_of_time=None)
    assert not proof_of(history, 100).succeeds(limit=0, out_of_time=None)


def test_no_proof_is_tried_over_too_many_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would have to begin in each of them."""
    history = h(f"{' '.join(f'0:w{number}' for number in range(9))} 1:r77")
    assert proof_of(history, 9).succeeds(limit=LIMIT, out_of_time=None)
    monkeypatch.setattr(strategy, "STATES_MAX", 5)
    assert not proof_of(history, 9).succeeds(limit=LIMIT, out_of_time=None)


def test_a_proof_that_runs_out_of_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is then as little reproducible as if the search itself had."""
    monkeypatch.setattr(search_module, "CLOCK_EVERY", 1)
    proof = proof_of(h(f"{CRASHED_CAS} {' '.join([ROUND] * 12)} 9:r77"), 60)
    assert not proof.succeeds(limit=LIMIT, out_of_time=lambda _: True)
    assert proof.out_of_time


def test_a_proof_reckons_with_calls_that_were_placed_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cas took effect before the window, in which nothing could make room for it again."""
    monkeypatch.setattr(strategy, "WINDOWS", (2,))
    assert not proof_of(h("0:w1 1(c1>2 2:r2 0:w3 2:r3 2:r3 1)"), 5).succeeds(limit=LIMIT, out_of_time=None)
    assert proof_of(h("0:w1 1(c1>2 2:r3 2:r2 2:r2 1)"), 1).succeeds(limit=LIMIT, out_of_time=None)
