"""Where the tasks of dead processes stay until the world is over: as they stood, so that no `finally` of theirs runs in it.

Nor does one run at the end: the coroutines are forgotten. A Python that cannot do so unwinds them, when nothing can come of it in
the world any more, and in silence: what a `finally` logs or raises then is about a run that is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from chaoskit.sim.cast import Buried
from chaoskit.sim.forgetting import forget

AWAITS_MAX = 100  # in the `finally` blocks of one coroutine

Tasks = Callable[[], list[asyncio.Task[Any]]]


class Grave:
    """The tasks of dead processes, each of which lists its own: also those that its `finally` blocks make at the end."""

    def __init__(self) -> None:
        self._buried: list[tuple[Tasks, list[asyncio.Task[Any]]]] = []

    def add(self, tasks: Tasks) -> None:
        """A process is dead."""
        self._buried.append((tasks, tasks()))

    def close(self) -> None:
        """The world is over."""
        buried, self._buried = self._buried, []
        if not any(kept for _, kept in buried):
            return
        with _silence():
            for tasks, kept in buried:
                if kept:
                    _let_go(tasks)
                    kept.clear()  # which frees the frames, and with them what complains of its end


def bury(graveyard: list[Buried], tasks: Tasks) -> None:
    """Puts the tasks of a process into the world's one grave for such."""
    grave = next((grave for grave in graveyard if isinstance(grave, Grave)), None)
    if grave is None:
        grave = Grave()
        graveyard.append(grave)
    grave.add(tasks)


def _let_go(tasks: Tasks) -> None:
    gone: list[asyncio.Task[Any]] = []
    while new := [task for task in tasks() if task not in gone]:
        for task in new:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            if not forget(task.get_coro()):
                _unwind(task.get_coro())
        gone += new


def _unwind(coroutine: Any) -> None:
    """Runs its `finally` blocks, past whatever they await."""
    for _ in range(AWAITS_MAX):
        try:
            coroutine.close()
        except RuntimeError as error:
            if str(error).endswith("ignored GeneratorExit"):  # it awaits something
                continue
        except BaseException:  # noqa: BLE001, S110  # whatever a program raises
            pass
        return


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
