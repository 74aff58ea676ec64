"""A slice of the quality campaigns for every day: a dozen seeds of each correct model under all that it claims to survive."""

from __future__ import annotations

import pytest
from campaign import Task, trial

from chaoskit.catalogue import MODELS

SEEDS = 12


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
@pytest.mark.parametrize("model", MODELS)
def test_correct_model_is_valid_under_all_faults(model: str, seed: int) -> None:
    """The whole way from a seed to a verdict, which is valid and not unknown."""
    made = trial(Task(model=model, seed=seed))
    assert made.status == "valid", str(made)
