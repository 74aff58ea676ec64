"""The operations of a run, one row each, in columns: what the timeline, the table and the figures draw.

A history has two events an operation; here they are one, with what was asked and what came back. Rows are in the order
of invocation, so they are found again from a history index by binary search. An operation that never completed is
`info`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import TYPES
from chaoskit.reports.words import operation_text, show

NONE = -1  # in a column: no such thing

Column = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8]

_NIL = 0  # a history's value number 0 is None
_OK, _INFO = TYPE_CODES["ok"], TYPE_CODES["info"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation, in words. `end` is None when nothing was ever heard of it; `index` is that of its invocation."""

    row: int
    index: int
    completion: int | None
    lane: str
    process: str
    f: str
    text: str
    type: str
    start: int
    end: int | None
    result: str | None
    error: str | None

    @property
    def outcome(self) -> str:
        """What was asked and what came back: `read k3 → 4`."""
        return self.text if self.result is None else f"{self.text} → {self.result}"


class Operations:
    """Every client operation of a history.

    Columns, a row an operation: `index` and `completion` (history indices), `start` and `end` (ns), `type` (1 ok, 2 fail,
    3 info), `process`, `lane`, and `f`, `key`, `asked`, `result`, `error`: numbers of the history's values. -1 is none.
    """

    def __init__(self, history: History, *, slots: int) -> None:
        invoked, completed = _pair(history)
        done = completed >= 0
        self.values = history.values
        indices = np.arange(len(history), dtype=np.int64) if history.indices is None else history.indices
        self.index = indices[invoked]
        self.completion = _where(done, indices, completed)
        self.start = history.times[invoked]
        self.end = _where(done, history.times, completed)
        self.type = np.where(done, history.types[completed], _INFO)
        self.process = history.processes[invoked]
        self.f = history.fs[invoked]
        self.key = _named(history.keys[invoked])
        self.asked = _named(history.value_ids[invoked])
        self.result = _results(self.type, self.asked, _where(done, history.value_ids, completed))
        self.error = _named(_where(done, history.errors, completed))
        self.lanes, self.lane = _lanes(self.process, history.process_names, slots)
        self._process_names = history.process_names

    def __len__(self) -> int:
        return len(self.index)

    def row_of(self, index: int) -> int | None:
        """The row of the operation with this invocation, None when there is none."""
        row = int(np.searchsorted(self.index, index))
        return row if row < len(self) and self.index[row] == index else None

    def __getitem__(self, row: int) -> Operation:
        process, end, completion = int(self.process[row]), int(self.end[row]), int(self.completion[row])
        f = str(self.values[self.f[row]])
        return Operation(
            row=row,
            index=int(self.index[row]),
            completion=None if completion == NONE else completion,
            lane=self.lanes[self.lane[row]],
            process=str(process) if process >= 0 else self._process_names[process],
            f=f,
            text=operation_text(f, self._text(self.key, row), self._text(self.asked, row)),
            type=TYPES[self.type[row]],
            start=int(self.start[row]),
            end=None if completion == NONE else end,
            result=self._text(self.result, row),
            error=None if self.error[row] == NONE else str(self.values[self.error[row]]),
        )

    def _text(self, column: Column, row: int) -> str | None:
        number = int(column[row])
        return None if number == NONE else show(self.values[number])

    @cached_property
    def peak(self) -> int:
        """The most operations that were open at once, as their clients saw it."""
        events = np.concatenate([self.index, self.completion[self.completion != NONE]])
        steps = np.where(np.arange(len(events)) < len(self), 1, -1)
        return int(np.cumsum(steps[np.argsort(events, kind="stable")]).max(initial=0))

    def overlapping(self, spans: list[tuple[int, int]], *, until: int) -> int:
        """How many operations overlap any of these closed spans (ns). One that never ended is taken to last `until` then."""
        merged = _merge(spans)
        if not merged or not len(self):
            return 0
        begins, ends = np.array(merged, dtype=np.int64).T
        finish = np.where(self.completion == NONE, until, self.end)
        first_open = np.searchsorted(ends, self.start)  # the first span that has not ended when the operation begins
        return int(np.count_nonzero(np.append(begins, np.iinfo(np.int64).max)[first_open] <= finish))

    def columns(self) -> dict[str, object]:
        """All rows as JSON-like columns for the page: increasing ones as differences, values as numbers of `texts`."""
        numbers, texts = self._texts()
        return {
            "texts": texts,
            "lanes": self.lanes,
            "index": _differences(self.index),
            "start": _differences(self.start),
            "took": np.where(self.completion == NONE, NONE, self.end - self.start).tolist(),
            "type": self.type.tolist(),
            "lane": self.lane.tolist(),
            "process": self.process.tolist(),
            **{name: numbers[column + 1].tolist() for name, column in self._named_columns()},
        }

    def _named_columns(self) -> list[tuple[str, Column]]:
        return [("f", self.f), ("key", self.key), ("asked", self.asked), ("result", self.result), ("error", self.error)]

    def _texts(self) -> tuple[NDArray[np.int64], list[str]]:
        """For each value number plus one its place in the list of texts, and that list: only what some column names."""
        used = np.zeros(len(self.values) + 1, dtype=bool)
        bare = np.zeros(len(self.values) + 1, dtype=bool)  # function names and errors are words, not values
        for name, column in self._named_columns():
            used[column + 1] = True
            if name in ("f", "error"):
                bare[column + 1] = True
        used[0] = False
        numbers = np.where(used, np.cumsum(used) - 1, NONE)
        texts = [
            value if word and isinstance(value, str) else show(value)
            for value, word in zip(compress(self.values, used[1:]), bare[used], strict=True)
        ]
        return numbers, texts


def _pair(history: History) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of all client invocations, and of their completions (-1: none)."""
    invoked = np.flatnonzero((history.types == TYPE_CODES["invoke"]) & (history.processes != -1))
    return invoked, history.partners[invoked]


def _where(mask: NDArray[np.bool_], column: Column, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    found = np.full(len(positions), NONE, dtype=np.int64)
    found[mask] = column[positions[mask]]
    return found


def _named(column: Column) -> NDArray[np.int64]:
    return np.where(column == _NIL, NONE, column)


def _results(types: Column, asked: Column, given: Column) -> NDArray[np.int64]:
    """What came back where it says more than what was asked: neither a write's own value again, nor nil in answer to one."""
    tells = (given != asked) & ((given != _NIL) | (asked == NONE))
    return np.where((types == _OK) & tells, given, NONE)


def _lanes(processes: NDArray[np.int32], names: dict[int, str], slots: int) -> tuple[list[str], NDArray[np.int64]]:
    """Lane names and each operation's lane: a client slot keeps its lane when its process changes after an `info`."""
    slot = np.where(processes >= 0, processes % slots if slots else processes, processes)
    found, lane = np.unique(slot, return_inverse=True)
    numbered = [int(number) for number in found if number >= 0]
    named = [int(number) for number in found if number < 0][::-1]
    places = {number: place for place, number in enumerate([*numbered, *named])}
    order = np.array([places[int(number)] for number in found], dtype=np.int64)
    return [*(f"c{number}" for number in numbered), *(names[number] for number in named)], order[lane]


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _differences(column: NDArray[np.int64]) -> list[int]:
    differences: list[int] = np.diff(column, prepend=0).tolist()
    return differences
