"""Runs asyncio code in virtual time: a time-out of five seconds takes no time, and fires at five seconds exactly.

    with VirtualTime() as time:
        task = time.start(handler(reader, writer))
        time.advance(4.999)
        assert not task.done()
        time.advance(0.001)
        assert task.done()

Time stands still while anything can run. It moves by `advance`, and, in `run`, to the next timer as soon as every task waits.
When nothing is left that could wake a task, or an instant does not end, that is an error with the tasks' names, not a hang.

The loop underneath is asyncio's interface without a system below it: no selector, no thread, no clock. What would leave virtual
time (sockets, threads, subprocesses, signals, pipes) is refused by name where it is asked for. Code that goes around asyncio, and
calls `time.sleep` or `socket` itself, is not seen. Callbacks run in the order of their instants, then of their making.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar, TypeVarTuple

from chaoskit.core.errors import UsageError
from chaoskit.core.units import SECOND, count, format_time, plural
from chaoskit.sim.loops import EscapeError, SettableLoop, StuckError, refuse_methods
from chaoskit.sim.tasks import place

INSTANT_CALLBACKS_MAX = 5_000_000  # a conversation through a buffer of one byte takes several callbacks a byte

Value = TypeVar("Value")
Arguments = TypeVarTuple("Arguments")
Main = Coroutine[Any, Any, Value]


class VirtualTime:
    """A clock that stands still, and the loop that runs by it. As a context manager, it ends what is left of the tasks."""

    def __init__(self, *, instant_callbacks_max: int = INSTANT_CALLBACKS_MAX) -> None:
        self.loop = VirtualTimeLoop(  # type: ignore[abstract]  # the methods that it refuses are set below
            instant_callbacks_max=instant_callbacks_max
        )

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.loop.time()

    def pause(self) -> None:
        """From now on only `advance` moves time, also in `run`. Said twice, it is still so."""
        self.loop.jumps = False

    def resume(self) -> None:
        """Lets `run` move time by itself again, as it does at first."""
        self.loop.jumps = True

    def run(self, main: Main[Value]) -> Value:
        """What a coroutine gives, in however much virtual time. Raises what it raises, `StuckError` when it cannot end."""
        value: Value = self.loop.run_until_complete(main)
        return value

    def start(self, main: Main[Value], *, name: str | None = None) -> asyncio.Task[Value]:
        """A task that has run as far as it can at this instant."""
        self.loop.check_startable()
        task = self.loop.create_task(main, name=name)
        self.settle()
        return task

    def settle(self) -> None:
        """Runs all that can run at this instant."""
        self.loop.run_until(self.loop.now_ns)

    def advance(self, seconds: float) -> None:
        """Moves time forward, and runs all that comes due on the way, each at its own instant. Not from inside a coroutine."""
        if not seconds >= 0:
            raise UsageError(f"expected a time to come but got seconds={seconds}; time does not go back.")
        self.loop.run_until(self.loop.now_ns + _nanoseconds(seconds))

    @property
    def pending(self) -> int:
        """How many timers wait: sleeps, time-outs, `call_later`."""
        return self.loop.timers_waiting()

    def advance_to_next(self) -> bool:
        """Moves time to the next timer, and runs all that comes due then. False when there is none."""
        at = self.loop.first_timer()
        if at is not None:
            self.loop.run_until(max(at, self.loop.now_ns))
        return at is not None

    def advance_to_end(self, *, instants_max: int = 10_000) -> None:
        """Moves time from timer to timer until none is left. Raises `StuckError` when timers beget timers for so long."""
        for _ in range(instants_max):
            if not self.advance_to_next():
                return
        raise StuckError(
            f"timers do not come to an end: {count(instants_max)} instants were run until {format_time(self.loop.now_ns)}, "
            f"and there is more to come: {plural(self.pending, 'timer')}."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.loop.end()


def run(main: Main[Value]) -> Value:
    """What a coroutine gives, in virtual time of its own."""
    with VirtualTime() as time:
        return time.run(main)


class VirtualTimeLoop(SettableLoop, asyncio.AbstractEventLoop):
    """The event loop of `VirtualTime`; it can also be given to `asyncio.Runner` as its `loop_factory`."""

    def __init__(self, *, instant_callbacks_max: int = INSTANT_CALLBACKS_MAX) -> None:
        self.now_ns = 0
        self._thread = threading.get_ident()
        self.jumps = True  # whether `run_until_complete` moves time when every task waits
        self._instant_callbacks_max = instant_callbacks_max
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[int, int, asyncio.TimerHandle]] = []
        self._timers_made = 0
        self._tasks: dict[int, asyncio.Task[Any]] = {}  # in the order of their making
        self._tasks_made = 0
        self._generators: list[Any] = []
        self._running = self._stopping = self._closed = self._debug = False

    # Time and callbacks -----------------------------------------------------------------------------------------------------

    def time(self) -> float:
        return self.now_ns / SECOND

    def call_soon(
        self, callback: Callable[[*Arguments], object], *args: *Arguments, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        self._check_open()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Arguments], object], *args: *Arguments, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        if threading.get_ident() != self._thread:
            _refuse("call_soon_threadsafe from another thread", _ONE_THREAD)
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        return self._timer(self.now_ns + _nanoseconds(delay), callback, args, context)

    def call_at(
        self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return self._timer(_nanoseconds(when), callback, args, context)

    def _timer(
        self, at: int, callback: Callable[..., object], args: tuple[Any, ...], context: contextvars.Context | None
    ) -> asyncio.TimerHandle:
        self._check_open()
        timer = asyncio.TimerHandle(at / SECOND, callback, args, self, context)
        self._timers_made += 1
        heapq.heappush(self._timers, (at, self._timers_made, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """asyncio says so to its loop; a cancelled timer leaves the heap when its instant comes."""

    # Futures and tasks ------------------------------------------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None, **options: Any) -> asyncio.Task[Any]:
        self._check_open()
        if self._task_factory is not None:
            task: asyncio.Task[Any] = self._task_factory(self, coro, context=context)
        else:
            task = asyncio.Task(coro, loop=self, name=name or f"task {self._tasks_made + 1}", context=context)
        self._tasks_made += 1
        number = self._tasks_made
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number))
        return task

    # Running ----------------------------------------------------------------------------------------------------------------

    def run_until_complete(self, future: Any) -> Any:
        """Runs until it is done; time moves to the next timer whenever every task waits, unless it is paused."""
        self.check_startable()
        task = asyncio.ensure_future(future, loop=self)
        self._run(lambda: self._stopping or task.done(), self._next_instant)
        self._stopping = False
        if not task.done():
            raise RuntimeError("Event loop stopped before Future completed.")
        return task.result()

    def run_forever(self) -> None:
        self._run(lambda: self._stopping, self._next_instant)
        self._stopping = False

    def run_until(self, end_ns: int) -> None:
        """Runs all that comes due up to an instant, and stands at it then."""

        def next_instant() -> int | None:
            at = self.first_timer()
            return at if at is not None and at <= end_ns else None

        self._run(lambda: False, next_instant)
        self.now_ns = end_ns

    def _run(self, done: Callable[[], bool], next_instant: Callable[[], int | None]) -> None:
        self.check_startable()
        self._running = True
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._generators.append)
        asyncio._set_running_loop(self)
        try:
            while not done():
                if not self._ready:
                    at = next_instant()
                    if at is None:
                        return
                    self.now_ns = max(self.now_ns, at)
                self._run_instant(done)
        finally:
            asyncio._set_running_loop(None)
            sys.set_asyncgen_hooks(*hooks)
            self._running = False

    def _run_instant(self, done: Callable[[], bool]) -> None:
        """Runs callbacks until the instant has no more, or it is done."""
        for _ in range(self._instant_callbacks_max):
            self._take_due_timers()
            if not self._ready or done():
                return
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()
        raise StuckError(
            f"the instant {format_time(self.now_ns)} does not end: {count(self._instant_callbacks_max)} callbacks ran in it; "
            f"a task may go round without waiting. {self._waiting()}"
        )

    def _take_due_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self.now_ns:
            _, _, timer = heapq.heappop(self._timers)
            if not timer.cancelled():
                self._ready.append(timer)

    def timers_waiting(self) -> int:
        """How many timers are to come."""
        return sum(not timer.cancelled() for _, _, timer in self._timers)

    def first_timer(self) -> int | None:
        """When the first timer is due (ns), None when there is none."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def _next_instant(self) -> int:
        """When something happens next. Raises `StuckError` if nothing ever will."""
        at = self.first_timer()
        if at is None:
            raise StuckError(f"nothing is left to happen at {format_time(self.now_ns)}. {self._waiting()}")
        if not self.jumps:
            raise StuckError(
                f"time is paused at {format_time(self.now_ns)}, and the next timer is at {format_time(at)}; "
                f"call advance or resume. {self._waiting()}"
            )
        return at

    def _unended(self) -> list[asyncio.Task[Any]]:
        return [task for task in self._tasks.values() if not task.done()]

    def _waiting(self) -> str:
        """Which tasks wait, and where."""
        places = [f"{task.get_name()}{place(task.get_coro())}" for task in self._unended()]
        return f"Tasks that wait: {'; '.join(places) or 'none'}."

    # The end ----------------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        self._stopping = True

    def is_running(self) -> bool:
        return self._running

    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        if self._running:
            raise RuntimeError("Cannot close a running event loop")
        self._closed = True
        self._ready.clear()
        self._timers.clear()

    def end(self) -> None:
        """Cancels what is left, lets it end, and closes."""
        if self._closed:
            return
        self.jumps = True
        try:
            left = self._unended()
            for task in left:
                task.cancel()
            if left:
                self.run_until_complete(asyncio.wait(left))
                for task in left:
                    if not task.cancelled() and task.exception() is not None:
                        self.call_exception_handler(
                            {"message": "a task failed while it was ended", "exception": task.exception()}
                        )
            self.run_until_complete(self.shutdown_asyncgens())
        finally:
            self.close()

    async def shutdown_asyncgens(self) -> None:
        generators, self._generators = self._generators, []
        for generator in generators:
            await generator.aclose()

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # asyncio's signature
        """There is none."""

    # Errors nobody awaits ---------------------------------------------------------------------------------------------------

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """As asyncio does: to the log."""
        logging.getLogger("asyncio").error(context.get("message"), exc_info=context.get("exception"))

    def get_debug(self) -> bool:
        return self._debug

    def set_debug(self, enabled: bool) -> None:
        self._debug = enabled

    def check_startable(self) -> None:
        """Refuses to be run from inside a coroutine, before anything has begun."""
        self._check_open()
        if asyncio._get_running_loop() is not None:
            raise UsageError("expected to be called from outside every coroutine; inside one, await asyncio.sleep(seconds).")

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("Event loop is closed")


def _nanoseconds(seconds: float) -> int:
    return round(seconds * SECOND)


def _refuse(what: str, cure: str) -> NoReturn:
    raise EscapeError(f"{what} would leave virtual time; {cure}.")


_ONE_THREAD = "there is one thread: call the function itself, or replace it in the test"
_REFUSED = {
    "hand the code streams in memory (chaoskit.wire.scripted, chaoskit.wire.duplex)": (
        "getaddrinfo getnameinfo create_connection create_server create_datagram_endpoint create_unix_connection "
        "create_unix_server connect_accepted_socket start_tls sendfile sock_sendfile sock_recv sock_recv_into sock_recvfrom "
        "sock_recvfrom_into sock_sendall sock_sendto sock_connect sock_accept add_reader remove_reader add_writer remove_writer"
    ),
    _ONE_THREAD: "run_in_executor set_default_executor",
    "replace what starts the process in the test": "subprocess_shell subprocess_exec connect_read_pipe connect_write_pipe",
    "call the handler itself": "add_signal_handler remove_signal_handler",
}
refuse_methods(VirtualTimeLoop, _REFUSED, _refuse)
