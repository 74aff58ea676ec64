"""Processes that do tasks, one at a time each, and may die: a death is told with its task, and another process takes the place.

They make the runs of a soak, the trials of a story and the searches of hard keys. Processes are fresh ones (spawn): a fork
would inherit numpy's threads; nothing of the program that asks is run again in them. One that has grown past `MEGABYTES_MAX` is
replaced when its task is done, so that a model which leaks does not fill the machine. Ctrl-C and SIGTERM are for the process that
waits here alone; when that one dies, however it dies, the others find their pipe closed and leave.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import perf_counter, process_time
from types import ModuleType, TracebackType
from typing import Any, Generic, Self, TypeVar

from chaoskit.core.errors import InternalError

MEGABYTES_MAX = 1000
AHEAD = 256  # how many tasks a process may be begun beyond the one whose answer is awaited
PULSE = 0.2  # seconds between two looks at whether to stop
STILLBORN_MAX = 3  # processes in a row that may die before they are ready; then none can be started
PATIENCE = 5.0  # seconds that a process is given to leave
_CALLS_TO_END = {signal.SIGINT, signal.SIGTERM}  # whoever sends them to a whole group of processes means the one that waits

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer(Generic[T]):
    """What became of a task: its value, or how the process died that had it.

    `busy` is the processor time that it took, `waited` how long its process had had nothing to do before it (seconds).
    """

    ticket: int
    value: T | None = None
    death: str | None = None
    busy: float = 0.0
    waited: float = 0.0


class Workers:
    """A number of processes. Tasks are callables without arguments that can be pickled, and whose values can.

    `prepare` is what a process does before it is ready: to import what its tasks need.
    """

    def __init__(self, jobs: int, *, prepare: Callable[[], object] = bool) -> None:
        self._prepare = prepare
        self._workers = [_Worker(prepare) for _ in range(jobs)]
        self._tickets = 0
        self._stillborn = 0  # processes in a row that died before they were ready
        self.deaths = 0

    @property
    def jobs(self) -> int:
        return len(self._workers)

    @property
    def idle(self) -> bool:
        """Whether a task could begin at once."""
        return any(worker.is_free for worker in self._workers)

    @property
    def ready(self) -> bool:
        """Whether the first process has started."""
        return any(worker.ready for worker in self._workers)

    def begin(self, task: Callable[[], object]) -> int:
        """Hands a task to an idle process, and gives the ticket that its answer will bear."""
        worker = next(worker for worker in self._workers if worker.is_free)
        self._tickets += 1
        worker.begin(task, self._tickets)
        return self._tickets

    def answers(self, timeout: float = PULSE) -> list[Answer[Any]]:
        """What has come in, after at most this many seconds. Raises `InternalError` when processes cannot be started."""
        heard = wait([worker.connection for worker in self._workers], timeout)
        found: list[Answer[Any]] = []
        for place, worker in enumerate(self._workers):
            if worker.connection not in heard:
                continue
            answer = worker.hear()
            if answer is not None:
                found.append(answer)
            if worker.is_gone or worker.is_fat:
                self._replace(place)
            else:
                self._stillborn = 0
        return found

    def _replace(self, place: int) -> None:
        worker = self._workers[place]
        self.deaths += worker.is_gone
        self._stillborn += not worker.ready
        if self._stillborn > STILLBORN_MAX:
            raise InternalError(f"expected a process that does tasks but it {worker.ending} while it started.")
        worker.leave()
        self._workers[place] = _Worker(self._prepare)

    def interrupt(self) -> None:
        """Sends Ctrl-C to the processes at work; it is for their tasks to hear it."""
        for worker in self._workers:
            if worker.ticket is not None and worker.process.pid is not None:
                with suppress(OSError):
                    os.kill(worker.process.pid, signal.SIGINT)

    def in_order(
        self, tasks: Iterable[Callable[[], T]], *, halted: Callable[[], bool] = bool, pulse: Callable[[], None] = lambda: None
    ) -> Iterator[Answer[T]]:
        """The answers in the order of the tasks, whichever process was quicker: what is made of them depends on the tasks alone.

        Once it is `halted` no further task is begun, and those under way are waited for. `pulse` is called now and then.
        """
        source = iter(tasks)
        begun: list[int] = []  # the tickets whose answers have not been given, in order
        answered: dict[int, Answer[T]] = {}
        more = True
        while more or begun:
            while more and self.idle and len(begun) < AHEAD * self.jobs:
                task = None if halted() else next(source, None)
                if task is None:
                    more = False
                else:
                    begun.append(self.begin(task))
            if begun or more:  # all may be at work for somebody who has lost interest
                answered.update({answer.ticket: answer for answer in self.answers() if answer.ticket in begun})
            pulse()
            while begun and begun[0] in answered:
                yield answered.pop(begun.pop(0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for worker in self._workers:
            worker.leave(at_once=True)


class _Worker:
    """A process and this end of its pipe. `ticket` is that of the task it has."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs, prepare), daemon=True)
        with _ctrl_c_held_back(), _program_left_out():
            self.process.start()
        theirs.close()
        self.ticket: int | None = None
        self.ready = self.is_gone = self.is_fat = False

    @property
    def is_free(self) -> bool:
        return self.ready and self.ticket is None

    @property
    def ending(self) -> str:
        """How the process died."""
        code = self.process.exitcode
        if code is None:
            return "closed its pipe"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def begin(self, task: Callable[[], object], ticket: int) -> None:
        self.ticket = ticket
        with suppress(OSError):  # it has died: the answer will say so
            self.connection.send(task)

    def hear(self) -> Answer[Any] | None:
        """An answer, when it is one, and not that the process is ready or has died without a task."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            return self._death()
        if not self.ready:
            self.ready = True
            return None
        value, megabytes, busy, waited = message
        self.is_fat = megabytes > MEGABYTES_MAX
        assert self.ticket is not None, "an answer is to a task"
        answer = Answer(ticket=self.ticket, value=value, busy=busy, waited=waited)
        self.ticket = None
        return answer

    def _death(self) -> Answer[Any] | None:
        self.is_gone = True
        self.process.join(PATIENCE)
        return None if self.ticket is None else Answer(ticket=self.ticket, death=self.ending)

    def leave(self, *, at_once: bool = False) -> None:
        """Lets the process go, its task undone; it is not left behind."""
        self.connection.close()
        if at_once and self.process.is_alive():
            self.process.kill()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


def _serve(connection: Connection, prepare: Callable[[], object]) -> None:
    """What a process does: says that it is ready, then answers a task with its value and what it took."""
    _ignore_ctrl_c()
    prepare()
    with suppress(EOFError, OSError):  # nobody asks any more
        connection.send(None)
        while True:
            idle = perf_counter()
            task = connection.recv()
            begin, waited = process_time(), perf_counter() - idle
            value = task()
            connection.send((value, _megabytes(), process_time() - begin, waited))


def _megabytes() -> float:
    """The most memory that this process has had."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # not a Unix: it is not told
        return 0.0
    return getrusage(RUSAGE_SELF).ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000)  # bytes there, kB elsewhere


@contextmanager
def _program_left_out() -> Iterator[None]:
    """What is the main module when a process is started is imported there once more: a script would run again."""
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """What is held back when a process is started is held back in that one as well. Here it is heard afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _CALLS_TO_END)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ignore_ctrl_c() -> None:
    """Also what was held back until now."""
    for call in sorted(_CALLS_TO_END):
        signal.signal(call, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _CALLS_TO_END)
