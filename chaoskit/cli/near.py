"""`show --op` and `show --messages`: one operation and what it met, and the messages round an instant or for an operation."""

from __future__ import annotations

from collections.abc import Iterable

from chaoskit.core.errors import UsageError
from chaoskit.core.record import RunRecord
from chaoskit.core.units import format_time, plural
from chaoskit.reports.cluster import Message, window_at
from chaoskit.reports.events import entry_text
from chaoskit.reports.operations import Operation
from chaoskit.reports.view import View
from chaoskit.reports.words import duration_text, showing

BESIDE_MAX = 12  # operations under way at the same time that are named
STILL_OPEN = "nothing was ever heard of it"


def operation_lines(record: RunRecord, index: int) -> list[str]:
    """An operation: when, what came of it, what was going on, and which anomaly it is part of."""
    view = View(record)
    operation = _operation(view, index)
    end = view.simulated if operation.end is None else operation.end
    identifier = record.outcome.invocation_ids.get(operation.index)
    asked_as = "" if identifier is None else f", invocation {identifier} of the plan"
    faults = [fault for fault in view.faults if fault.begin is not None and fault.end is not None]
    active = [
        f"{fault.label} ({fault.id})" for fault in faults if (fault.begin or 0) <= end and (fault.end or 0) >= operation.start
    ]
    named = [violation for violation in view.violations if operation.index in violation.ops]
    return [
        f"{operation.lane}  {operation.outcome}",
        f"  asked     {format_time(operation.start)}  (event {operation.index}, process {operation.process}{asked_as})",
        f"  answered  {_answer(operation)}",
        f"  faults    {'; '.join(active) or 'none in force meanwhile'}",
        f"  beside    {_beside(view, operation)}",
        *(f"  anomaly   {violation.checker}: {violation.kind}: {violation.summary}" for violation in named),
    ]


def operation_message_lines(record: RunRecord, index: int) -> list[str]:
    """What the cluster did because of an operation, message by message, in order."""
    operation = _operation(View(record), index)
    identifier = record.outcome.invocation_ids.get(operation.index)
    cause = f"i{identifier}"
    entries = ((position, entry) for position, entry in record.outcome.journal.entries() if entry[3] == cause)
    lines = [
        f"{format_time(entry[0]):>12}  {entry_text(position, entry).removesuffix(f' (cause {cause})')}"
        for position, entry in entries
    ]
    return lines or ["the cluster did nothing because of it"]


def message_lines(record: RunRecord) -> list[str]:
    """The messages sent round the first anomaly, or round the end of the run when there is none."""
    view = View(record)
    instant = view.anomalies[0].instant if view.anomalies else view.simulated
    window = window_at(record.outcome.journal, instant)
    whole = max(record.outcome.stats.messages, len(window.messages))
    where = "the anomaly" if view.anomalies else "the end of the run"
    return [
        f"{showing(len(window.messages), whole, 'message')}, round {where} at {format_time(instant)}",
        "",
        *_messages(window.messages),
    ]


def _messages(messages: Iterable[Message]) -> list[str]:
    rows = [
        (format_time(message.sent), f"{message.sender} → {message.receiver}", message.type, message.cause, _fates(message))
        for message in messages
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows]


def _fates(message: Message) -> str:
    return ", ".join(f"{fate} {format_time(time)}" for time, fate in message.arrivals) or "under way"


def _answer(operation: Operation) -> str:
    if operation.end is None:
        return STILL_OPEN
    error = f" [{operation.error}]" if operation.error else ""
    took = duration_text(operation.end - operation.start)
    return f"{format_time(operation.end)}  {operation.type}{error} after {took}  (event {operation.completion})"


def _beside(view: View, operation: Operation) -> str:
    """Who else was under way on the same object."""
    operations = view.operations
    last = operations.completion[operation.row]
    key = operations.key[operation.row]
    rows = [
        row
        for row in range(len(operations))
        if row != operation.row
        and operations.key[row] == key
        and (last == -1 or operations.index[row] < last)
        and (operations.completion[row] == -1 or operations.completion[row] > operation.index)
    ]
    named = [f"#{operations[row].index} {operations[row].lane} {operations[row].outcome}" for row in rows[:BESIDE_MAX]]
    if not rows:
        return "no other operation on the same object was under way"
    left_out = f" and {plural(len(rows) - len(named), 'other')}" if len(rows) > len(named) else ""
    return f"{'; '.join(named)}{left_out}"


def _operation(view: View, index: int) -> Operation:
    """The operation with an event of this index. Raises `UsageError` when there is none."""
    history = view.outcome.history
    if not 0 <= index < len(history):
        raise UsageError(f"expected the index of an event, from 0 to {len(history) - 1}, but got op={index}.")
    partner = int(history.partners[index])
    row = view.operations.row_of(index if history[index].is_invoke else partner)
    if row is None:
        raise UsageError(
            f"expected the index of a client's operation but event {index} is {history[index].f!r} of {history[index].process}."
        )
    return view.operations[row]
