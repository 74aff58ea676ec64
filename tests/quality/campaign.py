"""Many seeds of one model over all cores, each run with the settings that a person gets by default, and what became of each.

Runs are told in the order of their seeds, whichever core was quicker: a campaign's figures depend on the code and the
seeds alone.
"""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from chaoskit.catalogue import MODELS, model_named
from chaoskit.core.history import TYPE_CODES
from chaoskit.core.op import INVOKE
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan
from chaoskit.core.verdict import Verdict
from chaoskit.model import Bug
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings

ERROR = "error"  # the status of a run that chaoskit or the model broke
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
AHEAD = 4  # how many runs are under way or done per core, beyond the one whose result is awaited
FOR_EVER = 1 << 62


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One run to make: `chaoskit run MODEL --seed SEED [--bug BUG]`."""

    model: str
    seed: int
    bug: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What became of a run. `kinds` are its violations', the fingerprint's first; `planned` and `effective` are fault kinds.

    `overlap` is the share of operations during which an effective fault was at work.
    """

    seed: int
    status: str
    kinds: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    overlap: float = 0.0
    planned: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.status} {'; '.join(self.details)}"


def planted_bugs(model: str | None = None, names: Sequence[str] = ()) -> list[tuple[str, Bug]]:
    """(model, bug) for the bugs of these names; for all of the model when none is named, and of all models."""
    models = [model_named(name) for name in ([model] if model else MODELS)]
    return [(found.name, bug) for found in models for bug in (map(found.bug_named, names) if names else found.bugs)]


def plan_of(task: Task) -> Plan:
    """The plan of a run, with default settings."""
    return draw(Settings(seed=task.seed, bugs=(task.bug,) if task.bug else ()), task.model)


def judged(outcome: Outcome) -> Verdict:
    """The verdict of a run. Raises what a broken model raised."""
    if outcome.error is not None:
        raise outcome.error
    return judge(outcome)


def trial(task: Task) -> Trial:
    """Makes a run and judges it. Whatever it raises is its result, so that a campaign goes on."""
    try:
        outcome = execute(plan_of(task))
        verdict = judged(outcome)
    except Exception:  # noqa: BLE001  # a campaign reports every broken run at its end
        return Trial(seed=task.seed, status=ERROR, details=(traceback.format_exc(limit=-3),))
    violations = verdict.all_violations()
    effective = _effective(outcome)
    return Trial(
        seed=task.seed,
        status=str(verdict.status),
        kinds=tuple(violation.kind for violation in violations),
        details=(*(violation.summary for violation in violations), *verdict.reasons()),
        overlap=_overlap(outcome, effective),
        planned=_kinds(outcome, [fault.id for fault in outcome.plan.faults]),
        effective=_kinds(outcome, effective),
    )


def workers(count: int | None = None) -> ProcessPoolExecutor:
    """Processes that make runs: fresh ones, because a fork would inherit numpy's threads."""
    return ProcessPoolExecutor(count or CORES, mp_context=get_context("spawn"))


def trials(pool: Executor, tasks: Iterable[Task]) -> Iterator[Trial]:
    """The results in the order of the tasks. What nobody waits for any more is not begun."""
    under_way: deque[Future[Trial]] = deque()
    try:
        for task in tasks:
            under_way.append(pool.submit(trial, task))
            if len(under_way) > AHEAD * CORES:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


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
