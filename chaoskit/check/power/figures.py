"""What a history is like, as far as it decides what can be noticed in it: who looks, how often, and how much goes on at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.check.linear.normalise import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of the objects that were measured. `open_at_once` is over the beginnings of all operations, on one object.

    `reads` look at the object: what a queue or a stack is looked at by is `looking`, a dequeue or a pop.
    """

    objects: int
    operations: int
    reads: int
    open_at_once: float
    looking: str = "read"

    @property
    def operations_per_object(self) -> int:
        return self.operations // max(1, self.objects)

    @property
    def reads_percent(self) -> int:
        return 100 * self.reads // max(1, self.operations)


def figures(problems: Sequence[Problem], *, looking: str = "read") -> Figures:
    """The figures of these objects."""
    operations = sum(len(problem.calls) for problem in problems)
    labels = ((problem.is_read[call.label], problem.label(call).f) for problem in problems for call in problem.calls)
    reads = sum(is_read or f == looking for is_read, f in labels)
    opened = sum(_open_at_beginnings(problem) for problem in problems)
    average = round(opened / operations, 1) if operations else 0.0
    return Figures(objects=len(problems), operations=operations, reads=reads, open_at_once=average, looking=looking)


def _open_at_beginnings(problem: Problem) -> int:
    """How many calls were open when each began, itself among them, added up. One that never returned ends with its completion."""
    began = np.array([call.began for call in problem.calls], dtype=np.int64)
    ended = np.sort(np.array([call.began if call.settled is None else call.settled for call in problem.calls], dtype=np.int64))
    return int((np.arange(1, len(began) + 1) - np.searchsorted(ended, began)).sum())
