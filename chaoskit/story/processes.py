"""Makes the shrinker's trials in processes of their own, once it is clear that there are many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from chaoskit.core.plan import Plan
from chaoskit.shrink import Answer, Farm, OneByOne, Seen
from chaoskit.story.failure import Failure
from chaoskit.workers import Workers

WARM_UP = 40  # runs made here before processes are begun: most of what they cost is their beginning


@contextmanager
def farm_of(failure: Failure, jobs: int) -> Iterator[Farm]:
    """Who makes the trials: this process, or so many."""
    if jobs <= 1:
        yield OneByOne(failure)
        return
    with ExitStack() as stack:
        yield _Processes(failure, jobs, begin=lambda: stack.enter_context(Workers(jobs)))


class _Processes:
    """Makes trials in processes, once it is clear that there are many."""

    def __init__(self, failure: Failure, jobs: int, *, begin: Callable[[], Workers]) -> None:
        self._failure = failure
        self._jobs = jobs
        self._begin = begin
        self._asked = 0
        self._workers: Workers | None = None
        self._waiting: deque[_Trial] = deque()
        self._under_way: dict[int, _Trial] = {}  # by ticket

    @property
    def ahead(self) -> int:
        return 1 if self._asked < WARM_UP else 2 * self._jobs

    def ask(self, plan: Plan) -> Answer:
        self._asked += 1
        if self._asked <= WARM_UP:
            return lambda: self._failure(plan)
        workers = self._workers = self._workers or self._begin()
        trial = _Trial(plan)
        self._waiting.append(trial)
        self._hand_out(workers)
        return lambda: self._seen(trial, workers)

    def _hand_out(self, workers: Workers) -> None:
        while self._waiting and workers.idle:
            trial = self._waiting.popleft()
            self._under_way[workers.begin(partial(self._failure, trial.plan))] = trial

    def _seen(self, trial: _Trial, workers: Workers) -> Seen:
        while trial.seen is None:
            for answer in workers.answers():
                done = self._under_way.pop(answer.ticket)  # what a process that died was to find out is found out here
                done.seen = answer.value or self._failure(done.plan)
            self._hand_out(workers)
        return trial.seen


class _Trial:
    """A plan, and what was seen of it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.seen: Seen | None = None
