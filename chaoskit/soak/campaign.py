"""A soak from beginning to end: what failed before, then seed after seed, then a kept and shrunk run for each class of failures.

Runs are taken in the order of their seeds, whichever process was quicker, so that the classes and their counts depend on the
code, the settings and the number of runs alone. Wall clocks are read to stop in time and for the rates; what they give stands
in `wall` and nowhere else. The record is on disk from the first moment and is renewed as the soak goes on.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Protocol

import msgspec

from chaoskit.catalogue import model_named
from chaoskit.core.errors import ChaoskitError
from chaoskit.core.soak import (
    ALL,
    FAILURES,
    INTERRUPTED,
    INVALID,
    LOST,
    STATUSES,
    TIME,
    VALID,
    FailureClass,
    Known,
    SoakRecord,
    Trial,
    Unjudged,
    Wall,
)
from chaoskit.core.units import SECOND
from chaoskit.reports.soak import render_soak
from chaoskit.run import draw
from chaoskit.session import chaoskit_version, command_line, given, guarded, source_digest
from chaoskit.settings import Settings
from chaoskit.sim.interrupt import interruptions
from chaoskit.soak.classes import Failures, join
from chaoskit.soak.estimate import estimate
from chaoskit.soak.keeping import Keeping, KeepTask, KeptClass, class_name
from chaoskit.soak.trial import PlanTask, SeedTask, prepare
from chaoskit.store.layout import DEFAULT_ROOT
from chaoskit.store.runs import forget_failure, list_failures, load_plan
from chaoskit.store.soaks import SoakDirectory
from chaoskit.workers import Answer, Workers

UNJUDGED_MAX = 1000  # that are told one by one; all are counted
RENEWED_SECONDS = 2.0  # between two writings of the record


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """When to stop: after so many runs, so many seconds, so many failures; None for never."""

    runs: int | None = None
    seconds: float | None = None
    failures: int | None = None


class SoakWatcher(Protocol):
    """Who is told how a soak goes."""

    def began(self, directory: Path) -> None:
        """It is kept in this directory from now on."""

    def tried(self, known: Known) -> None:
        """A plan that failed before was run again."""

    def progress(self, runs: int, failures: int, classes: int, seconds: float) -> None:
        """So far; called several times a second."""

    def found(self, trial: Trial) -> None:
        """A failure that no class explains yet."""

    def unjudged(self, run: Unjudged) -> None:
        """A run without a verdict."""

    def keeping(self, done: int, classes: int, *, shrink: bool) -> None:
        """The runs of so many classes are kept and, with `shrink`, shrunk."""


class CtrlC:
    """Whether somebody has pressed it, or sent its like. The second one raises `KeyboardInterrupt` where it comes."""

    def __init__(self) -> None:
        self.heard = False

    def hear(self) -> None:
        self.heard = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Soaked:
    """A soak that was made, and where it is kept."""

    record: SoakRecord
    directory: Path


def soak(
    settings: Settings,
    model_reference: str,
    *,
    limits: Limits,
    jobs: int,
    watcher: SoakWatcher,
    keeping: Keeping,
    root: str | Path = DEFAULT_ROOT,
    at: str | Path | None = None,
) -> Soaked:
    """Runs one seed after another, beginning with `settings.seed`, in `jobs` processes, and keeps what was found.

    Raises `UsageError` before anything has run, `StoreError` when it cannot be kept, `KeyboardInterrupt` at the second Ctrl-C,
    when everything found until then is kept all the same.
    """
    model = model_named(model_reference)
    with guarded(settings.seed):
        plan = draw(settings, model_reference)  # so that what cannot be meant is told before anything is made
    directory = SoakDirectory.create(root, model.name, settings.seed, at=at)
    known = _known_failures(model_reference, settings, root)
    campaign = _Campaign(
        settings, model_reference, plan.model_digest, limits=limits, jobs=jobs, directory=directory, watcher=watcher
    )
    campaign.save()
    watcher.began(directory.path)
    ctrl_c = CtrlC()
    try:
        with interruptions(ctrl_c.hear), Workers(jobs, prepare=partial(prepare, model_reference)) as workers:
            campaign.try_known(workers, known, ctrl_c)
            campaign.search(workers, ctrl_c)
            campaign.keep(workers, keeping, root, ctrl_c)
    except KeyboardInterrupt:
        campaign.stopped = INTERRUPTED
        raise
    finally:
        campaign.save(complete=True)
    return Soaked(record=campaign.record(complete=True), directory=directory.path)


class _Campaign:
    """What is known so far."""

    def __init__(
        self,
        settings: Settings,
        model: str,
        digest: str,
        *,
        limits: Limits,
        jobs: int,
        directory: SoakDirectory,
        watcher: SoakWatcher,
    ) -> None:
        self._settings, self._model, self._digest = settings, model, digest
        self._source = source_digest()
        self._limits, self._jobs = limits, jobs
        self._directory = directory
        self._watcher = watcher
        self._statuses: Counter[str] = Counter()
        self._failures = Failures()
        self._classes: list[FailureClass] | None = None  # once they are kept
        self._known: list[Known] = []
        self._unjudged: list[Unjudged] = []
        self._overlaps: list[float] = []
        self._runs = self._probes = self._simulated = 0
        self._wall = Wall(jobs=jobs)
        self._busy = self._waited = 0.0
        self._saved = 0.0
        self.stopped: str | None = None

    def try_known(self, workers: Workers, plans: Sequence[tuple[Path, int]], ctrl_c: CtrlC) -> None:
        """Runs what failed before. What is valid now is taken away; what could not be judged stays."""
        tasks = (PlanTask(plan=path, seed=seed, budget=self._settings.budget) for path, seed in plans)
        for (path, seed), answer in zip(plans, workers.in_order(tasks, halted=lambda: ctrl_c.heard), strict=False):
            trial = answer.value or Trial(seed=seed, status=LOST)
            if trial.status == VALID:
                forget_failure(path)
            known = Known(plan=path.name, seed=seed, status=trial.status, kinds=trial.kinds, kept=trial.status != VALID)
            self._known.append(known)
            self._watcher.tried(known)

    def search(self, workers: Workers, ctrl_c: CtrlC) -> None:
        """Runs seed after seed until a limit is met."""
        while not workers.ready and not ctrl_c.heard:
            workers.answers()
        begin = perf_counter()

        def halted() -> bool:
            if ctrl_c.heard:
                self.stopped = INTERRUPTED
            elif self._limits.seconds is not None and perf_counter() - begin >= self._limits.seconds:
                self.stopped = TIME
            return self.stopped is not None

        def pulse() -> None:
            seconds = perf_counter() - begin
            self._watcher.progress(self._runs, self._statuses[INVALID], len(self._failures.smallest), seconds)
            self._renew(seconds)

        for answer in workers.in_order(self._tasks(), halted=halted, pulse=pulse):
            self._take(answer)
            if self._limits.failures is not None and self._statuses[INVALID] >= self._limits.failures:
                self.stopped = self.stopped or FAILURES
                break
        self.stopped = self.stopped or ALL
        self._renew(perf_counter() - begin, now=True)

    def keep(self, workers: Workers, keeping: Keeping, root: str | Path, ctrl_c: CtrlC) -> None:
        """Keeps a run for each class, and shrinks it unless somebody wants to leave; stories may show classes to be one."""
        begin = perf_counter()
        classes = self._found_classes()
        shrink = keeping.shrink is not None and not ctrl_c.heard
        tasks = (
            KeepTask(
                settings=self._seeded(each.seed),
                model=self._model,
                root=Path(root),
                directory=self._directory.path,
                name=class_name(each),
                keeping=dataclasses.replace(keeping, shrink=None) if ctrl_c.heard else keeping,
            )
            for each in classes
        )
        shapes = [each.shape for each in classes]
        self._watcher.keeping(0, len(classes), shrink=shrink)
        for place, answer in enumerate(workers.in_order(tasks, pulse=_forwarding(ctrl_c, workers))):
            kept = answer.value or KeptClass(problem=f"the process that kept it {answer.death}")
            classes[place] = msgspec.structs.replace(classes[place], run=kept.run, story=kept.story, problem=kept.problem)
            shapes[place] = kept.shape or shapes[place]
            self._classes = classes
            self._watcher.keeping(place + 1, len(classes), shrink=shrink)
            self.save()
        self._classes = join(classes, shapes)
        self.stopped = INTERRUPTED if ctrl_c.heard else self.stopped
        self._wall = msgspec.structs.replace(self._wall, shrink=perf_counter() - begin)

    def record(self, *, complete: bool = False) -> SoakRecord:
        """All of it as a value."""
        classes = self._found_classes()
        return SoakRecord(
            complete=complete,
            stopped=self.stopped,
            chaoskit=chaoskit_version(),
            source_digest=self._source,
            model=self._model,
            model_digest=self._digest,
            bug=",".join(self._settings.bugs) or None,
            settings=given(self._settings),
            seed=self._settings.seed,
            reproduce=self._command_line(),
            runs=self._runs,
            statuses={status: self._statuses[status] for status in STATUSES},
            probes=self._probes,
            simulated=self._simulated,
            overlap=median(self._overlaps) if self._overlaps else None,
            known=self._known,
            classes=classes,
            unjudged=self._unjudged,
            unseen=estimate((len(each.seeds) for each in classes), self._runs),
            wall=self._wall,
        )

    def save(self, *, complete: bool = False) -> None:
        """Writes the record, and at the end the page."""
        record = self.record(complete=complete)
        self._directory.write(record)
        if complete:
            self._directory.write_page(render_soak(record))
        self._saved = perf_counter()

    def _found_classes(self) -> list[FailureClass]:
        return self._failures.classes(self._reproduce) if self._classes is None else self._classes

    def _tasks(self) -> Iterator[SeedTask]:
        numbers = count() if self._limits.runs is None else iter(range(self._limits.runs))
        return (SeedTask(model=self._model, settings=self._seeded(self._settings.seed + number)) for number in numbers)

    def _take(self, answer: Answer[Trial]) -> None:
        """The next seed's result."""
        seed = self._settings.seed + self._runs
        trial = answer.value or Trial(seed=seed, status=LOST, details=(f"the process that made the run {answer.death}",))
        self._busy += answer.busy
        self._waited += answer.waited
        self._runs += 1
        self._statuses[trial.status] += 1
        self._probes += trial.probes
        self._simulated += trial.simulated
        if trial.status == INVALID:
            if self._failures.add(trial):
                self._watcher.found(trial)
        elif trial.status != VALID:
            run = Unjudged(seed=seed, status=trial.status, reason="; ".join(trial.details), reproduce=self._reproduce(seed))
            self._watcher.unjudged(run)
            if len(self._unjudged) < UNJUDGED_MAX:
                self._unjudged.append(run)
        if trial.status in (VALID, INVALID):
            self._overlaps.append(trial.overlap)

    def _renew(self, seconds: float, *, now: bool = False) -> None:
        """Takes note of the time, and writes the record when that is due."""
        elapsed = max(seconds, 1e-9)
        self._wall = Wall(
            jobs=self._jobs,
            search=seconds,
            busy=self._busy,
            waited=self._waited,
            runs_per_second=self._runs / elapsed,
            virtual_to_real=self._simulated / SECOND / elapsed,
        )
        if now or perf_counter() - self._saved >= RENEWED_SECONDS:
            self.save()

    def _seeded(self, seed: int) -> Settings:
        return dataclasses.replace(self._settings, seed=seed)

    def _reproduce(self, seed: int) -> str:
        return command_line(self._seeded(seed), self._model)

    def _command_line(self) -> str:
        """The command line that tries the same seeds, whatever ended this soak."""
        return f"{command_line(self._settings, self._model, command='soak')} --runs {self._runs}"


def _forwarding(ctrl_c: CtrlC, workers: Workers) -> Callable[[], None]:
    """Tells the processes at work of a Ctrl-C that only this one has heard, once."""
    told = ctrl_c.heard

    def forward() -> None:
        nonlocal told
        if ctrl_c.heard and not told:
            told = True
            workers.interrupt()

    return forward


def _known_failures(model: str, settings: Settings, root: str | Path) -> list[tuple[Path, int]]:
    """The plans that failed before and are about what is asked now: the same model with the same bugs."""
    found = []
    for path in list_failures(root):
        try:
            plan = load_plan(path)
        except ChaoskitError:  # of another version, or damaged: it is nobody's plan any more, and stays where it is
            continue
        if plan.model == model and plan.bugs == list(settings.bugs):
            found.append((path, plan.seed))
    return found
