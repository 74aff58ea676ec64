"""What an asyncio loop hands out for a callback that is to run: a handle, or a timer.

Neither has a constructor: the loop fills it in, because that call would cost as much as all else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any

from chaoskit.core.units import SECOND

if TYPE_CHECKING:
    from chaoskit.hosts.callbacks import CallbackLoop
    from chaoskit.sim.cause import Cause

Callback = Callable[..., object]


class Handle:
    """A callback that is to run, none once it is cancelled. It inherits the cause of whoever asked for it."""

    __slots__ = ("args", "callback", "cause", "context")

    args: tuple[Any, ...]
    callback: Callback | None
    cause: Cause
    context: Context

    def cancel(self) -> None:
        self.callback, self.args = None, ()  # what they hold is free now

    def cancelled(self) -> bool:
        return self.callback is None

    def get_context(self) -> Context:
        return self.context


class TimerHandle(Handle):
    """A callback that is to run at an instant of the host's own clock (ns)."""

    __slots__ = ("at", "loop")

    at: int
    loop: CallbackLoop

    def cancel(self) -> None:
        if self.callback is not None:
            self.callback, self.args = None, ()
            self.loop.timer_cancelled()

    def when(self) -> float:
        return self.at / SECOND
