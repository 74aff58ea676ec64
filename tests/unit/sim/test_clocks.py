"""Clocks: what a node reads and how long its timers take, under offsets, drifts, bumps and strobes."""

from __future__ import annotations

from chaoskit.core.units import SECOND
from chaoskit.sim.clocks import Clock, Skew


def test_an_ordinary_clock_has_its_own_small_error() -> None:
    """An offset, and a drift in parts per million."""
    clock = Clock(base_offset=50, base_drift=100)
    assert clock.read(0) == 50
    assert clock.read(10 * SECOND) == 10 * SECOND + 50 + 1_000_000
    assert Clock().read(7) == 7


def test_a_bump_moves_what_is_read_and_no_timer() -> None:
    """A wall clock jumps, a monotonic one does not."""
    clock = Clock()
    clock.change(Skew(token="f1", since=SECOND, offset=-5 * SECOND))
    assert clock.read(2 * SECOND) == -3 * SECOND
    assert clock.true_delay(100) == 100
    clock.heal("f1", 2 * SECOND)
    assert clock.read(2 * SECOND) == 2 * SECOND


def test_a_drift_counts_from_when_it_began_and_moves_timers() -> None:
    """A clock that runs twice as fast lets a timer end in half the time."""
    clock = Clock()
    clock.change(Skew(token="f1", since=SECOND, drift=1_000_000))
    assert clock.read(SECOND) == SECOND
    assert clock.read(3 * SECOND) == 5 * SECOND
    assert clock.true_delay(SECOND) == SECOND // 2
    clock.change(Skew(token="f2", since=SECOND, drift=-1_500_000))
    assert clock.true_delay(SECOND) == 2 * SECOND
    clock.heal("f1", 2 * SECOND)
    clock.heal("f2", 2 * SECOND)
    assert clock.true_delay(SECOND) == SECOND


def test_a_monotonic_clock_runs_at_the_rate_of_its_timers_and_never_jumps() -> None:
    """What it counted under a drift stays counted when the drift is healed."""
    clock = Clock(base_offset=-SECOND)
    clock.change(Skew(token="f1", since=SECOND, offset=-9 * SECOND, drift=1_000_000))
    assert [clock.monotonic(now * SECOND) for now in (1, 2, 3)] == [SECOND, 3 * SECOND, 5 * SECOND]
    clock.heal("f1", 3 * SECOND)
    assert [clock.monotonic(now * SECOND) for now in (3, 4)] == [5 * SECOND, 6 * SECOND]


def test_a_strobe_flips_the_offset_every_period() -> None:
    """There and back."""
    clock = Clock()
    clock.change(Skew(token="f1", since=100, offset=1000, strobe_period=10))
    assert [clock.read(now) - now for now in (100, 109, 110, 119, 120)] == [1000, 1000, 0, 0, 1000]


def test_a_clock_that_nearly_stands_still_lets_timers_end() -> None:
    """At a tenth of the rate at least: a run must come to an end."""
    clock = Clock()
    clock.change(Skew(token="f1", since=0, drift=-2_000_000))
    assert clock.true_delay(SECOND) == 10 * SECOND


def test_a_timer_that_was_due_before_now_is_due_now() -> None:
    """A node that computes a deadline from a clock that jumped may come to a negative delay; time never goes back."""
    clock = Clock()
    assert clock.true_delay(-5) == 0
    clock.change(Skew(token="f1", since=0, drift=500))
    assert clock.true_delay(-5 * SECOND) == 0


def test_a_true_clock_is_ahead_by_what_faults_left_behind() -> None:
    """While it is true, an instant of timers is an addition away; with an error of its own, or under a fault, it is not true."""
    clock = Clock(base_offset=5)
    assert (clock.is_true, clock.lead) == (True, 0)
    clock.change(Skew(token="f1", since=100, drift=500_000))
    assert not clock.is_true
    clock.heal("f1", 300)
    assert (clock.is_true, clock.lead, clock.monotonic(1_000)) == (True, 100, 1_100)
    assert not Clock(base_drift=7).is_true
