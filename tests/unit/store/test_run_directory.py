"""Run directories: made at once, finished last of all, loaded as they were, and refused when they are damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoskit.core.errors import InternalError, ModelError, StoreError, UsageError
from chaoskit.core.history import History
from chaoskit.core.journal import ChunkIndex
from chaoskit.core.op import Op
from chaoskit.core.plan import Plan, plan_to_json
from chaoskit.core.record import RunRecord
from chaoskit.core.verdict import Status
from chaoskit.store import directory as directory_module
from chaoskit.store.directory import RunDirectory, write_report
from chaoskit.store.loading import load
from chaoskit.store.runs import read_manifest

MakeRecord = Callable[..., RunRecord]


def keep(root: Path, record: RunRecord) -> RunRecord:
    """A finished run directory with this record."""
    with RunDirectory.create(root, record.manifest.model, record.manifest.seed) as run:
        return run.finish(record)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_kept_run_loads_as_it_was(tmp_path: Path, make_record: MakeRecord) -> None:
    """Manifest, plan, history, journal, verdict and every fact of the outcome, values of odd kinds among them."""
    kept = keep(tmp_path, make_record())
    again = load(tmp_path / "runs" / "raft-7-1", verify=True)
    assert again.manifest == kept.manifest
    assert again.manifest.complete
    assert again.manifest.verdict == "invalid"
    assert again.manifest.interrupted == "Ctrl-C"
    assert again.manifest.digests == kept.outcome.digests() == again.outcome.digests()
    assert again.verdict == kept.verdict
    assert again.directory == kept.directory == str(tmp_path / "runs" / "raft-7-1")
    for name in ("plan", "history", "effects", "violations", "liveness", "stats", "invocation_ids", "interrupted"):
        assert getattr(again.outcome, name) == getattr(kept.outcome, name)
    assert list(again.outcome.journal.entries()) == list(kept.outcome.journal.entries())


def test_a_run_whose_journal_went_to_its_file_loads_the_same(tmp_path: Path, make_record: MakeRecord) -> None:
    """The sink of the directory and a journal written at the end leave the same bytes."""
    keep(tmp_path, make_record())
    with RunDirectory.create(tmp_path, "raft", 7) as run:
        run.finish(make_record(sink=run.journal_sink()))
    first, second = (tmp_path / "runs" / f"raft-7-{number}" / "journal.bin" for number in (1, 2))
    assert first.read_bytes() == second.read_bytes()
    assert load(second.parent, verify=True).outcome.digests() == load(first.parent).outcome.digests()


def test_equal_runs_are_kept_in_equal_bytes(tmp_path: Path, make_record: MakeRecord) -> None:
    """Nothing in a run directory depends on when or where it was written."""
    for _ in range(2):
        keep(tmp_path, make_record())
    first, second = (sorted((tmp_path / "runs" / f"raft-7-{number}").iterdir()) for number in (1, 2))
    names = ["history.jsonl", "journal.bin", "manifest.json", "plan.json", "verdict.json"]
    assert [path.name for path in first] == [path.name for path in second] == names
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_new_directory_says_at_once_that_it_is_not_complete(tmp_path: Path, plan: Plan) -> None:
    """A run that is killed in its first moment is seen to be one, with the plan that it had."""
    run = RunDirectory.create(tmp_path, "raft", 7, plan=plan)
    manifest = read_manifest(run.path)
    assert (manifest.complete, manifest.model, manifest.seed) == (False, "raft", 7)
    assert (run.path / "plan.json").read_bytes() == plan_to_json(plan)
    with pytest.raises(StoreError, match=r"^expected a finished run but .*raft-7-1 was not finished: killed, or still running\."):
        load(run.path)


def test_runs_of_one_seed_are_numbered(tmp_path: Path) -> None:
    """Nothing is overwritten; a model given as a file gets a name that is one."""
    names = [RunDirectory.create(tmp_path, model, 7).path.name for model in ("raft", "raft", "path/to/store.py:my model")]
    assert names == ["raft-7-1", "raft-7-2", "path-to-store.py-my-model-7-1"]


def test_a_named_directory_must_be_new_or_empty(tmp_path: Path) -> None:
    """Whatever lies there is not chaoskit's to mix with."""
    assert RunDirectory.create(tmp_path, "raft", 7, at=tmp_path / "new" / "deep").path == tmp_path / "new" / "deep"
    (tmp_path / "empty").mkdir()
    RunDirectory.create(tmp_path, "raft", 7, at=tmp_path / "empty")
    for taken, held in ((tmp_path / "empty", "manifest.json"), (tmp_path / "empty" / "manifest.json", "manifest.json")):
        reason = f"expected a new or an empty directory but got {str(taken)!r}, which holds {held!r}; name another."
        with pytest.raises(UsageError, match=f"^{re.escape(reason)}$"):
            RunDirectory.create(tmp_path, "raft", 7, at=taken)


