"""History files from anywhere: told by content, read whole, or refused with the person's own mistake."""

from __future__ import annotations

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
    for path in (tmp_path / "none.edn", tmp_path):
        reason = f"expected a history file or a run directory but got {str(path)!r}, which is neither."
        with pytest.raises(UsageError, match=f"^{re.escape(reason)}$"):
            read_history_file(path)


def test_an_unknown_or_unwritable_format_is_the_persons_error(tmp_path: Path, history: History) -> None:
    """Porcupine's logs are read and not written."""
    with pytest.raises(UsageError, match=r"^unknown format 'end'\. Did you mean 'edn'\?"):
        write_history_file(tmp_path / "a", history, format="end")
    reason = r"expected a format that can be written \(jsonl, npz, edn\) but got format='porcupine'\."
    with pytest.raises(UsageError, match=f"^{reason}$"):
        write_history_file(tmp_path / "a", history, format="porcupine")
    assert list(tmp_path.iterdir()) == []
