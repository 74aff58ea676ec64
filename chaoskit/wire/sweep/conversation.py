"""What a sweep needs to know: what a client says, the handler that answers, and what its protocol allows under a fault.

    greeting = Conversation(
        name="greeting",
        summary="a hello and its answer",
        script=Script("greeting").read(b"HELLO\n").write(b"WELCOME\n"),
        handler=lambda: serve,                      # async def serve(reader, writer)
        refusals={"too slow": b"TIMEOUT\n"},
    )

The script is the handler's view, as in a test: `read` is what the client says, `write` what the handler answers. A client says
its next when it has had all answers before it, hangs up when an answer is another than the script's, and at the script's end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from chaoskit.core.errors import UsageError
from chaoskit.wire.scripted import Handler
from chaoskit.wire.steps import Kind, Script

LIMIT_SECONDS = 60.0  # of virtual time, for one cell
TIMEOUT_SECONDS = 5.0

MakeHandler = Callable[[], Handler[Any]]

_SPOKEN = (Kind.READ, Kind.WRITE, Kind.WAIT, Kind.EOF, Kind.STALL)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What went over the wire under a fault: what the handler was given, what it wrote, and what it writes without a fault."""

    received: bytes
    written: bytes
    recorded: bytes

    @property
    def differs_at(self) -> int:
        """The first written byte that is not the recorded one, or that comes behind the last of them."""
        pairs = zip(self.written, self.recorded, strict=False)
        return next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(self.written), len(self.recorded)))


Judge = Callable[[Exchange], str | None]


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One conversation of a client with a handler.

    `handler` makes a handler, anew for each cell; `bugs` makes broken ones, by name. `timeout_seconds` is how long it says that
    it waits, and `limit_seconds` when it must have ended, whatever happens. `refusals` are what it may say last instead of an
    answer, by name. For protocols that have more to say, `judge` names an answer that differs from the script's if it is allowed,
    and gives None if not; without a judge, what is said to a client that says other bytes is not judged. `may_raise` is what the
    handler may end with: anything else is a crash. `whole_from`: from this byte of the client's on, an end inside a `read` step
    must not look like success (None: it may). `message_bytes_max` is the longest message of the protocol; with it, floods are
    tried as well. `closes` is False where not the handler but whoever calls it closes the connection.
    """

    name: str
    summary: str
    script: Script
    handler: MakeHandler
    bugs: Mapping[str, MakeHandler] = field(default_factory=lambda: MappingProxyType({}))
    timeout_seconds: float = TIMEOUT_SECONDS
    limit_seconds: float = LIMIT_SECONDS
    refusals: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    judge: Judge | None = None
    may_raise: tuple[type[Exception], ...] = (OSError, EOFError)
    whole_from: int | None = None
    message_bytes_max: int | None = None
    closes: bool = True

    def __post_init__(self) -> None:
        odd = next((step for step in self.script.steps if step.kind not in _SPOKEN), None)
        if odd is not None:
            raise UsageError(f"expected a script without faults but got {odd} in {self.name!r}; the sweep brings the faults.")
        if not any(step.kind is Kind.READ for step in self.script.steps):
            raise UsageError(f"expected a client that says something but got no read step in {self.name!r}.")
        if not all(self.refusals.values()):
            raise UsageError(f"expected refusals of at least one byte but got refusals={dict(self.refusals)} in {self.name!r}.")
        if not self.limit_seconds > self.timeout_seconds > 0:
            raise UsageError(
                f"expected 0 < timeout_seconds < limit_seconds but got timeout_seconds={self.timeout_seconds}, "
                f"limit_seconds={self.limit_seconds} in {self.name!r}."
            )

    @property
    def client(self) -> bytes:
        """All that the client says."""
        return b"".join(step.data for step in self.script.steps if step.kind is Kind.READ)

    @property
    def server(self) -> bytes:
        """All that the handler answers when there is no fault."""
        return b"".join(step.data for step in self.script.steps if step.kind is Kind.WRITE)

