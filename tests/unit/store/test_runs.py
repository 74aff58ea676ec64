"""Finding runs: all of them newest first, one by name, by path, or the latest; and the plans that failed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from chaoskit.core.errors import FormatError, StoreError, UsageError
from chaoskit.core.plan import Plan
from chaoskit.core.record import Manifest
from chaoskit.store.directory import RunDirectory
from chaoskit.store.runs import find_run, list_failures, list_runs, load_plan, save_failure


def make(root: Path, model: str, seed: int, *, second: int) -> Path:
    """A run directory whose manifest was written at this second."""
    manifest = Manifest(workload="register", bug="stale", verdict="invalid")
    with RunDirectory.create(root, model, seed, manifest=manifest) as run:
        os.utime(run.path / "manifest.json", (second, second))
        return run.path


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    """By the time of the manifest, then by name, so that a listing does not depend on the file system's order."""
    for model, second in (("b", 5), ("a", 9), ("c", 5)):
        make(tmp_path, model, 7, second=second)
    rows = list_runs(tmp_path)
    assert [row.name for row in rows] == ["a-7-1", "c-7-1", "b-7-1"]
    first = rows[0]
    assert (first.model, first.seed, first.workload, first.bug, first.verdict) == ("a", 7, "register", "stale", "invalid")
    assert (first.complete, first.problem, first.path) == (False, None, tmp_path / "runs" / "a-7-1")


def test_a_directory_that_cannot_be_read_is_listed_with_its_problem(tmp_path: Path) -> None:
    """One damaged run does not hide the others."""
    make(tmp_path, "a", 7, second=5)
    (tmp_path / "runs" / "stray").mkdir()
    (make(tmp_path, "b", 7, second=9) / "manifest.json").write_text("{")
    problems = {row.name: row.problem for row in list_runs(tmp_path)}
    assert problems["a-7-1"] is None
    assert "is damaged" in (problems["b-7-1"] or "")
    assert "which has no manifest.json" in (problems["stray"] or "")


def test_no_runs_are_an_empty_list(tmp_path: Path) -> None:
    """Before the first run there is not even a directory."""
    assert list_runs(tmp_path) == []
    assert list_failures(tmp_path) == []


def test_a_run_is_found_by_name_by_path_and_as_the_latest(tmp_path: Path) -> None:
    """`latest` is the one begun last, wherever it lies."""
    first = make(tmp_path, "raft", 7, second=5)
    assert find_run("latest", root=tmp_path) == first
    assert find_run("raft-7-1", root=tmp_path) == first
    assert find_run(str(first), root=tmp_path / "elsewhere") == first
    RunDirectory.create(tmp_path, "raft", 7, at=tmp_path / "own")
    assert find_run("latest", root=tmp_path) == tmp_path / "own"


def test_a_run_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    """As every name does; an empty name finds nothing rather than the directory of all."""
    make(tmp_path, "raft", 7, second=5)
    with pytest.raises(UsageError, match=r"^unknown run 'raft-7-2'\. Did you mean 'raft-7-1'\? See 'chaoskit list runs'\.$"):
        find_run("raft-7-2", root=tmp_path)
    with pytest.raises(UsageError, match=r"^unknown run ''\."):
        find_run("", root=tmp_path)


def test_a_path_that_is_no_run_says_so(tmp_path: Path) -> None:
    """It exists, so that a likely name would only confuse."""
    reason = f"expected a run directory but got {str(tmp_path)!r}, which has no manifest.json; see 'chaoskit list runs'."
    with pytest.raises(UsageError, match=f"^{re.escape(reason)}$"):
        find_run(str(tmp_path), root=tmp_path)


def test_a_latest_that_is_gone_says_so(tmp_path: Path) -> None:
    """None was made, or it was removed since."""
    with pytest.raises(UsageError, match=r"^expected a latest run but there is none in .*; make one with 'chaoskit run'\.$"):
        find_run("latest", root=tmp_path)
    path = make(tmp_path, "raft", 7, second=5)
    path.rename(tmp_path / "moved")
    with pytest.raises(StoreError, match=r"^expected the latest run at .*raft-7-1 but it is gone; see 'chaoskit list runs'\.$"):
        find_run("latest", root=tmp_path)


def test_a_failing_plan_is_kept_and_read_back(tmp_path: Path, plan: Plan) -> None:
    """Once, under a name that tells model and seed; broken files are told."""
    path = save_failure(plan, tmp_path)
    assert save_failure(plan, tmp_path) == path
    assert re.fullmatch(r"raft-7-[0-9a-f]{12}\.json", path.name)
    assert list_failures(tmp_path) == [path]
    assert load_plan(path) == plan
    path.write_text("{")
    with pytest.raises(FormatError, match=r"\.json: expected JSON but got"):
        load_plan(path)
    with pytest.raises(StoreError, match=r"^could not read .*: No such file or directory\.$"):
        load_plan(tmp_path / "none.json")
