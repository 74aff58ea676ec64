"""Ctrl-C in the middle of a run, taken between two events: within one, a history or a journal could be left half-written.

So is SIGTERM, where a `Termination` takes it for Ctrl-C. Signals are heard in the main thread alone; elsewhere nothing here does
anything.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from chaoskit.core.termination import Handler, Termination, termination_of
from chaoskit.sim.kernel import Kernel

_NOBODYS = (signal.default_int_handler, signal.SIG_IGN)


@contextmanager
def interruptions(heard: Callable[[], object]) -> Iterator[None]:
    """Calls a function at the first one; the second one raises `KeyboardInterrupt` where it comes.

    Does nothing where somebody else handles Ctrl-C already.
    """
    ctrl_c, termination = signal.getsignal(signal.SIGINT), termination_of()
    theirs = ctrl_c not in _NOBODYS or (termination is not None and termination.handler not in _NOBODYS)

    def handle(number: int, frame: FrameType | None) -> None:
        _let_handle(signal.default_int_handler, ctrl_c, termination)
        heard()

    if theirs or not _let_handle(handle, ctrl_c, termination):
        yield
        return
    try:
        yield
    finally:
        _let_handle(signal.default_int_handler, ctrl_c, termination)


@contextmanager
def ctrl_c_between_events(kernel: Kernel) -> Iterator[None]:
    """The first interruption lets the event under way end, then raises `KeyboardInterrupt`; the second one is as ever."""
    with interruptions(kernel.interrupt):
        yield


def how_interrupted() -> str:
    """What to tell of an interruption: `interrupted (Ctrl-C)` or `terminated (SIGTERM)`."""
    termination = termination_of()
    return "interrupted (Ctrl-C)" if termination is None or not termination.heard else "terminated (SIGTERM)"


def _let_handle(handler: Handler, ctrl_c: object, termination: Termination | None) -> bool:
    """Has both handled so, Ctrl-C only where it is not ignored. Whether that was possible: this is the main thread."""
    if ctrl_c is not signal.SIG_IGN:
        try:
            signal.signal(signal.SIGINT, handler)
        except ValueError:
            return False
    if termination is not None:
        termination.handler = handler
    return True
