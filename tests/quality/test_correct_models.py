"""Correct models under every fault they claim to survive: never anything but valid, although much of each run is under fire."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from campaign import Workers, seed_task, trials
from figures import Figures

from chaoskit.catalogue import MODELS

pytestmark = pytest.mark.quality

PROGRESS = 100  # runs between two lines


@pytest.fixture(scope="session")
def figures_of(pool: Workers, seeds: int) -> Callable[[str], Figures]:
    """The figures of a model's campaign, which is made once."""

    @cache
    def campaign(model: str) -> Figures:
        figures = Figures()
        for trial in trials(pool, (seed_task(model, seed) for seed in range(1, seeds + 1))):
            figures.add(trial)
            if trial.status != "valid":
                print(f"\n{model} {trial}")
            if trial.seed % PROGRESS == 0:
                print(f"\n{model}, {trial.seed} of {seeds} seeds: {figures}", flush=True)
        return figures

    return campaign


@pytest.mark.parametrize("model", MODELS)
def test_correct_model_is_valid_on_every_seed(model: str, figures_of: Callable[[str], Figures]) -> None:
    """Every run is judged, and valid: an `unknown` would hide a violation as well as a false alarm."""
    failures = figures_of(model).failures
    assert not failures, "\n".join(map(str, failures[:10]))


@pytest.mark.parametrize("model", MODELS)
def test_a_fifth_of_a_median_run_is_under_effective_faults(model: str, figures_of: Callable[[str], Figures]) -> None:
    """Faults that nobody feels test nothing: at least 20 % of a median run's ops overlap one that was felt."""
    assert figures_of(model).overlap >= 0.2


@pytest.mark.parametrize("model", MODELS)
def test_every_kind_of_fault_is_felt_in_most_runs_that_plan_it(model: str, figures_of: Callable[[str], Figures]) -> None:
    """Each family does what it is there for, in more than half of the runs that have it."""
    figures = figures_of(model)
    weak = [f"{kind} {figures.share(kind):.0%}" for kind in figures.planned if figures.share(kind) <= 0.5]
    assert not weak, weak
