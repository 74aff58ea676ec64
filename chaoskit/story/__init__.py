"""From a failing run to its story: the smallest run that fails in the same way, and what of it is needed.

Trials are whole runs, executed and judged as any other; several may be under way in processes of their own, and the story
is the same with any number of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import msgspec

from chaoskit.core.plan import Plan
from chaoskit.core.shrinking import Shrinking, size_of
from chaoskit.nemeses.simpler import FaultEdits
from chaoskit.shrink import ShrinkBudget, Shrunk, shrink
from chaoskit.shrink.contract import INTERRUPTED, Progress
from chaoskit.shrink.search import bare
from chaoskit.story.causes import NO_CAUSES, find_causes
from chaoskit.story.failure import Failure, failure_of
from chaoskit.story.processes import farm_of

__all__ = ["Failure", "Told", "failure_of", "tell"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A story: its plan, and how it came about. `unchanged`: the plan that was given is this story already."""

    plan: Plan
    shrinking: Shrinking
    shrunk: Shrunk
    unchanged: bool


def tell(
    plan: Plan,
    failure: Failure,
    *,
    budget: ShrinkBudget | None = None,
    jobs: int = 1,
    progress: Progress = lambda _plan, _runs: None,
) -> Told:
    """The story of a failure, made with so many processes. Raises `UsageError` when the plan does not show it."""
    limits = budget or ShrinkBudget()
    begin = monotonic()
    with farm_of(failure, jobs) as farm:
        shrunk = shrink(
            plan,
            failure,
            edits=FaultEdits(),
            budget=limits,
            farm=farm,
            is_late=lambda: limits.wall_seconds is not None and monotonic() - begin > limits.wall_seconds,
            progress=progress,
        )
    interrupted = shrunk.stopped == INTERRUPTED
    causes = NO_CAUSES if interrupted else find_causes(shrunk.plan, failure)
    return Told(
        plan=shrunk.plan,
        shrinking=Shrinking(
            before=size_of(plan),
            after=size_of(shrunk.plan),
            runs=shrunk.runs + causes.runs,
            stopped=shrunk.stopped or causes.stopped,
            flips=causes.flips,
            parting=causes.parting,
        ),
        shrunk=shrunk,
        unchanged=_is_the_same(shrunk.plan, plan),
    )


def _is_the_same(plan: Plan, other: Plan) -> bool:
    """But for the instants at which phases began: every run notes them anew."""
    return plan == msgspec.structs.replace(bare(other), phases=plan.phases)
