"""Every library's talks give the same packets at the same instants in another process with another hash seed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "libraries" / "what_libraries_give.py"
Gives = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def here(run_python: Callable[..., str]) -> Gives:
    """What this Python gives with hash seed nought."""
    gives: Gives = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": "0"}))
    return gives


@pytest.mark.parametrize("hash_seed", ["1", "4242", "random"])
def test_libraries_give_the_same_packets_with_another_hash_seed(
    hash_seed: str, here: Gives, run_python: Callable[..., str]
) -> None:
    """Each talk by itself, so that a failure says which."""
    there: Gives = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": hash_seed}))
    for library, talks in here.items():
        for talk, digests in talks.items():
            assert there[library][talk] == digests, f"{library}: {talk}"


def test_another_seed_gives_libraries_other_packets(here: Gives) -> None:
    """Else equal digests would prove nothing; and no two talks are one."""
    digests = [digest for talks in here.values() for pair in talks.values() for digest in pair]
    assert len(set(digests)) == len(digests) >= 32
