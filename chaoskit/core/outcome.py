"""The outcome of executing a plan: the clients' history, the cluster's journal, and the plan as it really fell out."""

from __future__ import annotations

from typing import Any

import msgspec

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Violation

DIGEST_LEVELS = ("history", "journal", "full")  # from what clients saw to everything


class LivenessReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the cluster after the main phase: was it asked to recover, did it progress, did all agree?"""

    judged: bool = False  # False: the faults went past the model's claim, or no recovery phase was run
    core: list[str] = []
    progressed: bool | None = None
    waited: int = 0  # ns until the core served its first operation
    waiting: list[str] = []  # who waits for what, when it did not


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the run itself. `simulated` is virtual ns; `events` counts scheduler events."""

    events: int = 0
    messages: int = 0
    simulated: int = 0
    phases: dict[str, int] = {}  # phase → when it began (ns)


class Outcome:
    """What executing a plan gave. `effects` counts, per fault id, what it did: {"f3": {"dropped": 17}}."""

    def __init__(
        self,
        *,
        plan: Plan,
        history: History,
        journal: Journal,
        effects: dict[str, dict[str, int]],
        violations: list[Violation],
        liveness: LivenessReport,
        stats: Stats,
        invocation_ids: dict[int, int] | None = None,
        interrupted: str | None = None,
        error: ChaoskitError | None = None,
    ) -> None:
        self.plan = plan
        self.history = history
        self.journal = journal
        self.effects = effects
        self.violations = violations
        self.liveness = liveness
        self.stats = stats
        self.invocation_ids = invocation_ids or {}  # history index of an invocation → its id in the plan
        self.interrupted = interrupted  # why the run ended early (Ctrl-C, a broken contract), None when it did not
        self.error = error  # what a model did to end it, to be raised once everything recorded is kept

    def digests(self) -> dict[str, str]:
        """The three digests, from what clients saw to everything."""
        return {"history": self.history.digest(), **self.journal.digests()}

    def felt(self, fault: str) -> bool:
        """Whether a fault was effective: the cluster felt it. What counts as an effect is the nemesis' to say, kind by kind."""
        return any(self.effects.get(fault, {}).values())

    def summary(self) -> dict[str, Any]:
        """Counts for a first line: operations by type, faults planned and effective."""
        effective = sum(map(self.felt, self.effects))
        return {"ops": self.history.count_types(), "faults": {"planned": len(self.plan.faults), "effective": effective}}
