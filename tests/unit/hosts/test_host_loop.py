"""The loop of an asyncio host: callbacks, timers, tasks and errors, in the world's time."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chaoskit.core.errors import ModelError
from chaoskit.core.units import SECOND
from chaoskit.hosts import AsyncioHost
from chaoskit.sim.loops import StuckError


def test_a_sleep_takes_its_time_and_no_other(universe: Any) -> None:
    """Virtual seconds, to the nanosecond."""

    async def main(host: AsyncioHost) -> tuple[float, float]:
        begin = host.loop.time()
        await asyncio.sleep(1.5)
        return begin, host.loop.time()

    world = universe({"n1": main})
    assert world.run("n1") == (0.0, 1.5)
    assert world.world.kernel.now == 1_500_000_000


def test_callbacks_run_first_in_first_out_and_timers_by_their_instants(universe: Any) -> None:
    """What asyncio promises of call_soon, call_later and call_at."""
    seen: list[str] = []

    async def main(host: AsyncioHost) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.2, seen.append, "at 0.2 s")
        loop.call_later(0.1, seen.append, "at 0.1 s")
        loop.call_at(loop.time() - 1, seen.append, "overdue")
        loop.call_soon(seen.append, "first")
        loop.call_soon(seen.append, "second")
        loop.call_soon(seen.append, "never").cancel()
        loop.call_later(0.15, seen.append, "never").cancel()
        await asyncio.sleep(1)

    universe({"n1": main}).run("n1")
    assert seen == ["first", "second", "overdue", "at 0.1 s", "at 0.2 s"]


def test_sets_of_tasks_and_futures_go_by_the_order_of_their_making(universe: Any) -> None:
    """Their hashes are numbers, not addresses: the same order in every process."""

    async def main(host: AsyncioHost) -> list[bool]:
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(asyncio.sleep(0)) for _ in range(50)]
        futures = [loop.create_future() for _ in range(50)]
        await asyncio.wait(set(tasks))
        return [[hash(one) for one in made] == list(range(hash(made[0]), hash(made[0]) + 50)) for made in (tasks, futures)]

    assert universe({"n1": main}).run("n1") == [True, True]


def test_tasks_belong_to_one_host(universe: Any) -> None:
    """`all_tasks` shows a program what is its own, as between real processes."""

    async def main(host: AsyncioHost) -> list[str]:
        await asyncio.sleep(0.1)
        return sorted(task.get_name() for task in asyncio.all_tasks())

    assert universe({"n1": main, "n2": main}).run("n2") == ["main"]


def test_a_clock_that_runs_twice_as_fast_halves_a_sleep(universe: Any) -> None:
    """Timers follow the host's drift, and its own clock shows what it asked for; the rest of a sleep counts by the new rate."""
    instants: dict[str, list[float]] = {}

    async def main(host: AsyncioHost) -> None:
        for _ in range(3):
            await asyncio.sleep(1)
            instants.setdefault(host.name, []).append(host.loop.time())

    world = universe({"n1": main, "n2": main})
    world.run(0.5)
    world.control.skew("f1", "n1", drift=1_000_000)
    world.run(2.0)
    world.control.heal("f1")
    world.run("n2")
    assert instants == {"n1": [1.5, 2.5, 3.5], "n2": [1.0, 2.0, 3.0]}


def test_a_slowed_clock_makes_a_timer_under_way_late(universe: Any) -> None:
    """It never fires before the host's clock shows its instant."""

    async def main(host: AsyncioHost) -> float:
        await asyncio.sleep(1)
        return host.loop.time()

    world = universe({"n1": main})
    world.run(0.5)
    world.control.skew("f1", "n1", drift=-500_000)
    assert world.run("n1") == 1.0
    assert world.now == 1.5


@pytest.mark.parametrize("drift", [7, -7, 333, -333])
def test_rounded_timers_come_due(universe: Any, drift: int) -> None:
    """A drift of some ppm makes delays odd; none of them stands still."""

    async def main(host: AsyncioHost) -> float:
        for number in range(50):
            await asyncio.sleep(0.001 * number)
        return host.loop.time()

    world = universe({"n1": main}, clocks={"drift": 0})
    world.control.skew("f1", "n1", drift=drift)
    assert world.run("n1") == pytest.approx(1.225, abs=1e-6)


def test_cancelled_timers_do_not_fill_the_schedule(universe: Any) -> None:
    """A program that waits ten thousand times with a time-out of an hour keeps no ten thousand timers."""

    async def main(host: AsyncioHost) -> int:
        for _ in range(10_000):
            async with asyncio.timeout(3600):
                await asyncio.sleep(0)
        return len(host.loop.kernel.heap)

    assert universe({"n1": main}).run("n1") < 3_000


