"""Handlers that wait: promises and the tasks that await them.

A task runs inside whatever event resolves what it waits for; there is no ready queue, so the order is the order of events. A
crash drops a process's tasks where they stand: their `finally` blocks have no effect on the world.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any

Awaiting = Coroutine["Promise", Any, Any]


class Promise:
    """A value to come, which at most one task awaits. `about` says what is waited for, for the dump of a stuck run."""

    __slots__ = ("about", "done", "error", "on_done", "value")

    def __init__(self, about: str) -> None:
        self.about = about
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.on_done: Callable[[Promise], None] | None = None

    def resolve(self, value: Any) -> None:
        """Gives the value; what awaits it goes on now. Later calls have no effect."""
        if not self.done:
            self.done, self.value = True, value
            self._announce()

    def fail(self, error: BaseException) -> None:
        """Gives an error instead; it is raised where the promise is awaited."""
        if not self.done:
            self.done, self.error = True, error
            self._announce()

    def _announce(self) -> None:
        on_done, self.on_done = self.on_done, None
        if on_done is not None:
            on_done(self)

    def __await__(self) -> Generator[Promise, Any, Any]:
        if not self.done:
            yield self
        if self.error is not None:
            try:
                raise self.error
            finally:
                self.error = None  # its traceback leads here: a circle that only the collector would undo
        return self.value


class Gathering(Promise):
    """Resolves with the list of values once `needed` of them have come."""

    __slots__ = ("needed", "values")

    def __init__(self, about: str, needed: int) -> None:
        super().__init__(about)
        self.needed = needed
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        if self.done:
            return
        self.values.append(value)
        if len(self.values) >= self.needed:
            self.resolve(list(self.values))


class Task:
    """A running handler. `finished` is called with (value, error) when it ends, unless it was dropped."""

    __slots__ = ("coroutine", "dropped", "finished", "waiting_for")

    def __init__(self, coroutine: Awaiting, finished: Callable[[Task, Any, BaseException | None], None]) -> None:
        self.coroutine = coroutine
        self.finished = finished
        self.waiting_for: Promise | None = None
        self.dropped = False

    def step(self, _: Promise | None = None) -> None:
        """Runs to the next await, or to the end."""
        if self.dropped:
            return
        self.waiting_for = None
        try:
            promise = self.coroutine.send(None)
        except StopIteration as stop:
            self.finished(self, stop.value, None)
        except Exception as error:  # noqa: BLE001  # a handler may raise anything; the host decides what that means
            self.finished(self, None, error)
        else:
            self.waiting_for = promise
            promise.on_done = self.step

    def drop(self) -> None:
        """Leaves it where it stands, for ever."""
        self.dropped = True
        if self.waiting_for is not None:
            self.waiting_for.on_done = None


def place(coroutine: Any, *, but: tuple[str, ...] = ()) -> str:
    """Where a coroutine stands: its function with the line, the one that this awaits, and so on.

    Without functions in files whose names begin with one of `but`.
    """
    places = []
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        if not frame.f_code.co_filename.startswith(but):
            places.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        coroutine = coroutine.cr_await
    return f" in {' → '.join(places)}" if places else ""
