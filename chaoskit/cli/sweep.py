"""`chaoskit sweep`: every fault at every byte of a conversation, or one such cell with all that went over the wire."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from chaoskit.cli import options
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.opening import open_page
from chaoskit.cli.values import parse_reports
from chaoskit.core.errors import UsageError

if TYPE_CHECKING:
    from chaoskit.core.sweep import SweepRecord
    from chaoskit.wire.sweep import Conversation

ALL_REPORTS = "html,txt,json"
BAR_PARTS = 1000


def sweep(
    conversation: options.Conversation,
    *,
    bug: options.ConversationBug = None,
    cell: options.SweepCell = None,
    out: options.DirectoryOfSweep = None,
    report: options.SweepReport = ALL_REPORTS,
    json: options.Json = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = 0,
    exit_zero: options.ExitZero = False,
    open_: options.Open = False,
) -> ExitCode:
    """Play a recorded conversation with a handler again and again, each time with one fault at one byte, in virtual time.

    Faults are stall, eof, reset, slice, corrupt, delay, flood and fail; a cell is one of them at one byte of one side. Hangs,
    leaks, crashes, wrong answers and ends taken for good ones are findings.
    """
    from chaoskit.catalogue import conversation_named

    console = Console(color=color, quiet=quiet, verbose=verbose, json=json, progress=not no_progress)
    reports = parse_reports(report, known=ALL_REPORTS.split(","))
    if open_ and (cell is not None or "html" not in reports):
        raise UsageError("expected a page to open but got --open without the html report of a whole sweep; leave it out.")
    if out is not None and (cell is not None or not reports):
        raise UsageError("expected something to keep but got --out with --cell or --report none; leave it out.")
    found = conversation_named(conversation)
    again = shlex.join(["chaoskit", "sweep", conversation, *(["--bug", bug] if bug else [])])
    if cell is not None:
        has_finding = _cell(found, bug, cell, again, console)
    else:
        has_finding = _sweep(found, bug, again, console, reports=reports, out=out, open_=open_)
    return ExitCode.VIOLATION if has_finding and not exit_zero else ExitCode.VALID


def _cell(conversation: Conversation, bug: str | None, name: str, again: str, console: Console) -> bool:
    """Runs one cell, and tells whether it is a finding."""
    from chaoskit.cli.sweep_text import transcript_lines, transcript_object
    from chaoskit.core.sweep import OUTCOMES
    from chaoskit.wire.sweep import Trials, fault_named

    fault = fault_named(name, conversation)
    seen, found = Trials(conversation, bug=bug).run(fault)
    reproduce = f"{again} --cell {fault}"
    if console.json:
        console.emit(transcript_object(conversation, fault, seen, found, bug=bug, reproduce=reproduce))
    else:
        for line in transcript_lines(seen):
            console.say(line)
        console.say()
        colour = "bad" if OUTCOMES[found.outcome].finding else "good"
        console.tell(f"{console.paint(found.outcome.upper(), colour)}  {fault}: {found.sentence}")
        console.say(f"           {OUTCOMES[found.outcome].summary}")
    return OUTCOMES[found.outcome].finding


def _sweep(
    conversation: Conversation,
    bug: str | None,
    again: str,
    console: Console,
    *,
    reports: tuple[str, ...],
    out: str | None,
    open_: bool,
) -> bool:
    """Runs all cells, keeps and tells them, and says whether there is a finding."""
    from importlib.metadata import version

    from msgspec.structs import replace

    from chaoskit.core.units import plural
    from chaoskit.reports.sweep_json import sweep_object
    from chaoskit.wire.sweep import sweep as sweep_all

    bar = console.bar("sweep", BAR_PARTS)

    def progress(done: int, whole: int) -> None:
        bar.update(BAR_PARTS * done // whole, f"{done:,}/{plural(whole, 'cell')}")

    record = replace(sweep_all(conversation, bug=bug, progress=progress), chaoskit=version("chaoskit"), reproduce=again)
    bar.clear()
    directory = _kept(record, reports, out) if reports else None
    if console.json:
        console.emit({**sweep_object(record), "directory": None if directory is None else str(directory)})
    else:
        _tell(record, directory, reports, console)
    if open_ and directory is not None:
        open_page(directory / "report.html", console)
    return bool(record.findings)


def _kept(record: SweepRecord, reports: tuple[str, ...], out: str | None) -> Path:
    from chaoskit.reports.sweep import render_sweep
    from chaoskit.reports.sweep_json import sweep_json
    from chaoskit.reports.sweep_text import sweep_text
    from chaoskit.store.sweeps import keep_sweep

    renderers = {"html": render_sweep, "txt": sweep_text, "json": sweep_json}
    return keep_sweep(record, {f"report.{kind}": renderers[kind](record) for kind in reports}, at=out)


def _tell(record: SweepRecord, directory: Path | None, reports: tuple[str, ...], console: Console) -> None:
    from chaoskit.reports.sweep_text import heading, sweep_lines, verdict_line

    colours = {"valid": "good", "invalid": "bad"}

    def paint(text: str, what: str) -> str:
        return console.paint(text, colours.get(what, "bold"))

    if console.quiet:
        console.tell(verdict_line(record, paint=paint))
        return
    console.say(heading(record))
    console.say()
    for line in sweep_lines(record, paint=paint, width=console.width):
        console.say(line)
    console.say()
    if directory is not None:
        console.say(f"report     {directory / f'report.{reports[0]}'}")
    console.say(f"reproduce  {record.reproduce}")
    console.say(f"digest     {record.digest}")
