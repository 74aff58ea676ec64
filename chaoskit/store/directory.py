"""A run directory while it is being filled: made at once, added to as the run goes, and finished last of all.

Whatever was recorded is kept: the manifest says `complete: false` from the start, the journal and the history grow on
disk, and `finish` writes the rest, each file whole, before the manifest says `true`. A run that was killed, or met a
full disk, is seen to be one and can be loaded as far as it got.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from chaoskit.core.errors import StoreError, UsageError, unknown_name
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan, plan_to_json
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.formats import jsonl
from chaoskit.store import layout
from chaoskit.store.files import GrowingFile, make_directory, remove_directory, unreadable, write_file
from chaoskit.store.histories import RecordingBuilder
from chaoskit.store.journal_file import FileSink, write_journal
from chaoskit.store.runs import save_failure

RUNS_MAX = 1_000_000  # directories of one name: of a model and a seed, say


class RunDirectory:
    """A new run directory, open for writing. Close it, or use it in a `with`. Whatever cannot be written is a `StoreError`."""

    def __init__(self, path: Path, manifest: Manifest, *, root: Path | None) -> None:
        """For `create`, which makes the directory."""
        self.path = path
        self.manifest = manifest
        self._root = root  # where failing plans go; None for a story, whose original went there
        self._sink: FileSink | None = None
        self._history: RecordingBuilder | None = None
        self._log: GrowingFile | None = None

    @classmethod
    def create(
        cls,
        root: str | Path,
        model: str,
        seed: int,
        *,
        at: str | Path | None = None,
        plan: Plan | None = None,
        manifest: Manifest | None = None,
    ) -> RunDirectory:
        """Makes `<root>/runs/<model>-<seed>-<n>`, or the new or empty directory `at`, with what is known before the run.

        Raises `UsageError` when something is at `at` already.
        """
        base = Path(root)
        path = new_directory(base / layout.RUNS, layout.run_name(model, seed), at=at)
        made = cls._begin(path, model, seed, plan=plan, manifest=manifest, root=base)
        pointed = path.name if at is None else str(path.resolve())
        make_directory(base / layout.RUNS)
        write_file(base / layout.RUNS / layout.LATEST, f"{pointed}\n".encode())
        return made

    @classmethod
    def story_of(cls, run: Path, manifest: Manifest, *, plan: Plan | None = None) -> RunDirectory:
        """A story's run directory, within that of its run, in place of the one that was there."""
        path = run / layout.STORY
        remove_directory(path)
        make_directory(path)
        return cls._begin(path, manifest.model, manifest.seed, plan=plan, manifest=manifest, root=None)

    @classmethod
    def _begin(
        cls, path: Path, model: str, seed: int, *, plan: Plan | None, manifest: Manifest | None, root: Path | None
    ) -> RunDirectory:
        known = msgspec.structs.replace(manifest or Manifest(), model=model, seed=seed, complete=False)
        write_file(path / layout.MANIFEST, layout.to_json_file(known))
        if plan is not None:
            write_file(path / layout.PLAN, plan_to_json(plan))
        return cls(path, known, root=root)

    def journal_sink(self) -> FileSink:
        """Where the run's journal goes, chunk by chunk; the same one at every call."""
        if self._sink is None:
            self._sink = FileSink(self.path / layout.JOURNAL)
        return self._sink

    def history_builder(self) -> RecordingBuilder:
        """A history builder that keeps events as they come; the same one at every call."""
        if self._history is None:
            self._history = RecordingBuilder(self.path / layout.HISTORY)
        return self._history

    def log(self, text: str) -> None:
        """Adds a line to log.txt, also when the run is finished."""
        if self._log is None:
            self._log = GrowingFile(self.path / layout.LOG, resume=True)
        self._log.append(f"{text}\n".encode(errors="backslashreplace"))

    def write_report(self, name: str, data: bytes) -> Path:
        """Writes one of the files in `layout.REPORTS`."""
        return write_report(self.path, name, data)

    def finish(self, record: RunRecord) -> RunRecord:
        """Writes everything that is not there yet, the manifest last. Gives the record as it is now kept."""
        outcome = record.outcome
        manifest = msgspec.structs.replace(
            record.manifest,
            complete=True,
            model=self.manifest.model,
            seed=self.manifest.seed,
            interrupted=outcome.interrupted or record.manifest.interrupted,
            verdict=str(record.verdict.status),
            digests=outcome.digests(),
        )
        self.close()
        write_file(self.path / layout.PLAN, plan_to_json(outcome.plan))
        write_file(self.path / layout.HISTORY, jsonl.write(outcome.history))
        if outcome.journal.sink is not self._sink:
            write_journal(self.path / layout.JOURNAL, outcome.journal)
        content = layout.VerdictFile(verdict=record.verdict, outcome=_facts(outcome), shrinking=record.shrinking)
        write_file(self.path / layout.VERDICT, layout.to_json_file(content))
        if self._root is not None and record.verdict.is_invalid:
            save_failure(outcome.plan, self._root)
        write_file(self.path / layout.MANIFEST, layout.to_json_file(manifest))
        self.manifest = manifest
        return RunRecord(
            manifest=manifest,
            outcome=outcome,
            verdict=record.verdict,
            directory=str(self.path),
            story=record.story,
            shrinking=record.shrinking,
        )

    def close(self) -> None:
        """Lets go of the open files. What was recorded stays readable."""
        with ExitStack() as closing:  # each is closed, whatever becomes of the others
            for file in (self._sink, self._history, self._log):
                if file is not None:
                    closing.callback(file.close)
        self._log = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.close()
        except StoreError:
            if error is None:  # a full disk has been told of once already
                raise


def write_report(directory: str | Path, name: str, data: bytes) -> Path:
    """Writes a report into a run directory, also one finished before. Raises `StoreError`, `UsageError` for another name."""
    if name not in layout.REPORTS:
        raise unknown_name("report file", name, layout.REPORTS)
    path = Path(directory) / name
    write_file(path, data)
    return path


def _facts(outcome: Outcome) -> layout.OutcomeFacts:
    return layout.OutcomeFacts(
        effects=outcome.effects,
        violations=outcome.violations,
        liveness=outcome.liveness,
        stats=outcome.stats,
        invocation_ids=outcome.invocation_ids,
        interrupted=outcome.interrupted,
        events=len(outcome.history),
        entries=len(outcome.journal),
    )


def new_directory(folder: Path, name: str, *, at: str | Path | None) -> Path:
    """`<folder>/<name>-<n>`, or the new or empty directory `at`. Raises `UsageError` when something is at `at` already."""
    return _numbered_directory(folder, name) if at is None else _given_directory(Path(at))


def _numbered_directory(folder: Path, name: str) -> Path:
    """A new directory with the first number behind its name that is free; making it claims it, also against other processes."""
    for number in range(1, RUNS_MAX + 1):
        path = folder / f"{name}-{number}"
        try:
            make_directory(path, new=True)
        except FileExistsError:
            continue
        return path
    raise StoreError(f"expected at most {RUNS_MAX} directories of {name} in {folder}; remove old ones.")


def _given_directory(path: Path) -> Path:
    """The directory that a person named, made where it is not there. Raises `UsageError` unless it is empty."""
    held = next(_names(path), None)
    if held is not None:
        raise UsageError(f"expected a new or an empty directory but got {str(path)!r}, which holds {held!r}; name another.")
    make_directory(path)
    return path


def _names(path: Path) -> Iterator[str]:
    try:
        yield from sorted(entry.name for entry in path.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError:
        yield path.name
    except OSError as error:
        raise unreadable(path, error) from error
