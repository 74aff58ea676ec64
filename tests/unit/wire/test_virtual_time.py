"""Virtual time under asyncio code: exact instants, no waiting, and errors instead of hangs."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
import time as wall
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.sim.loops import EscapeError, StuckError
from chaoskit.wire.virtual_time import VirtualTime, VirtualTimeLoop, run


async def sleep_and_tell(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return asyncio.get_running_loop().time()


def test_row_11_time_moves_by_advance_alone_when_it_is_asked_to() -> None:
    """All that comes due on the way runs at its own instant; what is due later does not."""
    seen: list[tuple[str, float]] = []

    async def ticks(name: str, every: float) -> None:
        for _ in range(1000):
            await asyncio.sleep(every)
            seen.append((name, asyncio.get_running_loop().time()))

    with VirtualTime() as time:
        time.start(ticks("a", 2))
        time.start(ticks("b", 3))
        assert (seen, time.now) == ([], 0)
        time.advance(6)
        assert seen == [("a", 2), ("b", 3), ("a", 4), ("b", 6), ("a", 6)]
        time.advance(1.5)
        assert (len(seen), time.now) == (5, 7.5)


def test_row_11_time_jumps_when_every_task_waits() -> None:
    """Awaiting comes first, and nobody advances: it ends all the same, in no time."""
    before = wall.perf_counter()
    with VirtualTime() as time:
        assert time.run(sleep_and_tell(86_400)) == 86_400
        assert time.run(sleep_and_tell(0.5)) == 86_400.5
    assert wall.perf_counter() - before < 0.5


def test_row_11_pausing_twice_is_pausing() -> None:
    """Paused, a run that waits says so; an `advance` or `resume` lets it go on."""
    with VirtualTime() as time:
        time.pause()
        time.pause()
        with pytest.raises(
            StuckError, match=r"^time is paused at 0\.000 s, and the next timer is at 1\.000 s; call advance or resume\. "
        ):
            time.run(sleep_and_tell(1))
        task = time.start(sleep_and_tell(3))
        time.advance(3)
        assert task.result() == 3
        time.resume()
        assert time.run(sleep_and_tell(1)) == 4


def test_row_12_a_time_out_fires_at_its_instant_and_in_no_time() -> None:
    """Five seconds: not at 4.999999999, but at 5, within 50 ms of wall time."""

    async def impatient() -> str:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 5)
        except TimeoutError:
            return f"{asyncio.get_running_loop().time():.9f}"
        return "never"

    with VirtualTime() as time:
        task = time.start(impatient())
        time.advance(4.999)
        time.advance(0.000_999_999)
        assert not task.done()
        time.advance(0.000_000_001)
        assert task.result() == "5.000000000"
    took = []
    for _ in range(5):  # the quickest counts: other programs use this machine, too
        before = wall.perf_counter()
        assert run(impatient()) == "5.000000000"
        took.append(wall.perf_counter() - before)
    assert min(took) < 0.05


def test_instants_are_whole_nanoseconds() -> None:
    """Ten tenths are a second, whatever floats make of it."""

    async def tenths() -> float:
        for _ in range(10):
            await asyncio.sleep(0.1)
        return asyncio.get_running_loop().time()

    assert run(tenths()) == 1.0


def test_neighbouring_nanoseconds_are_two_instants() -> None:
    """Each timer sees its own."""
    seen: list[int] = []
    with VirtualTime() as time:
        for at in (1.000_000_001, 1.0):
            time.loop.call_at(at, lambda: seen.append(time.loop.now_ns))
        time.advance(2)
    assert seen == [1_000_000_000, 1_000_000_001]


def test_what_is_due_at_one_instant_runs_in_the_order_of_its_making() -> None:
    """Timers before what they make ready, also those with a cancelled one among them."""
    order: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_at(1, order.append, "first")
        loop.call_later(1, lambda: loop.call_soon(order.append, "last"))
        loop.call_at(1, order.append, "never").cancel()
        loop.call_later(1, order.append, "second")
        loop.call_later(-1, order.append, "at once")
        await asyncio.sleep(2)

    run(main())
    assert order == ["at once", "first", "second", "last"]


def test_a_wait_that_nothing_can_end_is_named() -> None:
    """With the tasks and the lines in which they stand."""

    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    with VirtualTime() as time:
        task = time.start(forever(), name="reader")
        waiting = r"reader in .*forever:\d+; task 2 in forever_after:\d+\.$"
        with pytest.raises(StuckError, match=rf"^nothing is left to happen at 2\.000 s\. Tasks that wait: {waiting}"):
            time.run(forever_after(task))
        assert not task.done()
    assert task.cancelled()


async def forever_after(task: asyncio.Task[None]) -> None:
    await asyncio.sleep(2)
    await task


def test_an_instant_that_does_not_end_is_named() -> None:
    """A task that goes round without waiting."""

    async def round_and_round() -> None:
        while True:  # noqa: ASYNC110  # that is the mistake
            await asyncio.sleep(0)

    with (
        VirtualTime(instant_callbacks_max=1000) as time,
        pytest.raises(StuckError, match=r"^the instant 0\.000 s does not end: 1,000 "),
    ):
        time.run(round_and_round())


def _to_a_thread() -> Coroutine[Any, Any, Any]:
    return asyncio.to_thread(print)


async def _pipe() -> None:
    await asyncio.get_running_loop().connect_read_pipe(asyncio.Protocol, object())


async def _signal() -> None:
    asyncio.get_running_loop().add_signal_handler(2, print)


async def _raw_socket() -> None:
    with socket.socket() as raw:
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", 9))


@pytest.mark.parametrize(
    ("escape", "what"),
    [
        (lambda: asyncio.open_connection("localhost", 9), "create_connection"),
        (lambda: asyncio.start_server(print, "localhost", 0), "create_server"),
        (_to_a_thread, "run_in_executor"),
        (lambda: asyncio.create_subprocess_exec("true", stdout=subprocess.DEVNULL), "subprocess_exec"),
        (_pipe, "connect_read_pipe"),
        (_signal, "add_signal_handler"),
        (_raw_socket, "sock_connect"),
    ],
)
def test_what_would_leave_virtual_time_is_refused_by_name(escape: Callable[[], Coroutine[Any, Any, Any]], what: str) -> None:
    """Where it is asked for, with something to do instead."""
    with pytest.raises(EscapeError, match=rf"^{what} would leave virtual time; .+\.$"):
        run(escape())


def test_another_thread_is_refused() -> None:
    """In that thread, which is where the mistake is."""
    caught: list[BaseException] = []
    with VirtualTime() as time:

        def call() -> None:
            try:
                time.loop.call_soon_threadsafe(print)
            except EscapeError as error:
                caught.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    assert "would leave virtual time" in str(caught[0])


def test_time_does_not_go_back_nor_move_from_inside() -> None:
    """Both are refused with what to do."""
    with VirtualTime() as time:
        with pytest.raises(UsageError, match=r"^expected a time to come but got seconds=-1; time does not go back\.$"):
            time.advance(-1)

        async def inside() -> None:
            time.advance(1)

        with pytest.raises(
            UsageError, match=r"^expected to be called from outside every coroutine; inside one, await asyncio\.sleep"
        ):
            time.run(inside())


def test_a_loop_that_is_stopped_says_so() -> None:
    """As asyncio does; it can run again."""

    async def stops() -> None:
        asyncio.get_running_loop().stop()
        await asyncio.sleep(1)

    with VirtualTime() as time:
        with pytest.raises(RuntimeError, match=r"^Event loop stopped before Future completed\.$"):
            time.run(stops())
        assert time.run(sleep_and_tell(2)) == 2


def test_what_fails_unseen_is_told_to_the_loops_handler() -> None:
    """A callback's exception, and that of a task that fails when it is ended; without a handler they are logged."""
    told: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise KeyError("stubborn")

    with VirtualTime() as time:
        time.loop.set_exception_handler(lambda _, context: told.append(repr(context["exception"])))
        time.loop.call_soon(int, "one")
        time.start(stubborn())
    assert told == ["ValueError(\"invalid literal for int() with base 10: 'one'\")", "KeyError('stubborn')"]


