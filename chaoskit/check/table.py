"""The catalogue of checkers: those that judge a history, and those that judge what the world found while it ran.

To add a checker, write its file and give it a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chaoskit.check.availability import Availability
from chaoskit.check.contract import Checker
from chaoskit.check.counter import CounterChecker
from chaoskit.check.g_set import GSetChecker
from chaoskit.check.linear.checker import Linearizable
from chaoskit.check.pn_counter import PnCounterChecker
from chaoskit.check.set_final import SetChecker
from chaoskit.check.set_full import SetFullChecker
from chaoskit.check.stats import Stats
from chaoskit.check.weak.checker import LEVELS, Consistent
from chaoskit.check.world import INVARIANTS, LIVENESS, NODE_EXCEPTIONS


@dataclass(frozen=True, slots=True)
class CheckerEntry:
    """One line of the catalogue. `make` builds the checker from its options; None for one that judges the world's findings."""

    name: str
    summary: str
    make: Callable[..., Checker] | None = None


_ENTRIES = (
    CheckerEntry("linearizable", "can each object's operations be told one at a time, as its spec says?", Linearizable),
    *(
        CheckerEntry(level.name, f"of registers: {level.summary}", partial(Consistent, level.name))
        for level in LEVELS.values()
    ),
    CheckerEntry("set", "is everything that was added in the last read, and nothing else?", SetChecker),
    CheckerEntry("set-full", "does every added element become visible and stay so?", SetFullChecker),
    CheckerEntry("g-set", "once recovered, do all reads have what was added?", GSetChecker),
    CheckerEntry("counter", "is every read between what was acknowledged and what was attempted?", CounterChecker),
    CheckerEntry("pn-counter", "once recovered, is every read a total that the adds allow?", PnCounterChecker),
    CheckerEntry("stats", "did every function succeed at least once?", Stats),
    CheckerEntry("availability", "did enough of the operations succeed?", Availability),
    CheckerEntry(INVARIANTS, "did the model's invariants hold at every observation?"),
    CheckerEntry(NODE_EXCEPTIONS, "did no node's code raise?"),
    CheckerEntry(LIVENESS, "did a healed core make progress, and did all agree in the end?"),
)
CHECKERS: dict[str, CheckerEntry] = {entry.name: entry for entry in _ENTRIES}
