"""What was decided about a history: is it linearizable, and where each bad object fails. Evidence is worked out when asked for.

To decide takes less than to explain: which kind of failure it is, what could have been instead, and sentences, are for whoever
reads them. They are a value like any other: whenever they are asked for, and however often, they are the same. A decision holds
on to the calls that it may have to explain, and stays in the process that made it; the verdict that explains it is plain data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, partial
from typing import Any

from chaoskit.check.linear.explain import explain
from chaoskit.check.linear.layout import Layout
from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.search import Stuck
from chaoskit.check.linear.tables import Table
from chaoskit.core.op import Value
from chaoskit.core.verdict import Status, Verdict, Violation


@dataclass(frozen=True)
class Failing:
    """A bad object: `op` is the first completion up to which its calls have no linearization, by its index in the history."""

    key: Value
    op: int
    _: KW_ONLY
    explain: Callable[[], Violation] = field(repr=False, compare=False)

    @cached_property
    def violation(self) -> Violation:
        """The evidence. Raises `ModelError` when the spec breaks its contract in answering for it."""
        return self.explain()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A verdict without its evidence: `failing` are the bad objects, the one that fails first before the others."""

    checker: str
    status: Status
    reason: str | None
    failing: tuple[Failing, ...]
    results: dict[str, Any]

    def explained(self, *, first_only: bool = False) -> Verdict:
        """The verdict with the evidence on every bad object, or on the one that fails first."""
        told = self.failing[:1] if first_only else self.failing
        left = len(self.failing) - len(told)
        return Verdict(
            checker=self.checker,
            status=self.status,
            reason=self.reason,
            violations=[each.violation for each in told],
            results={**self.results, "keys-not-explained": left} if left else self.results,
        )


def failing_by_search(problem: Problem, layout: Layout, table: Table, found: Stuck, *, checker: str, has_times: bool) -> Failing:
    """A bad object, as a search got stuck in it."""
    failing = problem.calls[layout.stops[found.stop].call]
    placed = [problem.calls[call] for call, _ in found.order]
    told = partial(
        explain, problem, table, failing=failing, placed=placed, states=found.states, checker=checker, has_times=has_times
    )
    return Failing(problem.key, failing.ended, explain=told)
