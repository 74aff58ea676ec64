"""`chaoskit soak`: many seeds over all cores, and a line for each class of failures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chaoskit.cli import options
from chaoskit.cli.configuration import Configuration, configure
from chaoskit.cli.console import Console
from chaoskit.cli.exit_codes import ExitCode
from chaoskit.cli.hash_seed import pin_hash_seed
from chaoskit.cli.opening import open_page
from chaoskit.cli.values import AUTO, GITHUB, parse_count, parse_jobs, parse_span
from chaoskit.core.errors import UsageError
from chaoskit.core.units import SECOND

if TYPE_CHECKING:
    from chaoskit.core.soak import SoakRecord
    from chaoskit.soak.campaign import Limits

RUNS = 1000  # unless a number or a time is given
_OF_VERDICTS = {"valid": ExitCode.VALID, "invalid": ExitCode.VIOLATION, "unknown": ExitCode.UNKNOWN}


def soak(
    *,
    model: options.Model = None,
    seed: options.FirstSeed = None,
    runs: options.Runs = None,
    for_: options.For = None,
    stop_after: options.StopAfter = None,
    jobs: options.Jobs = None,
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
    out: options.SoakOut = None,
    report: options.Report = None,
    json: options.Json = False,
    color: options.Color = "auto",
    no_progress: options.NoProgress = False,
    quiet: options.Quiet = 0,
    verbose: options.Verbose = 0,
    exit_zero: options.ExitZero = False,
    open_: options.Open = False,
) -> ExitCode:
    """Run one seed after another on all cores, sort the failures into classes, and keep and shrink a run of each class.

    What failed before is tried first. It ends with --runs, --for, --stop-after or Ctrl-C, and keeps what it has found by then.
    """
    given = {name.rstrip("_").replace("_", "-"): value for name, value in locals().items()}
    console = Console(color=color, quiet=quiet, verbose=verbose, json=json, progress=not no_progress)
    configuration = configure(given, environment=os.environ, file=config)
    if GITHUB in configuration.reports:
        raise UsageError("expected reports that are files but got report='github'; a soak's reports lie beside its runs.")
    jobs_made = configuration.parsed("jobs", parse_jobs) or parse_jobs(AUTO)
    record = _soak(configuration, console, limits=_limits(configuration), jobs=jobs_made, shrink=shrink, out=out, open_=open_)
    return ExitCode.INTERRUPTED if record is None else exit_code(record, exit_zero=exit_zero)


def exit_code(record: SoakRecord, *, exit_zero: bool) -> ExitCode:
    """Broken runs before violations, and those before what nobody knows; an interrupted soak says only that."""
    from chaoskit.core.soak import INTERRUPTED

    if record.stopped == INTERRUPTED:
        return ExitCode.INTERRUPTED
    if record.broken:
        return ExitCode.BROKEN
    return ExitCode.VALID if exit_zero else _OF_VERDICTS[record.verdict]


def _soak(
    configuration: Configuration, console: Console, *, limits: Limits, jobs: int, shrink: bool, out: str | None, open_: bool
) -> SoakRecord | None:
    """The record; None after a second Ctrl-C."""
    pin_hash_seed(configuration.model)
    from chaoskit.cli.soak_text import Soaking, object_of
    from chaoskit.shrink import ShrinkBudget
    from chaoskit.soak.campaign import soak as soak_seeds
    from chaoskit.soak.keeping import Keeping

    settings = configuration.settings()
    soaking = Soaking(console, limits, model=configuration.model, seed=settings.seed, seed_matters=configuration.seed_is_random)
    try:
        soaked = soak_seeds(
            settings,
            configuration.model,
            limits=limits,
            jobs=jobs,
            watcher=soaking,
            keeping=Keeping(reports=configuration.reports, shrink=ShrinkBudget() if shrink else None),
            at=out,
        )
    except KeyboardInterrupt:
        where = f" What was found until then is in {soaking.directory}." if soaking.directory else ""
        console.complain(f"interrupted.{where}")
        return None
    if console.json:
        console.emit(object_of(soaked.record, soaked.directory))
    else:
        soaking.tell(soaked.record)
    if open_:
        open_page(soaked.directory / "index.html", console)
    return soaked.record


def _limits(configuration: Configuration) -> Limits:
    from chaoskit.soak.campaign import Limits

    runs, span = configuration.parsed("runs", parse_count), configuration.parsed("for", parse_span)
    return Limits(
        runs=RUNS if runs is None and span is None else runs,
        seconds=None if span is None else span / SECOND,
        failures=configuration.parsed("stop-after", parse_count),
    )
