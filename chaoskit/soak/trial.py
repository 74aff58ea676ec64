"""One run of many: made, judged, and told in a few figures that cross from one process to another.

Whatever a run raises is its result: a soak goes on. A failing one is run some more times, to find its causal shape.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from chaoskit.catalogue import model_named
from chaoskit.core.errors import ChaoskitError
from chaoskit.core.history import TYPE_CODES
from chaoskit.core.op import INVOKE
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.soak import ERROR, Shape, Trial
from chaoskit.core.verdict import Budget, Fingerprint, Verdict, Violation
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings
from chaoskit.soak.shape import shape_of
from chaoskit.store.runs import load_plan

TRACE_LINES = 3
FOR_EVER = 1 << 62


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedTask:
    """The run that settings and their seed mean. `shaped`: a failure's causal shape is looked for, which takes further runs."""

    model: str
    settings: Settings
    shaped: bool = True

    def __call__(self) -> Trial:
        try:
            return _trial(draw(self.settings, self.model), self.settings.budget, shaped=self.shaped)
        except Exception as error:  # noqa: BLE001  # a soak reports every broken run at its end
            return _broken(self.settings.seed, error)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanTask:
    """The run of a saved plan."""

    plan: Path
    seed: int
    budget: Budget

    def __call__(self) -> Trial:
        try:
            return _trial(load_plan(self.plan), self.budget, shaped=False)
        except Exception as error:  # noqa: BLE001  # as above
            return _broken(self.seed, error)


def prepare(model: str) -> None:
    """Imports what a process needs for its first run."""
    model_named(model)


def judged(outcome: Outcome, budget: Budget | None = None) -> Verdict:
    """The verdict of a run. Raises what a broken model raised."""
    if outcome.error is not None:
        raise outcome.error
    return judge(outcome, budget)


def _trial(plan: Plan, budget: Budget, *, shaped: bool) -> Trial:
    outcome = execute(plan)
    verdict = judged(outcome, budget)
    violations = verdict.all_violations()
    effective = _effective(outcome)
    shape, probes = _shape(outcome, violations[0], budget) if shaped and verdict.is_invalid else (None, 0)
    return Trial(
        seed=plan.seed,
        status=str(verdict.status),
        kinds=tuple(violation.kind for violation in violations),
        details=(*(violation.summary for violation in violations), *verdict.reasons()),
        overlap=_overlap(outcome, effective),
        planned=_kinds(outcome, [fault.id for fault in outcome.plan.faults]),
        effective=_kinds(outcome, effective),
        simulated=outcome.stats.simulated,
        shape=shape,
        probes=probes,
    )


def _shape(outcome: Outcome, violation: Violation, budget: Budget) -> tuple[Shape, int]:
    return shape_of(outcome, violation, lambda plan: _fingerprint(plan, budget) == violation.fingerprint)


def _fingerprint(plan: Plan, budget: Budget) -> Fingerprint | None:
    """How the run of a plan fails; None where a model breaks its contract."""
    try:
        return judged(execute(plan), budget).fingerprint
    except ChaoskitError:
        return None


def _broken(seed: int, error: Exception) -> Trial:
    trace = "".join(traceback.format_exception(error, limit=-TRACE_LINES))
    return Trial(seed=seed, status=ERROR, details=(trace,))


def _effective(outcome: Outcome) -> list[str]:
    """The ids of the faults that were felt."""
    return [fault.id for fault in outcome.plan.faults if outcome.felt(fault.id)]


def _kinds(outcome: Outcome, faults: list[str]) -> tuple[str, ...]:
    return tuple(sorted({fault.kind for fault in outcome.plan.faults if fault.id in faults}))


def _overlap(outcome: Outcome, faults: list[str]) -> float:
    """The share of all operations that were open while one of these faults was active."""
    spans = [
        (fault.resolution.begin, FOR_EVER if fault.resolution.end is None else fault.resolution.end)
        for fault in outcome.plan.faults
        if fault.id in faults and fault.resolution is not None
    ]
    clients = outcome.history.clients()
    times, partners = clients.times.tolist(), clients.partners.tolist()
    asked = [position for position, code in enumerate(clients.types.tolist()) if code == TYPE_CODES[INVOKE]]
    struck = 0
    for position in asked:
        end = FOR_EVER if partners[position] < 0 else times[partners[position]]
        struck += any(begin <= end and times[position] <= over for begin, over in spans)
    return struck / max(1, len(asked))
