"""The run of a class, made once more in order to be kept, shrunk and reported, by a process that does nothing else meanwhile.

Its size is decided by a budget of runs, never of seconds, so that the same class has the same story each time. Ctrl-C ends the
shrinking, and what it had come to is kept.
"""

from __future__ import annotations

import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.record import RunRecord
from chaoskit.core.soak import FailureClass, Shape, Story
from chaoskit.session import run, write_reports
from chaoskit.settings import Settings
from chaoskit.shrink import ShrinkBudget
from chaoskit.soak.shape import story_shape
from chaoskit.store.loading import load
from chaoskit.store.runs import is_run, read_manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeping:
    """How classes are kept: with which reports, and shrunk within which budget (None: not at all)."""

    reports: tuple[str, ...]
    shrink: ShrinkBudget | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptClass:
    """What became of a class' run: where it is, its story and the story's shape, and what went wrong."""

    run: str | None = None
    story: Story | None = None
    shape: Shape | None = None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepTask:
    """Makes a run again and keeps it in `directory` under `name`."""

    settings: Settings
    model: str
    root: Path
    directory: Path
    name: str
    keeping: Keeping

    def __call__(self) -> KeptClass:
        try:
            with _one_ctrl_c():
                kept = run(
                    self.settings,
                    self.model,
                    root=self.root,
                    at=self.directory / self.name,
                    reports=self.keeping.reports,
                    shrink=self.keeping.shrink,
                )
        except ChaoskitError as error:
            return KeptClass(problem=str(error))
        except KeyboardInterrupt:
            return self._left()
        except Exception as error:  # noqa: BLE001  # a soak goes on, and tells
            return KeptClass(problem="".join(traceback.format_exception_only(error)).strip())
        return _told(kept.record, self.name, problem=kept.unshrunk)

    def _left(self) -> KeptClass:
        """What is there after a Ctrl-C that met something else than the shrinker: a whole run, or nothing."""
        directory = self.directory / self.name
        if not is_run(directory) or not read_manifest(directory).complete:
            return KeptClass(problem=f"{self.name} was not kept: interrupted")
        record = load(directory)
        write_reports(record, directory, self.keeping.reports)
        return _told(record, self.name)


def class_name(found: FailureClass) -> str:
    """The directory of a class within the soak's."""
    return f"{found.shape.fingerprint.kind}-{found.seed}"


def _told(record: RunRecord, name: str, *, problem: str | None = None) -> KeptClass:
    """A kept run, with its story where it has one, or why it has none."""
    told = record.story
    violation = None if told is None else next(iter(told.verdict.all_violations()), None)
    if told is None or violation is None or told.shrinking is None:
        return KeptClass(run=name, problem=problem or record.manifest.interrupted)
    shrinking = told.shrinking
    story = Story(size=shrinking.after, runs=shrinking.runs, stopped=shrinking.stopped)
    return KeptClass(run=name, story=story, shape=story_shape(told.outcome, violation))


@contextmanager
def _one_ctrl_c() -> Iterator[None]:
    """Lets the first Ctrl-C through, which all processes of a terminal hear, and no second one: it would end the saving."""

    def hear(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
