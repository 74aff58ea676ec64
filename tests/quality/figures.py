"""What a campaign over a correct model comes to: verdicts, how much of it was under fire, and which kinds of fault bit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from chaoskit.core.soak import Trial


@dataclass(slots=True)
class Figures:
    """The sums of many trials; `failures` are those that were not valid."""

    statuses: Counter[str] = field(default_factory=Counter)
    overlaps: list[float] = field(default_factory=list)
    planned: Counter[str] = field(default_factory=Counter)  # fault kind → runs that plan it
    effective: Counter[str] = field(default_factory=Counter)  # fault kind → runs in which it was felt
    failures: list[Trial] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        self.statuses[trial.status] += 1
        self.overlaps.append(trial.overlap)
        self.planned.update(trial.planned)
        self.effective.update(trial.effective)
        if trial.status != "valid":
            self.failures.append(trial)

    @property
    def overlap(self) -> float:
        """The share of the operations of a median run that an effective fault overlapped."""
        return median(self.overlaps)

    def share(self, kind: str) -> float:
        """In which share of the runs that plan a kind of fault it was felt."""
        return self.effective[kind] / self.planned[kind]

    def __str__(self) -> str:
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        kinds = ", ".join(f"{kind} {self.share(kind):.0%}" for kind in sorted(self.planned))
        return f"{statuses}; {self.overlap:.0%} of a median run's ops under faults; felt where planned: {kinds}"