def test_the_end_cancels_what_is_left() -> None:
    """`finally` runs, with the time that it takes; generators are closed."""
    ended: list[str] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            ended.append("generator")

    kept = []

    async def server() -> None:
        generator = numbers()
        kept.append(generator)
        await anext(generator)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            ended.append("server")

    with VirtualTime() as time:
        time.start(server())
        assert ended == []
    assert ended == ["server", "generator"]
    assert time.now == 1
    with pytest.raises(RuntimeError, match=r"^Event loop is closed$"):
        time.settle()


def test_asyncio_itself_can_run_on_the_loop() -> None:
    """Groups, queues, locks and time-outs of the standard library, under its own runner."""

    async def main() -> list[float]:
        queue: asyncio.Queue[float] = asyncio.Queue(1)

        async def produce() -> None:
            for _ in range(3):
                queue.put_nowait(await sleep_and_tell(10))
                await queue.join()

        got = []
        async with asyncio.TaskGroup() as group, asyncio.timeout(60):
            group.create_task(produce())
            for _ in range(3):
                got.append(await queue.get())
                queue.task_done()
        return got

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(main()) == [10, 20, 30]


def test_row_96_plain_timers_run_by_a_duration_to_the_next_or_all() -> None:
    """Callbacks of `call_later`: how many wait is known, a cancelled one is none, and each runs at its instant."""
    time, ran = VirtualTime(), list[tuple[float, str]]()
    timers = {
        name: time.loop.call_later(at, lambda name=name: ran.append((time.now, name)))
        for name, at in zip("abcd", (1, 2, 2, 5), strict=True)
    }
    timers["c"].cancel()
    assert time.pending == 3
    time.advance(1.5)
    assert (ran, time.now, time.pending) == ([(1, "a")], 1.5, 2)
    assert time.advance_to_next()
    assert (ran, time.now, time.pending) == ([(1, "a"), (2, "b")], 2, 1)
    time.advance_to_end()
    assert (ran[2:], time.now, time.pending) == ([(5, "d")], 5, 0)
    assert not time.advance_to_next()
    assert time.now == 5


