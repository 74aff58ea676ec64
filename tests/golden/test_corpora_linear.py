"""Histories from elsewhere with known verdicts: Porcupine's etcd logs and Knossos' files, each judged as its index says.

They are read where CHAOSKIT_CORPORA points (default: ../shared/corpora beside the repository), and never copied.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoskit.check import Linearizable
from chaoskit.core.verdict import Budget, Verdict, plain
from chaoskit.formats.table import find_format
from chaoskit.spec import spec_from_text

CORPORA = Path(os.environ.get("CHAOSKIT_CORPORA") or Path(__file__).parents[2] / ".." / "shared" / "corpora")
SPECS = {
    "porcupine/etcd": "cas-register:failed-cas=observe",
    "knossos/cas-register": "cas-register:initial=0,nil-read=unknown",
    "knossos/multi-register": "multi-register:initial=0,nil-read=unknown",
    "knossos/mutex": "mutex",
    "porcupine/kv": "kv",
}
FORMATS = {"porcupine/etcd": "porcupine", "porcupine/kv": "porcupine"}


def rows(corpus: str) -> Iterator[dict[str, str]]:
    """The lines of an index; none where the corpora are absent."""
    index = CORPORA / corpus / "INDEX.tsv"
    if index.exists():
        with index.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if f"{corpus}/{Path(row['file']).parts[0]}" in SPECS:
                    yield {**row, "path": f"{corpus}/{row['file']}"}


def judged(path: str) -> Verdict:
    """The verdict on a file, with no more configurations than any of them needs."""
    folder = "/".join(path.split("/")[:2])
    history = find_format(FORMATS.get(folder, "edn")).read((CORPORA / path).read_bytes(), file=path)
    return Linearizable(spec_from_text(SPECS[folder])).check(history, budget=Budget(configurations=100_000))


def test_the_corpora_are_there() -> None:
    """A missing folder is a skip with its reason, and where skips are forbidden a failure."""
    if not CORPORA.is_dir():
        assert not os.environ.get("CHAOSKIT_FORBID_SKIPS"), f"no corpora at {CORPORA}; set CHAOSKIT_CORPORA"
        pytest.skip(f"no corpora at {CORPORA}; set CHAOSKIT_CORPORA")
    assert sum(1 for _ in rows("porcupine")) >= 50 and sum(1 for _ in rows("knossos")) >= 50


@pytest.mark.parametrize("row", [*rows("porcupine"), *rows("knossos")], ids=lambda row: row["path"])
def test_a_known_history_has_its_known_verdict(row: dict[str, str]) -> None:
    """The indexed verdict, never unknown; the failing completion and the one before it where the index tells them."""
    verdict = judged(row["path"])
    assert str(verdict.status) == ("valid" if row["expected_valid"] == "true" else "invalid")
    failing = re.match(r"index (\d+):", row.get("expected_failing_op") or "")
    if failing:
        (violation,) = verdict.violations
        previous = re.search(r"previous-ok index (\d+)", row["expected_failing_op"])
        assert violation.data["op"] == int(failing[1])
        assert previous is None or violation.data["previous-ok"] == int(previous[1])
    for violation in verdict.violations:
        assert all(plain(sentence) for sentence in violation.sentences)
