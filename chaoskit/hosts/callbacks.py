"""The innermost part of a host's event loop: callbacks that are ready, callbacks at an instant, and running them.

Callbacks run first in, first out, at most so many in one event of the world. After a timer's event the loop goes straight on to
the world's next event if that is a timer of this host's, too: everything is as if the world had called it, without the way there
and back. This module stays plain, so that it can be compiled.
"""

from __future__ import annotations

from asyncio import events
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from heapq import heapify
from typing import Any

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.units import SECOND
from chaoskit.hosts.futures import HostFuture
from chaoskit.hosts.handles import Callback, Handle, TimerHandle
from chaoskit.sim.host import Process

HANDLES_AT_ONCE = 32  # callbacks that run in one event of the world; what is ready then comes in the next, at the same instant
SWEEP_FROM = 1_000  # cancelled timers before it is worth a look
LONGEST = 1 << 31  # of waits, in seconds: who asks for more, or for infinity, waits 68 years, and times fit into 63 bits

_set_running_loop = events._set_running_loop
_get_running_loop = events._get_running_loop


class CallbackLoop:
    """The loop of one process, as far as callbacks, timers and futures go."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.host = process.host
        self.world = process.world
        self.kernel = process.world.kernel
        self.clock = process.host.clock
        self.broken: Exception | None = None  # raised once the host stands: the program may have swallowed it
        self.on_exit: Callable[[BaseException], None] = ignore  # a callback raised SystemExit
        self.ready: deque[Handle] = deque()
        self.numbers = 0  # of futures, tasks and generators
        self._entered = False
        self._waking = False
        self._cancelled = 0
        self._debug = False
        self._at_timer: Callable[[TimerHandle], None] = self._timer_due  # one object, that the kernel knows again

    # What asyncio asks for -------------------------------------------------------------------------------------------------

    def time(self) -> float:
        return self.clock.monotonic(self.kernel.now) / SECOND

    def get_debug(self) -> bool:
        return self._debug

    def set_debug(self, enabled: bool) -> None:
        self._debug = enabled

    def create_future(self) -> HostFuture:
        future = HostFuture(loop=self)  # type: ignore[arg-type]
        self.numbers = future.number = self.numbers + 1
        return future

    def call_soon(self, callback: Callback, *args: Any, context: Context | None = None) -> Handle:
        handle = Handle.__new__(Handle)
        handle.callback, handle.args, handle.cause = callback, args, self.world.cause
        handle.context = copy_context() if context is None else context
        self.ready.append(handle)
        if not self._entered:
            self._wake()
        return handle

    def call_later(self, delay: float, callback: Callback, *args: Any, context: Context | None = None) -> TimerHandle:
        if delay >= LONGEST:  # noqa: PLR1730  # `min` would be a call
            delay = LONGEST
        later = round(delay * SECOND) or int(delay > 0)  # a wait of less than a nanosecond must not be none
        return self._timer(later, callback, args, context)

    def call_at(self, when: float, callback: Callback, *args: Any, context: Context | None = None) -> TimerHandle:
        if when >= LONGEST:
            return self.call_later(LONGEST, callback, *args, context=context)
        at, now = round(when * SECOND), self.clock.monotonic(self.kernel.now)
        if at <= now and when > now / SECOND:  # nor one until a time between two: who asks again because it is early waits for it
            at = now + 1
        return self._timer(at - now, callback, args, context)

    def timer_cancelled(self) -> None:
        """asyncio sets many timers and cancels nearly all: they must not fill the world's schedule."""
        self._cancelled += 1
        heap = self.kernel.heap
        if self._cancelled > SWEEP_FROM and 2 * self._cancelled > len(heap):
            heap[:] = [event for event in heap if not (type(event[3]) is TimerHandle and event[3].callback is None)]
            heapify(heap)
            self._cancelled = 0

    # What the world asks for -----------------------------------------------------------------------------------------------

    def enter(self, context: Context, callback: Callback, *args: Any) -> None:
        """Something happened to the host: runs the callback in it, and all that it makes ready."""
        if self.process.alive:
            self._entered = True  # else it would wake itself
            self.call_soon(callback, *args, context=context)
            self._run_ready(False)

    def hook(self) -> None:
        """The host's generators are from now on the loop's."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A callback raised."""
        raise NotImplementedError

    # -----------------------------------------------------------------------------------------------------------------------

    def _timer(self, later: int, callback: Callback, args: tuple[Any, ...], context: Context | None) -> TimerHandle:
        timer = TimerHandle.__new__(TimerHandle)
        timer.callback, timer.args, timer.cause, timer.loop = callback, args, self.world.cause, self
        timer.context = copy_context() if context is None else context
        clock, kernel = self.clock, self.kernel
        if clock.is_true and later >= 0:
            at = kernel.now + later
            timer.at = at + clock.lead
            kernel.schedule(at, self.host.number, self._at_timer, timer)
        else:
            timer.at = clock.monotonic(kernel.now) + later
            self._schedule(timer, 0)
        return timer

    def _schedule(self, timer: TimerHandle, at_least: int) -> None:
        clock, kernel = self.clock, self.kernel
        for skew in clock.skews:
            if skew.drift:
                self.world.effect(skew.token, "ran a timer")
        delay = clock.true_delay(timer.at - clock.monotonic(kernel.now))
        kernel.schedule(kernel.now + max(at_least, delay), self.host.number, self._at_timer, timer)

    def _timer_due(self, timer: TimerHandle) -> None:
        if self._comes(timer):
            self.ready.append(timer)
            self._run_ready(not self.world.observes)
            self.world.after(self.process)

    def _comes(self, timer: TimerHandle) -> bool:
        """Whether a timer that the world's schedule gives back is to run now."""
        if timer.callback is None:
            self._cancelled -= 1
            return False
        if not self.process.alive or (self.host.paused_by and self.world.postponed(self.host, self._at_timer, timer)):
            return False
        clock, now = self.clock, self.kernel.now
        if timer.at > (now + clock.lead if clock.is_true else clock.monotonic(now)):
            self._schedule(timer, 1)  # the clock was slowed meanwhile, or the delay was rounded down
            return False
        return True

    def _wake(self) -> None:
        """Something became ready while the host did not run."""
        if not self._waking and self.process.alive:
            self._waking = True
            self.kernel.schedule(self.kernel.now, self.host.number, self._woken, None)

    def _woken(self, _: object) -> None:
        if not self.process.alive or (self.host.paused_by and self.world.postponed(self.host, self._woken, None)):
            return
        self._waking = False
        self._run_ready(False)
        self.world.after(self.process)

    def _run_ready(self, goes_on: bool) -> None:  # noqa: C901  # in one piece, for each call would be felt in every callback
        """Runs what is ready, and what becomes so by it; when it `goes_on`, the host's timers that are the next events, too."""
        ready, process, world, kernel = self.ready, self.process, self.world, self.kernel
        before = _get_running_loop()
        _set_running_loop(self)  # type: ignore[arg-type]  # whose other part is asyncio's loop
        self.hook()
        self._entered = True
        try:
            while True:
                left = HANDLES_AT_ONCE
                while ready and left and process.alive:
                    left -= 1
                    handle = ready.popleft()
                    callback, args = handle.callback, handle.args
                    if callback is None:
                        continue
                    world.cause = handle.cause
                    try:
                        if len(args) == 1:  # asked for because unpacking takes as long as all else here
                            handle.context.run(callback, args[0])
                        else:
                            handle.context.run(callback, *args)
                    except SystemExit as error:
                        self.on_exit(error)
                    except (KeyboardInterrupt, ChaoskitError):
                        raise
                    except BaseException as error:  # noqa: BLE001  # a callback may raise anything
                        self.call_exception_handler({"message": f"{callback} failed", "exception": error})
                if not goes_on or ready or self.broken is not None:
                    break
                timer = kernel.following(self._at_timer)
                if timer is None:
                    break
                if self._comes(timer):
                    ready.append(timer)
        finally:
            self._entered = False
            _set_running_loop(before)
        if self.broken is not None:
            raise self.broken
        if ready:
            self._wake()


def ignore(_: object) -> None:
    """Nobody is told."""
