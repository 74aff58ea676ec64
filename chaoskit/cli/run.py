"""`chaoskit run`: generate, simulate, check, report. The one to learn."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chaoskit.cli import options
from chaoskit.cli.configuration import Configuration, configure
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode, exit_code_of
from chaoskit.cli.github import tell_github
from chaoskit.cli.hash_seed import pin_hash_seed
from chaoskit.cli.opening import open_page
from chaoskit.cli.values import AUTO, GITHUB, parse_jobs
from chaoskit.core.errors import UsageError

if TYPE_CHECKING:
    from chaoskit.session import Kept


def run(
    *,
    model: options.Model = None,
    seed: options.Seed = None,
    workload: options.Workload = None,
    bug: options.Bug = None,
    nodes: options.Nodes = None,
    clients: options.Clients = None,
    ops: options.Ops = None,
    rate: options.Rate = None,
    time_limit: options.TimeLimit = None,
    op_timeout: options.OpTimeout = None,
    param: options.Param = None,
    nemesis: options.Nemesis = None,
    nemesis_interval: options.NemesisInterval = None,
    network: options.Network = None,
    partition_clients: options.PartitionClients = False,
    budget: options.Budget = None,
    shrink: options.Shrink = True,
    config: options.Config = None,
    show_config: options.ShowConfig = False,
    out: options.Out = None,
    report: options.Report = None,
    json: options.Json = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = 0,
    exit_zero: options.ExitZero = False,
    strict_exercise: options.StrictExercise = False,
    open_: options.Open = False,
) -> ExitCode:
    """Run a protocol under faults, judge what its clients saw, and keep and report the run.

    Whatever is not given is drawn from the seed and printed first. The same seed with the same settings is the same run.
    """
    given = {name.replace("_", "-"): value for name, value in locals().items()}
    console = Console(color=color, quiet=quiet, verbose=verbose, json=json, progress=not no_progress)
    configuration = configure(given, environment=os.environ, file=config)
    if show_config:
        return _show(configuration, console)
    if open_ and "html" not in configuration.reports:
        raise UsageError("expected a page to open but got --open without the html report; add html to --report.")
    return _run(configuration, console, shrink=shrink, out=out, exit_zero=exit_zero, strict_exercise=strict_exercise, open_=open_)


def _show(configuration: Configuration, console: Console) -> ExitCode:
    from chaoskit.cli.show_config import config_object, config_text

    if console.json:
        console.emit(config_object(configuration))
    else:
        console.put(config_text(configuration))
    return ExitCode.VALID


def _run(
    configuration: Configuration,
    console: Console,
    *,
    shrink: bool,
    out: str | None,
    exit_zero: bool,
    strict_exercise: bool,
    open_: bool,
) -> ExitCode:
    pin_hash_seed(configuration.model)
    from chaoskit.cli.watching import Watching
    from chaoskit.reports.view import View
    from chaoskit.session import run as run_session
    from chaoskit.shrink import ShrinkBudget

    watching = Watching(console, seed_matters=configuration.seed_is_random)
    files = tuple(kind for kind in configuration.reports if kind != GITHUB)
    try:
        kept = run_session(
            configuration.settings(),
            configuration.model,
            at=out,
            reports=files,
            watcher=watching,
            shrink=ShrinkBudget() if shrink else None,
            jobs=parse_jobs(AUTO),
        )
    except KeyboardInterrupt:  # a second one: the first ends the run in order
        where = f" What was recorded until then is in {watching.directory}." if watching.directory else ""
        console.complain(f"interrupted.{where}")
        return ExitCode.INTERRUPTED
    _tell(kept, files, console)
    if GITHUB in configuration.reports:
        tell_github(kept.record, console)
    if open_:
        open_page(kept.directory / "report.html", console)
    if kept.error is not None:
        console.complain(
            f"{kept.error}", f"What was recorded is in {kept.directory}; the trace is in {kept.directory / 'log.txt'}."
        )
        return ExitCode.BROKEN
    if kept.interrupted:
        return ExitCode.INTERRUPTED
    code = exit_code_of(kept.record.verdict, exit_zero=exit_zero)
    if strict_exercise and not exit_zero and code == ExitCode.VALID and View(kept.record).exercise.warnings:
        return ExitCode.UNKNOWN
    return code


def _tell(kept: Kept, reports: tuple[str, ...], console: Console) -> None:
    from chaoskit.replay import command_line
    from chaoskit.reports import render_text, run_object
    from chaoskit.reports.view import View
    from chaoskit.session import report_name

    if console.json:
        seconds = {phase: kept.seconds.get(phase, 0.0) for phase in ("simulate", "check", "shrink", "report")}
        console.emit({**run_object(kept.record), "seconds": seconds, "run": str(kept.directory)})
        return
    text = render_text(kept.record, color=console.color, width=console.width)
    if console.quiet:
        console.tell(text.partition("\n")[0])
        return
    console.say()
    console.put(text)
    console.say(f"replay     {command_line(kept.directory)}")
    for kind in reports[:1]:
        console.say(f"report     {kept.directory / report_name(kind)}")
    console.detail(f"seconds    {', '.join(f'{phase} {taken:.3f}' for phase, taken in kept.seconds.items())}")
    for level, digest in View(kept.record).digests.items():
        console.detail(f"{level + ' digest':<15} {digest}")
