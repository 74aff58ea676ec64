"""Runs of asyncio programs have one hash seed: the command runs itself again with it, and only then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Command

from chaoskit.cli.hash_seed import pin_hash_seed, pin_hash_seed_of, process_of_our_own

HASH_ORDERED = '''
"""A store whose nodes observe what only Python's hash seed decides: the order of a set of strings."""

from chaoskit.hosts import AsyncioHost, asyncio_node
from chaoskit.model import Model
from chaoskit.models.kv_http import kv_http
from chaoskit.models.kv_http.node import main as serve


async def main(host: AsyncioHost) -> None:
    host.observe(order=" ".join({"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"}))
    await serve(host)


model = Model(
    name="hash_ordered", summary="a set's order", node=asyncio_node(main), clients=kv_http.clients,
    tolerates=kv_http.tolerates, workload_parameters=kv_http.workload_parameters,
)
'''
SMALL = ("--seed", "3", "--ops", "5", "--nodes", "3", "--nemesis", "none", "--report", "none", "--no-shrink", "--json")


def digest(folder: Path, *arguments: str, hash_seed: str | None = None) -> str:
    """Of a command line in a process of its own, with this hash seed or with none that is set."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    command = [sys.executable, "-m", "chaoskit.cli", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["digest"])


def test_a_program_that_goes_by_a_sets_order_has_the_same_digest_in_every_process(tmp_path: Path) -> None:
    """Its replay, without a hash seed in the environment; with one that is set the digest is another: the order does decide."""
    (tmp_path / "ordered.py").write_text(HASH_ORDERED, encoding="utf-8")
    run = ("run", "ordered.py:model", *SMALL)
    first = digest(tmp_path, *run)
    assert digest(tmp_path, "replay", "latest", "--json") == first
    assert digest(tmp_path, *run, hash_seed="1") != first


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the process would have been replaced by."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: calls.append(arguments))
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    return calls


def test_the_same_command_line_is_executed_again_with_hash_seed_nought(executed: list[tuple[Any, ...]]) -> None:
    """On the same Python, with all of the environment."""
    with process_of_our_own(True):
        pin_hash_seed("kv_http")
    [(program, words, environment)] = executed
    assert program == sys.executable
    assert words == [sys.executable, *sys.orig_argv[1:]]
    assert environment == {**os.environ, "PYTHONHASHSEED": "0"}


@pytest.mark.parametrize("hash_seed", ["0", "7"])
def test_a_hash_seed_that_a_person_has_set_stays(
    hash_seed: str, executed: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is executed again; so the second process does not begin a third."""
    monkeypatch.setenv("PYTHONHASHSEED", hash_seed)
    with process_of_our_own(True):
        pin_hash_seed("kv_http")
    assert executed == []


def test_models_in_our_own_style_need_no_hash_seed(executed: list[tuple[Any, ...]]) -> None:
    """Their digests are equal with any; starting Python again would take its time."""
    with process_of_our_own(True):
        pin_hash_seed("raft")
    assert executed == []


def test_a_process_that_is_not_ours_is_not_replaced(chaoskit: Command, executed: list[tuple[Any, ...]]) -> None:
    """As when a test calls the command line as a function."""
    assert chaoskit("run", "kv_http", *SMALL).code == 0
    assert chaoskit("replay", "latest").code == 0
    assert executed == []


def test_a_kept_runs_model_and_a_plan_files_are_asked_as_well(
    chaoskit: Command, executed: list[tuple[Any, ...]], workplace: Path
) -> None:
    """By whatever a run can be named by."""
    run = chaoskit("run", "kv_http", *SMALL).object["run"]
    with process_of_our_own(True):
        for target in ("latest", run, str(Path(run) / "plan.json")):
            pin_hash_seed_of(target)
    assert len(executed) == 3
