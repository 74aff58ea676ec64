"""Coroutines that are let go while they wait: nothing of them runs any more, and nothing of them stays."""

from __future__ import annotations

import contextlib
import gc
import sys
import tracemalloc
import warnings
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from typing import Any

import pytest

from chaoskit.sim import forgetting
from chaoskit.sim.forgetting import READ_VERSIONS, forget

ran: list[str] = []


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


class Never:
    def __await__(self) -> Generator[Never, None, None]:
        yield self


@contextlib.contextmanager
def noted(name: str) -> Iterator[None]:
    try:
        yield
    finally:
        ran.append(name)


@contextlib.asynccontextmanager
async def noted_later(name: str) -> AsyncIterator[None]:
    try:
        yield
    finally:
        ran.append(name)


def numbers() -> Iterator[int]:
    with noted("generator"):
        yield from (1, 2)


async def items() -> AsyncIterator[int]:
    with noted("asynchronous generator"):
        await Never()
        yield 1


async def everything() -> None:
    """Waits within every kind of block that has an end."""
    big = bytearray(100_000)
    with noted("with"), contextlib.ExitStack() as stack:
        stack.enter_context(noted("exit stack"))
        async with noted_later("async with"):
            for _ in numbers():
                try:
                    raise LookupError
                except LookupError:
                    async for _ in items():
                        pass
                finally:
                    ran.append(f"finally {len(big)}")


def waiting() -> Coroutine[Any, Any, None]:
    coroutine = everything()
    coroutine.send(None)
    return coroutine


def test_of_what_is_forgotten_not_one_block_runs() -> None:
    """Nor in the generators behind its `with` and `for` statements; what is not forgotten runs them all."""
    assert forget(waiting())
    gc.collect()
    assert ran == []
    waiting().close()
    assert len(ran) == 6


def test_the_versions_of_python_that_we_support_can_forget() -> None:
    """Else a power loss would be felt by the test that caused it."""
    assert sys.version_info[:2] in READ_VERSIONS
    assert forgetting._place_of_state() is not None


def test_memory_of_what_is_forgotten_is_free() -> None:
    """A hundred kilobytes each."""
    tracemalloc.start()
    try:
        for _ in range(50):
            forget(waiting())
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()


def test_a_coroutine_that_never_began_goes_without_a_warning() -> None:
    """Python would say that it was never awaited."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert forget(everything())
    assert ran == []


def test_what_has_ended_or_runs_stays_as_it_is() -> None:
    """And what is no coroutine cannot be forgotten."""
    ended = (number for number in ())
    assert list(ended) == []
    assert forget(ended)
    assert list(ended) == []

    def itself() -> Iterator[bool]:
        yield forget(running)
        ran.append("went on")

    running = itself()
    assert list(running) == [True]
    assert ran == ["went on"]
    assert not forget(object())


def test_a_python_whose_sources_nobody_read_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dropped there is unwound, as ever."""
    monkeypatch.setattr(forgetting, "READ_VERSIONS", ())
    forgetting._place_of_state.cache_clear()
    try:
        assert not forget(waiting())
        assert len(ran) == 6
    finally:
        forgetting._place_of_state.cache_clear()
