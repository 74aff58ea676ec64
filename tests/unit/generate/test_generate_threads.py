"""on_threads, clients, nemesis, reserve, concurrency_limit, each_thread, each_process."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import UsageError
from chaoskit.draws import Draws


def counted(f: str) -> gen.GeneratorLike:
    """Ops with the values 0, 1, 2 …"""
    return ({"f": f, "value": number} for number in itertools.count())


def test_clients_leave_the_nemesis_out() -> None:
    """Only client threads take ops of `clients`, only the nemesis those of `nemesis`."""
    assert {op.process for op in gen.perfect(gen.clients(gen.limit(5, counted("w"))))} == {0, 1}
    assert {op.process for op in gen.perfect(gen.nemesis(gen.limit(5, counted("kill"))))} == {"nemesis"}
    assert gen.clients(None) is None


def test_clients_and_nemesis_take_a_second_generator_for_the_others() -> None:
    """With two generators, each goes to its own."""
    for both in (
        gen.clients(gen.limit(4, counted("w")), gen.limit(2, counted("kill"))),
        gen.nemesis(gen.limit(2, counted("kill")), gen.limit(4, counted("w"))),
    ):
        history = gen.perfect(both)
        assert Counter(op.f for op in history) == {"w": 4, "kill": 2}
        assert all((op.process == "nemesis") == (op.f == "kill") for op in history)


def test_on_threads_takes_a_set_or_a_function() -> None:
    """Both name the threads; `on` is its short name."""
    assert {op.process for op in gen.perfect(gen.on_threads({1}, gen.limit(3, counted("w"))))} == {1}
    assert {op.process for op in gen.perfect(gen.on(lambda thread: thread != 1, gen.limit(6, counted("w"))))} == {0, "nemesis"}


def test_on_threads_waits_for_its_own_threads_only() -> None:
    """Inside, "all threads" are the selected ones: a barrier does not wait for the others."""
    quick = gen.on_threads({0}, gen.phases({"f": "a"}, {"f": "b"}))
    slow = gen.on_threads({1}, gen.sleep("1s"))
    assert [(op.f, op.time) for op in gen.perfect(gen.any(quick, slow))] == [("a", 0), ("b", 10)]


def test_selecting_no_thread_is_an_error() -> None:
    """A selection that no thread of the run meets would drop its generator silently."""
    message = r"^expected on_threads to select some of the threads \[0, 1, 'nemesis'\] but it selects none; name others"
    with pytest.raises(UsageError, match=message):
        gen.perfect(gen.on_threads({7}, {"f": "w"}))
    with pytest.raises(UsageError, match="expected a collection of threads"):
        gen.on_threads("nemesis", {"f": "w"})


def test_generator_for_other_threads_is_exhausted_where_they_are_absent() -> None:
    """In the nemesis' own copy of each_thread, the clients' part is over before it begins."""
    each = gen.each_thread([gen.clients({"f": "a"}), {"f": "b"}])
    assert Counter((op.process, op.f) for op in gen.perfect(each)) == Counter(
        [(0, "a"), (0, "b"), (1, "a"), (1, "b"), ("nemesis", "b")]
    )


def test_reserve_keeps_threads_for_each_generator() -> None:
    """Two threads for a, three for b, the rest (the nemesis) for c."""
    history = gen.perfect(gen.limit(15, gen.reserve(2, counted("a"), 3, counted("b"), counted("c"))), slots=5)
    threads: dict[str, tuple[object, ...]] = {"a": (0, 1), "b": (2, 3, 4), "c": ("nemesis",)}
    assert all(op.process in threads[op.f] for op in history)
    for time in (0, 10):
        assert Counter(op.f for op in history if op.time == time) == {"a": 2, "b": 3, "c": 1}


def test_reserve_with_only_a_default_is_that() -> None:
    """No pairs: all threads go to the default."""
    assert {op.process for op in gen.perfect(gen.reserve(gen.limit(3, counted("a"))))} == {0, 1, "nemesis"}


def test_reserve_tells_a_generator_of_its_own_threads_only() -> None:
    """until_ok in one range does not end because of another's ok."""
    both = gen.clients(gen.reserve(1, gen.until_ok(gen.repeat({"f": "a"})), gen.limit(3, counted("b"))))
    assert Counter(op.f for op in gen.perfect(both)) == {"a": 1, "b": 3}


