"""Where a program's log lines go when nobody configured logging: to its host's log, in the journal, instead of stderr.

Lines in a journal name no address of this process's memory, else no two runs would be the same to the byte.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def told(message: object, error: BaseException | None = None) -> str:
    """A line of a program's, with the error that it is about."""
    text = str(message) if error is None else f"{message}: {type(error).__name__}: {error}"
    return _ADDRESS.sub("", text)


class LastResort(logging.Handler):
    """Stands in for `logging.lastResort`; outside of every host it does what that does."""

    def __init__(self, original: logging.Handler, current: Callable[[], Any]) -> None:
        super().__init__(original.level)
        self._original = original
        self._current = current  # the loop of the host that runs, if one does

    def handle(self, record: logging.LogRecord) -> bool:
        loop = self._current()
        if loop is None:
            return bool(self._original.handle(record))
        error = record.exc_info[1] if record.exc_info else None
        loop.process.log(told(f"{record.levelname} {record.name}: {record.getMessage()}", error))
        return True
