"""mix, any, shortest_any, flip_flop."""

from __future__ import annotations

import itertools
from collections import Counter

from chaoskit import generate as gen
from chaoskit.draws import Draws


def times(f: str, number: int) -> gen.GeneratorLike:
    return gen.repeat({"f": f}, times=number)


def test_mix_is_uniform_and_drops_what_is_exhausted() -> None:
    """All ops of all generators come, and not one generator after the other; long mixes are even."""
    fs = [op.f for op in gen.perfect(gen.mix([times("a", 5), times("b", 10)]))]
    assert Counter(fs) == {"a": 5, "b": 10}
    assert fs != ["a"] * 5 + ["b"] * 10
    many = Counter(op.f for op in gen.quick(gen.limit(3000, gen.mix([gen.repeat({"f": f}) for f in "abc"]))))
    assert all(900 < many[f] < 1100 for f in "abc")


def test_mix_of_nothing_is_nothing() -> None:
    """None and empty generators do not count."""
    assert gen.mix([None, []]) is None
    assert gen.quick(gen.mix([lambda: None, lambda: None])) == []


def test_mix_waits_for_the_one_that_is_drawn() -> None:
    """While the drawn generator's only thread is busy, the other does not jump in: at no time do both run together."""
    history = gen.perfect(gen.mix([gen.on_threads({0}, times("a", 4)), gen.on_threads({0}, times("b", 4))]))
    assert [op.time for op in history] == [0, 10, 20, 30, 40, 50, 60, 70]


def test_any_takes_the_soonest() -> None:
    """Two generators, each on a thread of its own and 20 ns apart, interleave."""
    both = gen.any(
        gen.on_threads({0}, gen.delay(20, gen.repeat({"f": "a"}))), gen.on_threads({1}, gen.delay(20, gen.repeat({"f": "b"})))
    )
    history = gen.perfect(gen.limit(4, both))
    assert sorted((op.time, op.f, op.process) for op in history) == [(0, "a", 0), (0, "b", 1), (20, "a", 0), (20, "b", 1)]


def test_any_draws_ties() -> None:
    """Two generators that could always go on each get about half."""
    fs = Counter(op.f for op in gen.quick(gen.limit(1000, gen.any(gen.repeat({"f": "a"}), gen.repeat({"f": "b"})))))
    assert 430 < fs["a"] < 570


def test_any_goes_on_with_what_is_left() -> None:
    """When one is exhausted the other goes on; of one generator `any` is that generator; of none, nothing."""
    fs = Counter(op.f for op in gen.quick(gen.any(times("a", 2), times("b", 5))))
    assert fs == {"a": 2, "b": 5}
    assert gen.any({"f": "a"}, None) == gen.lift({"f": "a"})
    assert gen.any() is None


def test_any_ends_when_all_are_exhausted() -> None:
    """Generators that find out late that they have nothing end it as well."""
    assert gen.quick(gen.any(lambda: None, lambda: None)) == []
    assert [op.f for op in gen.quick(gen.any(lambda: None, {"f": "a"}))] == ["a"]


def test_any_passes_events_to_all() -> None:
    """until_ok inside any hears of its completion and ends."""
    both = gen.any(gen.on_threads({0}, gen.until_ok(gen.repeat({"f": "a"}))), gen.on_threads({1}, times("b", 4)))
    assert Counter(op.f for op in gen.perfect(both)) == {"a": 1, "b": 4}


def test_shortest_any_ends_with_the_first_that_ends() -> None:
    """One generator has two ops, so that after them all is over, though the other could go on."""
    both = gen.shortest_any(
        gen.on_threads({0}, gen.delay(20, times("a", 2))), gen.on_threads({1}, gen.delay(20, gen.repeat({"f": "b"})))
    )
    history = gen.perfect(both)
    assert [op.f for op in history if op.f == "a"] == ["a", "a"]
    assert len([op for op in history if op.f == "b"]) in (1, 2)
    assert gen.shortest_any({"f": "a"}, None) is None
    assert gen.shortest_any() is None


def test_flip_flop_alternates_until_one_is_exhausted() -> None:
    """write, read, write, finalize, write; then it is the reader's turn and it has nothing more."""
    writes = ({"f": "write", "value": number} for number in itertools.count())
    history = gen.perfect(gen.clients(gen.limit(10, gen.flip_flop(writes, [{"f": "read"}, {"f": "finalize"}]))))
    assert [(op.f, op.value) for op in history] == [
        *(("write", 0), ("read", None), ("write", 1), ("finalize", None)),
        ("write", 2),
    ]
    assert gen.flip_flop() is None


def test_flip_flop_and_mix_pass_no_events_on() -> None:
    """until_ok inside them never hears that it may stop."""
    endless = gen.until_ok(gen.repeat({"f": "a"}))
    assert len(gen.perfect(gen.limit(7, gen.flip_flop(endless, endless)))) == 7
    assert len(gen.perfect(gen.limit(7, gen.mix([endless])))) == 7


def test_one_child_of_a_fork_does_not_move_the_draws_of_another() -> None:
    """Making one generator of `any` shorter leaves the values that the other draws as they were."""

    def drawn(f: str) -> gen.GeneratorLike:
        return lambda context: {"f": f, "value": context.draws.integer(0, 1_000_000, "value")}

    def values_of_b(length_of_a: int) -> list[object]:
        both = gen.any(gen.on_threads({0}, gen.limit(length_of_a, drawn("a"))), gen.on_threads({1}, gen.limit(9, drawn("b"))))
        return [op.value for op in gen.perfect(both, draws=Draws(5)) if op.f == "b"]

    assert values_of_b(3) == values_of_b(8)
