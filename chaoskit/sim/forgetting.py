"""Lets go of coroutines that wait, as a power loss does: not one `finally`, `except` or `__exit__` of theirs runs.

Python knows no such thing. It unwinds a coroutine that is dropped while it waits, and the blocks of a program that is dead in its
world would then print, write files and change the lists of the very test that killed it. But CPython does so only for one that it
has not marked as over, in one byte of the object; of one that it has, it frees the variables and nothing more. `forget` sets that
byte: for a coroutine, what it awaits, and the generators that its frames hold (`@contextmanager` makes them).

Where that byte lies is found by watching probes of our own go through all their states, once a process, and only on versions of
CPython whose sources were read. Elsewhere nothing is forgotten, and whoever asked closes the coroutine.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Generator
from functools import lru_cache
from types import AsyncGeneratorType, CoroutineType, GeneratorType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaoskit.sim.cast import Buried

READ_VERSIONS = ((3, 11), (3, 12), (3, 13))  # of Objects/genobject.c: `_PyGen_Finalize`, `gen_dealloc`
AT_REST = (0xFD, 0xFE, 0xFF)  # not begun, or it waits (FRAME_CREATED, FRAME_SUSPENDED …); 0 is one that runs
OVER, FREED = 0x01, 0x04  # FRAME_COMPLETED, FRAME_CLEARED

_KINDS = (CoroutineType, GeneratorType, AsyncGeneratorType)
_AWAITABLES = ("async_generator_asend", "async_generator_athrow", "anext_awaitable", "coroutine_wrapper")  # Python names none
_GENERATED: Any = contextlib._GeneratorContextManagerBase
_STACK: Any = contextlib._BaseExitStack
_HOLDERS = (*_KINDS, MethodType, _GENERATED, _STACK)  # a frame keeps the `__exit__` method of each `with` that it is in


def forget(coroutine: object) -> bool:
    """Marks it as over, with all that it waits for. False if it cannot be, or is no coroutine or generator."""
    at = _place_of_state()
    if at is None or not isinstance(coroutine, _KINDS):
        return False
    left, holders = [coroutine], list[object]()
    while left:
        each = left.pop()
        if isinstance(each, _KINDS):
            state = _byte(each, at)
            if state.value in AT_REST:  # else it runs, or is over
                left += filter(_leads_on, gc.get_referents(each))
                state.value = OVER
        elif not any(each is holder for holder in holders):
            holders.append(each)
            left += filter(_leads_on, _held(each))
    return True


def lay_to_rest(graveyard: list[Buried]) -> None:
    """Forgets all that is in it, or closes what cannot be forgotten, and empties it."""
    for buried in graveyard:
        with contextlib.suppress(BaseException):
            if not forget(buried):
                buried.close()
    graveyard.clear()


def _leads_on(each: object) -> bool:
    """Whether it may be a coroutine that waits, or lead to one, that is nobody else's."""
    return isinstance(each, _HOLDERS) or type(each).__name__ in _AWAITABLES


def _held(holder: Any) -> list[object]:
    if isinstance(holder, MethodType):
        return [holder.__self__]
    if isinstance(holder, _GENERATED):
        return [holder.gen]
    if isinstance(holder, _STACK):
        return [callback for _, callback in holder._exit_callbacks]
    return gc.get_referents(holder)


@lru_cache
def _place_of_state() -> int | None:
    """How far into the object the byte lies, or None."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] not in READ_VERSIONS:
        return None
    ran: list[int] = []
    fresh, waiting, over = _probe(ran), _probe(ran), _probe(ran)
    next(waiting)
    list(over)
    states = [[_byte(each, at).value for each in (fresh, waiting, over)] for at in range(GeneratorType.__basicsize__)]
    places = [at for at, (new, held, freed) in enumerate(states) if new in AT_REST and held == new + 1 and freed == FREED]
    if len(places) != 1:
        return None
    _byte(waiting, places[0]).value = OVER
    ran.clear()
    del waiting
    return None if ran else places[0]


def _byte(generator: object, at: int) -> ctypes.c_ubyte:
    return ctypes.c_ubyte.from_address(id(generator) + at)


def _probe(ran: list[int]) -> Generator[None, None, None]:
    try:
        yield
    finally:
        ran.append(1)
