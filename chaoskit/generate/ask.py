"""What a generator asks for: one thing for one client slot, or for the nemesis, to do, and not before when.

An `Ask` is a value. Besides invocations there are two special types, which reach neither a client nor a history: `log` (write a
line down) and `sleep` (keep a thread idle for a while).
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from chaoskit.core.op import INVOKE, Op, Process, Value

LOG = "log"
SLEEP = "sleep"
ASK_TYPES = (INVOKE, LOG, SLEEP)

Thread = int | str  # a client slot 0 … n - 1, or NEMESIS


class Pending(enum.Enum):
    """The type of `PENDING`."""

    PENDING = "pending"


PENDING: Final = Pending.PENDING  # a generator's answer: perhaps later, ask again after the next event


class Ask(msgspec.Struct, frozen=True):
    """One thing to do: by `thread` under the name of its current `process`, at `time` (ns) or as soon after as possible.

    `f`, `key` and `value` are those of the operation; of a `log`, `value` is the message; of a `sleep`, the nanoseconds.
    """

    time: int
    process: Process
    thread: Thread
    f: str
    key: Value = None
    value: Value = None
    type: str = INVOKE

    def but(self, **changes: Value) -> Ask:
        """The same ask with some fields changed: what a function given to `map` wants to return."""
        return msgspec.structs.replace(self, **changes)

    def at(self, time: int) -> Ask:
        """The same ask at another time."""
        return Ask(time, self.process, self.thread, self.f, self.key, self.value, self.type)

    def op(self, time: int) -> Op:
        """The invocation that begins when this is done at `time`."""
        return Op(time=time, type=INVOKE, process=self.process, f=self.f, key=self.key, value=self.value)
