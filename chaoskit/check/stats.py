"""Jepsen's statistics: how many operations were ok, failed, or were never answered, in all and by function.

Nothing here can be invalid. A function of which not one operation succeeded was not tested: the verdict is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.op import FAIL, INFO, OK
from chaoskit.core.verdict import Budget, Status, Verdict


@dataclass(frozen=True)
class Stats:
    """Did every function succeed at least once?"""

    name: ClassVar[str] = "stats"

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        by_function: dict[str, dict[str, int]] = {}
        for op in history.clients():
            counts = by_function.setdefault(op.f, {OK: 0, FAIL: 0, INFO: 0})
            if op.type in counts:
                counts[op.type] += 1
        untested = sorted(f for f, counts in by_function.items() if not counts[OK])
        total = {kind: sum(counts[kind] for counts in by_function.values()) for kind in (OK, FAIL, INFO)}
        reason = f"not one operation succeeded of: {', '.join(untested)}" if untested else None
        return Verdict(
            checker=self.name,
            status=Status.UNKNOWN if untested else Status.VALID,
            reason=reason,
            results={**_figures(total), "by-f": {f: _figures(by_function[f]) for f in sorted(by_function)}},
        )


def _figures(counts: dict[str, int]) -> dict[str, Any]:
    return {
        "count": sum(counts.values()),
        "ok-count": counts[OK],
        "fail-count": counts[FAIL],
        "info-count": counts[INFO],
    }
