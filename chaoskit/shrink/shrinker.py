"""Makes a failing plan as small as it gets: all passes in turn, until a whole round has changed nothing.

So the result is a fixed point: nothing that a pass knows how to drop can be dropped, and shrinking it again does nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.plan import Plan
from chaoskit.shrink.contract import Answer, Edits, Farm, Progress, Seen, Shrunk, ShrinkBudget, Trial
from chaoskit.shrink.passes import PASSES
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
    dropped: dict[str, int] = {}
    stopped: str | None = None
    try:
        _to_the_end(search, dropped)
    except BudgetSpentError as spent:
        stopped = str(spent)
    except KeyboardInterrupt:
        stopped = "interrupted (Ctrl-C)"
    return Shrunk(plan=search.plan, seen=search.seen, runs=search.runs, stopped=stopped, dropped=dropped)


def _to_the_end(search: Search, dropped: dict[str, int]) -> None:
    while True:
        begin = search.plan
        for name, pass_ in PASSES.items():
            before = search.taken
            pass_(search)
            dropped[name] = dropped.get(name, 0) + search.taken - before
        if search.plan == begin:
            return
