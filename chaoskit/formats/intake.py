"""What every reader ends with: parsed events are checked here and become a history.

The rules that hold for any foreign file stand once: known types, processes and times that columns can hold, integers of
64 bits, indices that increase (index order is the real-time order: a reordered file would be judged wrongly). Whatever
breaks one is a `FormatError`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import lt
from typing import Any

from chaoskit.core.errors import FormatError, ModelError
from chaoskit.core.history import History, HistoryBuilder

PROCESS_MAX = 2**31 - 1
TIME_LIMIT = 2**63
INTEGER_MIN = -(2**63)
INTEGER_MAX = 2**64 - 1
VALUE_DEPTH_MAX = 100
_INTEGERS, _TEXTS, _INTEGERS_AND_TEXTS = frozenset({int}), frozenset({str}), frozenset({int, str})


@contextmanager
def collector_paused() -> Iterator[None]:
    """Reading makes millions of lists and no cycles: Python's collector would go through them over and over, for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Intake:
    """Takes the events of one file in order and gives the history."""

    __slots__ = ("_builder", "_file", "_index")

    def __init__(self, file: str) -> None:
        self._file = file
        self._builder = HistoryBuilder()
        self._index = -1

    def add(
        self,
        line: int,
        *,
        type: Any,
        process: Any,
        f: Any,
        key: Any,
        value: Any,
        time: Any = 0,
        error: str | None = None,
        index: Any = None,
    ) -> None:
        """Adds an event that stood on this line. Raises `FormatError` for one that a history cannot hold."""
        if process.__class__ is not int and process.__class__ is not str:
            raise self.broken(line, f"expected a process (a number or a name) but got process={process!r:.100}.")
        if process.__class__ is int and not 0 <= process <= PROCESS_MAX:
            raise self.broken(line, f"expected a process from 0 to {PROCESS_MAX} but got process={process}.")
        if f.__class__ is not str:
            raise self.broken(line, f"expected what the operation does (f, a name) but got f={f!r:.100}.")
        if time is None:
            time = 0
        if time.__class__ is not int or not -TIME_LIMIT <= time < TIME_LIMIT:
            raise self.broken(line, f"expected a time in nanoseconds, a 64-bit integer, but got time={time!r:.100}.")
        if index is not None:
            self._check_index(line, index)
        for part in (key, value):  # within a list or an object the builder itself refuses them
            if part.__class__ is int and not INTEGER_MIN <= part <= INTEGER_MAX:
                raise self.broken(line, f"expected integers of at most 64 bits but got {part!r:.100}.")
        try:
            self._builder.append(type, process, f, key, value, time=time, error=error)
        except ModelError as reason:
            raise self.broken(line, str(reason)) from reason

    def add_all(
        self,
        *,
        types: Sequence[Any],
        processes: Sequence[Any],
        fs: Sequence[Any],
        keys: Sequence[Any],
        values: Sequence[Any],
        times: Sequence[Any],
        errors: Sequence[str | None],
        indices: Sequence[Any],
    ) -> bool:
        """Adds many events at once, or none, and says which: one by one, the broken one among them tells its line and reason."""
        if None in times:
            times = [0 if time is None else time for time in times]
        given = [index for index in indices if index is not None]
        for column, kinds in ((processes, _INTEGERS_AND_TEXTS), (fs, _TEXTS), (times, _INTEGERS), (given, _INTEGERS)):
            if not kinds.issuperset(map(type, column)):
                return False
        if given and not (self._index < given[0] and all(map(lt, given, given[1:]))):
            return False
        try:
            self._builder.extend(types=types, processes=processes, fs=fs, keys=keys, values=values, times=times, errors=errors)
        except ModelError:
            return False
        self._index = given[-1] if given else self._index
        return True

    def history(self) -> History:
        return self._builder.build()

    def broken(self, line: int, reason: str) -> FormatError:
        return FormatError(reason, file=self._file, line=line)

    def _check_index(self, line: int, index: Any) -> None:
        if index.__class__ is not int:
            raise self.broken(line, f"expected an index (a whole number) but got index={index!r:.100}.")
        if index <= self._index:
            reason = f"expected indices to increase but got index={index} after {self._index}"
            raise self.broken(line, f"{reason}; the order of events is their real-time order.")
        self._index = index
