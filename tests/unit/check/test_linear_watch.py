"""Who watches a check is told how far it is, and has no part in what it finds."""

from __future__ import annotations

from dataclasses import replace

from chaoskit.check import Linearizable
from chaoskit.check.watch import Progress
from chaoskit.core.verdict import Budget
from chaoskit.spec import spec_from_text
from chaoskit.testing.histories import h

OPEN = [f"{process}(a{2 << process}" for process in range(14)]
HARD = " ".join([*OPEN, "14:r3", *(f"{process})" for process in range(14))])  # no sum of even numbers
BUDGET = Budget(configurations=5_000)


def test_a_search_tells_how_far_it_is() -> None:
    """Which object, how many of its answers are placed, and what was spent, which only grows."""
    told: list[Progress] = []
    checker = Linearizable(spec_from_text("counter"), watch=told.append)
    checker.check(h(HARD), budget=BUDGET)
    assert told
    assert {(each.place, each.objects, each.answers_all) for each in told} == {(1, 1, 15)}
    spent = [each.configurations for each in told]
    assert spent == sorted(spent) and spent[-1] <= BUDGET.configurations


def test_a_watched_search_finds_what_any_finds() -> None:
    """Verdict, reason, configurations and evidence are the same, and so are equal checkers."""
    checker = Linearizable(spec_from_text("counter"))
    watched = replace(checker, watch=lambda _: None)
    assert watched == checker
    assert watched.check(h(HARD), budget=BUDGET) == checker.check(h(HARD), budget=BUDGET)
