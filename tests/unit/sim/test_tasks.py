"""Promises and tasks: who goes on when, and what a crash leaves standing."""

from __future__ import annotations

from typing import Any

import pytest

from chaoskit.sim.tasks import Gathering, Promise, Task


def start(coroutine: Any) -> tuple[Task, list[tuple[Any, BaseException | None]]]:
    """A task that has taken its first step, and what it ended with."""
    ends: list[tuple[Any, BaseException | None]] = []
    task = Task(coroutine, lambda _, value, error: ends.append((value, error)))
    task.step()
    return task, ends


def test_a_task_goes_on_inside_what_resolves_its_promise() -> None:
    """There is no ready queue: the order is that of events."""
    promise, seen = Promise("a word"), []

    async def handler() -> str:
        seen.append("before")
        seen.append(await promise)
        return "done"

    task, ends = start(handler())
    assert (seen, ends) == (["before"], [])
    assert task.waiting_for is promise
    promise.resolve("word")
    assert (seen, ends) == (["before", "word"], [("done", None)])
    assert task.waiting_for is None


def test_what_is_there_already_is_not_waited_for() -> None:
    """A promise that was kept before it was awaited."""
    promise = Promise("a word")
    promise.resolve(1)
    promise.resolve(2)
    promise.fail(ValueError())

    async def handler() -> int:
        return int(await promise)

    assert start(handler())[1] == [(1, None)]


def test_a_failed_promise_raises_where_it_is_awaited() -> None:
    """The handler may catch it; if not, it is the task's end."""
    first, second = Promise("one"), Promise("two")

    async def handler() -> None:
        with pytest.raises(KeyError):
            await first
        await second

    _, ends = start(handler())
    first.fail(KeyError("x"))
    assert ends == []
    error = ValueError("y")
    second.fail(error)
    assert ends == [(None, error)]


def test_a_dropped_task_stands_where_it_stood() -> None:
    """Nothing after its await happens, not even `finally`."""
    promise, seen = Promise("a word"), []

    async def handler() -> None:
        try:
            await promise
            seen.append("after")
        finally:
            seen.append("finally")

    coroutine = handler()
    task, ends = start(coroutine)
    task.drop()
    promise.resolve(None)
    assert (seen, ends) == ([], [])
    coroutine.close()  # the world buries it at the end of the run
    assert seen == ["finally"]


def test_a_gathering_is_the_first_answers_in_their_order() -> None:
    """Late ones change nothing."""
    gathering = Gathering("two answers", 2)
    for value in "bac":
        gathering.add(value)
    assert gathering.done
    assert gathering.value == ["b", "a"]


def test_a_gathering_may_fail_before_it_is_complete() -> None:
    """By its time-out."""
    gathering = Gathering("two answers", 2)
    gathering.add("a")
    gathering.fail(TimeoutError())
    gathering.add("b")
    assert isinstance(gathering.error, TimeoutError)
    assert gathering.value is None
