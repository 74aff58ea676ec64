"""The search that all passes share: candidates are tried in order, and the first that shows the failure is taken.

What comes out depends on the order alone. Trials may run ahead of it in other processes, but a trial counts, is remembered
and is believed only when its turn has come; so the result, and how many runs it took, is the same with any number of them.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.plan import Plan
from chaoskit.core.units import plural
from chaoskit.shrink.boots import keeping_numbers
from chaoskit.shrink.contract import Answer, Edits, Farm, Progress, Seen, ShrinkBudget

T = TypeVar("T")


class BudgetSpentError(Exception):
    """The search ends here, with the smallest plan so far. The message says which limit it met."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A plan that shows the failure, and what its trial saw."""

    plan: Plan
    seen: Seen


class Search:
    """The smallest plan so far that shows the failure, and the ways to a smaller one. `edits` know faults."""

    def __init__(
        self,
        plan: Plan,
        farm: Farm,
        *,
        budget: ShrinkBudget,
        edits: Edits,
        is_late: Callable[[], bool],
        progress: Progress,
    ) -> None:
        self.runs = 0
        self.edits = edits
        self._farm = farm
        self._budget = budget
        self._is_late = is_late
        self._progress = progress
        self._known: dict[bytes, bool] = {}
        self._asked: dict[bytes, Answer] = {}  # trials that run ahead
        self.plan = bare(plan)
        seen = self._believe(self.plan, digest(self.plan))
        if not seen.shows:
            raise UsageError(f"expected a plan that fails as its run did but it does not: {seen.result}; replay it to see why.")
        self.seen = seen

    def mark(self) -> Mark:
        """The present plan, to come back to."""
        return Mark(plan=self.plan, seen=self.seen)

    def back_to(self, mark: Mark) -> None:
        """Goes on from a plan that was taken before."""
        self.plan, self.seen = mark.plan, mark.seen

    def attempt(self, *candidates: Plan) -> bool:
        """Takes the first of these plans that shows the failure, if one does."""
        return self.first(candidates) is not None

    def first(self, candidates: Iterable[Plan]) -> int | None:
        """Takes the first of these plans that shows the failure, and says which it was."""
        waiting: deque[tuple[int, Plan, bytes]] = deque()
        present, its = self.plan, self.seen
        source = enumerate(keeping_numbers(present, bare(candidate), its) for candidate in candidates)
        while True:
            while len(waiting) < self._farm.ahead:
                following = next(source, None)
                if following is None:
                    break
                place, plan = following
                key = digest(plan)
                if plan == self.plan or self._known.get(key) is False:
                    continue
                if key not in self._asked:
                    self._asked[key] = self._farm.ask(plan)
                waiting.append((place, plan, key))
            if not waiting:
                return None
            place, plan, key = waiting.popleft()
            if self._known.get(key) is False:
                continue
            seen = self._believe(plan, key)
            if seen.shows:
                self.plan, self.seen = plan, seen
                self._progress(plan, self.runs)
                return place

    def drop(self, items: Callable[[], Sequence[T]], plan_with: Callable[[list[T]], Plan]) -> None:
        """Drops items in pieces: all, halves, quarters … single ones, until no single one can go.

        `items` are those of the present plan. (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002,
        without the complements.)
        """
        size = len(items())
        while size:
            left = list(items())
            place = 0
            while place < len(left):
                starts = range(place, len(left), size)
                taken = self.first(plan_with(left[:start] + left[start + size :]) for start in starts)
                if taken is None:
                    break
                place = starts[taken]
                left = list(items())
            size = min(size // 2, len(left)) if size > 1 else 0

    def least(self, low: int, high: int, plan_at: Callable[[int], Plan], *, within: int = 1) -> int:
        """Brings a number down from `high` as far as the failure shows, by bisection: `low` first. Gives where it ends."""
        if high <= low or self.attempt(plan_at(low)):
            return low
        while high - low > within:
            middle = (low + high) // 2
            if self.attempt(plan_at(middle)):
                high = middle
            else:
                low = middle
        return high

    def _believe(self, plan: Plan, key: bytes) -> Seen:
        """The answer of a trial whose turn has come. Raises `BudgetSpentError`."""
        if self.runs >= self._budget.runs:
            raise BudgetSpentError(f"the budget of {plural(self._budget.runs, 'run')} is spent")
        if self._is_late():
            raise BudgetSpentError(f"the budget of {self._budget.wall_seconds:g} s is spent, which is not reproducible")
        self.runs += 1
        answer = self._asked.pop(key, None) or self._farm.ask(plan)
        seen = answer()
        self._known[key] = seen.shows
        return seen


def bare(plan: Plan) -> Plan:
    """The plan without what is said of how its faults fell out: that is a run's, and decides nothing."""
    if all(fault.resolution is None for fault in plan.faults):
        return plan
    return msgspec.structs.replace(plan, faults=[msgspec.structs.replace(fault, resolution=None) for fault in plan.faults])


def digest(plan: Plan) -> bytes:
    """Stands for a plan among those that were tried."""
    return hashlib.blake2b(msgspec.json.encode(plan, order="sorted"), digest_size=16).digest()
