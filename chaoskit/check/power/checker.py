"""A linearizability checker that tells, beside `valid`, how much that is worth. The verdict stays the checker's own."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import msgspec

from chaoskit.check.linear.checker import Linearizable
from chaoskit.check.power.measure import ASKED, CHEAP, measure, unmeasured
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.verdict import Budget, Verdict

RESULT = "power"  # where it stands among the results


@dataclass(frozen=True)
class WithPower:
    """The same verdict, with `power` among the results of a valid one.

    Without `asked`, only what is judged without a search is measured, and nothing is said where that is nothing.
    """

    checker: Linearizable
    _: KW_ONLY
    asked: bool = False

    @property
    def name(self) -> str:
        return self.checker.name

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        """The checker's verdict. Raises what it raises."""
        verdict = self.checker.check(history, budget=budget, journal=journal)
        if not verdict.is_valid:
            return verdict
        try:
            power = measure(history, self.checker.spec, effort=ASKED if self.asked else CHEAP, budget=budget)
        except Exception as error:  # noqa: BLE001  # a spec of one's own may raise where nothing ever happened
            power = unmeasured(f"measuring raised {type(error).__name__}: {str(error).rstrip('.')}")
        else:
            if power.reason is not None and not self.asked:
                return verdict
        return msgspec.structs.replace(verdict, results={**verdict.results, RESULT: power.results()})
