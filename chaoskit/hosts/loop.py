"""asyncio's event loop for one process of a simulated host: its clock is the host's, its timers are the world's events.

Every boot of a program has a loop of its own, so that tasks, locks and signal handlers belong to one host as they do in reality,
and `asyncio.get_running_loop()` says who runs. The loop has no `run`: the world calls into it when something happens (a timer, a
packet), and it then runs all callbacks that become ready at this instant, first in, first out. Whatever a callback leads to has
its cause, over tasks, futures and timers.

A dead process's loop never runs again. Its tasks stay as they are until the world is over, and are forgotten: no `finally` runs.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import events
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from heapq import heapify
from typing import Any, ClassVar, NoReturn
from weakref import WeakValueDictionary

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.units import SECOND
from chaoskit.hosts.entropy import Entropy
from chaoskit.hosts.escapes import EscapeError, refusing_methods
from chaoskit.hosts.graves import Grave
from chaoskit.hosts.handles import Callback, Handle, HostFuture, HostTask, TimerHandle
from chaoskit.hosts.logs import told
from chaoskit.hosts.network import NetworkLoop
from chaoskit.sim.host import Process
from chaoskit.sim.tasks import Promise, place

EPOCH = 1_750_000_000 * SECOND  # what a right wall clock shows when a run begins: some day in June 2025
HANDLES_AT_ONCE = 32  # callbacks that run in one event of the world; what is ready then comes in the next, at the same instant
SWEEP_FROM = 1_000  # cancelled timers before it is worth a look

_new_handle = object.__new__
_set_running_loop = events._set_running_loop
_get_running_loop = events._get_running_loop


class HostLoop(NetworkLoop):
    """The loop of one process. See `chaoskit.hosts.network` for its sockets."""

    slow_callback_duration = 0.1  # asyncio's attribute: nothing is slow in virtual time
    hooked: ClassVar[HostLoop | None] = None  # whose asynchronous generators Python tells of

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.world = process.world
        self.kernel = process.world.kernel
        self.clock = process.host.clock
        self.entropy = Entropy(process)
        self.signals: dict[int, Callable[[], object]] = {}
        self.on_exit: Callable[[BaseException], None] = _ignore  # a callback raised SystemExit
        self.ready: deque[Handle] = deque()
        self._numbers = 0
        self._entered = False
        self._waking = False
        self._cancelled = 0
        self.broken: EscapeError | None = None  # raised once the host stands: the program may have swallowed it
        self._tasks: WeakValueDictionary[int, asyncio.Task[Any]] = WeakValueDictionary()
        self._generators: WeakValueDictionary[int, Any] = WeakValueDictionary()
        self._on_exception: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object] | None = None
        self._task_factory: Any = None
        self._debug = False
        process.on_death = self._die

    def __repr__(self) -> str:
        return f"<HostLoop of {self.process.place}>"

    # Time and callbacks --------------------------------------------------------------------------------------------------

    def time(self) -> float:
        return self.clock.monotonic(self.kernel.now) / SECOND

    def monotonic_ns(self) -> int:
        """The host's monotonic clock."""
        return self.clock.monotonic(self.kernel.now)

    def wall_ns(self) -> int:
        """The host's wall clock: faults may change it."""
        return EPOCH + self.process.now()

    def call_soon(self, callback: Callback, *args: Any, context: Context | None = None) -> Handle:  # type: ignore[override]
        handle = _new_handle(Handle)
        handle.callback, handle.args, handle.cause, handle.dropped = callback, args, self.world.cause, False
        handle.context = copy_context() if context is None else context
        self.ready.append(handle)
        if not self._entered:
            self._wake()
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there is one thread

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> TimerHandle:
        later = round(delay * SECOND) or int(delay > 0)  # a wait of less than a nanosecond must not be none
        return self._timer(self.clock.monotonic(self.kernel.now) + later, callback, args, context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> TimerHandle:
        at, now = round(when * SECOND), self.clock.monotonic(self.kernel.now)
        if at <= now and when > now / SECOND:  # nor one until a time between two: who asks again because it is early waits for it
            at = now + 1
        return self._timer(at, callback, args, context)

    def enter(self, context: Context, callback: Callback, *args: Any) -> None:
        if self.process.alive:
            self._entered = True  # else it would wake itself
            self.call_soon(callback, *args, context=context)
            self._run_ready()

    def outside(self, callback: Callable[[], None]) -> None:
        """Runs a callback as if no host ran: the world's own code must see real clocks."""
        _set_running_loop(None)
        try:
            callback()
        finally:
            _set_running_loop(self)

    # Futures and tasks ---------------------------------------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        future = HostFuture(loop=self)
        self._numbers = future.number = self._numbers + 1
        return future

    def create_task(self, coro: Any, *, name: object = None, context: Context | None = None, **options: Any) -> asyncio.Task[Any]:
        number = self._numbers = self._numbers + 1
        if self._task_factory is not None:
            made: asyncio.Task[Any] = self._task_factory(self, coro, name=name, context=context, **options)
            self._tasks[number] = made
            return made
        task = HostTask.__new__(HostTask)
        task.number = number
        called = f"Task-{number}" if name is None else str(name)
        task.__init__(coro, loop=self, name=called, context=context, **options)  # type: ignore[misc]
        self._tasks[number] = task
        if not self.process.alive:  # the callback in which the process died goes on to its next await
            self.world.graveyard.append(Grave(lambda: [task]))
        return task

    def set_task_factory(self, factory: Any) -> None:
        self._task_factory = factory

    def get_task_factory(self) -> Any:
        return self._task_factory

    async def promised(self, promise: Promise) -> Any:
        """What a promise of the world's gives."""
        if not promise.done:
            kept = self.create_future()

            def done(_: Promise) -> None:
                if not kept.done():
                    kept.set_result(None)

            promise.on_done = done
            await kept
        if promise.error is not None:
            raise promise.error
        return promise.value

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Those that have not ended, in the order of their making."""
        return [task for task in self._tasks.values() if not task.done()]

    def waiting(self) -> list[str]:
        """Which tasks wait, and where."""
        return [f"{self.host.name}: {task.get_name()}{place(task.get_coro())}" for task in self.tasks()]

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Runs the function itself, as a callback of its own: there is one thread."""
        future = self.create_future()
        context = copy_context()

        def run() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(context.run(func, *args))
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001  # whoever awaits it gets it
                future.set_exception(error)

        self.call_soon(run)
        return future

    def set_default_executor(self, executor: Any) -> None:
        """None is used."""

    # Signals -------------------------------------------------------------------------------------------------------------

    def add_signal_handler(self, sig: int, callback: Callback, *args: Any) -> None:  # type: ignore[override]
        self.signals[int(sig)] = lambda: self.call_soon(callback, *args)

    def remove_signal_handler(self, sig: int) -> bool:
        return self.signals.pop(int(sig), None) is not None

    def signal(self, number: int) -> None:
        """The process gets a signal: its handler is called, or it ends."""
        handler = self.signals.get(number)
        if handler is None:
            raise SystemExit(128 + number)
        handler()

    # State ---------------------------------------------------------------------------------------------------------------

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def close(self) -> None:
        raise RuntimeError("Cannot close a running event loop")

    def stop(self) -> None:
        """The program ends its loop: the process ends."""
        self.call_soon(sys.exit)

    def run_forever(self) -> NoReturn:
        raise RuntimeError("This event loop is already running")

    def run_until_complete(self, future: Any) -> NoReturn:
        raise RuntimeError("This event loop is already running")

    async def shutdown_asyncgens(self) -> None:
        for _, generator in sorted(self._generators.items()):
            await generator.aclose()

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # asyncio's signature
        """There is none."""

    def get_debug(self) -> bool:
        return self._debug

    def set_debug(self, enabled: bool) -> None:
        self._debug = enabled

    # Errors nobody awaits ------------------------------------------------------------------------------------------------

    def get_exception_handler(self) -> Any:
        return self._on_exception

    def set_exception_handler(self, handler: Any) -> None:
        self._on_exception = handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """A line in the journal, as asyncio writes one to its log."""
        self.process.log(told(context.get("message"), context.get("exception")))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self.process.alive:
            return
        if self._on_exception is None:
            self.default_exception_handler(context)
            return
        try:
            self._on_exception(self, context)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as broken:  # noqa: BLE001  # as asyncio does
            self.default_exception_handler({"message": "the exception handler failed", "exception": broken})

    # ---------------------------------------------------------------------------------------------------------------------

    def _timer(self, at: int, callback: Callback, args: tuple[Any, ...], context: Context | None) -> TimerHandle:
        timer = _new_handle(TimerHandle)
        timer.at, timer.on_cancel = at, self._timer_cancelled
        timer.callback, timer.args, timer.cause, timer.dropped = callback, args, self.world.cause, False
        timer.context = copy_context() if context is None else context
        self._schedule(timer)
        return timer

    def _schedule(self, timer: TimerHandle, *, at_least: int = 0) -> None:
        clock, kernel = self.clock, self.kernel
        for skew in clock.skews:
            if skew.drift:
                self.world.effect(skew.token, "ran a timer")
        delay = clock.true_delay(timer.at - clock.monotonic(kernel.now))
        kernel.schedule(kernel.now + max(at_least, delay), self.host.number, self._timer_due, timer)

    def _timer_due(self, timer: TimerHandle) -> None:
        if timer.dropped:
            self._cancelled -= 1
            return
        if not self.process.alive or (self.host.paused_by and self.world.postponed(self.host, self._timer_due, timer)):
            return
        if timer.at > self.clock.monotonic(self.kernel.now):
            self._schedule(timer, at_least=1)  # the clock was slowed meanwhile, or the delay was rounded down
            return
        self.ready.append(timer)
        self._run_ready()
        self.world.after(self.process)

    def _timer_cancelled(self) -> None:
        """asyncio sets many timers and cancels nearly all: they must not fill the world's schedule."""
        self._cancelled += 1
        heap = self.kernel.heap
        if self._cancelled > SWEEP_FROM and 2 * self._cancelled > len(heap):
            heap[:] = [event for event in heap if not (type(event[3]) is TimerHandle and event[3].dropped)]
            heapify(heap)
            self._cancelled = 0

    def _wake(self) -> None:
        """Something became ready while the host did not run."""
        if not self._waking and self.process.alive:
            self._waking = True
            self.kernel.schedule(self.kernel.now, self.host.number, self._woken, None)

    def _woken(self, _: object) -> None:
        if not self.process.alive or (self.host.paused_by and self.world.postponed(self.host, self._woken, None)):
            return
        self._waking = False
        self._run_ready()
        self.world.after(self.process)

    def _run_ready(self) -> None:
        """Runs what is ready, and what becomes ready by it."""
        before = _get_running_loop()
        _set_running_loop(self)
        if HostLoop.hooked is not self:
            HostLoop.hooked = self
            sys.set_asyncgen_hooks(self._keep_generator, self._close_generator)
        self._entered = True
        ready, process, world = self.ready, self.process, self.world
        left = HANDLES_AT_ONCE
        try:
            while ready and left and process.alive:
                left -= 1
                handle = ready.popleft()
                if handle.dropped:
                    continue
                world.cause = handle.cause
                try:
                    handle.context.run(handle.callback, *handle.args)
                except SystemExit as error:
                    self.on_exit(error)
                except (KeyboardInterrupt, ChaoskitError):
                    raise
                except BaseException as error:  # noqa: BLE001  # a callback may raise anything
                    self.call_exception_handler({"message": f"{handle.callback} failed", "exception": error})
        finally:
            self._entered = False
            _set_running_loop(before)
        if self.broken is not None:
            raise self.broken
        if ready and process.alive:
            self._wake()

    def _keep_generator(self, generator: Any) -> None:
        number = self._numbers = self._numbers + 1
        self._generators[number] = generator

    def _close_generator(self, generator: Any) -> None:
        if self.process.alive:
            self.call_soon(self.create_task, generator.aclose())

    def _die(self) -> None:
        """The process is dead: what it was about to do stays where it is, for ever."""
        self.ready.clear()
        self.on_exit = _ignore  # unties a circle
        self.abandon()
        self.world.graveyard.append(Grave(self.tasks))


def new_loop(process: Process) -> HostLoop:
    """The loop of a process."""
    return HostLoop(process)  # type: ignore[abstract]  # the methods that it refuses are set below


def _ignore(_: BaseException) -> None:
    """Nobody is told of an exit."""


refusing_methods(HostLoop)