def test_a_story_is_a_run_directory_within(tmp_path: Path, make_record: MakeRecord, plan: Plan) -> None:
    """The minimal run is loaded like any other, and is not what `latest` means."""
    with RunDirectory.create(tmp_path, "raft", 7) as run:
        with RunDirectory.story_of(run.path, run.manifest, plan=plan) as story:
            story.finish(make_record())
        run.finish(make_record())
    assert load(run.path / "story").manifest.complete
    assert (tmp_path / "runs" / "latest").read_text() == "raft-7-1\n"
    assert len(list((tmp_path / "failures").iterdir())) == 1


def test_only_failing_plans_are_kept_to_be_tried_first(tmp_path: Path, make_record: MakeRecord) -> None:
    """And each plan once."""
    keep(tmp_path, make_record(status=Status.VALID))
    keep(tmp_path, make_record(status=Status.UNKNOWN))
    assert not (tmp_path / "failures").exists()
    keep(tmp_path, make_record())
    keep(tmp_path, make_record())
    assert len(list((tmp_path / "failures").iterdir())) == 1


def test_reports_can_be_written_before_and_after_a_run_is_finished(tmp_path: Path, make_record: MakeRecord) -> None:
    """Under the names that belong in a run directory, and no other."""
    with RunDirectory.create(tmp_path, "raft", 7) as run:
        run.write_report("report.html", b"first")
        run.finish(make_record())
    assert write_report(run.path, "report.html", b"second").read_bytes() == b"second"
    with pytest.raises(UsageError, match=r"^unknown report file 'report\.htm'\. Did you mean 'report\.html'\?$"):
        run.write_report("report.htm", b"")


def test_log_lines_are_kept_as_they_come(tmp_path: Path) -> None:
    """Also those that hold no text, and those that come when the run is over."""
    with RunDirectory.create(tmp_path, "raft", 7) as run:
        run.log("seed 7")
        assert (run.path / "log.txt").read_text() == "seed 7\n"
        run.close()
        run.log("half a character: \ud800")
    assert (run.path / "log.txt").read_text() == "seed 7\nhalf a character: \\ud800\n"


def test_a_run_is_recorded_event_by_event(tmp_path: Path, plan: Plan, history: History) -> None:
    """An unfinished run holds what was recorded; the builder gives the same history in memory."""
    with RunDirectory.create(tmp_path, "raft", 7, plan=plan) as run:
        builder = run.history_builder()
        for op in history:
            builder.append_op(op)
        assert builder.build() == history
        assert run.history_builder() is builder
    with open(run.path / "history.jsonl", "ab") as file:
        file.write(b'{"index":5,"time":6,"type":"invoke","proc')
    record = load(run.path, incomplete=True)
    assert record.outcome.history == history
    assert record.verdict.status is Status.UNKNOWN
    assert record.verdict.reasons() == ["run: the run was not finished, so nothing was judged"]
    assert record.outcome.interrupted == "the run was not finished"


def test_an_unfinished_run_without_a_plan_has_nothing_to_load(tmp_path: Path) -> None:
    """Killed before anything was drawn."""
    run = RunDirectory.create(tmp_path, "raft", 7)
    with pytest.raises(StoreError, match=r"^could not read .*plan\.json: No such file or directory\.$"):
        load(run.path, incomplete=True)


def test_what_is_no_run_directory_is_the_persons_error(tmp_path: Path) -> None:
    """Exit code 2, not 4."""
    reason = f"expected a run directory but got {str(tmp_path)!r}, which has no manifest.json; see 'chaoskit list runs'."
    with pytest.raises(UsageError, match=f"^{re.escape(reason)}$"):
        load(tmp_path)


Damage = Callable[[Path], object]


def cut(size: int) -> Damage:
    return lambda path: path.write_bytes(path.read_bytes()[:size])


def written(data: bytes) -> Damage:
    return lambda path: path.write_bytes(data)


def changed(old: str, new: str) -> Damage:
    return lambda path: replace(path, old, new)


