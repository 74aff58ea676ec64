"""A wire sweep gives the same outcomes, text and page in another process, with another hash seed, on another Python."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("what_sweeps_give.py")

Gives = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def here(run_python: Callable[..., str]) -> Gives:
    """What this Python gives with hash seed nought."""
    gives: Gives = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": "0"}))
    return gives


def test_another_handler_gives_another_digest(here: Gives) -> None:
    """Else equal digests would prove nothing."""
    assert here["None"]["digest"] != here["no-write-timeout"]["digest"]
    assert "INVALID  hang" in here["no-write-timeout"]["text"]


def test_a_process_with_another_hash_seed_gives_the_same_sweep(here: Gives, run_python: Callable[..., str]) -> None:
    """To the byte."""
    assert json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": "4242"})) == here


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_other_pythons_give_the_same_sweep(
    version: str, here: Gives, run_python: Callable[..., str], python_of: Callable[[str], Path]
) -> None:
    """To the byte."""
    assert json.loads(run_python(python_of(version), PROGRAM)) == here