def test_reserve_needs_a_thread_for_its_default() -> None:
    """Two threads reserved of two: none is left, and the error counts them."""
    message = "^expected more than 2 threads, so that one is left for reserve's default, but there are 2 "
    with pytest.raises(UsageError, match=message):
        gen.perfect(gen.clients(gen.reserve(2, {"f": "a"}, {"f": "b"})))
    with pytest.raises(UsageError, match="then a default, but got 2 arguments"):
        gen.reserve(2, {"f": "a"})


def test_concurrency_limit_keeps_the_others_idle() -> None:
    """At most one op is under way at any time."""
    single = gen.clients(gen.concurrency_limit(1, gen.any(gen.repeat({"f": "w"}), gen.repeat({"f": "r"}))))
    types = [op.type for op in gen.perfect_ops(gen.limit(3, single))]
    assert types == ["invoke", "ok"] * 3
    assert gen.concurrency_limit(0, {"f": "w"}) is None


def test_each_thread_has_a_copy_of_its_own() -> None:
    """Every thread does a, then b."""
    history = gen.perfect(gen.each_thread([{"f": "a"}, {"f": "b"}]))
    for process in (0, 1, "nemesis"):
        assert [(op.time, op.f) for op in history if op.process == process] == [(0, "a"), (10, "b")]


def test_each_thread_takes_the_soonest_of_its_copies() -> None:
    """Copies whose next ops lie in the future: the earliest is done first, and other threads wait for theirs."""
    history = gen.perfect(gen.clients(gen.each_thread(gen.delay(25, gen.repeat({"f": "a"}, times=3)))), slots=3)
    for process in (0, 1, 2):
        assert [op.time for op in history if op.process == process] == [0, 25, 50]


def test_each_thread_waits_at_barriers_of_its_own() -> None:
    """A barrier in a copy waits for that thread alone, which is free whenever it is asked."""
    history = gen.perfect(gen.clients(gen.each_thread(gen.phases({"f": "a"}, gen.sleep(7), {"f": "b"}))), slots=3)
    assert Counter((op.f, op.time) for op in history) == {("a", 0): 3, ("b", 17): 3}


def test_each_thread_draws_for_itself() -> None:
    """The copies stand at addresses of their own, so that they do not do the same."""

    def drawn(context: gen.Context) -> gen.GeneratorLike:
        return {"f": "w", "value": context.draws.integer(0, 1_000_000, "value")}

    assert len({op.value for op in gen.perfect(gen.each_thread(gen.once(drawn)), slots=5)}) == 6


def test_each_thread_is_exhausted_with_its_last_copy() -> None:
    """Empty copies are no copies: nothing is asked, nothing is waited for."""
    context = gen.Context.start(slots=2, draws=Draws(1))
    assert gen.op(gen.start(gen.each_thread(gen.limit(1, lambda: None)), context), context) is None


def test_each_process_begins_again_after_a_crash() -> None:
    """Ops that are lost make new processes, and each of those has a fresh copy."""
    history = gen.perfect_info(gen.limit(6, gen.clients(gen.each_process([{"f": "a"}, {"f": "b"}]))))
    assert {op.f for op in history} == {"a"}
    assert sorted(op.process for op in history) == [0, 1, 2, 3, 4, 5]


def test_each_process_goes_on_while_the_process_lives() -> None:
    """Without a crash it is each_thread."""
    history = gen.perfect(gen.clients(gen.each_process([{"f": "a"}, {"f": "b"}])))
    assert Counter((op.process, op.f) for op in history) == Counter([(0, "a"), (0, "b"), (1, "a"), (1, "b")])


def test_each_process_hears_of_its_own_completions() -> None:
    """until_ok in a process' copy ends with that process' ok."""
    history = gen.imperfect(gen.clients(gen.each_process(gen.until_ok(gen.repeat({"f": "a"})))))
    assert [op.type for op in history if not op.is_invoke and op.process in (0, 2)] == ["fail", "info", "ok"]
