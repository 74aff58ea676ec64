"""Makes a failing plan as small as it gets: all passes in turn, until a whole round has changed nothing and no leap helps.

Where the first order of the passes leaves many faults, the other is tried from the same start, and the smaller plan taken.
So the result is a fixed point: nothing that a pass knows how to drop can be dropped, and shrinking it again does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaoskit.core.plan import Plan
from chaoskit.core.shrinking import size_of
from chaoskit.shrink.contract import INTERRUPTED, Answer, Edits, Farm, Progress, ShrinkBudget, Shrunk, Trial
from chaoskit.shrink.passes import CUTS, ORDERS, POLISH, Pass, leap, retime, slide
from chaoskit.shrink.search import BudgetSpentError, Search


class OneByOne:
    """The farm that makes each run when its answer is wanted."""

    ahead = 1

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def ask(self, plan: Plan) -> Answer:
        return lambda: self._trial(plan)


def shrink(
    plan: Plan,
    trial: Trial,
    *,
    edits: Edits,
    budget: ShrinkBudget | None = None,
    farm: Farm | None = None,
    is_late: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _plan, _runs: None,
) -> Shrunk:
    """The smallest plan that was found for which the trial shows the failure; `plan` is one for which it does.

    `farm` makes the trial's runs, perhaps several at once; the result is the same with any. Raises `UsageError` when the plan
    does not show the failure.
    """
    limits = ShrinkBudget() if budget is None else budget
    workers = OneByOne(trial) if farm is None else farm
    search = Search(plan, workers, budget=limits, edits=edits, is_late=is_late, progress=progress)
    stopped: str | None = None
    try:
        _to_the_end(search)
    except BudgetSpentError as spent:
        stopped = str(spent)
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    return Shrunk(plan=search.plan, seen=search.seen, runs=search.runs, stopped=stopped)


def _to_the_end(search: Search) -> None:
    """Until no pass, in either order, and no leap makes it smaller, nor easier to tell."""
    while True:
        begin = search.plan
        _smaller(search)
        for run in POLISH:
            run(search)
        if search.plan == begin:
            return


def _smaller(search: Search) -> None:
    """Makes it as small as it gets: in one order.

    Where that leaves much: by operations or faults at other moments, or by a leap, or in the other order.
    """
    _rounds(search, CUTS)
    start = search.mark()
    _rounds(search, (*CUTS, *ORDERS[0]))
    if slide.run(search) or leap.is_small(search.plan) or retime.run(search) or leap.run(search):
        return
    best = search.mark()
    search.back_to(start)
    try:
        _rounds(search, (*CUTS, *ORDERS[1]))
    finally:  # also where the budget is spent, or somebody interrupts, in the middle of it
        if _weight(search.plan) >= _weight(best.plan):
            search.back_to(best)


def _rounds(search: Search, passes: Sequence[Pass]) -> None:
    while True:
        begin = search.plan
        for run in passes:
            run(search)
        if search.plan == begin:
            return


def _weight(plan: Plan) -> tuple[int, int, int, int]:
    """What makes a story hard to follow, the hardest first."""
    size = size_of(plan)
    return size.faults, size.decisions, size.ops, size.nodes
