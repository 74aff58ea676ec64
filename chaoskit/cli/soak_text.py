"""Tells a person how a soak goes: what is tried, a line for each class of failures, and what it all came to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from chaoskit.cli.console import Bar, Console
from chaoskit.core.soak import (
    INVALID,
    UNKNOWN,
    VALID,
    FailureClass,
    Known,
    SoakRecord,
    Trial,
    Unjudged,
    with_faults,
)
from chaoskit.core.units import SECOND, format_duration, format_time, plural
from chaoskit.reports.soak import frequency_text, runs_text, statuses_text, story_text, unseen_text
from chaoskit.session import chaoskit_version
from chaoskit.soak.campaign import Limits

SHOWN = 10  # runs without a verdict that are told one by one


class Soaking:
    """The watcher of the command. `seed_matters`: the first seed was drawn by chance, so that even a quiet soak must name it."""

    def __init__(self, console: Console, limits: Limits, *, model: str, seed: int, seed_matters: bool) -> None:
        self.directory: Path | None = None
        self._console = console
        self._limits = limits
        self._heading = f"chaoskit {chaoskit_version()} · soak {model} · {_asked(limits)} from seed {seed}"
        self._seed_matters = seed_matters
        self._bar = self._new_bar()
        self._unjudged = 0

    def began(self, directory: Path) -> None:
        self.directory = directory
        if self._console.json:
            self._console.note(self._heading)
        elif self._seed_matters:
            self._console.tell(self._heading)
        else:
            self._console.say(self._heading)

    def tried(self, known: Known) -> None:
        self._bar.clear()
        kinds = f" ({', '.join(dict.fromkeys(known.kinds))})" if known.kinds else ""
        now = f"is {known.status}{kinds}" if known.kept else "is valid now, and was removed"
        self._console.say(f"known    {known.plan} {now}")

    def progress(self, runs: int, failures: int, classes: int, seconds: float) -> None:
        limits = self._limits
        share = max(
            runs / limits.runs if limits.runs else 0,
            seconds / limits.seconds if limits.seconds else 0,
            failures / limits.failures if limits.failures else 0,
        )
        rate = f"{runs / seconds:.1f}/s" if seconds > 1 else "…"
        found = f"{plural(failures, 'failure')} in {plural(classes, 'class', many='classes')}"
        self._bar.update(int(share * 1000), f"{plural(runs, 'run')} · {rate} · {found}")

    def found(self, trial: Trial) -> None:
        """Live only: the final lines tell it as well, and better."""
        if self._console.moves and trial.shape is not None:
            self._bar.clear()
            self._console.say(f"found    seed {trial.seed}: {trial.shape}")

    def unjudged(self, run: Unjudged) -> None:
        self._unjudged += 1
        if self._unjudged <= SHOWN:
            self._bar.clear()
            self._console.note(f"note: seed {run.seed} is {run.status}: {run.reason.strip()}\n      {run.reproduce}")

    def keeping(self, done: int, classes: int, *, shrink: bool) -> None:
        if done == 0:
            self._bar.clear()
            self._bar = self._console.bar("shrink" if shrink else "keep", max(1, classes))
        if classes:
            self._bar.update(done, f"{done}/{plural(classes, 'class', many='classes')}")
        if done == classes:
            self._bar.clear()

    def tell(self, record: SoakRecord) -> None:
        """The final lines."""
        assert self.directory is not None, "a soak has begun before it ends"
        console = self._console
        self._bar.clear()
        console.say()
        for found in record.classes:
            console.tell(f"{console.paint('INVALID', 'bad')}  {class_text(found, record.runs, self.directory)}")
            if found.problem:
                console.note(f"note: {found.problem}")
        console.tell(f"{_painted(record, console)}{_figures(record)}")
        wall = record.wall
        console.say(
            f"{wall.runs_per_second:.1f} runs a second on {plural(wall.jobs, 'job')} ({wall.search:.1f} s) · "
            f"{format_time(record.simulated)} simulated, {wall.virtual_to_real:,.0f} times as fast as the clock"
        )
        for line in unseen_text(record):
            console.say(line)
        console.say()
        console.say(f"reproduce  {record.reproduce}")
        console.say(f"classes    {self.directory / 'index.html'}")

    def _new_bar(self) -> Bar:
        return self._console.bar("soak", 1000)


def class_text(found: FailureClass, runs: int, directory: Path) -> str:
    """A class of failures in a line."""
    asked = f" ({', '.join(found.shape.functions)})" if found.shape.functions else ""
    story = found.story
    small = f" · {story_text(story)}" if story is not None else ""
    where = f" · {directory / found.run}" if found.run is not None else ""
    return (
        f"{found.shape.fingerprint.kind}{asked} {with_faults(found.shape.faults)} · {frequency_text(len(found.seeds), runs)}, "
        f"first seed {found.first}{small}{where}"
    )


def object_of(record: SoakRecord, directory: Path) -> dict[str, Any]:
    """The one object of `--json`: the record, and where it is kept."""
    return {"verdict": record.verdict, **msgspec.to_builtins(record), "directory": str(directory)}


def _asked(limits: Limits) -> str:
    parts = [plural(limits.runs, "run")] if limits.runs is not None else []
    parts += [f"for {format_duration(round(limits.seconds * SECOND))}"] if limits.seconds is not None else []
    parts += [f"until {plural(limits.failures, 'failure')}"] if limits.failures is not None else []
    return ", ".join(parts)


def _painted(record: SoakRecord, console: Console) -> str:
    """The verdict over all runs, in front of the figures, where there is no class to say it."""
    colours = {VALID: "good", INVALID: "bad", UNKNOWN: "doubtful"}
    return "" if record.classes else f"{console.paint(record.verdict.upper(), colours[record.verdict])}  "


def _figures(record: SoakRecord) -> str:
    parts = [runs_text(record), statuses_text(record)]
    if record.statuses.get(INVALID):
        parts.append(plural(len(record.classes), "class", many="classes"))
    if record.failing_again:
        parts.append(f"{plural(record.failing_again, 'known plan')} failed again")
    if record.overlap is not None:
        parts.append(f"{record.overlap:.0%} of a median run's ops under faults")
    return " · ".join(parts)