def test_row_96_tasks_that_sleep_run_by_a_duration_to_the_next_or_all() -> None:
    """Coroutines: a task that goes on to sleep again is run to its end, too."""
    time, ran = VirtualTime(), list[tuple[float, str]]()

    async def steps(name: str, *waits: float) -> None:
        for wait in waits:
            await asyncio.sleep(wait)
            ran.append((time.now, name))

    time.start(steps("a", 1, 1, 1))
    time.start(steps("b", 2.5))
    assert time.pending == 2
    assert time.advance_to_next()
    assert ran == [(1, "a")]
    time.advance(1)
    assert ran == [(1, "a"), (2, "a")]
    time.advance_to_end()
    assert ran[2:] == [(2.5, "b"), (3, "a")]
    assert time.pending == 0


def test_row_96_timers_without_an_end_are_told() -> None:
    """One that sets itself anew for ever is stopped after so many instants."""
    time = VirtualTime()

    def again() -> None:
        time.loop.call_later(1, again)

    again()
    with pytest.raises(StuckError, match=r"^timers do not come to an end: 50 instants were run until 50\.000 s, "):
        time.advance_to_end(instants_max=50)


def test_row_99_steps_come_in_the_order_that_is_said() -> None:
    """Instead of a race: one operation, a hundred milliseconds, another, which finds the first still under way."""

    def story(wait: float) -> list[str]:
        time, ran = VirtualTime(), list[str]()

        async def operation(name: str) -> None:
            ran.append(f"{name} begins at {time.now:g}")
            await asyncio.sleep(0.15)
            ran.append(f"{name} ends at {time.now:g}")

        time.start(operation("first"))
        time.advance(wait)
        time.start(operation("second"))
        time.advance_to_end()
        return ran

    overlapping = ["first begins at 0", "second begins at 0.1", "first ends at 0.15", "second ends at 0.25"]
    assert [story(0.1) for _ in range(5)] == [overlapping] * 5
    assert story(0.2) == ["first begins at 0", "first ends at 0.15", "second begins at 0.2", "second ends at 0.35"]
