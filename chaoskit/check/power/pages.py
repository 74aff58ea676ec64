"""The calls of one object of a kind that has a path, in rows, and copies of them with other answers.

What is the same for all mutants is numbered once. A mutant that is no matter of answers alone (a call that had failed is granted,
or one that nobody answered is) is left to the search.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chaoskit.check.linear.columns import NO_VALUE
from chaoskit.check.linear.judged import Judged
from chaoskit.check.linear.normalise import NEVER, Problem
from chaoskit.check.linear.paths import PATHS, judge
from chaoskit.check.linear.rows import Rows
from chaoskit.check.power.replay import Changes
from chaoskit.core.canonical import Interner
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Label


def has_page(spec: CompleteSpec) -> bool:
    """Are objects of this kind judged so?"""
    path = PATHS.get(type(spec.original))
    return path is not None and path.judges_mutants


class Page:
    """One object, to be judged by its path."""

    def __init__(self, problem: Problem, spec: CompleteSpec) -> None:
        self._problem = problem
        self._spec = spec.original
        self._path = PATHS[type(spec.original)]
        self._values = Interner()
        self._nil = self._values.intern(None)
        self._functions = tuple(sorted(spec.functions))
        self._rows = self._whole()

    def judged(self, changes: Changes) -> Judged:
        """What the path says of the object with these answers; None where it says nothing."""
        calls = self._changed(changes)
        return None if calls is None else judge(calls, self._path, self._spec)

    def _whole(self) -> Rows:
        calls = self._problem.calls
        times = sorted(time for call in calls for time in (call.began, call.ended) if time != NEVER)
        places = {time: place for place, time in enumerate(times)} | {NEVER: len(times)}
        known = {number: self._numbers(self._problem.labels[number]) for number in {call.label: None for call in calls}}
        numbers = [known[call.label] for call in calls]

        def column(listed: list[int]) -> Any:
            return np.array(listed, dtype=np.int64)

        return Rows(
            began=column([places[call.began] for call in calls]),
            ended=column([places[call.ended] for call in calls]),
            f=column([f for f, _, _ in numbers]),
            asked=column([asked for _, asked, _ in numbers]),
            got=column([got for _, _, got in numbers]),
            horizon=len(times),
            functions=self._functions,
            values=self._values.values,
            nil=self._nil,
        )

    def _changed(self, changes: Changes) -> Rows | None:
        if not changes:
            return self._rows
        got, kept = self._rows.got.copy(), np.ones(len(self._rows.got), dtype=bool)
        for number, label in changes.items():
            if number >= len(got) or not self._problem.calls[number].returned or (label is not None and label.output is FAILED):
                return None
            if label is None:
                kept[number] = False
            else:
                got[number] = self._numbers(label)[2]
        return self._rows._replace(got=got).take(kept)

    def _numbers(self, label: Label) -> tuple[int, int, int]:
        """The numbers of what a call does, of its input and of its output."""
        got = NO_VALUE if label.output is UNKNOWN else self._values.intern(label.output)
        return self._functions.index(label.f), self._values.intern(label.input), got
