"""A run from beginning to end, kept: draw, execute, judge, save, report.

The command line, the pytest plugin and long campaigns all go this way. Whatever was recorded is kept: when a model breaks
its contract, when somebody presses Ctrl-C, and, as far as the disk has it, when the process is killed. Wall clocks are read
here for show only; no verdict and no report depends on them.
"""

from __future__ import annotations

import platform
import shlex
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Protocol

import msgspec

from chaoskit.catalogue import model_named
from chaoskit.core.canonical import Digest
from chaoskit.core.errors import ChaoskitError, InternalError, ModelError, StoreError, UsageError
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.shrinking import Shrinking, Size, size_of
from chaoskit.core.units import SECOND, format_duration, format_time
from chaoskit.core.verdict import Budget, Status, Verdict
from chaoskit.reports import render_html, render_json, render_junit, render_text
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings
from chaoskit.shrink import ShrinkBudget
from chaoskit.sim.interrupt import how_interrupted
from chaoskit.store.directory import RunDirectory, write_report
from chaoskit.store.files import append_file
from chaoskit.store.layout import DEFAULT_ROOT, LOG
from chaoskit.store.loading import load
from chaoskit.store.runs import find_run
from chaoskit.story import Told, failure_of, tell
from chaoskit.versions import versions_of

ANOTHER_RUN = (
    "the same plan gives another run each time, of which no story can be told: something in the model is decided outside it "
    "(a clock, chance, the order of a set, a global). 'chaoskit replay' names the first event that differs."
)
SOURCE_DIGEST = "chaoskit-source-1"
DECIDING_ROOMS = ("core", "draws", "generate", "sim", "model", "hosts", "workloads", "spec", "check", "nemeses")
REPORTS: dict[str, Callable[[RunRecord], bytes]] = {
    "html": lambda record: render_html(record).encode(),
    "txt": lambda record: render_text(record, full=True).encode(),
    "json": render_json,
    "junit": render_junit,
}
DEFAULT_REPORTS = ("html", "txt", "json")


class BrokenRunError(InternalError):
    """A bug in chaoskit that showed in a run; the trace is in the log of the run's directory, where there is one already."""

    def __init__(self, error: Exception, *, directory: Path | None, seed: int) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.directory = directory
        self.seed = seed


class Watcher(Protocol):
    """Who is told how a run goes. `seconds` are wall time."""

    def drawn(self, plan: Plan) -> None: ...
    def began(self, directory: Path) -> None: ...
    def progress(self, ops: int, now: int) -> None: ...
    def simulated(self, outcome: Outcome, seconds: float) -> None: ...
    def judged(self, verdict: Verdict, seconds: float) -> None: ...
    def shrinking(self, before: Size, now: Size, runs: int) -> None: ...
    def shrunk(self, shrinking: Shrinking, seconds: float) -> None: ...
    def unshrunk(self, reason: str) -> None: ...


class Unwatched:
    """The watcher that looks away; others begin with it."""

    def drawn(self, plan: Plan) -> None:
        """The plan is there: nothing has run yet."""

    def began(self, directory: Path) -> None:
        """The run is kept in this directory from now on."""

    def progress(self, ops: int, now: int) -> None:
        """So many operations have begun, at this virtual instant (ns)."""

    def simulated(self, outcome: Outcome, seconds: float) -> None:
        """The cluster has run."""

    def judged(self, verdict: Verdict, seconds: float) -> None:
        """The checkers have spoken."""

    def shrinking(self, before: Size, now: Size, runs: int) -> None:
        """A smaller run that fails in the same way was found, the so-many-eth."""

    def shrunk(self, shrinking: Shrinking, seconds: float) -> None:
        """The story is told."""

    def unshrunk(self, reason: str) -> None:
        """There is no story of this run that fails, because of this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A run that was made and kept, and what it took in wall time. `error` is what a model did to end it.

    `unshrunk` is why a run that fails has no story though one was asked for; `told` what shrinking it just now came to.
    """

    record: RunRecord
    directory: Path
    seconds: dict[str, float]
    error: ChaoskitError | None
    unshrunk: str | None = None
    told: Told | None = None

    @property
    def story(self) -> RunRecord | None:
        """The smallest run that was found to fail in the same way, kept within the run's directory."""
        return self.record.story

    @property
    def interrupted(self) -> str | None:
        """Why it ended early, None when it did not."""
        return self.record.manifest.interrupted


