"""SIGTERM taken as Ctrl-C: what the command line does, and how whoever handles Ctrl-C learns of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


class Termination:
    """Takes SIGTERM as Ctrl-C, also where Ctrl-C is ignored, as by what a shell starts in the background.

    `heard` says whether it came. `handler` is what it does, for whoever handles Ctrl-C to set.
    """

    def __init__(self) -> None:
        self.heard = False
        self.handler: Handler = signal.default_int_handler

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.heard = True
        self.handler(number, frame)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listens, where nobody else does."""
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            yield
            return
        try:
            signal.signal(signal.SIGTERM, self)
        except ValueError:
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def termination_of() -> Termination | None:
    """Who takes SIGTERM as Ctrl-C now, if anybody does."""
    handler = signal.getsignal(signal.SIGTERM)
    return handler if isinstance(handler, Termination) else None
