"""Where the tasks of dead processes stay until the world is over: as they stood, so that no `finally` of theirs runs in it.

Python has no way to drop a waiting coroutine but to unwind it. That is done at the very end, when nothing can come of it in the
world any more, and in silence: what a `finally` logs or raises then is about a run that is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any


class Grave:
    """The tasks of one process."""

    def __init__(self, tasks: list[asyncio.Task[Any]]) -> None:
        self._tasks = tasks
        for task in tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]

    def close(self) -> None:
        """The world is over."""
        with _silence():
            for task in self._tasks:
                coroutine: Any = task.get_coro()
                with contextlib.suppress(BaseException):
                    coroutine.close()
            self._tasks.clear()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    disabled, hook = logging.root.manager.disable, sys.unraisablehook
    logging.disable()
    sys.unraisablehook = lambda _: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.unraisablehook = hook
        logging.disable(disabled)
