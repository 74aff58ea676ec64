"""From settings to a verdict. Every step takes values and returns values; the same plan gives the same bytes.

Settings ─draw▶ Plan ─execute▶ Outcome ─judge▶ Verdict
"""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.catalogue import model_digest, model_named
from chaoskit.check import (
    Availability,
    Linearizable,
    Stats,
    invariants_verdict,
    liveness_verdict,
    node_exceptions_verdict,
    run_checkers,
)
from chaoskit.check.power import WithPower
from chaoskit.core.history import HistoryBuilder
from chaoskit.core.journal import Sink
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Budget, Status, Verdict, compose
from chaoskit.nemeses import INJECTORS
from chaoskit.settings import Settings, draw_plan
from chaoskit.sim.phases import FINAL
from chaoskit.sim.world import World
from chaoskit.workloads import asker_for, workload_named

Progress = Callable[[int, int], None]  # (operations begun, virtual ns)


def draw(settings: Settings, model_reference: str) -> Plan:
    """What is asked, what may break, what the cluster is."""
    model = model_named(model_reference)
    return draw_plan(settings, model, model_reference=model_reference, model_digest=model_digest(model, model_reference))


def execute(
    plan: Plan,
    *,
    sink: Sink | None = None,
    history: HistoryBuilder | None = None,
    progress: Progress | None = None,
    check_aliasing: bool = False,
) -> Outcome:
    """Runs a plan in a world of its own: the clients' history, the cluster's journal and the plan as it fell out.

    `sink` and `history` take the journal and the history as they come, in memory if not given. A model that breaks its contract
    ends the run early; the outcome then holds the error and everything up to it.
    """
    model, workload = model_named(plan.model), workload_named(plan.workload)
    world = World(
        plan,
        model.cast(plan, read_only=workload.read_only),
        injectors=INJECTORS,
        asker_for=lambda phase, slots: asker_for(plan, workload, phase, slots),
        sink=sink,
        history=history,
        on_progress=progress,
        check_aliasing=check_aliasing,
    )
    return world.run()


def judge(outcome: Outcome, budget: Budget | None = None, *, power: bool = False) -> Verdict:
    """What the checkers say: of the clients' history first, then of what the nodes did and whether they recovered.

    What was too little exercised (`stats`, `availability`) is told among the results and does not make a run unknown. With
    `power`, what a valid verdict is worth is told there as well, where it is measured quickly.
    """
    plan = outcome.plan
    workload = workload_named(plan.workload)
    checkers = workload.checkers(plan.workload_parameters, _final_from(outcome))
    if power:
        checkers = [WithPower(checker) if isinstance(checker, Linearizable) else checker for checker in checkers]
    limits = budget or Budget()
    judged = run_checkers(outcome.history, checkers, budget=limits, journal=outcome.journal)
    exercise = run_checkers(outcome.history, [Stats(), Availability()], budget=limits)
    return compose(
        "run",
        [
            *judged.parts,
            invariants_verdict(outcome.violations),
            node_exceptions_verdict(outcome.violations),
            liveness_verdict(outcome.violations, outcome.liveness),
            *(_told(part) for part in exercise.parts),
        ],
    )


def _told(part: Verdict) -> Verdict:
    """A part that cannot be wrong, with its reason among the results."""
    results = {**part.results, "warning": part.reason} if part.reason else part.results
    return Verdict(checker=part.checker, status=Status.VALID, results=results)


def _final_from(outcome: Outcome) -> int | None:
    """The history index from which operations belong to the final phase."""
    begin = outcome.stats.phases.get(FINAL)
    if begin is None:
        return None
    return int(outcome.history.times.searchsorted(begin))
