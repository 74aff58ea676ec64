"""Ctrl-C in the middle of a run, taken between two events: within one, a history or a journal could be left half-written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chaoskit.sim.kernel import Kernel


@contextmanager
def ctrl_c_between_events(kernel: Kernel) -> Iterator[None]:
    """The first Ctrl-C lets the event under way end, then raises `KeyboardInterrupt`; the second one raises it where it comes.

    Does nothing outside the main thread, which alone hears signals, and where somebody else handles Ctrl-C already.
    """
    handles = threading.current_thread() is threading.main_thread()
    if not handles or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def heard(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        kernel.interrupt()

    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
