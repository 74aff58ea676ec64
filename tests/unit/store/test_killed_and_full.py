"""Whatever was recorded is kept: when the process is killed, when the disk is full, when a rename fails."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoskit.core.errors import StoreError
from chaoskit.core.history import History
from chaoskit.core.journal import ChunkIndex, Journal
from chaoskit.core.op import Op
from chaoskit.core.plan import Plan, plan_to_json
from chaoskit.core.record import RunRecord
from chaoskit.store import files
from chaoskit.store.directory import RunDirectory
from chaoskit.store.histories import EVENTS_UNWRITTEN_MAX
from chaoskit.store.journal_file import FileSink, StoredJournal
from chaoskit.store.loading import load
from chaoskit.store.runs import find_run, list_runs

MakeRecord = Callable[..., RunRecord]

EVENTS = 2 * EVENTS_UNWRITTEN_MAX + 5
ENTRIES = 250
CHUNK = 100

WRITER = """
import os, resource, signal, sys
from chaoskit.core.errors import StoreError
from chaoskit.core.journal import Journal
from chaoskit.core.plan import plan_from_json
from chaoskit.store.directory import RunDirectory

root, plan, events, entries, chunk, ending = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]), sys.argv[6]
run = RunDirectory.create(root, "raft", 7, plan=plan_from_json(open(plan, "rb").read()))
history, journal = run.history_builder(), Journal(run.journal_sink())
for index in range(events):
    history.append("invoke", index, "write", None, index, time=index)
for position in range(entries):
    journal.pending.append((position, "timer", "n1", "boot", "tick"))
    if position % chunk == chunk - 1:
        journal.flush()
if ending == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
elif ending == "exit":
    os._exit(9)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))  # a disk that is nearly full
try:
    for index in range(events, 10**6):
        history.append("invoke", index, "write", None, index, time=index)
except StoreError as error:
    print(error)
    os._exit(4)
"""


def write_and_end(tmp_path: Path, plan: Plan, *, ending: str) -> subprocess.CompletedProcess[str]:
    saved = tmp_path / "plan.json"
    saved.write_bytes(plan_to_json(plan))
    arguments = [str(tmp_path), str(saved), str(EVENTS), str(ENTRIES), str(CHUNK), ending]
    return subprocess.run([sys.executable, "-c", WRITER, *arguments], check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("ending", "code"), [("kill", -signal.SIGKILL), ("exit", 9)])
def test_a_killed_process_leaves_what_it_recorded(tmp_path: Path, plan: Plan, ending: str, code: int) -> None:
    """Up to the last events handed over, and the last whole chunk; the run is seen to be unfinished."""
    assert write_and_end(tmp_path, plan, ending=ending).returncode == code
    path = find_run("latest", root=tmp_path)
    assert [row.complete for row in list_runs(tmp_path)] == [False]
    with pytest.raises(StoreError, match=r"was not finished"):
        load(path)
    outcome = load(path, incomplete=True, verify=True).outcome
    assert outcome.plan == plan
    assert [op.value for op in outcome.history] == list(range(2 * EVENTS_UNWRITTEN_MAX))
    assert [event.time for event in outcome.journal.events()] == list(range(2 * CHUNK))


def test_a_full_disk_leaves_what_was_recorded_before(tmp_path: Path, plan: Plan) -> None:
    """A file that may not grow: an error that names it, and whole lines only."""
    ended = write_and_end(tmp_path, plan, ending="full")
    assert (ended.returncode, ended.stderr) == (4, "")
    path = find_run("latest", root=tmp_path)
    assert ended.stdout.startswith(f"could not write {path / 'history.jsonl'}: File too large. What was recorded before is kept;")
    data = (path / "history.jsonl").read_bytes()
    assert data.endswith(b"\n")
    values = [op.value for op in load(path, incomplete=True).outcome.history]
    assert values == list(range(len(values)))
    assert 2 * EVENTS_UNWRITTEN_MAX <= len(values) <= data.count(b"\n")


class FullDisk:
    """A file of which only the first bytes still fit; a write may be taken in part, as a system's is."""

    def __init__(self, path: Path, *, room: int) -> None:
        self._file = open(path, "r+b", buffering=0)  # noqa: SIM115
        self._file.seek(0, os.SEEK_END)
        self._room = room

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(len(data), self._room, 7)
        self._room -= taken
        return self._file.write(data[:taken]) or 0

    def truncate(self, size: int) -> int:
        return self._file.truncate(size)

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def close(self) -> None:
        self._file.close()


