"""History files from anywhere: told by content, read whole, or refused with the person's own mistake."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from pathlib import Path

import pytest

from chaoskit.core.errors import FormatError, UsageError
from chaoskit.core.history import History
from chaoskit.store.directory import RunDirectory
from chaoskit.store.histories import read_history_file, write_history_file


@pytest.mark.parametrize("format", ["jsonl", "npz", "edn"])
def test_a_written_history_file_is_read_back(tmp_path: Path, history: History, format: str) -> None:
    """Under a name that says nothing, so that content decides; and with keys inside the values."""
    path = tmp_path / "history"
    write_history_file(path, history, format=format)
    assert read_history_file(path).digest() == history.digest()
    assert read_history_file(str(path), format=format).digest() == history.digest()
    write_history_file(path, history, format=format, keyed=True)
    assert read_history_file(path, keyed=True).digest() == history.digest()


def test_a_run_directory_stands_for_its_history(tmp_path: Path, history: History) -> None:
    """`chaoskit check` takes a run as well as a file."""
    with RunDirectory.create(tmp_path, "raft", 7) as run:
        for op in history:
            run.history_builder().append_op(op)
    assert read_history_file(run.path) == history


def test_a_broken_file_is_told_by_its_path_and_line(tmp_path: Path) -> None:
    """The path as it was given."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"type":"ok","process":1,"f":"read"}\n{"type"')
    with pytest.raises(FormatError, match=f"^{re.escape(str(path))}, line 2: expected one event as a JSON object"):
        read_history_file(path)


def test_what_is_no_file_is_the_persons_error(tmp_path: Path) -> None:
    """Missing, or a directory without a history."""
    missing = tmp_path / "none.edn"
    told = {missing: f"there is nothing at {str(missing)!r}", tmp_path: f"the directory {str(tmp_path)!r} has no history.jsonl"}
    for path, found in told.items():
        with pytest.raises(UsageError, match=f"^expected a history file or a run directory but {re.escape(found)}\\.$"):
            read_history_file(path)


@pytest.mark.parametrize("format", [None, "jsonl"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "expected a history but the file is empty."),
        (gzip.compress(b"{}", mtime=0), "expected a history but the file is compressed with gzip; unpack it first, with gunzip."),
        (bz2.compress(b"{}"), "expected a history but the file is compressed with bzip2; unpack it first, with bunzip2."),
        (lzma.compress(b"{}"), "expected a history but the file is compressed with xz; unpack it first, with unxz."),
        (b"\x28\xb5\x2f\xfd", "expected a history but the file is compressed with zstd; unpack it first, with unzstd."),
    ],
    ids=["empty", "gzip", "bzip2", "xz", "zstd"],
)
def test_an_empty_or_compressed_file_is_told_as_what_it_is(tmp_path: Path, data: bytes, reason: str, format: str | None) -> None:
    """Whatever its extension and the format that is asked for: no history is read out of nothing, and none out of noise."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=f"^{re.escape(f'{path}: {reason}')}$"):
        read_history_file(path, format=format)


def test_a_completion_of_something_else_is_refused_as_the_file_is_read(tmp_path: Path) -> None:
    """In every format."""
    path = tmp_path / "a.edn"
    path.write_text("{:type :invoke, :process 0, :f :write, :value 1}\n{:type :ok, :process 0, :f :read, :value 1}\n")
    with pytest.raises(FormatError, match=r"f='write', but got f='read'"):
        read_history_file(path)


def test_an_unknown_or_unwritable_format_is_the_persons_error(tmp_path: Path, history: History) -> None:
    """Porcupine's logs are read and not written."""
    with pytest.raises(UsageError, match=r"^unknown format 'end'\. Did you mean 'edn'\?"):
        write_history_file(tmp_path / "a", history, format="end")
    reason = r"expected a format that can be written \(jsonl, npz, edn\) but got format='porcupine'\."
    with pytest.raises(UsageError, match=f"^{reason}$"):
        write_history_file(tmp_path / "a", history, format="porcupine")
    assert list(tmp_path.iterdir()) == []
