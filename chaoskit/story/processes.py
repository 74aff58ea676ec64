"""Makes the shrinker's trials in processes of their own, once it is clear that there are many."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from chaoskit.core.plan import Plan
from chaoskit.shrink import Answer, Farm, OneByOne, Seen
from chaoskit.story.failure import Failure

WARM_UP = 40  # runs made here before processes are begun: most of what they cost is their beginning


@contextmanager
def farm_of(failure: Failure, jobs: int) -> Iterator[Farm]:
    """Who makes the trials: this process, or so many."""
    if jobs <= 1:
        yield OneByOne(failure)
        return
    farm = _Processes(failure, jobs)
    try:
        yield farm
    finally:
        farm.close()


class _Processes:
    """Makes trials in processes, once it is clear that there are many."""

    def __init__(self, failure: Failure, jobs: int) -> None:
        self._failure = failure
        self._jobs = jobs
        self._asked = 0
        self._pool: ProcessPoolExecutor | None = None

    @property
    def ahead(self) -> int:
        return 1 if self._asked < WARM_UP else 2 * self._jobs

    def ask(self, plan: Plan) -> Answer:
        self._asked += 1
        if self._asked <= WARM_UP:
            return lambda: self._failure(plan)
        if self._pool is None:  # fresh processes: a fork would inherit numpy's threads
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=get_context("spawn"), initializer=_leave_ctrl_c)
        future = self._pool.submit(self._failure, plan)

        def answer() -> Seen:
            try:
                return future.result()
            except BrokenExecutor:  # a process was killed: what it was to find out is found out here
                return self._failure(plan)

        return answer

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _leave_ctrl_c() -> None:
    """Ctrl-C and its like are for the process that waits for the answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
