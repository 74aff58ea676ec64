"""Checkers: from a history to a verdict with evidence.

A checker never learns of the simulator: it judges histories from elsewhere as well. `linear` is a room of its own;
`fingerprints` gives violations their kinds. Checkers may import `core` and `spec`.
"""

from chaoskit.check.availability import Availability
from chaoskit.check.contract import Checker, run_checkers
from chaoskit.check.counter import CounterChecker
from chaoskit.check.g_set import GSetChecker
from chaoskit.check.linear.checker import Linearizable
from chaoskit.check.pn_counter import PnCounterChecker
from chaoskit.check.set_final import SetChecker
from chaoskit.check.set_full import SetFullChecker
from chaoskit.check.stats import Stats
from chaoskit.check.table import CHECKERS, CheckerEntry
from chaoskit.check.world import invariants_verdict, liveness_verdict, node_exceptions_verdict

__all__ = [
    "CHECKERS",
    "Availability",
    "Checker",
    "CheckerEntry",
    "CounterChecker",
    "GSetChecker",
    "Linearizable",
    "PnCounterChecker",
    "SetChecker",
    "SetFullChecker",
    "Stats",
    "invariants_verdict",
    "liveness_verdict",
    "node_exceptions_verdict",
    "run_checkers",
]
