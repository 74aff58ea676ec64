"""Tries one seed for a test: in memory as long as it holds, and kept, made small and told when it does not.

A run that holds leaves nothing behind. One that does not is made again, which is the same run, in a directory of its own; were it
another one, the test would say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.reports.diagram import wrapped
from chaoskit.reports.exercise import NO_OVERLAP
from chaoskit.reports.panels.story import size_lines
from chaoskit.reports.view import View
from chaoskit.run import draw, execute
from chaoskit.session import ANOTHER_RUN, Kept, command_line, judge_kept, report_name
from chaoskit.session import run as run_session
from chaoskit.settings import Settings
from chaoskit.store.layout import DEFAULT_ROOT
from chaoskit.testing.marked import Marked
from chaoskit.testing.telling import told


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What came of a seed. `failure` is what the test says, None when all holds; `directory` is where a failing run is kept.

    `weak` says why a run that holds proves little, where it does.
    """

    record: RunRecord
    failure: str | None = None
    directory: Path | None = None
    weak: str = ""


def try_seed(marked: Marked, seed: int, *, again: str, width: int) -> Tried:
    """Runs a seed and judges it; `again` is the command line that runs the test again.

    Raises `UsageError` for settings that cannot be meant, `KeyboardInterrupt` for Ctrl-C.
    """
    settings = marked.settings(seed)
    outcome = execute(draw(settings, marked.reference))
    verdict, error, interrupted = judge_kept(outcome, settings.budget)
    if interrupted is not None and error is None:
        raise KeyboardInterrupt(interrupted)
    if verdict.is_valid:
        manifest = Manifest(
            model_reference=marked.reference,
            workload=outcome.plan.workload,
            seed=seed,
            reproduce=command_line(settings, marked.reference),
        )
        record = RunRecord(manifest=manifest, outcome=outcome, verdict=verdict)
        return Tried(record=record, weak=_weak(record, settings))
    kept = run_session(settings, marked.reference, root=DEFAULT_ROOT, shrink=marked.shrink)
    if kept.record.outcome.digests() != outcome.digests():
        return Tried(record=kept.record, failure=_not_the_same(kept, again), directory=kept.directory)
    return Tried(record=kept.record, failure=_told(kept, error, again=again, width=width), directory=kept.directory)


def _weak(record: RunRecord, settings: Settings) -> str:
    """What the run did not try; faults are not missed where none were asked for."""
    warnings = View(record).exercise.warnings
    return "; ".join(warning for warning in warnings if warning != NO_OVERLAP or settings.nemesis != "none")


def _told(kept: Kept, error: ChaoskitError | None, *, again: str, width: int) -> str:
    """The smallest case and why, then where everything is."""
    places = _places(kept, again)
    if error is not None:
        return "\n".join([f"the model broke its contract: {error}", *places])
    if kept.story is not None and kept.story.shrinking is not None:
        places = [*wrapped(size_lines(kept.story.shrinking), width), *places]
    return told(kept.story or kept.record, width=width, after=["", *places])


def _not_the_same(kept: Kept, again: str) -> str:
    return "\n".join([ANOTHER_RUN, "", *_places(kept, again)])


def _places(kept: Kept, again: str) -> list[str]:
    return [
        f"report     {kept.directory / report_name('html')}",
        f"reproduce  {kept.record.manifest.reproduce}",
        f"test       {again}",
        f"paste      chaoskit show {kept.directory} --as pytest",
    ]
