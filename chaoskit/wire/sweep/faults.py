"""The faults of a sweep: what can happen to a conversation at one byte of one of its two directions.

    stall     nothing more passes, and the connection stays
    eof       the client sends no more: the handler reads an end (on the server's side: while it still answers)
    reset     the connection is reset
    slice     what comes before and what comes after are a moment apart
    corrupt   this byte arrives with all its bits turned over
    delay     what comes after is a second later than the time-out
    flood     bytes of 255 without end, instead of what would have come (from the client only)
    fail      the write of this byte fails, because the client is gone (from the server only)

A fault comes where its byte would have come: `stall@17:client` lets 17 bytes of the client's through. One place more than there
are bytes is where the client would have hung up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.wire.steps import Kind as StepKind
from chaoskit.wire.sweep.conversation import Conversation

CELLS_MAX = 200_000

_NAME = re.compile(r"(?P<kind>[a-z]+)@(?P<at>\d+):(?P<side>[a-z]+)")


class Side(StrEnum):
    """Whose bytes: the client's, which the handler reads, or the server's, which the handler writes."""

    CLIENT = "client"
    SERVER = "server"


class FaultKind(StrEnum):
    """What happens."""

    STALL = "stall"
    EOF = "eof"
    RESET = "reset"
    SLICE = "slice"
    CORRUPT = "corrupt"
    DELAY = "delay"
    FLOOD = "flood"
    FAIL = "fail"


KINDS_OF = {
    Side.CLIENT: tuple(kind for kind in FaultKind if kind is not FaultKind.FAIL),
    Side.SERVER: tuple(kind for kind in FaultKind if kind is not FaultKind.FLOOD),
}
_AT_THE_END = (FaultKind.STALL, FaultKind.EOF, FaultKind.RESET, FaultKind.DELAY, FaultKind.FLOOD)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault at one byte; its text is the name of the cell."""

    kind: FaultKind
    at: int
    side: Side

    def __str__(self) -> str:
        return f"{self.kind}@{self.at}:{self.side}"


def faults_of(conversation: Conversation) -> Iterator[Fault]:
    """Every cell of a conversation, row by row. Raises `UsageError` when there are more than anybody would wait for."""
    bytes_ = len(conversation.client) + len(conversation.server)
    if (cells := bytes_ * len(FaultKind)) > CELLS_MAX:
        raise UsageError(
            f"expected a conversation of at most {CELLS_MAX // len(FaultKind):,} bytes but {conversation.name!r} has {bytes_:,}, "
            f"which makes about {cells:,} cells; let it say less, the same rules are at work in a short one."
        )
    for side in Side:
        for kind in KINDS_OF[side]:
            for at in range(places(conversation, kind, side)):
                yield Fault(kind=kind, at=at, side=side)


def places(conversation: Conversation, kind: FaultKind, side: Side) -> int:
    """At how many places of a side a kind of fault is tried."""
    if side is Side.SERVER:
        return len(conversation.server)
    if kind is FaultKind.FLOOD and conversation.message_bytes_max is None:
        return 0
    return len(conversation.client) + (kind in _AT_THE_END and kind not in _no_fault_at_the_end(conversation))


def fault_named(name: str, conversation: Conversation) -> Fault:
    """The fault of a cell's name, `stall@17:client`. Raises `UsageError` for one that is not in the sweep."""
    match = _NAME.fullmatch(name.strip())
    if match is None:
        raise UsageError(f"expected FAULT@BYTE:SIDE, as in stall@17:client, but got cell={name!r}.")
    if match["side"] not in list(Side):
        raise unknown_name("side", match["side"], [side.value for side in Side])
    side = Side(match["side"])
    if match["kind"] not in KINDS_OF[side]:
        raise unknown_name(f"fault of the {side}'s side", match["kind"], [kind.value for kind in KINDS_OF[side]])
    fault = Fault(kind=FaultKind(match["kind"]), at=int(match["at"]), side=side)
    there = places(conversation, fault.kind, side)
    if there == 0:
        raise UsageError(f"expected a fault that is tried but got cell={name!r}; {_why_none(conversation, fault)}.")
    if fault.at >= there:
        raise UsageError(f"expected a byte from 0 to {there - 1} for {fault.kind}:{side} but got cell={name!r}.")
    return fault


def _no_fault_at_the_end(conversation: Conversation) -> tuple[FaultKind, ...]:
    """What the client does at its end anyway."""
    stays = conversation.script.steps[-1].kind is StepKind.STALL
    return (FaultKind.STALL, FaultKind.DELAY) if stays else (FaultKind.EOF,)


def _why_none(conversation: Conversation, fault: Fault) -> str:
    if fault.kind is FaultKind.FLOOD:
        return f"{conversation.name!r} does not say how long a message may be (message_bytes_max)"
    return f"{conversation.name!r} has no bytes on the {fault.side}'s side"
