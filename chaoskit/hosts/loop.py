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
from collections.abc import Callable
from contextvars import Context, copy_context
from functools import cached_property
from typing import Any, NoReturn
from weakref import WeakValueDictionary

from chaoskit.core.units import SECOND
from chaoskit.hosts.callbacks import CallbackLoop, ignore
from chaoskit.hosts.entropy import Entropy
from chaoskit.hosts.escapes import LOOP_METHODS, refuse
from chaoskit.hosts.futures import HostTask
from chaoskit.hosts.graves import bury
from chaoskit.hosts.handles import Callback
from chaoskit.hosts.logs import told
from chaoskit.hosts.network import NetworkLoop
from chaoskit.sim.host import Process
from chaoskit.sim.loops import SettableLoop, refuse_methods
from chaoskit.sim.tasks import Promise, place

EPOCH = 1_750_000_000 * SECOND  # what a right wall clock shows when a run begins: some day in June 2025

_set_running_loop = events._set_running_loop


class Hooks:
    """Which loop Python tells of asynchronous generators: the process has one place for that."""

    loop: HostLoop | None = None


HOOKS = Hooks()


class HostLoop(SettableLoop, NetworkLoop):  # type: ignore[misc]  # as NetworkLoop
    """The loop of one process. See `chaoskit.hosts.network` for its sockets."""

    slow_callback_duration = 0.1  # asyncio's attribute: nothing is slow in virtual time

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.entropy = Entropy(process)
        self.signals: dict[int, Callable[[], object]] = {}
        self._tasks: WeakValueDictionary[int, asyncio.Task[Any]] = WeakValueDictionary()
        process.on_death = self._die

    def __repr__(self) -> str:
        return f"<HostLoop of {self.process.place}>"

    # Time and callbacks --------------------------------------------------------------------------------------------------

    def monotonic_ns(self) -> int:
        """The host's monotonic clock."""
        return self.clock.monotonic(self.kernel.now)

    def wall_ns(self) -> int:
        """The host's wall clock: faults may change it."""
        return EPOCH + self.process.now()

    call_soon_threadsafe = CallbackLoop.call_soon  # type: ignore[assignment]  # there is one thread

    def outside(self, callback: Callable[[], None]) -> None:
        """Runs a callback as if no host ran: the world's own code must see real clocks."""
        _set_running_loop(None)
        try:
            callback()
        finally:
            _set_running_loop(self)

    # Futures and tasks ---------------------------------------------------------------------------------------------------

    def create_task(self, coro: Any, *, name: object = None, context: Context | None = None, **options: Any) -> asyncio.Task[Any]:
        number = self.numbers = self.numbers + 1
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
            bury(self.world.graveyard, lambda: [task])
        return task

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

    # Errors nobody awaits ------------------------------------------------------------------------------------------------

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """A line in the journal, as asyncio writes one to its log."""
        self.process.log(told(context.get("message"), context.get("exception")))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self.process.alive:
            super().call_exception_handler(context)

    # ---------------------------------------------------------------------------------------------------------------------

    def hook(self) -> None:
        """Python tells one loop of asynchronous generators."""
        if HOOKS.loop is not self:
            HOOKS.loop = self
            sys.set_asyncgen_hooks(self._keep_generator, self._close_generator)

    @cached_property
    def _generators(self) -> WeakValueDictionary[int, Any]:
        """Asynchronous generators that were begun: most programs have none."""
        return WeakValueDictionary()

    def _keep_generator(self, generator: Any) -> None:
        number = self.numbers = self.numbers + 1
        self._generators[number] = generator

    def _close_generator(self, generator: Any) -> None:
        if self.process.alive:
            self.call_soon(self.create_task, generator.aclose())

    def _die(self) -> None:
        """The process is dead: what it was about to do stays where it is, for ever."""
        self.ready.clear()
        self.on_exit = self._at_timer = ignore  # unties circles
        self.abandon()
        bury(self.world.graveyard, self.tasks)


def new_loop(process: Process) -> HostLoop:
    """The loop of a process."""
    return HostLoop(process)  # type: ignore[abstract]  # the methods that it refuses are set below


refuse_methods(HostLoop, LOOP_METHODS, lambda name, cure: refuse(f"loop.{name}", cure))