@pytest.mark.parametrize(
    ("file", "damage", "reason"),
    [
        ("manifest.json", written(b"{"), "manifest.json is damaged: expected JSON but got"),
        ("manifest.json", written(b"5"), "manifest.json is damaged: expected the fields of a Manifest but"),
        ("manifest.json", changed('"seed": 7', '"seed": "x"'), "manifest.json is damaged: expected the fields of a Manifest but"),
        ("manifest.json", changed('"version": 1', '"version": 2'), "in version 1 but got version=2; use a newer chaoskit"),
        ("verdict.json", changed('"version": 1', '"version": 0'), "in version 1 but got version=0; use an older chaoskit"),
        ("verdict.json", Path.unlink, "could not read"),
        ("verdict.json", changed('"invalid"', '"odd"'), "verdict.json is damaged: expected the fields of a VerdictFile but"),
        ("verdict.json", changed('"$bytes": "AA=="', '"$bytes": 5'), "verdict.json is damaged: expected JSON but got"),
        ("plan.json", written(b"[]"), "plan.json is damaged: expected a chaoskit plan but"),
        ("plan.json", Path.unlink, "could not read"),
        ("history.jsonl", cut(-9), "history.jsonl is damaged: line 5: expected one event as a JSON object"),
        ("history.jsonl", cut(0), "history.jsonl is damaged: expected 5 events but it holds 0."),
        ("history.jsonl", Path.unlink, "could not read"),
        ("journal.bin", cut(-1), "journal.bin is damaged: expected the record of journal entry 20 before byte"),
        ("journal.bin", cut(20), "journal.bin is damaged: expected 30 entries but it holds 0."),
        ("journal.bin", written(b"PK"), "journal.bin is damaged: expected a chaoskit journal but it begins with b'PK'."),
        ("journal.bin", Path.unlink, "could not read"),
    ],
)
def test_a_damaged_run_says_which_file_and_why(
    tmp_path: Path, make_record: MakeRecord, file: str, damage: Damage, reason: str
) -> None:
    """Truncated, changed, removed, or from another version."""
    kept = keep(tmp_path, make_record())
    path = Path(kept.directory or "") / file
    damage(path)
    with pytest.raises(StoreError, match=re.escape(reason)) as raised:
        load(path.parent)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("file", "change"),
    [("history.jsonl", changed('"time":2', '"time":3')), ("manifest.json", changed('"full": "', '"full": "00'))],
)
def test_verifying_finds_what_was_changed_by_hand(tmp_path: Path, make_record: MakeRecord, file: str, change: Damage) -> None:
    """A change that is well-formed is found by its digest, and only by that."""
    kept = keep(tmp_path, make_record())
    directory = Path(kept.directory or "")
    change(directory / file)
    load(directory)
    with pytest.raises(StoreError, match=r"expected the (history|full) digest .* but got .*; it was changed after the run\.$"):
        load(directory, verify=True)


def test_a_changed_chunk_is_found_when_it_is_read(tmp_path: Path, make_record: MakeRecord) -> None:
    """The index loads; the chunk has a checksum of its own. A journal read back takes no more."""
    kept = keep(tmp_path, make_record())
    path = Path(kept.directory or "") / "journal.bin"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    journal = load(path.parent).outcome.journal
    assert len(list(journal.events(end=190))) == 20
    with pytest.raises(StoreError, match=r"journal\.bin is damaged: expected a chunk of \d+ bytes with its checksum at byte"):
        list(journal.events(start=200))
    with pytest.raises(InternalError, match=r"^expected a stored journal to be only read but 1 bytes came for"):
        journal.sink.write(b"x", ChunkIndex(0, 1, 0, 0))


def test_the_manifest_is_written_last(tmp_path: Path, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is missing, `complete` is true only when all is there."""
    order: list[str] = []

    def write_file(path: Path, data: Any) -> None:
        order.append(path.name)

    with RunDirectory.create(tmp_path, "raft", 7) as run:
        monkeypatch.setattr(directory_module, "write_file", write_file)
        run.finish(make_record())
    assert order == ["plan.json", "history.jsonl", "verdict.json", "manifest.json"]
    assert json.loads((run.path / "manifest.json").read_text())["complete"] is False


def test_an_event_that_is_no_event_is_not_kept(tmp_path: Path) -> None:
    """The builder refuses it before the file sees it."""
    with RunDirectory.create(tmp_path, "raft", 7) as run:
        builder = run.history_builder()
        with pytest.raises(ModelError):
            builder.append("odd", 0, "read")
        builder.append_op(Op(type="invoke", process=0, f="read"))
    assert len((run.path / "history.jsonl").read_text().splitlines()) == 1
