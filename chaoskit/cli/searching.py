"""Tells a person how far a check is, on one line that moves, where somebody watches; a check may take minutes."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chaoskit.cli.console import Console
from chaoskit.core.units import plural
from chaoskit.core.verdict import Budget

if TYPE_CHECKING:
    from chaoskit.check.watch import Progress, Watch

WHOLE = 1_000  # of the bar, whatever it counts


class Searching:
    """The line of one check: what is read, then how far each search is and what it has spent. It is gone at the end."""

    def __init__(self, console: Console, budget: Budget) -> None:
        self._console = console
        self._bar = console.bar("check", WHOLE)
        self._budget = budget
        self._began = time.monotonic()
        self.watch: Watch | None = self._searched if console.moves else None

    def reading(self, file: str) -> None:
        self._bar.update(0, f"reading {file}")

    def judging(self, events: int) -> None:
        self._bar.clear()
        self._bar = self._console.bar("check", WHOLE)  # a new one is drawn at once
        self._bar.update(0, plural(events, "event"))

    def _searched(self, at: Progress) -> None:
        from chaoskit.spec.text import show_key

        whose = "" if at.objects == 1 else f" of key {show_key(at.key)} ({at.place:,} of {at.objects:,})"
        if not at.answers_all:  # in processes of their own, that tell nothing until they are done
            self._bar.update(0, f"searching{whose} · {self._spent}")
            return
        limits = self._budget
        visited = f"{at.configurations:,} of {limits.configurations:,} configurations"
        self._bar.update(
            WHOLE * at.answers // at.answers_all,
            f"{at.answers:,} of {plural(at.answers_all, 'answer')} placed{whose} · {visited} · {self._spent}",
        )

    @property
    def _spent(self) -> str:
        limit = self._budget.wall_seconds
        return f"{time.monotonic() - self._began:.0f} s{'' if limit is None else f' of {limit:g} s'}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.clear()
