"""A script: what the peer of a connection does, step by step, as a value that can be built, joined and played many times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from chaoskit.core.errors import UsageError


class Kind(Enum):
    """What a step does; the value is how messages call it."""

    READ = "read"
    WRITE = "write"
    EOF = "eof"
    STALL = "stall"
    WRITE_STALL = "write_stall"
    WAIT = "wait"
    READ_ERROR = "read_error"
    WRITE_ERROR = "write_error"


FOR_READING = (Kind.READ, Kind.EOF, Kind.STALL, Kind.READ_ERROR)
OFFERED = (Kind.EOF, Kind.STALL, Kind.WRITE_STALL)  # nobody has to meet these, and no time passes in them
_NEVER_BEHIND = {
    Kind.EOF: FOR_READING,
    Kind.STALL: FOR_READING,
    Kind.WRITE_STALL: (Kind.WRITE, Kind.WRITE_STALL, Kind.WRITE_ERROR),
    Kind.WRITE_ERROR: tuple(Kind),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step; which field counts depends on the kind."""

    kind: Kind
    data: bytes = b""
    seconds: float = 0
    error: Exception | None = None

    def __str__(self) -> str:
        match self.kind:
            case Kind.READ | Kind.WRITE:
                return f"{self.kind.value} {len(self.data)} {'byte' if len(self.data) == 1 else 'bytes'}"
            case Kind.WAIT:
                return f"wait {self.seconds:g} s"
            case Kind.READ_ERROR | Kind.WRITE_ERROR:
                return f"{self.kind.value} {type(self.error).__name__}"
            case _:
                return str(self.kind.value)


@dataclass(frozen=True)
class Script:
    """Steps in their order. Each method gives a new script with one step more: `Script("hello").read(b"hi").write(b"ho").eof()`.

    Names are the handler's view: `read` is what it reads, `write` what it must write. What is read waits for all steps before it;
    what is written is held against the next `write`, also when the handler has not read yet what stands before that. A `wait`
    begins when all that must be read and written before it has been.
    """

    name: str = "script"
    steps: tuple[Step, ...] = ()

    def read(self, data: bytes) -> Script:
        """The handler reads these bytes, in as many parts as it likes."""
        return self._with(Step(kind=Kind.READ, data=_some(data)))

    def write(self, data: bytes) -> Script:
        """The handler must write exactly these bytes, in as many parts as it likes."""
        return self._with(Step(kind=Kind.WRITE, data=_some(data)))

    def eof(self) -> Script:
        """The peer sends no more: reading meets its end."""
        return self._with(Step(kind=Kind.EOF))

    def stall(self) -> Script:
        """The peer falls silent, and stays connected: reading never ends."""
        return self._with(Step(kind=Kind.STALL))

    def write_stall(self) -> Script:
        """The peer takes no more bytes: what is written from here on stays in the buffer, and `drain` never ends."""
        return self._with(Step(kind=Kind.WRITE_STALL))

    def wait(self, seconds: float) -> Script:
        """Virtual time passes before the steps behind this one."""
        if not seconds > 0:
            raise UsageError(f"expected a time to wait but got seconds={seconds}; leave the step out.")
        return self._with(Step(kind=Kind.WAIT, seconds=seconds))

    def read_error(self, error: Exception) -> Script:
        """Reading fails with this, once."""
        return self._with(Step(kind=Kind.READ_ERROR, error=error))

    def write_error(self, error: Exception) -> Script:
        """The write that comes here fails with this, and the connection is lost: `drain` and whatever is read later raise it."""
        return self._with(Step(kind=Kind.WRITE_ERROR, error=error))

    def then(self, other: Script) -> Script:
        """These steps, and behind them another script's."""
        script = self
        for step in other.steps:
            script = script._with(step)
        return script

    def _with(self, step: Step) -> Script:
        for earlier in self.steps:
            if step.kind in _NEVER_BEHIND.get(earlier.kind, ()):
                raise UsageError(f"expected no such step behind {earlier} but got {step}; no handler could ever come to it.")
        return replace(self, steps=(*self.steps, step))


def _some(data: bytes) -> bytes:
    if not data:
        raise UsageError("expected at least one byte but got data=b''; use eof() for an end, stall() for silence.")
    return bytes(data)
