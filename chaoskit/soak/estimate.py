"""What a soak may not have seen yet, as far as that can honestly be told.

Good and Turing: the chance that the next run shows a class not seen yet is about the share of runs that showed a class which
no other run showed. It says nothing when no class was seen once only; then, and always, this holds of any single class: one
that shows in a share p of all runs stays unseen in n runs with the chance (1 - p)^n, which is below 5 % from p = 3 / n on (the
"rule of three"). Both take seeds for independent draws; neither knows of what no seed can show with these settings.

Good, "The population frequencies of species and the estimation of population parameters", 1953.
"""

from __future__ import annotations

from collections.abc import Iterable

from chaoskit.core.soak import Unseen

RULE_OF_THREE = 3
FEWEST_RUNS = 30  # below, neither says anything worth reading


def estimate(seeds_of_classes: Iterable[int], runs: int) -> Unseen:
    """What may be left to find, from how many runs showed each class."""
    once = sum(seeds == 1 for seeds in seeds_of_classes)
    if runs < FEWEST_RUNS:
        return Unseen(once=once, chance=None, frequency=None)
    return Unseen(once=once, chance=once / runs if once else None, frequency=RULE_OF_THREE / runs)
