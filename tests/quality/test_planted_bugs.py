"""Every planted bug is found by `chaoskit run MODEL --bug NAME --seed N` with N in 1 … `bug.seeds`, as what it should be."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from campaign import Trial, Workers, planted_bugs, seed_task, trials

from chaoskit.catalogue import model_named
from chaoskit.model import Bug

pytestmark = pytest.mark.quality

PLANTED = planted_bugs()
SOON = 30  # seeds within which most bugs are found

Finder = Callable[[str, str], Trial | None]


@pytest.fixture(scope="session")
def first_find(pool: Workers) -> Finder:
    """The first run of a bug that is not valid."""

    @cache
    def search(model: str, name: str) -> Trial | None:
        bug = model_named(model).bug_named(name)
        for trial in trials(pool, (seed_task(model, seed, bug=name) for seed in range(1, bug.seeds + 1))):
            if trial.status != "valid":
                print(f"\n{model} {name}: {trial}", flush=True)
                return trial
        return None

    return search


@pytest.mark.parametrize(("model", "bug"), PLANTED, ids=[f"{model}-{bug.name}" for model, bug in PLANTED])
def test_planted_bug_is_found_with_the_default_settings(model: str, bug: Bug, first_find: Finder) -> None:
    """The first run in which it shows is invalid, with an expected kind as its fingerprint."""
    found = first_find(model, bug.name)
    assert found is not None, f"not found with {bug.seeds} seeds"
    assert found.status == "invalid", str(found)
    assert found.kinds[0] in bug.expect, str(found)


def test_most_planted_bugs_are_found_within_thirty_seeds(first_find: Finder) -> None:
    """A person who tries a bug sees it in the first minute."""
    finds = {f"{model} {bug.name}": first_find(model, bug.name) for model, bug in PLANTED}
    late = [name for name, found in finds.items() if found is None or found.seed > SOON]
    print(f"\nnot within {SOON} seeds: {', '.join(late) or 'none'}")
    assert len(late) < len(finds) / 2, late