def run(
    settings: Settings,
    model_reference: str,
    *,
    root: str | Path = DEFAULT_ROOT,
    at: str | Path | None = None,
    reports: Sequence[str] = DEFAULT_REPORTS,
    watcher: Watcher | None = None,
    shrink: ShrinkBudget | None = None,
    jobs: int = 1,
) -> Kept:
    """Makes a run and keeps it under `root`, or in the directory `at`. With `shrink`, a run that fails is made small, too.

    `jobs` is how many processes make the runs of shrinking; what comes of it is the same with any number.
    Raises `UsageError` before anything has run, `StoreError` when it cannot be kept, `BrokenRunError` for a bug of ours.
    """
    watching = Unwatched() if watcher is None else watcher
    model = model_named(model_reference)
    with guarded(settings.seed):
        plan = draw(settings, model_reference)
    watching.drawn(plan)
    manifest = _manifest(plan, settings)
    with RunDirectory.create(root, model.name, plan.seed, at=at, plan=plan, manifest=manifest) as directory:
        watching.began(directory.path)
        with guarded(plan.seed, directory):
            kept = _run_in(directory, plan, manifest, budget=settings.budget, watching=watching)
            if shrink is not None:
                try:
                    kept = _with_story(kept, shrink, budget=settings.budget, jobs=jobs, watching=watching)
                except (UsageError, ModelError) as error:  # a run that is not the same again: it is kept and told as it was
                    directory.log(f"not shrunk: {error}")
                    kept = replace(kept, unshrunk=str(error))
                    watching.unshrunk(str(error))
            with _timed(kept.seconds, "report"):
                write_reports(kept.record, kept.directory, reports)
            return kept


def shrink_kept(
    target: str | Path,
    *,
    root: str | Path = DEFAULT_ROOT,
    budget: ShrinkBudget | None = None,
    jobs: int = 1,
    watcher: Watcher | None = None,
) -> Kept:
    """Makes a kept run small, or smaller: it goes on from its story where it has one. Its reports are built anew.

    Raises `UsageError` for a run that is not there, or does not fail; `ModelError` for one that is another run each time.
    """
    directory = find_run(str(target), root=root)
    record = load(directory)
    watching = Unwatched() if watcher is None else watcher
    kept = Kept(record=record, directory=directory, seconds={}, error=None)
    with guarded(record.outcome.plan.seed):
        told = _with_story(kept, budget or ShrinkBudget(), budget=budget_of(record.manifest), jobs=jobs, watching=watching)
    if told.story is None:
        raise UsageError(f"expected a run that failed but {directory} is {record.verdict.status}; there is nothing to shrink.")
    with _timed(told.seconds, "report"):
        write_reports(told.record, directory, [kind for kind in REPORTS if (directory / report_name(kind)).is_file()])
    return told


def judge_kept(outcome: Outcome, budget: Budget) -> tuple[Verdict, ChaoskitError | None, str | None]:
    """(verdict, what a model did to end the run, why it ended early): a run that ended early is kept, but not judged."""
    error, interrupted = outcome.error, outcome.interrupted
    if interrupted is None:
        try:
            return judge(outcome, budget, power=True), None, None
        except KeyboardInterrupt:
            interrupted = f"{how_interrupted()} while it was judged"
        except ChaoskitError as broken:
            error, interrupted = broken, str(broken)
    return Verdict(checker="run", status=Status.UNKNOWN, reason=f"nothing was judged: {interrupted}"), error, interrupted


@contextmanager
def guarded(seed: int, directory: RunDirectory | None = None) -> Iterator[None]:
    """Turns an exception that nobody meant into `BrokenRunError`, its trace kept with the run."""
    try:
        yield
    except Exception as error:
        if isinstance(error, ChaoskitError) and not isinstance(error, InternalError):
            raise
        if directory is not None:
            with suppress(StoreError):
                directory.close()
                append_file(directory.path / LOG, traceback.format_exc().encode(errors="backslashreplace"))
        raise BrokenRunError(error, directory=None if directory is None else directory.path, seed=seed) from error