@pytest.mark.parametrize("room", [0, 1, 8, 30, 41])
def test_a_journal_chunk_that_does_not_fit_leaves_the_chunks_before_it(tmp_path: Path, room: int) -> None:
    """And once there is room again the journal goes on."""
    sink = FileSink(tmp_path / "journal.bin")
    journal = Journal(sink)
    journal.pending.append((0, "timer", "n1", "boot", "tick"))
    journal.flush()
    whole = (tmp_path / "journal.bin").read_bytes()
    growing: Any = sink._file
    growing._file.close()
    growing._file = FullDisk(tmp_path / "journal.bin", room=room)
    with pytest.raises(StoreError, match=r"^could not write .*journal\.bin: No space left on device\. What was recorded"):
        sink.write(b"\x95\x01\xa5timer\xa2n1\xa4boot\xa4tick", ChunkIndex(1, 1, 1, 1))
    assert (tmp_path / "journal.bin").read_bytes() == whole
    growing._file._room = 10**6
    sink.write(b"\x95\x01\xa5timer\xa2n1\xa4boot\xa4tick", ChunkIndex(1, 1, 1, 1))
    sink.close()
    assert [event.time for event in StoredJournal(tmp_path / "journal.bin").events()] == [0, 1]


def fail_to_replace(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    replace = os.replace

    def failing(source: Path, target: Path) -> None:
        if target.name == name:
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)


@pytest.mark.parametrize("name", ["plan.json", "history.jsonl", "verdict.json", "manifest.json"])
def test_a_run_that_cannot_be_finished_keeps_what_it_recorded(
    tmp_path: Path, make_record: MakeRecord, plan: Plan, history: History, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whichever file fails: plan, history and journal are loaded as of an unfinished run, and no half-written file is left."""
    with RunDirectory.create(tmp_path, "raft", 7, plan=plan) as run:
        for op in history:
            run.history_builder().append_op(op)
        record = make_record(sink=run.journal_sink())
        fail_to_replace(monkeypatch, name)
        with pytest.raises(StoreError, match=rf"^could not write .*{name}: Input/output error\. What was recorded before"):
            run.finish(record)
    kept = load(run.path, incomplete=True).outcome
    assert (kept.plan, kept.history) == (plan, history)
    assert list(kept.journal.entries()) == list(record.outcome.journal.entries())
    assert not [path for path in run.path.iterdir() if "partial" in path.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_whole_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real device that is always full, in place of the file beside the old one."""
    path = tmp_path / "verdict.json"
    path.write_bytes(b"old")

    def opened(name: Path, mode: str) -> Any:
        return open("/dev/full" if mode == "wb" else name, mode)

    monkeypatch.setattr(files, "open", opened, raising=False)
    with pytest.raises(StoreError, match=r"^could not write .*verdict\.json: No space left on device\."):
        files.write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["verdict.json"]


def test_a_place_that_cannot_be_a_directory_is_told(tmp_path: Path) -> None:
    """A file stands where the runs should go."""
    (tmp_path / "root").write_text("")
    with pytest.raises(StoreError, match=r"^could not write .*root.runs.raft-7-1: (Not a directory|File exists)\."):
        RunDirectory.create(tmp_path / "root", "raft", 7)


def test_an_error_in_a_run_is_not_hidden_by_the_full_disk_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing tries to hand over the last events; its own failure comes second."""
    with pytest.raises(ZeroDivisionError), RunDirectory.create(tmp_path, "raft", 7) as run:
        run.history_builder().append_op(Op(type="invoke", process=0, f="read"))
        builder: Any = run.history_builder()
        growing = builder._file
        growing._file.close()
        growing._file = FullDisk(run.path / "history.jsonl", room=0)
        raise ZeroDivisionError
    assert (run.path / "history.jsonl").read_bytes() == b""
