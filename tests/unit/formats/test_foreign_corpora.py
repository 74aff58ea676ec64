"""Histories from elsewhere are read as their owners count them, and survive our own formats."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from chaoskit.core.history import History
from chaoskit.formats import edn, jsonl, npz
from chaoskit.formats.table import detect_format

CORPORA = Path(os.environ.get("CHAOSKIT_CORPORA", Path(__file__).parents[4] / "shared" / "corpora"))
COUNT_COLUMNS = {"knossos": "n_events", "elle": "n_ops"}

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no corpora at {CORPORA} (set CHAOSKIT_CORPORA)")


def rows(folder: str) -> list[dict[str, str]]:
    with open(CORPORA / folder / "INDEX.tsv", newline="") as index:
        return [row for row in csv.DictReader(index, delimiter="\t") if (CORPORA / folder / row["file"]).is_file()]


def history_of(path: Path) -> History:
    data = path.read_bytes()
    return detect_format(str(path), data[:4096]).read(data, file=str(path))


@pytest.mark.parametrize("folder", ["knossos", "elle"])
def test_every_edn_history_has_the_events_that_its_index_counts(folder: str) -> None:
    """Nothing is lost and nothing is invented, over all files of the corpus."""
    found = rows(folder)
    assert found
    for row in found:
        if row["file"].endswith("unfindable-g-single-1.edn"):
            continue  # 60,000 events: left to the benchmarks
        history = history_of(CORPORA / folder / row["file"])
        assert len(history) == int(row[COUNT_COLUMNS[folder]]), row["file"]
        assert edn.read(b"".join(edn.write(history))) == history
        for format in (jsonl, npz):
            assert format.read(b"".join(format.write(history))) == history


def test_every_etcd_log_is_read_whole() -> None:
    """One event a line; only writes and cas are left indeterminate, and what failed for a time-out is a read."""
    found = [row for row in rows("porcupine") if row["file"].startswith("etcd")]
    assert found
    for row in found:
        path = CORPORA / "porcupine" / row["file"]
        history = history_of(path)
        assert len(history) == len(path.read_text().splitlines())
        assert {op.f for op in history if op.type == "info"} <= {"write", "cas"}
        assert {op.f for op in history if op.type == "fail" and op.error == "timed-out"} <= {"read"}
        assert all(op.value is not None for op in history if op.type == "info")


def test_every_key_value_log_has_keys() -> None:
    """Puts, appends and gets on strings, per key, each completed."""
    found = [row for row in rows("porcupine") if row["file"].startswith("kv")]
    assert found
    for row in found:
        history = history_of(CORPORA / "porcupine" / row["file"])
        assert {op.f for op in history} <= {"put", "append", "get"}
        assert all(isinstance(op.key, str) for op in history)
        assert (history.partners >= 0).all()
