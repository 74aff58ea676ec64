"""The same run once more, from its saved plan, and the first place where it differs from the recording.

Nothing but the plan is consulted: no settings, no nemesis. Three digests are compared, from what clients saw to everything;
where one differs, the events are laid side by side. A recording that ended early is compared as far as it goes.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from time import perf_counter

import msgspec

from chaoskit.catalogue import model_digest, model_named
from chaoskit.core.errors import ChaoskitError, InternalError
from chaoskit.core.journal import QUIET_KINDS, Journal
from chaoskit.core.op import Op
from chaoskit.core.outcome import DIGEST_LEVELS, Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.units import format_time
from chaoskit.reports.events import entry_text
from chaoskit.reports.words import show
from chaoskit.run import execute
from chaoskit.session import Unwatched, Watcher, budget_of, guarded, judge_kept, source_digest
from chaoskit.store.layout import DEFAULT_ROOT
from chaoskit.store.loading import load
from chaoskit.store.runs import find_run, load_plan
from chaoskit.versions import Moved, moved_versions

ENGINE = "chaoskit"  # how its own code is called among what has changed


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The first event that differs: its digest's level, its place, the instant (ns), and both versions (None: there is none)."""

    level: str
    position: int
    time: int
    recorded: str | None
    replayed: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """A run made again. `recorded` is None for a bare plan, `partial` says that the recording ended early.

    `changed` names whose code is not what it was: the model's, or chaoskit's own; `moved` what has another version. `error` is
    what a model did to end it this time, `interrupted` why it ended early; an interrupted run is not compared.
    """

    record: RunRecord
    recorded: RunRecord | None
    partial: bool
    compared: bool
    difference: Difference | None
    changed: list[str]
    moved: list[Moved]
    error: ChaoskitError | None
    interrupted: str | None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def identical(self) -> bool | None:
        """Whether it equals the recording; None when there is none to compare with, or it was not run to its end."""
        return self.difference is None if self.compared else None


def replay(target: str | Path, *, root: str | Path = DEFAULT_ROOT, watcher: Watcher | None = None) -> Replay:
    """Runs a kept run again (a directory, a name, `latest`) or a plan file. Nothing is written.

    Raises `UsageError` when there is no such run, `FormatError` for a broken plan, `StoreError` for a damaged run.
    """
    watching = Unwatched() if watcher is None else watcher
    recorded = None if Path(target).is_file() else _load(find_run(str(target), root=root))
    plan = load_plan(target) if recorded is None else recorded.outcome.plan
    manifest = Manifest(reproduce=command_line(target)) if recorded is None else recorded.manifest
    watching.drawn(plan)
    with guarded(plan.seed):
        return _replayed(plan, manifest, recorded, watching)


def command_line(target: str | Path) -> str:
    """The command line that replays a run or a plan file."""
    return shlex.join(["chaoskit", "replay", str(target)])


def _replayed(plan: Plan, manifest: Manifest, recorded: RunRecord | None, watching: Watcher) -> Replay:
    begin = perf_counter()
    outcome = execute(plan, progress=watching.progress)
    simulated = perf_counter() - begin
    watching.simulated(outcome, simulated)
    verdict, error, interrupted = judge_kept(outcome, budget_of(manifest))
    checked = perf_counter() - begin - simulated
    watching.judged(verdict, checked)
    partial = recorded is not None and (not manifest.complete or manifest.interrupted is not None)
    ran = outcome.interrupted is None or outcome.error is not None
    return Replay(
        record=RunRecord(manifest=msgspec.structs.replace(manifest, digests=outcome.digests()), outcome=outcome, verdict=verdict),
        recorded=recorded,
        partial=partial,
        compared=recorded is not None and ran,
        difference=first_difference(recorded.outcome, outcome, partial=partial) if recorded is not None and ran else None,
        error=error,
        interrupted=interrupted,
        changed=_changed(plan, manifest),
        moved=moved_versions(manifest, model_named(plan.model), plan.model),
        seconds={"simulate": simulated, "check": checked},
    )


def first_difference(recorded: Outcome, replayed: Outcome, *, partial: bool = False) -> Difference | None:
    """Where two outcomes of one plan first differ, level by level; `partial`: the recording may end where the other goes on."""
    before, after = recorded.digests(), replayed.digests()
    for level in DIGEST_LEVELS:
        if before[level] == after[level]:
            continue
        found = _first(level, _events(level, recorded), _events(level, replayed), partial=partial)
        if found is not None:
            return found
        if not partial:
            raise InternalError(
                f"expected an event that differs but only the {level} digests do: {before[level]}, {after[level]}."
            )
    return None


Placed = tuple[int, int, object]  # position, instant, what is compared


def _first(level: str, recorded: Iterable[Placed], replayed: Iterable[Placed], *, partial: bool) -> Difference | None:
    for left, right in zip_longest(recorded, replayed):
        if left is None and partial:
            return None
        if left is None or right is None or left[1:] != right[1:]:
            place = left or right
            assert place is not None, "zip_longest gives one of them"
            return Difference(level=level, position=place[0], time=place[1], recorded=_told(left), replayed=_told(right))
    return None


def _events(level: str, outcome: Outcome) -> Iterator[Placed]:
    if level == "history":
        return ((op.index, op.time, op) for op in outcome.history)
    return _entries(outcome.journal, quiet=level == "full")


def _entries(journal: Journal, *, quiet: bool) -> Iterator[Placed]:
    return ((position, entry[0], entry) for position, entry in journal.entries() if quiet or entry[1] not in QUIET_KINDS)


def _told(placed: Placed | None) -> str | None:
    if placed is None:
        return None
    position, time, event = placed
    if isinstance(event, Op):
        asked = "" if event.key is None else f" {show(event.key)}"
        error = f" [{event.error}]" if event.error else ""
        return f"{format_time(time)}  {event.process} {event.type} {event.f}{asked} {show(event.value)}{error}"
    assert isinstance(event, tuple)
    return f"{format_time(time)}  {entry_text(position, event)}"


def _load(directory: Path) -> RunRecord:
    """A recording; one that was finished is verified first, so that a damaged file is not taken for another run."""
    record = load(directory, incomplete=True)
    return load(directory, verify=True) if record.manifest.complete else record


def _changed(plan: Plan, manifest: Manifest) -> list[str]:
    changed = []
    if plan.model_digest and plan.model_digest != model_digest(model_named(plan.model), plan.model):
        changed.append(plan.model)
    if manifest.source_digest and manifest.source_digest != source_digest():
        changed.append(ENGINE)
    return changed
