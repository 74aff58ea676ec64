"""What may be left to find: never more is said than can be known."""

from __future__ import annotations

import pytest

from chaoskit.soak.estimate import estimate


def test_classes_seen_once_say_how_likely_news_is() -> None:
    """Good and Turing: two singletons in 100 runs, so that the next run is news with a chance of about 2 %."""
    unseen = estimate([40, 1, 1, 7], runs=100)
    assert (unseen.once, unseen.chance, unseen.frequency) == (2, 0.02, 0.03)


def test_nothing_is_made_of_no_singletons() -> None:
    """No class seen once does not mean that nothing is left: only the frequency says something."""
    assert estimate([3, 2], runs=300).chance is None
    assert estimate([], runs=300).frequency == 0.01


@pytest.mark.parametrize("runs", [0, 1, 29])
def test_a_few_runs_say_nothing(runs: int) -> None:
    """Whatever they showed."""
    unseen = estimate([1], runs=runs)
    assert (unseen.chance, unseen.frequency) == (None, None)


def test_the_frequency_is_what_the_binomial_says() -> None:
    """A class of that frequency stays unseen in so many runs with a chance of at most 5 %."""
    for runs in (30, 300, 100_000):
        frequency = estimate([], runs=runs).frequency
        assert frequency is not None
        assert 0.04 < (1 - frequency) ** runs < 0.05
