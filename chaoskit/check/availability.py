"""Maelstrom's availability: what part of the operations that were asked succeeded, and was that enough?

The goal is None (none), "total" (every one) or the least fraction from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.core.errors import UsageError
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.op import INVOKE, OK
from chaoskit.core.verdict import Budget, Status, Verdict, Violation

TOTAL = "total"


@dataclass(frozen=True, kw_only=True)
class Availability:
    """Did enough of the operations succeed?"""

    goal: float | str | None = None
    name: ClassVar[str] = "availability"

    def __post_init__(self) -> None:
        is_fraction = isinstance(self.goal, int | float) and not isinstance(self.goal, bool) and 0 <= self.goal <= 1
        if not (is_fraction or self.goal in (None, TOTAL)):
            raise UsageError(f"expected an availability from 0 to 1 or {TOTAL!r} but got goal={self.goal!r}.")

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        counts = history.count_types()
        asked, ok = counts[INVOKE], counts[OK]
        fraction = ok / asked if asked else 1.0
        least = 0.0 if self.goal is None else 1.0 if self.goal == TOTAL else float(self.goal)
        violations = []
        if fraction < least:
            summary = f"{ok} of {asked} operations succeeded ({fraction:.1%}), fewer than the {least:.1%} promised"
            violations.append(Violation(checker=self.name, kind="unavailable", summary=summary, sentences=[[f"{summary}."]]))
        return Verdict(
            checker=self.name,
            status=Status.INVALID if violations else Status.VALID,
            violations=violations,
            results={"ok-fraction": fraction},
        )
