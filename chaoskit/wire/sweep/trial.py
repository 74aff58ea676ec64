"""Runs one cell of a sweep: a handler, a client and a fault in virtual time of their own, and what was seen of them.

A cell goes on to its limit, also when its handler has ended before: what is left then of tasks and of the connection has leaked.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoskit.sim.loops import StuckError
from chaoskit.sim.tasks import place
from chaoskit.wire import on_demand
from chaoskit.wire.sweep.connection import Event, SpinError, SweptConnection
from chaoskit.wire.sweep.conversation import Conversation, MakeHandler
from chaoskit.wire.sweep.faults import Fault
from chaoskit.wire.virtual_time import VirtualTime

INSTANT_CALLBACKS_MAX = 200_000  # a handler that goes round is seen soon, and a conversation of a thousand bytes has room

_HANDLER = "the handler"
_NOT_OF_HANDLERS = tuple(f"{Path(file).parent}{os.sep}" for file in (asyncio.__file__, on_demand.__file__))


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What was seen of one cell. `ended_ns` is None when the handler never ended.

    `silence_ns` is the longest time in which nothing came until the handler did something by itself. `waits_at` says where it
    hangs, `spins` that it does not even wait. `left` are the tasks that have leaked, `open` is what is wrong with its connection.
    `early_from` is its first byte that answers what had not been asked. `swamped`: it took more of a flood than the longest
    messages. `left_at`: how much the client had said when it ended.
    """

    events: tuple[Event, ...]
    received: bytes
    written: bytes
    ended_ns: int | None
    silence_ns: int
    error: BaseException | None
    waits_at: str
    spins: str | None
    left: tuple[str, ...]
    open: str | None
    early_from: int | None
    asked_most: int
    swamped: bool
    left_at: int | None


def observe(conversation: Conversation, fault: Fault | None, *, make: MakeHandler | None = None) -> Observation:
    """Runs a cell, or the conversation without a fault. `make` makes another handler than the conversation's own."""
    time = VirtualTime(instant_callbacks_max=INSTANT_CALLBACKS_MAX)
    time.loop.set_exception_handler(_nobody)
    attended = _Attended(conversation, fault, make or conversation.handler, lambda: time.loop.now_ns)
    task = time.loop.create_task(attended.attend(), name=_HANDLER)
    spins = None
    try:
        time.advance(conversation.cell_seconds)
    except StuckError:
        spins = f"it ran {INSTANT_CALLBACKS_MAX:,} callbacks in one instant"
    except SystemExit as error:  # of a task of the handler's: it goes through every loop
        attended.end(error)
    waits_at = _place(task)
    left = _left(time, but=task)
    seen = attended.observation(waits_at=waits_at, spins=spins, left=left)
    time.loop.call_soon(attended.abort)
    _end(time, conversation.cell_seconds)
    return seen


class _Attended:
    """A handler at work, and how it ended."""

    def __init__(self, conversation: Conversation, fault: Fault | None, make: MakeHandler, now: Callable[[], int]) -> None:
        self._conversation = conversation
        self._fault = fault
        self._make = make
        self._now = now
        self._connection: SweptConnection | None = None
        self._ended_ns: int | None = None
        self._error: BaseException | None = None

    async def attend(self) -> None:
        connection = self._connection = SweptConnection(self._conversation, self._fault, now=self._now)
        try:
            await self._make()(connection.reader, connection.writer)
        except (GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001  # whatever it ends with is what is to be known
            self.end(error)
        else:
            self.end(None)

    def end(self, error: BaseException | None) -> None:
        """The handler has ended, now; the first time that this is said counts."""
        if self._ended_ns is None and self._connection is not None:
            self._ended_ns = self._now()
            self._error = error
            self._connection.note(f"the handler ends{'' if error is None else f' with {told(error)}'}")

    def observation(self, *, waits_at: str, spins: str | None, left: tuple[str, ...]) -> Observation:
        connection = self._connection
        assert connection is not None, "the connection is made in the first step"
        if isinstance(self._error, SpinError):
            spins = str(self._error)
        ended = self._ended_ns is not None and spins is None
        return Observation(
            events=tuple(connection.events),
            received=bytes(connection.received),
            written=bytes(connection.written),
            ended_ns=self._ended_ns if ended else None,
            silence_ns=connection.silence_ns,
            error=self._error,
            waits_at=waits_at,
            spins=spins,
            left=left if ended else (),
            open=self._left_open(connection) if ended else None,
            early_from=connection.early_from,
            asked_most=connection.reader.asked_most,
            swamped=connection.swamped,
            left_at=connection.left_at,
        )

    def abort(self) -> None:
        """Ends the connection, whatever the handler has done of it."""
        if self._connection is not None:
            self._connection.transport.abort()

    def _left_open(self, connection: SweptConnection) -> str | None:
        if connection.transport.over or not self._conversation.closes:
            return None
        if not connection.transport.is_closing():
            return "it did not close its connection"
        return "it closed its connection, but bytes wait in it that nobody takes; abort it after a time"


def told(error: BaseException) -> str:
    """An error in a line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _nobody(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What a handler leaves unawaited is told as a leak, not in the log of who sweeps."""


def _left(time: VirtualTime, *, but: asyncio.Task[None]) -> tuple[str, ...]:
    """The tasks that are still there, and where they stand."""
    return tuple(sorted(f"{task.get_name()}{_place(task)}" for task in asyncio.all_tasks(time.loop) if task is not but))


def _place(task: asyncio.Task[None]) -> str:
    """Where a task stands in the code of whoever wrote the handler; nothing of asyncio's, which every Python has elsewhere."""
    return place(task.get_coro(), but=_NOT_OF_HANDLERS)


def _end(time: VirtualTime, seconds: float) -> None:
    """Ends what is left, in so much virtual time; a handler that does not let itself be cancelled is left where it is."""
    left = asyncio.all_tasks(time.loop)
    for task in left:
        task.cancel()
    with contextlib.suppress(StuckError, SpinError):
        time.advance(seconds if left else 0)
    if asyncio.all_tasks(time.loop):
        time.loop.close()
    else:
        time.loop.end()
