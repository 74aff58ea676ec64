"""From a history to the problems that the search solves: one per object, its calls paired and its labels numbered.

What a call becomes: `ok` takes the value of its completion; `fail` did not happen and is set aside, unless the spec observes
such failures; `info`, or no completion, never returns; a read that never returned says nothing and is dropped. Labels are
numbered by the history's own interned values, so that equal calls share a number and 1, True and 1.0 do not.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import numpy as np

from chaoskit.core.canonical import Interner
from chaoskit.core.errors import UsageError
from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import FAIL, INVOKE, OK, Process, Value
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Label, Outcome

NEVER = sys.maxsize  # when a call returns of which nobody knows whether it happened
NO_OUTPUT = {UNKNOWN: -1, FAILED: -2}  # in the place of the number of an output


class Call(NamedTuple):
    """One operation of one process, from its invocation to its completion.

    `began` is the history index of its invocation, and names it; `ended` that of its completion, NEVER when the call may take
    effect at any later time. `settled` is the index of its completion of whatever type, None for none. Times are virtual ns.
    """

    began: int
    ended: int
    settled: int | None
    label: int
    process: Process
    began_time: int
    settled_time: int | None

    @property
    def returned(self) -> bool:
        """Did it happen for certain?"""
        return self.ended != NEVER


class Problem:
    """What happened to one object: its calls by invocation, its labels by number, and the failed calls, which did not happen."""

    __slots__ = ("calls", "failed", "is_read", "is_write", "key", "labels")

    def __init__(self, key: Value) -> None:
        self.key = key
        self.calls: list[Call] = []
        self.failed: list[Call] = []
        self.labels: list[Label] = []
        self.is_read: list[bool] = []  # by label number
        self.is_write: list[bool] = []  # by label number

    def label(self, call: Call) -> Label:
        """What this call asked and got."""
        return self.labels[call.label]


def problems(history: History, spec: CompleteSpec) -> list[Problem]:
    """The problems of a history, one per partition key, by first appearance.

    Raises `UsageError` for an operation that the spec does not know, and for a completion that nobody invoked.
    """
    clients = history.clients()
    places = range(len(clients)) if clients.indices is None else clients.indices.tolist()
    _check(clients, places, spec)
    numbering = _Numbering(clients, spec)
    types, times, partners = clients.types.tolist(), clients.times.tolist(), clients.partners.tolist()
    processes, names = clients.processes.tolist(), clients.process_names
    ok, fail = TYPE_CODES[OK], TYPE_CODES[FAIL]
    for start in np.flatnonzero(clients.types == TYPE_CODES[INVOKE]).tolist():
        end = partners[start]
        ending = types[end] if end >= 0 else None
        problem, number = numbering.number(start, end, None if ending == ok else FAILED if ending == fail else UNKNOWN)
        observed = ending == ok or (ending == fail and numbering.observes_failure(start, end))
        if problem.is_read[number] and ending not in (ok, fail):
            continue
        process = processes[start]
        call = Call(
            began=places[start],
            ended=places[end] if observed else NEVER,
            settled=places[end] if end >= 0 else None,
            label=number,
            process=process if process >= 0 else names[process],
            began_time=times[start],
            settled_time=times[end] if end >= 0 else None,
        )
        (problem.failed if ending == fail and not observed else problem.calls).append(call)
    return numbering.problems()


class _Numbering:
    """Gives calls their problem and their label's number there."""

    def __init__(self, history: History, spec: CompleteSpec) -> None:
        self._history = history
        self._spec = spec
        self._columns = [column.tolist() for column in (history.fs, history.keys, history.value_ids, history.processes)]
        self._known: dict[tuple[int, ...], tuple[Problem, int]] = {}
        self._partitions = Interner()
        self._problems: list[Problem] = []

    def problems(self) -> list[Problem]:
        return self._problems

    def number(self, start: int, end: int, outcome: Outcome | None) -> tuple[Problem, int]:
        fs, keys, values, processes = self._columns
        output = values[end] if outcome is None else NO_OUTPUT[outcome]
        made_of = (fs[start], keys[start], values[start], output, processes[start] if self._spec.uses_process else 0)
        found = self._known.get(made_of)
        if found is None:
            found = self._known[made_of] = self._new(start, end, outcome)
        return found

    def observes_failure(self, start: int, end: int) -> bool:
        values = self._history.values
        return self._spec.observes_failure(values[self._history.fs[start]], values[self._history.errors[end]])

    def _new(self, start: int, end: int, outcome: Outcome | None) -> tuple[Problem, int]:
        fs, keys, value_ids, processes = self._columns
        values = self._history.values
        process = processes[start]
        label = Label(
            f=values[fs[start]],
            key=values[keys[start]],
            input=values[value_ids[start]],
            output=outcome if outcome is not None else values[value_ids[end]],
            process=None if not self._spec.uses_process else process if process >= 0 else self._history.process_names[process],
        )
        key = self._spec.partition_key(label)
        partition = self._partitions.intern(key)
        if partition == len(self._problems):
            self._problems.append(Problem(key))
        problem = self._problems[partition]
        problem.labels.append(label)
        problem.is_read.append(bool(self._spec.is_read(label)))
        problem.is_write.append(bool(self._spec.is_write(label)))
        return problem, len(problem.labels) - 1


def _check(clients: History, places: range | list[int], spec: CompleteSpec) -> None:
    for number in np.unique(clients.fs).tolist():
        f = clients.values[number]
        if f not in spec.functions:
            index = places[int(np.flatnonzero(clients.fs == number)[0])]
            known = ", ".join(sorted(spec.functions))
            raise UsageError(
                f"expected operations of spec {spec.name!r} ({known}) but got f={f!r} at index {index}; choose another spec."
            )
    orphans = np.flatnonzero((clients.types != TYPE_CODES[INVOKE]) & (clients.partners < 0))
    if len(orphans):
        op = clients[int(orphans[0])]
        raise UsageError(
            f"expected an invocation before every completion but got index={op.index} ({op.type} {op.f}) of process {op.process} "
            "without one; a linearizability check needs both. Weaker levels do not, such as --consistency sequential or causal."
        )
