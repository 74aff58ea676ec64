"""Connections, toxics and crashes give the same packets in another process, with another hash seed, on another Python."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("what_streams_give.py")


@pytest.fixture(scope="module")
def here(run_python: Callable[..., str]) -> dict[str, dict[str, str]]:
    """What this Python gives with hash seed nought."""
    gives: dict[str, dict[str, str]] = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": "0"}))
    return gives


def test_another_seed_gives_other_packets(here: dict[str, dict[str, str]]) -> None:
    """Else equal digests would prove nothing."""
    assert here["1"]["full"] != here["2"]["full"]
    assert "lost" in here["1"]["told"] and "eof" in here["1"]["told"]


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_a_process_with_another_hash_seed_gives_the_same_packets(
    hash_seed: str, here: dict[str, dict[str, str]], run_python: Callable[..., str]
) -> None:
    """Journal, full digest, and what programs were told when."""
    assert json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": hash_seed})) == here


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_other_pythons_give_the_same_packets(
    version: str, here: dict[str, dict[str, str]], run_python: Callable[..., str], python_of: Callable[[str], Path]
) -> None:
    """To the byte."""
    assert json.loads(run_python(python_of(version), PROGRAM)) == here