def test_a_timer_of_one_host_waits_for_an_earlier_one_of_another(universe: Any) -> None:
    """A loop goes on to its own next timer only when that is the world's next event; ties go to the earlier host."""
    seen: list[tuple[str, float]] = []

    async def main(host: AsyncioHost) -> None:
        for delay in (0.3, 0.1, 0.2) if host.name == "n2" else (0.25, 0.05, 0.2):
            host.loop.call_later(delay, lambda: seen.append((host.name, host.loop.time())))
        await asyncio.sleep(1)

    universe({"n1": main, "n2": main}).run("n2")
    assert seen == [("n1", 0.05), ("n2", 0.1), ("n1", 0.2), ("n2", 0.2), ("n1", 0.25), ("n2", 0.3)]


def test_timers_at_one_instant_run_each_with_all_that_it_makes_ready(universe: Any) -> None:
    """What one leads to comes before the next, as each is an event of the world; and the world counts each."""
    seen: list[str] = []

    async def main(host: AsyncioHost) -> None:
        def due(name: str) -> None:
            seen.append(name)
            host.loop.call_soon(seen.append, f"after {name}")

        for name in ("one", "two", "three"):
            host.loop.call_later(0.5, due, name)
        await asyncio.sleep(1)

    world = universe({"n1": main})
    world.run(0.4)
    before = world.world.kernel.events
    world.run(0.6)
    assert seen == ["one", "after one", "two", "after two", "three", "after three"]
    assert world.world.kernel.events - before == 3


def test_timers_stop_at_the_instant_up_to_which_time_goes(universe: Any) -> None:
    """And go on from there."""
    seen: list[int] = []

    async def main(host: AsyncioHost) -> None:
        for second in range(1, 6):
            host.loop.call_later(second, seen.append, second)
        await asyncio.sleep(10)

    world = universe({"n1": main})
    for until, shown in ((2.5, 2), (3.0, 3), (9.0, 5)):
        world.run(until)
        assert (seen, world.now) == ([*range(1, shown + 1)], until)


def test_a_host_that_is_paused_by_what_a_timer_led_to_runs_no_further_timer(universe: Any) -> None:
    """Nor does one that is dead."""
    seen: list[str] = []
    worlds: list[Any] = []

    async def main(host: AsyncioHost) -> None:
        loop, control = host.loop, worlds[0].control
        loop.call_later(0.1, lambda: loop.outside(lambda: control.pause("f1", "n1")))
        loop.call_later(0.1, seen.append, "after the pause")
        loop.call_later(0.2, lambda: loop.outside(lambda: control.kill("f2", "n1", power_loss=False)))
        loop.call_later(0.2, seen.append, "after the death")
        await asyncio.sleep(1)

    worlds.append(universe({"n1": main}))
    worlds[0].run(0.15)
    assert not seen
    worlds[0].control.heal("f1")
    worlds[0].run(0.5)
    assert seen == ["after the pause"]


@pytest.mark.parametrize("seconds", [1e11, math.inf])
def test_an_endless_wait_is_a_wait(universe: Any, seconds: float) -> None:
    """Whatever its seconds are in nanoseconds; asyncio lets a program wait for ever."""

    async def main(host: AsyncioHost) -> str:
        try:
            async with asyncio.timeout(1):
                await asyncio.wait_for(asyncio.sleep(seconds), timeout=2 * seconds)
        except TimeoutError:
            return "time-out"
        return "over"

    assert universe({"n1": main}).run("n1") == "time-out"


def test_an_executor_runs_in_line(universe: Any) -> None:
    """There is one thread; errors come to whoever awaits."""

    async def main(host: AsyncioHost) -> list[Any]:
        loop = asyncio.get_running_loop()
        answers: list[Any] = [await loop.run_in_executor(None, sum, [1, 2]), await asyncio.to_thread(max, 3, 4)]
        try:
            await loop.run_in_executor(None, int, "x")
        except ValueError as error:
            answers.append(type(error))
        return answers

    assert universe({"n1": main}).run("n1") == [3, 4, ValueError]


def test_what_a_program_raises_is_raised_by_run(universe: Any) -> None:
    """With its own traceback."""

    async def main(host: AsyncioHost) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        universe({"n1": main}).run("n1")


def test_a_program_that_fails_crashes_its_host_and_is_told(universe: Any) -> None:
    """A violation of the run, as an actor node's exception; then it boots again."""

    async def broken(host: AsyncioHost) -> None:
        if host.boot == 1:
            raise ValueError("mine")
        await asyncio.sleep(10)

    async def other(host: AsyncioHost) -> None:
        await asyncio.sleep(1)

    world = universe({"n1": broken, "n2": other})
    world.run("n2")
    assert world.failures == ["n1 raised ValueError: mine"]
    assert [event.data["boot"] for event in world.events("boot") if event.node == "n1"] == [1, 2]


def test_an_error_that_nobody_awaits_is_logged(universe: Any) -> None:
    """As asyncio does, in the journal; or the program's own handler gets it."""
    own: list[str] = []

    async def fail() -> None:
        raise ValueError("nobody asked")

    async def main(host: AsyncioHost) -> None:
        asyncio.get_running_loop().call_soon(int, "x")
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del task
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: own.append(str(context["exception"])))
        asyncio.get_running_loop().call_soon(int, "y")
        await asyncio.sleep(1)

    world = universe({"n1": main})
    world.run("n1")
    assert len(world.logs()) == 2
    assert "invalid literal" in world.logs()[0]
    assert "nobody asked" in world.logs()[1]
    assert own == ["invalid literal for int() with base 10: 'y'"]


