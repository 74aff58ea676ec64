"""`chaoskit show`: a kept run in the terminal: its verdict and why, one operation, messages, the nodes' lives, its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.values import parse_number
from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.units import plural

if TYPE_CHECKING:
    from chaoskit.core.record import RunRecord

OpNumber = Annotated[str | None, typer.Option("--op", metavar="N", help="One operation, by the index of its event: what it met.")]
Messages = Annotated[bool, typer.Option("--messages", help="The messages round the first anomaly, or of the operation of --op.")]
Trace = Annotated[bool, typer.Option("--trace", help="A line for each turn in the nodes' lives, a column for each node.")]
PlanOption = Annotated[bool, typer.Option("--plan", help="The plan as JSON; 'chaoskit replay' takes it.")]
As = Annotated[str | None, typer.Option("--as", metavar="pytest", help="A test of the minimal case, to be pasted: --as pytest.")]

PYTEST = "pytest"


def show(
    run: options.Run,
    *,
    op: OpNumber = None,
    messages: Messages = False,
    trace: Trace = False,
    plan: PlanOption = False,
    as_: As = None,
    color: options.Color = "auto",
) -> ExitCode:
    """Show a kept run: its verdict, why, and the smallest case. Exits with 0 whatever the verdict is."""
    from chaoskit.store.loading import load
    from chaoskit.store.runs import find_run

    console = Console(color=color)
    index = None if op is None else parse_number(op, name="op")
    record = load(find_run(run), incomplete=True)
    if as_ not in (None, PYTEST):
        raise unknown_name("form of a run", as_, [PYTEST])
    if sum([trace, plan, messages or op is not None, as_ is not None]) > 1:
        raise UsageError("expected one of --trace, --plan, --as, and --op with or without --messages, but got several.")
    if not record.manifest.complete:
        console.note(incomplete_text(record))
    if plan:
        _plan(record, console)
    elif as_:
        _as_pytest(record, console)
    elif trace:
        _lines(_trace_lines(record), console)
    elif index is not None or messages:
        _lines(_near_lines(record, index, messages=messages), console)
    else:
        _whole(record, console)
    return ExitCode.VALID


def incomplete_text(record: RunRecord) -> str:
    """What a run that was not finished still holds."""
    outcome = record.outcome
    entries = plural(len(outcome.journal), "journal entry", many="journal entries")
    size = f"{plural(len(outcome.history), 'event')} and {entries}"
    return f"note: the run was not finished: killed, or still running. This is as far as it is recorded: {size}."


def _whole(record: RunRecord, console: Console) -> None:
    from chaoskit.cli.plan_text import heading, parameter_lines
    from chaoskit.reports import render_text

    plan = record.outcome.plan
    console.say(heading(plan, version=record.manifest.chaoskit))
    _lines(parameter_lines(plan, width=console.width), console)
    console.say()
    console.put(render_text(record, color=console.color, width=console.width))
    if record.story is not None:
        console.say(f"story      {record.story.directory}")


def _plan(record: RunRecord, console: Console) -> None:
    from chaoskit.core.plan import plan_to_json

    console.put(plan_to_json(record.outcome.plan).decode())


def _as_pytest(record: RunRecord, console: Console) -> None:
    from chaoskit.cli.pytest_text import pytest_text

    console.put(pytest_text(record))


def _trace_lines(record: RunRecord) -> list[str]:
    from chaoskit.cli.trace import trace_lines

    return trace_lines(record)


def _near_lines(record: RunRecord, op: int | None, *, messages: bool) -> list[str]:
    from chaoskit.cli.near import message_lines, operation_lines, operation_message_lines

    if op is None:
        return message_lines(record)
    return [*operation_lines(record, op), *(["", *operation_message_lines(record, op)] if messages else [])]


def _lines(lines: list[str], console: Console) -> None:
    for line in lines:
        console.say(line)
