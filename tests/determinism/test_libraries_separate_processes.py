"""Every library's talks give the same packets at the same instants in another process with another hash seed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "libraries" / "what_libraries_give.py"
HASH_SEEDS = ("0", "1", "4242", "random")
Gives = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def given(run_python: Callable[..., str]) -> dict[str, Gives]:
    """What processes with these hash seeds give, all at the same time."""

    def give(hash_seed: str) -> Gives:
        gives: Gives = json.loads(run_python(sys.executable, PROGRAM, environment={"PYTHONHASHSEED": hash_seed}))
        return gives

    with ThreadPoolExecutor() as pool:
        return dict(zip(HASH_SEEDS, pool.map(give, HASH_SEEDS), strict=True))


@pytest.mark.parametrize("hash_seed", HASH_SEEDS[1:])
def test_libraries_give_the_same_packets_with_another_hash_seed(hash_seed: str, given: dict[str, Gives]) -> None:
    """Each talk by itself, so that a failure says which."""
    for library, talks in given["0"].items():
        for talk, digests in talks.items():
            assert given[hash_seed][library][talk] == digests, f"{library}: {talk}"


def test_another_seed_gives_libraries_other_packets(given: dict[str, Gives]) -> None:
    """Else equal digests would prove nothing; and no two talks are one."""
    digests = [digest for talks in given["0"].values() for pair in talks.values() for digest in pair]
    assert len(set(digests)) == len(digests) >= 32