def write_reports(record: RunRecord, directory: str | Path, reports: Sequence[str] = DEFAULT_REPORTS) -> list[Path]:
    """Writes these reports of a run into its directory, anew where they are there already."""
    return [write_report(directory, report_name(kind), REPORTS[kind](record)) for kind in reports]


def report_name(kind: str) -> str:
    """The file of a report: CI servers look for XML."""
    return "report.junit.xml" if kind == "junit" else f"report.{kind}"


def command_line(settings: Settings, model_reference: str, *, command: str = "run") -> str:
    """The command line that makes the same run again, or has another command begin with it."""
    words = ["chaoskit", command, model_reference, "--seed", str(settings.seed)]
    for name, texts in given(settings).items():
        for text in texts:
            words += [f"--{name}"] if text == "true" else [f"--{name}", text]
    return shlex.join(words)


def given(settings: Settings) -> dict[str, list[str]]:
    """What a person asked for beyond the seed, as flags and their texts."""
    default = Settings(seed=settings.seed)

    def one(value: object) -> list[str]:
        return [] if value is None else [str(value)]

    def duration(value: int | None) -> list[str]:
        return [] if value is None else [format_duration(value)]

    flags = {
        "workload": one(settings.workload),
        "bug": list(settings.bugs),
        "nodes": one(settings.nodes),
        "clients": one(settings.clients),
        "ops": one(settings.ops),
        "rate": one(settings.rate),
        "time-limit": duration(settings.time_limit),
        "op-timeout": duration(settings.op_timeout),
        "param": [f"{name}={text}" for name, text in settings.parameters.items()],
        "nemesis": [] if settings.nemesis == default.nemesis else [settings.nemesis],
        "nemesis-interval": duration(settings.nemesis_interval),
        "network": one(settings.network),
        "partition-clients": ["true"] if settings.partition_clients else [],
        "budget": _budget_texts(settings.budget),
    }
    return {name: texts for name, texts in flags.items() if texts}


def chaoskit_version() -> str:
    return version("chaoskit")


def source_digest() -> str:
    """A hash of the source that decides what a run does and how it is judged: a changed report is no other run."""
    digest = Digest(SOURCE_DIGEST)
    for module in ("run", "settings"):
        digest.add(Path(_file_of(f"chaoskit.{module}")).read_bytes())
    for room in DECIDING_ROOMS:
        folder = Path(_file_of(f"chaoskit.{room}")).parent
        for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix()):
            digest.add(f"{room}/{path.relative_to(folder).as_posix()}".encode())
            digest.add(path.read_bytes())
    return digest.hex()


def budget_of(manifest: Manifest) -> Budget:
    """What the checkers of a kept run were allowed to spend."""
    return msgspec.convert(manifest.settings.get("limits", {}), Budget)


def _run_in(directory: RunDirectory, plan: Plan, manifest: Manifest, *, budget: Budget, watching: Watcher) -> Kept:
    seconds: dict[str, float] = {}
    directory.log(f"{manifest.reproduce}\nchaoskit {manifest.chaoskit} {manifest.source_digest}, Python {manifest.python}")
    with _timed(seconds, "simulate"):
        outcome = execute(plan, sink=directory.journal_sink(), history=directory.history_builder(), progress=watching.progress)
    simulated = format_time(outcome.stats.simulated)
    directory.log(f"{outcome.stats.events} events, {simulated} simulated in {seconds['simulate']:.3f} s; {outcome.summary()}")
    watching.simulated(outcome, seconds["simulate"])
    with _timed(seconds, "check"):
        verdict, error, interrupted = judge_kept(outcome, budget)
    directory.log(
        f"{verdict.status}, judged in {seconds['check']:.3f} s" if interrupted is None else f"ended early: {interrupted}"
    )
    if error is not None:
        directory.log("".join(traceback.format_exception(error)))
    watching.judged(verdict, seconds["check"])
    finished = msgspec.structs.replace(manifest, seconds=seconds, interrupted=interrupted)
    directory.finish(RunRecord(manifest=finished, outcome=outcome, verdict=verdict))
    record = load(directory.path)  # what is told is what is kept: a report that is built again later is the same
    return Kept(record=record, directory=directory.path, seconds=seconds, error=error)


