"""Bugs that nobody tuned the nemeses to are found as well."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaign import Workers, seed_task, trials

pytestmark = pytest.mark.quality

UNLISTED = Path(__file__).with_name("unlisted.py")
SEEDS_MAX = 3000


@pytest.mark.parametrize("model", ["counts_messages", "trusts_lease"])
def test_bug_that_no_list_names_is_found(model: str, pool: Workers) -> None:
    """Raft with a bug patched in from a file of one's own is invalid for some seed."""
    tasks = (seed_task(f"{UNLISTED}:{model}", seed) for seed in range(1, SEEDS_MAX + 1))
    found = next((trial for trial in trials(pool, tasks) if trial.status != "valid"), None)
    assert found is not None, f"not found with {SEEDS_MAX} seeds"
    print(f"\n{model}: {found}")
    assert found.status == "invalid", str(found)
