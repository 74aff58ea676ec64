"""A slice of the quality campaigns for every day: a dozen seeds of each correct model under all that it claims to survive."""

from __future__ import annotations

import pytest
from campaign import seed_task

from chaoskit.catalogue import MODELS

SEEDS = 12


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
@pytest.mark.parametrize("model", MODELS)
def test_correct_model_is_valid_under_all_faults(model: str, seed: int) -> None:
    """The whole way from a seed to a verdict, which is valid and not unknown."""
    made = seed_task(model, seed)()
    assert made.status == "valid", str(made)


@pytest.mark.parametrize(("model", "seed"), [("primary_backup", 1866), ("raft", 1071)])
def test_seed_that_once_showed_a_model_wrong_is_valid(model: str, seed: int) -> None:
    """A rebooted primary that called a duplicate of a request it had carried out undone; gateways that choked a slow leader."""
    made = seed_task(model, seed)()
    assert made.status == "valid", str(made)
