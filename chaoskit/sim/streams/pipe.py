"""The way of a connection's bytes from the machine that received them to the program: through the toxics on it, in order.

A pipe is a chain of stages, one for each toxic of this direction. What a stage holds back it lets go in order; when its toxic
is taken away it hands all of that on at once, so that toxics come and go on live connections without losing a byte.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from chaoskit.draws import Draws
from chaoskit.sim.cause import Cause

if TYPE_CHECKING:
    from chaoskit.sim.streams.connection import Connection
    from chaoskit.sim.toxics import Toxic

Item = bytes | None
END = b""  # the writer's last byte went by
CUT = None  # a toxic closed the connection: each end sees the other's end
NEVER = 1 << 62


class Pipe:
    """The toxics of one direction of a connection, at its reading end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.stages: list[Stage] = []

    def held(self) -> int:
        """How many bytes toxics hold back."""
        return sum([stage.held for stage in self.stages]) if self.stages else 0

    @property
    def is_waiting(self) -> bool:
        """Whether toxics hold anything back."""
        return any(stage.queue for stage in self.stages)

    def feed(self, item: Item, cause: Cause) -> None:
        """Takes what arrived."""
        if self.stages:
            self.stages[0].feed(item, cause)
        else:
            self.connection.handed_on(item, cause)

    def add(self, stage: Stage) -> None:
        """Puts a stage behind all others."""
        self.stages.append(stage)
        stage.begin()

    def remove(self, token: str) -> None:
        """Takes away the stages of a token; what they hold goes on at once, in order."""
        for stage in [stage for stage in self.stages if stage.toxic.token == token]:
            stage.end()
            if stage in self.stages:  # what it let go may have ended the connection
                place = self.stages.index(stage)
                self.stages.remove(stage)
                stage.open(place)

    def clear(self) -> None:
        """The connection is gone, and what was on its way with it."""
        for stage in self.stages:
            stage.queue.clear()
            stage.held = 0
        self.stages = []
        self.connection.pipe_cleared()

    def hand_on(self, place: int, item: Item, cause: Cause) -> None:
        """Gives an item to the stage at a place, or to the connection behind the last."""
        if place < len(self.stages):
            self.stages[place].feed(item, cause)
        else:
            self.connection.handed_on(item, cause)


class Stage:
    """One toxic at work on one direction of one connection. Left as it is, it lets everything through."""

    def __init__(self, pipe: Pipe, toxic: Toxic, draws: Draws) -> None:
        self.pipe = pipe
        self.toxic = toxic
        self.draws = draws  # its own, for this connection and direction
        self.queue: deque[tuple[int, Item, Cause]] = deque()  # what is held back, with when it may go
        self.held = 0
        self.passed = 0  # bytes that came in
        self._world = pipe.connection.world
        self._wakes_at = -1

    # What a kind of toxic may change -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """It was put on the connection."""

    def take(self, item: Item, cause: Cause) -> None:
        """Something came: hands it on or holds it back. `passed` counts up to it, not with it."""
        self.put(self.now, item, cause)

    def end(self) -> None:
        """It is taken away; what it holds will be handed on."""

    # What kinds of toxic use ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self._world.kernel.now

    def feed(self, item: Item, cause: Cause) -> None:
        self.take(item, cause)
        self.passed += len(item or b"")

    def put(self, instant: int, item: Item, cause: Cause) -> None:
        """Lets an item go at an instant, never before what came before it."""
        if not self.queue and instant <= self.now:
            self.emit(item, cause)
            return
        if self.queue:
            instant = max(instant, self.queue[-1][0])
        self.queue.append((instant, item, cause))
        self.held += len(item or b"")
        if len(self.queue) == 1:
            self.wake_at(instant)

    def emit(self, item: Item, cause: Cause) -> None:
        """Hands an item to whoever comes next."""
        if self in self.pipe.stages:
            self.pipe.hand_on(self.pipe.stages.index(self) + 1, item, cause)

    def effect(self, what: str) -> None:
        """Counts what the toxic did."""
        self._world.effect(self.toxic.token, what)

    def wake_at(self, instant: int) -> None:
        if instant < NEVER and (self._wakes_at < 0 or instant < self._wakes_at):
            self._wakes_at = instant
            host = self.pipe.connection.process.host.number
            self._world.kernel.schedule(instant, host, self._woken, instant)

    def alarm(self, instant: int) -> None:
        """Calls `rang` at an instant, if the toxic is still there."""
        self._world.kernel.schedule(instant, self.pipe.connection.process.host.number, self._ring, instant)

    def rang(self, instant: int) -> None:
        """An alarm's time has come."""

    def open(self, place: int) -> None:
        """It was taken out of the chain at a place: lets go all that it holds."""
        queue, self.queue, self.held = self.queue, deque(), 0
        for _, item, cause in queue:
            self.pipe.hand_on(place, item, cause)

    def _woken(self, instant: int) -> None:
        if instant != self._wakes_at:
            return
        self._wakes_at = -1
        before = self.held
        while self.queue and self.queue[0][0] <= instant:
            _, item, cause = self.queue.popleft()
            self.held -= len(item or b"")
            self._world.cause = cause
            self.emit(item, cause)
        if self.queue:
            self.wake_at(self.queue[0][0])
        if self.held < before:
            self.pipe.connection.pipe_drained()

    def _ring(self, instant: Any) -> None:
        if self in self.pipe.stages:
            self.rang(instant)
