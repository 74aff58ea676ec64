"""stagger, bursts, delay, time_limit, cycle_times, sleep."""

from __future__ import annotations

import itertools

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import UsageError
from chaoskit.core.units import SECOND
from chaoskit.draws import Draws


def counted(f: str) -> gen.GeneratorLike:
    """Ops with the values 0, 1, 2 …"""
    return ({"f": f, "value": number} for number in itertools.count())


def intervals(times: list[int]) -> list[int]:
    return [later - earlier for earlier, later in itertools.pairwise(times)]


@pytest.mark.parametrize("slots", [5, 20])
def test_stagger_is_a_rate_over_all_threads(slots: int) -> None:
    """However many threads there are, 1000 ops at a mean of 20 ns take about 20 µs, at intervals from 0 to 40 ns."""
    times = [op.time for op in gen.quick(gen.limit(1000, gen.stagger(20, counted("w"))), slots=slots)]
    assert 18_000 < times[-1] < 22_000
    assert times[0] == 0
    assert min(intervals(times)) == 0
    assert max(intervals(times)) == 40


def test_stagger_goes_as_fast_as_threads_allow() -> None:
    """With one client that needs 10 ns an op, a stagger of 1 ns cannot keep its rate, and does not stop."""
    times = [op.time for op in gen.perfect(gen.clients(gen.limit(100, gen.stagger(1, counted("w")))), slots=1)]
    assert set(intervals(times)) == {10}


def test_staggers_side_by_side_do_not_starve_each_other() -> None:
    """Two staggers of 3 s and 5 s under `any` each keep their mean interval."""
    both = gen.any(gen.stagger("3s", gen.repeat({"f": "a"})), gen.stagger("5s", gen.repeat({"f": "b"})))
    history = gen.perfect(gen.clients(gen.limit(800, both)))
    for f, mean in (("a", 3 * SECOND), ("b", 5 * SECOND)):
        times = [op.time for op in history if op.f == f]
        assert 0.9 < (times[-1] - times[0]) / (len(times) - 1) / mean < 1.1


def test_bursts_begin_together_and_keep_the_rate() -> None:
    """Groups of 4, a group in 400 ns on average: within a group no time passes, and 1000 ops take about 100 µs."""
    times = [op.time for op in gen.quick(gen.limit(1000, gen.bursts(400, 4, counted("w"))), slots=8)]
    starts = times[::4]
    assert times == [start for start in starts for _ in range(4)]
    assert 90_000 < times[-1] < 110_000
    assert max(intervals(starts)) <= 800


def test_slow_operations_do_not_lower_the_rate_of_bursts() -> None:
    """One client, 10 ns an op, groups of 5 every 100 ns: what is late within a group does not move the groups after it."""
    times = [op.time for op in gen.perfect(gen.clients(gen.limit(500, gen.bursts(100, 5, counted("w")))), slots=1)]
    assert 500 // 5 * 100 * 0.8 < times[-1] < 500 // 5 * 100 * 1.2
    assert intervals(times).count(10) > 350


def test_bursts_of_none_are_refused() -> None:
    """A size below 1 is said to be wrong."""
    with pytest.raises(UsageError, match=r"^expected bursts of at least 1 but got size=0"):
        gen.bursts("1s", 0, {"f": "w"})


def test_delay_is_exact() -> None:
    """Every 3 ns on three threads that need 10 ns: at 9 none is free, so that one is late."""
    history = gen.perfect(gen.limit(5, gen.delay(3, gen.repeat({"f": "w"}))))
    assert [(op.process, op.time) for op in history] == [(0, 0), (1, 3), ("nemesis", 6), (0, 10), (1, 13)]


def test_delay_catches_up_with_its_schedule() -> None:
    """One op that is late leaves those after it where they were due; one missed altogether is not made up for."""
    late: gen.GeneratorLike = [{"f": "w"}, {"f": "w", "time": 14}, {"f": "w"}, {"f": "w", "time": 45}, {"f": "w"}]
    assert [op.time for op in gen.quick(gen.delay(10, late))] == [0, 14, 20, 45, 50]


def test_time_limit_starts_at_the_first_op() -> None:
    """Two limits in a row: the second's time runs from its own first op."""
    both = [gen.time_limit(20, gen.repeat({"f": "a"})), gen.time_limit(10, gen.repeat({"f": "b"}))]
    history = gen.perfect(both)
    assert [(op.time, op.f) for op in history] == [(0, "a")] * 3 + [(10, "a")] * 3 + [(20, "b")] * 3
    assert gen.time_limit(0, {"f": "a"}) is None
    assert gen.time_limit("1s", None) is None


def test_cycle_times_turns_by_the_clock_and_keeps_state() -> None:
    """Five seconds of a's every second, ten of b's every three; the b's run out in their second turn, and that is the end."""
    turns = gen.cycle_times(
        *("5s", gen.delay("1s", counted("a"))),
        *("10s", gen.delay("3s", gen.limit(5, counted("b")))),
    )
    history = gen.perfect(gen.clients(turns))
    assert [(op.time // SECOND, op.f, op.value) for op in history] == [
        *((0, "a", 0), (1, "a", 1), (2, "a", 2), (3, "a", 3), (4, "a", 4)),
        *((5, "b", 0), (8, "b", 1), (11, "b", 2), (14, "b", 3)),
        *((15, "a", 5), (16, "a", 6), (17, "a", 7), (18, "a", 8), (19, "a", 9)),
        (20, "b", 4),
    ]


def test_cycle_times_takes_pairs() -> None:
    """A generator without its duration, and a duration of nothing, are refused; nothing at all is nothing."""
    assert gen.cycle_times() is None
    with pytest.raises(UsageError, match=r"^expected pairs of a duration and a generator but got 3 arguments\.$"):
        gen.cycle_times("1s", {"f": "a"}, "2s")
    with pytest.raises(UsageError, match=r"^expected durations of more than 0 but got \[0\]\.$"):
        gen.cycle_times(0, {"f": "a"})


def test_sleep_takes_one_thread_and_others_go_on() -> None:
    """A sleep keeps the thread that takes it idle; in a phase of its own it holds up all."""
    history = gen.perfect(gen.clients([gen.sleep(100), {"f": "a"}, {"f": "b"}, {"f": "c"}]))
    assert [(op.f, op.process, op.time) for op in history] == [("a", 1, 0), ("b", 1, 10), ("c", 1, 20)]


@pytest.mark.parametrize("wrong", [1.5, -1, True, None])
def test_duration_must_have_a_unit_or_be_an_int(wrong: gen.Duration) -> None:
    """Seconds as a float, as in Jepsen, would be taken for nanoseconds: refused."""
    message = r"^expected a duration \(a text such as '5ms', or nanoseconds as an int\) but got stagger="
    with pytest.raises(UsageError, match=message):
        gen.stagger(wrong, {"f": "w"})


def test_stagger_draws_by_seed() -> None:
    """The same seed gives the same times, another seed others."""
    staggered = gen.limit(10, gen.stagger("1ms", counted("w")))
    assert gen.quick(staggered, draws=Draws(3)) == gen.quick(staggered, draws=Draws(3))
    assert gen.quick(staggered, draws=Draws(3)) != gen.quick(staggered, draws=Draws(4))
