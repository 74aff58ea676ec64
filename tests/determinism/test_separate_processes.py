"""The same seed gives the same bytes in another process, with another hash seed, on another Python."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("what_a_seed_gives.py")
VERSIONS = ("3.11", "3.12", "3.13")
Gives = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def here(run_python: Callable[..., str]) -> Gives:
    """What this Python gives with the usual hash seed of nobody: nought, which turns randomisation off."""
    gives: Gives = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": "0"}))
    return gives


def test_the_runs_are_worth_comparing(here: Gives) -> None:
    """Valid ones of every model, and one with evidence."""
    assert [gives["verdict"] for gives in here.values()] == ["valid"] * (len(here) - 1) + ["invalid"]
    assert len({gives["full"] for gives in here.values()}) == len(here)


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_a_process_with_another_hash_seed_gives_the_same(hash_seed: str, here: Gives, run_python: Callable[..., str]) -> None:
    """Sets and dicts of strings have another order there."""
    there = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": hash_seed}))
    assert there == here


@pytest.mark.parametrize("version", VERSIONS)
def test_every_supported_python_gives_the_same(
    version: str, here: Gives, run_python: Callable[..., str], python_of: Callable[[str], Path]
) -> None:
    """Digests, plans, evidence and reports, byte by byte; with whatever hash seed the process draws."""
    there = json.loads(run_python(python_of(version), PROGRAM))
    for name, gives in here.items():
        assert there[name] == gives, f"{name} on Python {version}"
