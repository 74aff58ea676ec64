"""Processes that do tasks: order, deaths, what nobody waits for any more, and an end that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import active_children

import pytest

from chaoskit.core.errors import InternalError
from chaoskit.workers import Workers


@pytest.fixture
def two() -> Iterator[Workers]:
    """Two processes, gone when the test is over."""
    with Workers(2) as workers:
        yield workers
    assert active_children() == []


def test_answers_come_in_the_order_of_their_tasks(two: Workers) -> None:
    """Whichever process is quicker: the first task is the slowest."""
    tasks = [partial(time.sleep, 0.5), *(partial(pow, 2, number) for number in range(8))]
    assert [answer.value for answer in two.in_order(tasks)] == [None, *(2**number for number in range(8))]


@pytest.mark.parametrize(
    ("end", "told"),
    [(partial(os._exit, 3), "ended with exit code 3"), (partial(signal.raise_signal, signal.SIGKILL), "was killed by SIGKILL")],
)
def test_a_death_is_told_and_the_process_is_replaced(two: Workers, end: partial[None], told: str) -> None:
    """The task that was in it has no value; all others have theirs, on as many processes as before."""
    answers = list(two.in_order([partial(pow, 2, 1), end, *(partial(pow, 2, number) for number in range(2, 6))]))
    assert [answer.value for answer in answers] == [2, None, 4, 8, 16, 32]
    assert [answer.death for answer in answers] == [None, told, None, None, None, None]
    assert (two.deaths, two.jobs) == (1, 2)


def test_a_process_that_grows_too_large_is_replaced(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leak ends with the process: no two tasks share one when each leaves it too large."""
    monkeypatch.setattr("chaoskit.workers.MEGABYTES_MAX", 0)
    processes = [answer.value for answer in two.in_order([os.getpid] * 4)]
    assert len(set(processes)) == 4
    assert two.deaths == 0


def test_processes_are_used_again(two: Workers) -> None:
    """As long as they are small."""
    assert len({answer.value for answer in two.in_order([os.getpid] * 8)}) <= 2


def test_nothing_is_begun_once_it_is_halted(two: Workers) -> None:
    """What is under way is waited for; the tasks behind are not even asked for."""
    asked: list[int] = []

    def tasks() -> Iterator[partial[int]]:
        for number in range(100):
            asked.append(number)
            yield partial(pow, 2, number)

    answers = list(two.in_order(tasks(), halted=lambda: len(asked) >= 3))
    assert [answer.value for answer in answers] == [1, 2, 4]
    assert len(asked) == 3


def test_what_nobody_waits_for_is_nobody_elses_answer(two: Workers) -> None:
    """Two rounds with the same processes, the first left early."""
    for answer in two.in_order([partial(pow, 3, number) for number in range(20)]):
        assert answer.value == 1
        break
    assert [answer.value for answer in two.in_order([partial(pow, 2, number) for number in range(5)])] == [1, 2, 4, 8, 16]


def test_a_process_that_cannot_start_ends_it_all() -> None:
    """Instead of being replaced for ever."""
    told = "it ended with exit code 7 while it started"
    with Workers(1, prepare=partial(os._exit, 7)) as workers, pytest.raises(InternalError, match=told):
        list(workers.in_order([os.getpid]))


def test_processes_do_not_hear_ctrl_c(two: Workers) -> None:
    """It is for the process that waits; a terminal sends it to all."""
    workers = [answer.value for answer in two.in_order([os.getpid] * 4)]
    for process in set(workers):
        assert isinstance(process, int)
        os.kill(process, signal.SIGINT)
    assert [answer.death for answer in two.in_order([os.getpid] * 4)] == [None] * 4


def test_a_process_killed_while_it_starts_costs_no_task() -> None:
    """Tasks go to processes that are ready; another one takes the place."""
    with Workers(1) as workers:
        (starting,) = active_children()
        starting.kill()
        assert [answer.value for answer in workers.in_order([partial(pow, 2, 3)])] == [8]
        assert workers.deaths == 1