def test_nothing_left_to_happen_is_told_with_who_waits_where(universe: Any) -> None:
    """A deadlock is an error, not a hang."""

    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    async def main(host: AsyncioHost) -> None:
        await forever()

    with pytest.raises(StuckError, match=r"nothing is left to happen at 0.000 s.*n1: main in .*main:\d+ → .*forever:\d+"):
        universe({"n1": main}).run("n1")


def test_an_instant_that_does_not_end_is_told(universe: Any) -> None:
    """A task that goes round without waiting."""

    async def main(host: AsyncioHost) -> None:
        await asyncio.sleep(1)
        while True:  # noqa: ASYNC110  # the mistake that is to be found
            await asyncio.sleep(0)

    with pytest.raises(StuckError, match=r"the instant 1\.000 s does not end"):
        universe({"n1": main}).run("n1")


def test_a_signal_comes_to_its_handler(universe: Any) -> None:
    """By the loop or by the module `signal`; without one the process ends."""

    async def main(host: AsyncioHost) -> list[str]:
        seen: list[str] = []
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, seen.append, "loop")
        signal.raise_signal(signal.SIGTERM)
        signal.signal(signal.SIGUSR1, lambda number, frame: seen.append("signal"))
        signal.raise_signal(signal.SIGUSR1)
        await asyncio.sleep(0)
        return seen

    async def ends(host: AsyncioHost) -> None:
        signal.raise_signal(signal.SIGTERM)

    world = universe({"n1": main, "n2": ends})
    assert sorted(world.run("n1")) == ["loop", "signal"]
    with pytest.raises(SystemExit):
        world.run("n2")
    assert [event.data["reason"] for event in world.events("crash") if event.node == "n2"] == ["its program ended"]


def test_generators_that_are_left_early_are_closed(universe: Any) -> None:
    """Their `finally` runs on the host's loop."""
    seen: list[float] = []

    async def numbers(host: AsyncioHost) -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(1)
            seen.append(host.loop.time())

    async def main(host: AsyncioHost) -> None:
        async for _ in numbers(host):
            break
        await asyncio.sleep(2)

    universe({"n1": main}).run("n1")
    assert seen == [1.0]


def test_the_loop_cannot_be_run_from_within(universe: Any) -> None:
    """It runs already."""

    async def main(host: AsyncioHost) -> None:
        host.loop.run_until_complete(None)

    with pytest.raises(RuntimeError, match="already running"):
        universe({"n1": main}).run("n1")


def test_a_programs_disk_outlives_a_kill_and_loses_what_was_not_synced_in_a_power_loss(universe: Any) -> None:
    """`await host.sync()` is where durability begins."""

    async def main(host: AsyncioHost) -> None:
        host.log(f"boot {host.boot} finds {host.disk.read('a')!r} {host.disk.read('b')!r}")
        if host.boot == 1:
            host.disk.append("a", b"x")
            await host.sync()
            host.log(f"synced at {host.loop.time()}")
            host.disk.append("b", b"y" * 40)
        await asyncio.sleep(3600)

    kept = {False: [], True: []}
    for power_loss, seed in [(False, 1), *((True, seed) for seed in range(1, 9))]:
        world = universe({"n1": main}, disk={"sync": "constant:2ms"}, seed=seed)
        world.run(1)
        world.control.kill("f1", "n1", power_loss=power_loss)
        world.run(2)
        world.control.heal("f1")
        world.run(3)
        boot, synced, again = world.logs()
        assert (boot, synced) == ("boot 1 finds b'' b''", "synced at 0.002")
        assert again.startswith("boot 2 finds b'x' ")
        kept[power_loss].append(again.count("y"))
    assert kept[False] == [40]
    assert 0 in kept[True]


def test_what_a_program_asks_of_another_thread_is_refused_and_ends_the_run(universe: Any) -> None:
    """Even where the program swallows the error in a task that nobody looks at."""

    async def main(host: AsyncioHost) -> None:
        asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().add_reader(0, print))
        await asyncio.sleep(1)

    with pytest.raises(ModelError, match=r"loop\.add_reader on host n1 would leave the simulated world; use asyncio's streams"):
        universe({"n1": main}).run("n1")


def test_time_on_a_host_is_that_of_its_machine_over_boots(universe: Any) -> None:
    """A monotonic clock goes on while the process is down."""
    boots: list[float] = []

    async def main(host: AsyncioHost) -> None:
        boots.append(host.loop.time())
        await asyncio.sleep(3600)

    world = universe({"n1": main})
    world.run(1)
    world.control.kill("f1", "n1")
    world.run(5)
    world.control.heal("f1")
    world.run(6)
    assert boots == [0.0, 5.0]
    assert world.world.kernel.now == 6 * SECOND
