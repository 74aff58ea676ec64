"""Tries every cell of a conversation, one after the other, and gives the record of what each came to.

The conversation is played without a fault first: a handler that does not do as its script says is no handler to sweep.
"""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.canonical import Digest
from chaoskit.core.errors import ModelError, unknown_name
from chaoskit.core.sweep import COMPLETE, Cell, Message, SweepRecord, spans_of
from chaoskit.core.units import SECOND
from chaoskit.wire.steps import Kind
from chaoskit.wire.sweep.conversation import Conversation, MakeHandler
from chaoskit.wire.sweep.faults import Fault, Side, faults_of
from chaoskit.wire.sweep.outcome import Case, Found, judge
from chaoskit.wire.sweep.trial import Observation, observe

SWEEP_DIGEST = "chaoskit sweep 1"

Progress = Callable[[int, int], None]


def sweep(conversation: Conversation, *, bug: str | None = None, progress: Progress | None = None) -> SweepRecord:
    """The outcome of every cell. Raises `ModelError` for a handler that does not hold its own conversation."""
    faults = list(faults_of(conversation))
    trials = Trials(conversation, bug=bug)
    digest = Digest(SWEEP_DIGEST)
    cells = []
    for done, fault in enumerate(faults):
        if progress is not None:
            progress(done, len(faults))
        seen, found = trials.run(fault)
        cells.append(_cell(fault, seen, found))
        for record in _digested(fault, seen, found):
            digest.add(record)
    return SweepRecord(
        conversation=conversation.name,
        summary=conversation.summary,
        bug=bug,
        timeout=round(conversation.timeout_seconds * SECOND),
        limit=round(conversation.limit_seconds * SECOND),
        messages=_messages(conversation),
        cells=cells,
        spans=spans_of(cells),
        digest=digest.hex(),
    )


class Trials:
    """Cells of one conversation, run one by one; the first is the conversation without a fault."""

    def __init__(self, conversation: Conversation, *, bug: str | None = None) -> None:
        self._conversation = conversation
        self._make = _maker(conversation, bug)
        self.unfaulted = observe(conversation, None, make=self._make)
        case = Case(conversation=conversation, fault=None, seen=self.unfaulted, unfaulted=None)
        found = judge(case)
        if found.outcome != COMPLETE:
            raise ModelError(
                f"expected the handler of {conversation.name!r} to do as its script says when there is no fault, but got "
                f"{found.outcome}: {found.sentence}."
            )

    def run(self, fault: Fault) -> tuple[Observation, Found]:
        """What was seen of a cell, and what it came to."""
        seen = observe(self._conversation, fault, make=self._make)
        return seen, judge(Case(conversation=self._conversation, fault=fault, seen=seen, unfaulted=self.unfaulted))


def _maker(conversation: Conversation, bug: str | None) -> MakeHandler:
    if bug is None:
        return conversation.handler
    if bug not in conversation.bugs:
        raise unknown_name(f"bug of {conversation.name}", bug, conversation.bugs)
    return conversation.bugs[bug]


def _cell(fault: Fault, seen: Observation, found: Found) -> Cell:
    return Cell(
        fault=fault.kind.value,
        at=fault.at,
        side=fault.side.value,
        outcome=found.outcome,
        detail=found.detail,
        sentence=found.sentence,
        ended=seen.ended_ns,
        received=len(seen.received),
        written=len(seen.written),
    )


def _digested(fault: Fault, seen: Observation, found: Found) -> tuple[bytes, ...]:
    """What two sweeps must have in common to have one digest: all that went over the wire, when, and what it came to."""
    events = (f"{event.ns} {event.what} {event.data.hex()}".encode() for event in seen.events)
    return (str(fault).encode(), *events, f"{seen.ended_ns} {found.outcome} {found.detail}".encode())


def _messages(conversation: Conversation) -> list[Message]:
    sides = {Kind.READ: Side.CLIENT, Kind.WRITE: Side.SERVER}
    at = dict.fromkeys(Side, 0)
    messages = []
    for step in conversation.script.steps:
        if step.kind in sides:
            side = sides[step.kind]
            messages.append(Message(side=side.value, first=at[side], data=step.data.hex()))
            at[side] += len(step.data)
    return messages
