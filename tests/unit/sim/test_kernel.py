"""The event heap: time, ties, and why a run of it ends."""

from __future__ import annotations

import pytest

from chaoskit.sim.kernel import BUDGET, IDLE, STOPPED, TIME, Kernel


def test_events_come_by_time_then_source_then_their_order_there() -> None:
    """Whatever the order in which they were scheduled; other sources do not matter."""
    kernel, seen = Kernel(3), list[object]()
    for time, source, name in ((5, 1, "d"), (5, 0, "b"), (9, 0, "e"), (5, 0, "c"), (1, 2, "a")):
        kernel.schedule(time, source, seen.append, name)
    assert kernel.run(100, 100) == IDLE
    assert seen == ["a", "b", "c", "d", "e"]
    assert (kernel.now, kernel.events) == (9, 5)


def test_removing_one_sources_events_leaves_the_order_of_all_others() -> None:
    """Ties are not broken by global arrival."""

    def order(without: int | None) -> list[object]:
        kernel, seen = Kernel(3), list[object]()
        for number in range(12):
            if number % 3 != without:
                kernel.schedule(5 + number // 6, number % 3, seen.append, f"{number % 3}.{number}")
        kernel.run(100, 100)
        return seen

    everything = order(None)
    for source in range(3):
        assert order(source) == [name for name in everything if not str(name).startswith(f"{source}.")]


def test_it_stops_at_the_time_up_to_which_it_was_asked_to_run() -> None:
    """That very instant included; the clock then stands there."""
    kernel, seen = Kernel(1), list[object]()
    for time in (5, 10, 11):
        kernel.schedule(time, 0, seen.append, time)
    assert kernel.run(10, 100) == TIME
    assert (seen, kernel.now) == ([5, 10], 10)
    assert kernel.run(20, 100) == IDLE
    assert kernel.now == 11


def test_it_stops_after_so_many_events() -> None:
    """The world looks whether time goes on."""
    kernel, seen = Kernel(1), list[object]()
    for number in range(5):
        kernel.schedule(3, 0, seen.append, number)
    assert kernel.run(10, 2) == BUDGET
    assert seen == [0, 1]
    assert kernel.run(10, 3) == IDLE


def test_it_stops_when_it_is_told_to() -> None:
    """After the event that said so, even if that was the last."""
    kernel, seen = Kernel(1), list[object]()

    def stop(_: object) -> None:
        kernel.stop()

    kernel.schedule(1, 0, stop, None)
    kernel.schedule(1, 0, seen.append, "later")
    assert kernel.run(10, 100) == STOPPED
    assert seen == []
    kernel.resume()
    assert kernel.run(10, 100) == IDLE
    kernel.schedule(2, 0, stop, None)
    assert kernel.run(10, 100) == STOPPED


def test_numbers_of_ones_own_order_ties_too() -> None:
    """Faults are numbered by their place in the plan."""
    kernel, seen = Kernel(1), list[object]()
    for number in (2, 0, 1):
        kernel.schedule_as(5, 0, number, seen.append, number)
    kernel.run(10, 100)
    assert seen == [0, 1, 2]


def test_events_may_schedule_events_at_their_own_instant() -> None:
    """They come behind those of the same source that wait there."""
    kernel, seen = Kernel(1), list[object]()

    def again(name: str) -> None:
        seen.append(name)
        if name == "a":
            kernel.schedule(kernel.now, 0, again, "c")

    kernel.schedule(1, 0, again, "a")
    kernel.schedule(1, 0, again, "b")
    kernel.run(10, 100)
    assert seen == ["a", "b", "c"]


def test_an_interrupt_is_raised_between_two_events_and_for_good() -> None:
    """The event under way ends; then, and whenever it is run again, the kernel raises `KeyboardInterrupt`."""
    kernel, seen = Kernel(1), list[str]()

    def event(name: str) -> None:
        if name == "first":
            kernel.interrupt()
        seen.append(name)

    kernel.schedule(1, 0, event, "first")
    kernel.schedule(2, 0, event, "second")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            kernel.run(10, 100)
        kernel.resume()
    assert seen == ["first"]


def test_an_event_goes_on_to_the_next_of_its_own_and_to_no_other() -> None:
    """At its end, as if it had been called again: in order, counted, and with the clock at that instant."""
    kernel, seen = Kernel(2), list[object]()

    def own(name: object) -> None:
        while name is not None:
            seen.append((name, kernel.now))
            name = kernel.following(own)

    for time, source, callback, name in ((1, 0, own, "a"), (1, 0, own, "b"), (4, 0, own, "c"), (4, 1, seen.append, "d")):
        kernel.schedule(time, source, callback, name)
    kernel.schedule(6, 0, own, "e")
    assert kernel.run(100, 100) == IDLE
    assert seen == [("a", 1), ("b", 1), ("c", 4), "d", ("e", 6)]
    assert kernel.events == 5


@pytest.mark.parametrize(
    ("until", "events_max", "stops", "why"), [(3, 9, False, TIME), (9, 2, False, BUDGET), (9, 9, True, STOPPED)]
)
def test_no_event_goes_on_past_the_end_of_the_run(until: int, events_max: int, stops: bool, why: int) -> None:
    """Its instant, its number of events, and a stop hold for what follows as for what is called."""
    kernel, seen = Kernel(1), list[int]()

    def own(name: int | None) -> None:
        while name is not None:
            seen.append(name)
            if stops and name == 2:
                kernel.stop()
            name = kernel.following(own)

    for number in (1, 2, 4):
        kernel.schedule(number, 0, own, number)
    assert kernel.run(until, events_max) == why
    assert seen == [1, 2]
    assert kernel.heap[0][0] == 4
