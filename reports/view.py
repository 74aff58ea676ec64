"""Everything a report shows of a run, as plain values: computed once, rendered as page, text and JSON.

A view depends on the run alone. Wall times, the version of Python, packages, directories and what a person typed stand
in the manifest and are never read here, so that a run gives the same report, byte for byte, on any machine.
"""

from __future__ import annotations

from functools import cached_property

from chaoskit.core.outcome import DIGEST_LEVELS, Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.record import RunRecord
from chaoskit.core.shrinking import Shrinking
from chaoskit.core.units import count, format_time, plural
from chaoskit.core.verdict import Status, Verdict, Violation
from chaoskit.reports.anomalies import Anomaly, anomaly_of
from chaoskit.reports.exercise import Exercise, exercise_of
from chaoskit.reports.faults import EFFECTIVE, FaultView, fault_views
from chaoskit.reports.operations import Operations
from chaoskit.reports.power import PowerView, powers

ANOMALIES_MAX = 50  # told in full; the rest is counted


class View:
    """A run to be shown. What is dear to compute is computed when first asked for."""

    def __init__(self, record: RunRecord) -> None:
        self._manifest = record.manifest
        self.outcome: Outcome = record.outcome
        self.plan: Plan = record.outcome.plan
        self.verdict: Verdict = record.verdict
        self.shrinking: Shrinking | None = record.shrinking
        self.story: View | None = None if record.story is None else View(record.story)

    @property
    def status(self) -> Status:
        return self.verdict.status

    @property
    def model(self) -> str:
        """Its name: the plan may hold a path to a person's own file, which is no business of a report."""
        return self._manifest.model or self.plan.model.rpartition(":")[2].rpartition("/")[2]

    @property
    def bugs(self) -> str | None:
        """The planted bugs that were on, None for none."""
        return self._manifest.bug or ",".join(self.plan.bugs) or None

    @property
    def version(self) -> str:
        """Of chaoskit, with the digest of its source: a seed means the same only on the same code."""
        return " ".join(filter(None, [self._manifest.chaoskit, self._manifest.source_digest[:12]]))

    @property
    def reproduce(self) -> str:
        """The command line that runs the same again."""
        return self._manifest.reproduce or f"chaoskit run {self.model} --seed {self.plan.seed}"

    @property
    def interrupted(self) -> str | None:
        return self.outcome.interrupted or self._manifest.interrupted

    @property
    def simulated(self) -> int:
        """How long the run was in virtual time (ns): at least until its last event."""
        last = int(self.outcome.history.times[-1]) if len(self.outcome.history) else 0
        return max(self.outcome.stats.simulated, last)

    @cached_property
    def digests(self) -> dict[str, str]:
        """As they were recorded, else computed, level by level."""
        recorded = self._manifest.digests
        found = recorded if all(level in recorded for level in DIGEST_LEVELS) else self.outcome.digests()
        return {level: found[level] for level in DIGEST_LEVELS}

    @cached_property
    def op_counts(self) -> dict[str, int]:
        return self.outcome.history.count_types()

    @cached_property
    def operations(self) -> Operations:
        return Operations(self.outcome.history, slots=self.plan.cluster.clients)

    @cached_property
    def faults(self) -> list[FaultView]:
        return fault_views(self.plan.faults, self.outcome.effects, until=self.simulated)

    @property
    def effective(self) -> int:
        return sum(fault.state == EFFECTIVE for fault in self.faults)

    @cached_property
    def violations(self) -> list[Violation]:
        return self.verdict.all_violations()

    @cached_property
    def anomalies(self) -> list[Anomaly]:
        """The first `ANOMALIES_MAX` violations with their surroundings, in the checkers' order."""
        return [
            anomaly_of(
                violation,
                number=number,
                operations=self.operations,
                faults=self.faults,
                journal=self.outcome.journal,
                nodes=self.plan.cluster.nodes,
                until=self.simulated,
            )
            for number, violation in enumerate(self.violations[:ANOMALIES_MAX], start=1)
        ]

    @cached_property
    def exercise(self) -> Exercise:
        return exercise_of(self.operations, self.faults, until=self.simulated)

    def original_of(self, story: View) -> dict[int, int]:
        """A story's operations, by the history index of their invocation → the same one's here: ids survive shrinking."""
        own = {identifier: index for index, identifier in self.outcome.invocation_ids.items()}
        ids = story.outcome.invocation_ids
        return {index: own[identifier] for index, identifier in ids.items() if identifier in own}

    @property
    def judged(self) -> list[Verdict]:
        """The verdicts of the checkers themselves, those that only merge others left out."""
        return _leaves(self.verdict)

    @property
    def powers(self) -> list[PowerView]:
        """What the green verdicts are worth, of those that tell."""
        return powers(self.judged)

    @property
    def checkers(self) -> list[str]:
        """The names of the checkers that judged, each once."""
        return list(dict.fromkeys(verdict.checker for verdict in self.judged))

    @property
    def headline(self) -> str:
        """The verdict after its word: what was violated, what held, or why nobody knows."""
        if self.violations:
            more = len(self.violations) - 1
            return self.anomalies[0].headline + (f" · and {plural(more, 'more anomaly', many='more anomalies')}" if more else "")
        if self.verdict.is_unknown:
            return "; ".join(self.verdict.reasons()) or "no checker gave a reason"
        return " · but weak: ".join(filter(None, [", ".join(self.checkers), "; ".join(self.exercise.warnings)]))

    @property
    def caution(self) -> str | None:
        """What a person should know before they believe a violation: the protocol may never have promised to survive this."""
        if self.status is not Status.INVALID or not self.plan.beyond_claim:
            return None
        return f"faults went beyond what {self.model} claims to survive: this need not be its mistake"

    @property
    def facts(self) -> list[str]:
        """The run in a few short phrases, for a first line."""
        counts = self.op_counts
        return [
            f"{count(counts['ok'])} ok, {count(counts['info'])} info, {count(counts['fail'])} fail",
            f"{plural(len(self.faults), 'fault')} planned, {count(self.effective)} effective",
            f"{format_time(self.simulated)} simulated",
        ]


def _leaves(verdict: Verdict) -> list[Verdict]:
    return [leaf for part in verdict.parts for leaf in _leaves(part)] if verdict.parts else [verdict]
