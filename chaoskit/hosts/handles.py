"""What an asyncio loop hands out: handles of callbacks, timers, futures and tasks.

Futures and tasks are asyncio's own, in C, but for one thing: their hash is the number of their making and not their address in
memory, so that a set of tasks has the same order in every process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaoskit.sim.cause import Cause

Callback = Callable[..., object]


class Handle:
    """A callback that is to run. It inherits the cause of whoever asked for it.

    It has no constructor, nor has a timer: the loop fills it in, because that call would cost as much as all else.
    """

    __slots__ = ("args", "callback", "cause", "context", "dropped")

    callback: Callback
    args: tuple[Any, ...]
    context: Context
    cause: Cause
    dropped: bool

    def cancel(self) -> None:
        self.dropped = True
        self.callback, self.args = _nothing, ()  # what they hold is free now

    def cancelled(self) -> bool:
        return self.dropped

    def get_context(self) -> Context:
        return self.context


class TimerHandle(Handle):
    """A callback that is to run at an instant of the host's own clock (ns)."""

    __slots__ = ("at", "on_cancel")

    at: int
    on_cancel: Callable[[], None]

    def cancel(self) -> None:
        if not self.dropped:
            super().cancel()
            self.on_cancel()

    def when(self) -> float:
        return self.at / 1_000_000_000


class HostFuture(asyncio.Future[Any]):
    """A future whose hash is its number, which it is told right after its making."""

    __slots__ = ("number",)

    number: int

    def __hash__(self) -> int:
        return self.number


class HostTask(asyncio.Task[Any]):
    """A task whose hash is its number, from before it is first put into a set."""

    __slots__ = ("number",)

    number: int

    def __hash__(self) -> int:
        return self.number


def _nothing(*_: object) -> None:
    """What a cancelled handle calls."""
