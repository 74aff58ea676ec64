"""Ctrl-C in the middle of a run, taken between two events: within one, a history or a journal could be left half-written."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from chaoskit.sim.kernel import Kernel


@contextmanager
def ctrl_c_between_events(kernel: Kernel) -> Iterator[None]:
    """The first Ctrl-C lets the event under way end, then raises `KeyboardInterrupt`; the second one raises it where it comes.

    Does nothing outside the main thread, which alone hears signals, and where somebody else handles Ctrl-C already.
    """

    def heard(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        kernel.interrupt()

    handles = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if handles:
        try:
            signal.signal(signal.SIGINT, heard)
        except ValueError:  # this is not the main thread
            handles = False
    try:
        yield
    finally:
        if handles:
            signal.signal(signal.SIGINT, signal.default_int_handler)