def _with_story(kept: Kept, limits: ShrinkBudget, *, budget: Budget, jobs: int, watching: Watcher) -> Kept:
    """The run with its story, where it has one to tell: one that fails, and does so again."""
    record, story = kept.record, kept.record.story
    failure = failure_of(record.outcome, record.verdict, budget=budget)
    if failure is None:
        return kept
    start = (record if story is None else story).outcome
    if not _repeats(start):
        raise ModelError(ANOTHER_RUN)
    seconds = dict(kept.seconds)
    with _timed(seconds, "shrink"):
        before = size_of(record.outcome.plan)
        told = tell(
            start.plan,
            failure,
            budget=limits,
            jobs=jobs,
            progress=lambda plan, runs: watching.shrinking(before, size_of(plan), runs),
        )
        shrinking = msgspec.structs.replace(told.shrinking, before=before)
        in_all = _in_all(None if story is None else story.shrinking, shrinking, unchanged=told.unchanged)
        _keep_story(kept, told.plan, in_all, budget=budget)
    watching.shrunk(shrinking, seconds["shrink"])
    return Kept(record=load(kept.directory), directory=kept.directory, seconds=seconds, error=kept.error, told=told)


def _in_all(earlier: Shrinking | None, now: Shrinking, *, unchanged: bool) -> Shrinking:
    """What is kept of a story that was made in several goes: all re-runs but those of a go that changed nothing.

    Such a go that ended early takes nothing back of what an earlier one has found out.
    """
    if earlier is None:
        return now
    if unchanged:
        return earlier if now.stopped else msgspec.structs.replace(now, runs=earlier.runs)
    return msgspec.structs.replace(now, runs=earlier.runs + now.runs)


def _repeats(outcome: Outcome) -> bool:
    """Whether its plan gives the same run again; where its model was changed since, whether it gives twice the same."""
    again = _seen(execute(outcome.plan))
    return again in (_seen(outcome), _seen(execute(outcome.plan)))


def _seen(outcome: Outcome) -> list[str]:
    """What clients saw and the cluster did; what it logged may differ."""
    if outcome.interrupted is not None and outcome.error is None:
        raise KeyboardInterrupt
    digests = outcome.digests()
    return [digests["history"], digests["journal"]]


def _keep_story(kept: Kept, plan: Plan, shrinking: Shrinking, *, budget: Budget) -> None:
    """Runs the story once more, recorded, in a run directory of its own within the run's."""
    manifest = msgspec.structs.replace(
        kept.record.manifest, bug=",".join(plan.bugs) or None, verdict=None, digests={}, seconds={}
    )
    with RunDirectory.story_of(kept.directory, manifest, plan=plan) as directory:
        outcome = execute(plan, sink=directory.journal_sink(), history=directory.history_builder())
        verdict, _, _ = judge_kept(outcome, budget)
        directory.finish(RunRecord(manifest=manifest, outcome=outcome, verdict=verdict, shrinking=shrinking))
        write_reports(load(directory.path), directory.path)


def _manifest(plan: Plan, settings: Settings) -> Manifest:
    return Manifest(
        chaoskit=chaoskit_version(),
        source_digest=source_digest(),
        python=platform.python_version(),
        packages=versions_of(model_named(plan.model), plan.model),
        model_reference=plan.model,
        model_digest=plan.model_digest,
        workload=plan.workload,
        bug=",".join(plan.bugs) or None,
        settings={**given(settings), "seed": settings.seed, "limits": msgspec.to_builtins(settings.budget)},
        reproduce=command_line(settings, plan.model),
    )


def _budget_texts(budget: Budget) -> list[str]:
    default = Budget()
    texts = []
    if budget.configurations != default.configurations:
        texts.append(f"states={budget.configurations}")
    if budget.wall_seconds is not None:
        texts.append(f"wall={format_duration(round(budget.wall_seconds * SECOND))}")
    return [",".join(texts)] if texts else []


def _file_of(module: str) -> str:
    file = import_module(module).__file__
    assert file is not None, "our modules are files"
    return file


@contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    begin = perf_counter()
    try:
        yield
    finally:
        seconds[phase] = perf_counter() - begin
