"""A kept run, read back: its manifest, its outcome and its verdict, or what is there of them.

A finished run that lacks something is damaged, and the error says which file and why. An unfinished one is refused
unless it is asked for; then it is read as far as it got. The journal stays on disk: only its index is read.
"""

from __future__ import annotations

from pathlib import Path

from chaoskit.core.errors import FormatError, StoreError
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.verdict import Status, Verdict
from chaoskit.store import layout
from chaoskit.store.files import damaged, damaged_text
from chaoskit.store.histories import read_recorded
from chaoskit.store.journal_file import StoredJournal
from chaoskit.store.runs import is_run, load_plan, read_manifest

UNFINISHED = "the run was not finished"


def load(path: str | Path, *, incomplete: bool = False, verify: bool = False) -> RunRecord:
    """The run kept in a directory. `incomplete`: also one that was killed; `verify`: its digests are computed and compared.

    Raises `UsageError` when the path is no run directory, `StoreError` for an unfinished or a damaged run.
    """
    directory = Path(path)
    manifest = read_manifest(directory)
    if not manifest.complete and not incomplete:
        reason = "was not finished: killed, or still running. It can be loaded as incomplete"
        raise StoreError(f"expected a finished run but {directory} {reason}.")
    record = _record(directory, manifest)
    if verify:
        _verify(directory, record)
    return record


def _record(directory: Path, manifest: Manifest) -> RunRecord:
    content = _verdict(directory, finished=manifest.complete)
    facts = content.outcome
    history = _history(directory, finished=manifest.complete)
    journal = _journal(directory, finished=manifest.complete)
    if manifest.complete:
        _check_length(directory / layout.HISTORY, "events", facts.events, len(history))
        _check_length(directory / layout.JOURNAL, "entries", facts.entries, len(journal))
    outcome = Outcome(
        plan=_plan(directory),
        history=history,
        journal=journal,
        effects=facts.effects,
        violations=facts.violations,
        liveness=facts.liveness,
        stats=facts.stats,
        invocation_ids=facts.invocation_ids,
        interrupted=facts.interrupted,
    )
    story = directory / layout.STORY
    return RunRecord(
        manifest=manifest,
        outcome=outcome,
        verdict=content.verdict,
        directory=str(directory),
        story=load(story) if is_run(story) and read_manifest(story).complete else None,
        shrinking=content.shrinking,
    )


def _plan(directory: Path) -> Plan:
    try:
        return load_plan(directory / layout.PLAN)
    except FormatError as error:
        raise damaged_text(error) from error


def _history(directory: Path, *, finished: bool) -> History:
    path = directory / layout.HISTORY
    if not finished and not path.is_file():
        return History.of([])
    return read_recorded(path, torn_end=not finished)


def _journal(directory: Path, *, finished: bool) -> Journal:
    path = directory / layout.JOURNAL
    if not finished and not path.is_file():
        return Journal()
    return StoredJournal(path, torn_end=not finished)


def _verdict(directory: Path, *, finished: bool) -> layout.VerdictFile:
    if not finished and not (directory / layout.VERDICT).is_file():
        verdict = Verdict(checker="run", status=Status.UNKNOWN, reason=f"{UNFINISHED}, so nothing was judged")
        return layout.VerdictFile(verdict=verdict, outcome=layout.OutcomeFacts(interrupted=UNFINISHED))
    return layout.read_verdict_file(directory)


def _check_length(path: Path, what: str, expected: int, found: int) -> None:
    if expected != found:
        raise damaged(path, f"expected {expected} {what} but it holds {found}")


def _verify(directory: Path, record: RunRecord) -> None:
    files = {"history": layout.HISTORY, "journal": layout.JOURNAL, "full": layout.JOURNAL}
    found = record.outcome.digests()
    for level, expected in record.manifest.digests.items():
        if found.get(level) != expected:
            path = directory / files.get(level, layout.MANIFEST)
            reason = f"expected the {level} digest {expected} but got {found.get(level)}"
            raise damaged(path, f"{reason}; it was changed after the run")
