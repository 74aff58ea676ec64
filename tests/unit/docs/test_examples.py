"""The examples of the how-to pages do what the pages say: the correct ones hold, and each mistake is found."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from chaoskit.catalogue import model_named
from chaoskit.check import Linearizable, run_checkers
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.outcome import Outcome
from chaoskit.core.verdict import Budget, Status, Verdict, plain
from chaoskit.nemeses import INJECTORS, NEMESES
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings
from chaoskit.testing.histories import h
from chaoskit.workloads import WORKLOADS

SEEDS = range(1, 9)
SEEDS_MAX = 60  # within which a mistake must be found
REBOOTS = "kill:targets=n1,tactics=single,interval=400ms,lasting=20ms"  # what `forget-leases` needs, aimed at it


@pytest.fixture(autouse=True)
def in_examples(examples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a person stands in the folder of the examples."""
    monkeypatch.chdir(examples)
    monkeypatch.syspath_prepend(str(examples))
    yield
    for path in examples.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def unique_ids(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example of a workload, as if it stood in the table."""
    module = importlib.import_module("unique_ids")
    monkeypatch.setitem(WORKLOADS, "unique-ids", module.unique_ids)
    return module


@pytest.fixture
def overload(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of a nemesis, as if it stood in the table."""
    nemesis = importlib.import_module("overload").OVERLOAD
    monkeypatch.setitem(NEMESES, nemesis.name, nemesis)
    monkeypatch.setitem(INJECTORS, nemesis.name, nemesis.inject)


def run(model: str, settings: Settings) -> tuple[Outcome, Verdict]:
    outcome = execute(draw(settings, model))
    return outcome, judge(outcome)


def found(model: str, **wishes: object) -> set[str]:
    """The kinds of the first run that is not valid."""
    for seed in range(1, SEEDS_MAX + 1):
        _, verdict = run(model, Settings(seed=seed, **wishes))  # type: ignore[arg-type]  # wishes are settings
        if verdict.is_invalid:
            return {violation.kind for violation in verdict.all_violations()}
    return set()


def test_the_naive_store_is_found_out() -> None:
    """It needs no planted bug."""
    assert found("naive_store.py")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_store_with_leases_holds(seed: int) -> None:
    """Under all that it claims to survive."""
    _, verdict = run("store.py", Settings(seed=seed))
    assert verdict.is_valid, verdict.reasons() or [violation.summary for violation in verdict.all_violations()]


def test_each_planted_bug_of_the_store_is_found() -> None:
    """As one of the kinds that it is expected to show as."""
    aimed = {"nemesis": REBOOTS, "nodes": 3, "rate": 60, "parameters": {"keys": "1"}}
    for bug in model_named("store.py").bugs:
        kinds = found("store.py", bugs=(bug.name,), **(aimed if bug.name == "forget-leases" else {}))
        assert kinds & set(bug.expect), f"{bug.name}: found {sorted(kinds)}, expected one of {bug.expect}"


@pytest.mark.usefixtures("unique_ids")
def test_ids_are_unique_unless_their_reservation_is_not_on_disk() -> None:
    """The workload's own checker finds the planted bug, and nothing without it."""
    for seed in SEEDS:
        assert run("id_server.py", Settings(seed=seed))[1].is_valid
        assert run("id_server.py", Settings(seed=seed, nemesis="none"))[1].is_valid
    assert found("id_server.py", bugs=("reserve-in-memory",)) == {"duplicate-id"}


def generated(*answers: list[str] | None) -> History:
    """A history in which each process generates once, one after the other; None is never answered."""
    builder = HistoryBuilder()
    for process, ids in enumerate(answers):
        builder.append("invoke", process, "generate", value=1)
        if ids is not None:
            builder.append("ok", process, "generate", value=ids)
    return builder.build()


def test_the_checker_of_ids_names_both_operations(unique_ids: ModuleType) -> None:
    """The later one first, and both in sentences."""
    verdict = unique_ids.UniqueIds().check(generated(["a", "b"], ["c"], ["b"]), budget=Budget())
    (violation,) = verdict.violations
    assert (verdict.status, violation.kind, violation.ops) == (Status.INVALID, "duplicate-id", [4, 0])
    assert [plain(sentence) for sentence in violation.sentences] == [
        'g0 (generate 1) was given "b".',
        'g4 (generate 1) was given "b" as well: an id must be given once.',
    ]


def test_the_checker_of_ids_knows_when_nothing_was_judged(unique_ids: ModuleType) -> None:
    """Distinct ids are valid; no id at all is unknown, with the reason."""
    checker = unique_ids.UniqueIds()
    assert checker.check(generated(["a"], ["b"], None), budget=Budget()).is_valid
    assert checker.check(generated(None), budget=Budget()).reason == "no generate succeeded"


@pytest.mark.usefixtures("overload")
def test_overload_bites_and_a_correct_model_survives_it() -> None:
    """Most of its faults are felt, and heal: the cluster recovers and agrees."""
    planned = effective = 0
    for seed in SEEDS:
        outcome, verdict = run("store.py", Settings(seed=seed, nemesis="overload"))
        assert verdict.is_valid
        planned += len(outcome.plan.faults)
        effective += sum(bool(effects) for effects in outcome.effects.values())
    assert effective > planned / 2


def test_a_specification_of_ones_own_judges_histories() -> None:
    """The max-register: a smaller write changes nothing."""
    checker = Linearizable(importlib.import_module("max_register").MaxRegister())
    assert run_checkers(h("0:w3 0:w2 1:r3"), [checker]).is_valid
    invalid = run_checkers(h("0:w3 0:w2 1:r2"), [checker])
    assert [violation.kind for violation in invalid.all_violations()] == ["non-linearizable"]


def test_the_tests_of_the_store_hold_for_a_stranger(examples: Path, tmp_path: Path) -> None:
    """In a fresh directory with the model and its tests, and nothing else: seeds, a world by hand, plans by Hypothesis."""
    for name in ("store.py", "test_store.py"):
        shutil.copy(examples / name, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--chaoskit-seeds=2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^4 passed", done.stdout, re.MULTILINE)
    assert not (tmp_path / ".chaoskit").exists()


def test_the_store_over_tcp_is_found_out_and_a_sync_mends_it(examples: Path, tmp_path: Path) -> None:
    """As its page says: awaited right behind the append."""
    assert found("tcp_store.py")
    append = 'host.disk.append("log", json.dumps({key: value[0]}).encode() + b"\\n")\n'
    source = (examples / "tcp_store.py").read_text("utf-8")
    assert source.count(append) == 1
    mended = tmp_path / "mended_store.py"
    mended.write_text(source.replace(append, f"{append}                    await host.sync()\n"), "utf-8")
    for seed in SEEDS:
        _, verdict = run(str(mended), Settings(seed=seed))
        assert verdict.is_valid, verdict.reasons() or [violation.summary for violation in verdict.all_violations()]


@pytest.mark.parametrize(("name", "tests"), [("test_greetings.py", 7), ("test_thermometer.py", 2)])
def test_the_tests_of_asyncio_programs_hold_for_a_stranger(examples: Path, tmp_path: Path, name: str, tests: int) -> None:
    """In plain pytest, with nothing else beside them."""
    shutil.copy(examples / name, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(rf"^{tests} passed", done.stdout, re.MULTILINE)
