"""A history: what the clients saw, event by event, kept in columns.

It behaves as an ordinary sequence of `Op`; underneath are numpy columns of integers, so that a million events take tens of
megabytes. Index order is the real-time order. Faults appear as process `nemesis`; checkers take `clients()`.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, Protocol, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from chaoskit.core.canonical import Digest, Interner
from chaoskit.core.errors import ModelError
from chaoskit.core.op import NEMESIS, TYPES, Op, Process

HISTORY_DIGEST = "chaoskit-history-1"
TYPE_CODES = {name: code for code, name in enumerate(TYPES)}  # invoke 0, ok 1, fail 2, info 3
PROCESS_MAX = 2**31 - 1
TIME_MAX = 2**63 - 1
PRINTED_MAX = 100  # events: a longer history is told, not printed
_DIGEST_CHUNK = 8192


class _Printer(Protocol):
    """What Hypothesis and IPython hand to `_repr_pretty_`."""

    def text(self, obj: str) -> None: ...
    def break_(self) -> None: ...
    def group(self, indent: int, open: str, close: str) -> AbstractContextManager[None]: ...


class HistoryBuilder:
    """Takes events one at a time, in real-time order, and freezes into a `History`."""

    __slots__ = ("_errors", "_fs", "_keys", "_names", "_processes", "_times", "_types", "_values", "values")

    def __init__(self) -> None:
        self._times = array("q")
        self._types = array("b")
        self._processes = array("i")
        self._fs = array("i")
        self._keys = array("i")
        self._values = array("i")
        self._errors = array("i")
        self._names: dict[str, int] = {NEMESIS: -1}
        self.values = Interner()
        self.values.intern(None)  # number 0 is always None

    def __len__(self) -> int:
        return len(self._times)

    def append(
        self, type: str, process: Process, f: str, key: Any = None, value: Any = None, *, time: int = 0, error: str | None = None
    ) -> int:
        """Adds an event and returns its index. Raises `ModelError`, and adds nothing, for what a history cannot hold."""
        code = TYPE_CODES.get(type)
        if code is None or not _fits(process, time):
            raise _refusal(type, process, time)
        intern = self.values.intern
        numbers = intern(f), intern(key), intern(value), intern(error)
        index = len(self._times)
        self._times.append(time)
        self._types.append(code)
        self._processes.append(process if isinstance(process, int) else self._name(process))
        self._fs.append(numbers[0])
        self._keys.append(numbers[1])
        self._values.append(numbers[2])
        self._errors.append(numbers[3])
        return index

    def append_op(self, op: Op) -> int:
        """Adds a copy of an op; its index is ignored: the place decides."""
        return self.append(op.type, op.process, op.f, op.key, op.value, time=op.time, error=op.error)

    def extend(
        self,
        *,
        types: Sequence[str],
        processes: Sequence[Process],
        fs: Sequence[str],
        keys: Sequence[Any],
        values: Sequence[Any],
        times: Sequence[int],
        errors: Sequence[str | None],
    ) -> None:
        """Adds many events, given as columns of one length. Raises `ModelError`, and adds none, where `append` refuses one."""
        who = dict.fromkeys(processes)
        if not (TYPE_CODES.keys() >= set(types) and all(_fits(process, 0) for process in who) and _fit(times)):
            events = zip(types, processes, times, strict=True)
            raise next(_refusal(*event) for event in events if event[0] not in TYPE_CODES or not _fits(*event[1:]))
        columns = [self.values.intern_all(column) for column in (fs, keys, values, errors)]
        numbers = {process: process if isinstance(process, int) else self._name(process) for process in who}
        self._times.fromlist(list(times))
        self._types.fromlist(list(map(TYPE_CODES.__getitem__, types)))
        self._processes.fromlist(list(map(numbers.__getitem__, processes)))
        for place, column in zip((self._fs, self._keys, self._values, self._errors), columns, strict=True):
            place.fromlist(column)

    def build(self) -> History:
        def column(source: Any, dtype: Any) -> NDArray[Any]:
            return np.array(source, dtype=dtype)

        return History(
            times=column(self._times, np.int64),
            types=column(self._types, np.int8),
            processes=column(self._processes, np.int32),
            fs=column(self._fs, np.int32),
            keys=column(self._keys, np.int32),
            value_ids=column(self._values, np.int32),
            errors=column(self._errors, np.int32),
            values=self.values.values,
            process_names={number: name for name, number in self._names.items()},
        )

    def _name(self, process: str) -> int:
        number = self._names.get(process)
        if number is None:
            number = self._names[process] = -1 - len(self._names)
        return number


def _fits(process: Process, time: int) -> bool:
    return (isinstance(process, str) or 0 <= process <= PROCESS_MAX) and -TIME_MAX - 1 <= time <= TIME_MAX


def _fit(times: Collection[int]) -> bool:
    return not times or (_fits(0, min(times)) and _fits(0, max(times)))


def _refusal(type: str, process: Process, time: int) -> ModelError:
    """Why an event cannot be held: the first that is wrong of its type, its process and its time."""
    if type not in TYPE_CODES:
        return ModelError(f"expected an op type (one of {', '.join(TYPES)}) but got type={type!r}.")
    if not _fits(process, 0):
        return ModelError(f"expected a process from 0 to {PROCESS_MAX} or a name but got process={process!r}.")
    return ModelError(f"expected a time (ns) of 64 bits but got time={time!r}.")


class History(Sequence[Op]):
    """An immutable sequence of events in columns.

    Columns, all of the history's length: `times` int64 ns, `types` int8 (`TYPE_CODES`), `processes` int32 (negative: a name,
    -1 the nemesis), and `fs`, `keys`, `value_ids`, `errors` int32, numbers of `values` (equal number, equal value).
    """

    def __init__(
        self,
        *,
        times: NDArray[np.int64],
        types: NDArray[np.int8],
        processes: NDArray[np.int32],
        fs: NDArray[np.int32],
        keys: NDArray[np.int32],
        value_ids: NDArray[np.int32],
        errors: NDArray[np.int32],
        values: list[Any],
        process_names: dict[int, str],
        indices: NDArray[np.int64] | None = None,
    ) -> None:
        self.times, self.types, self.processes = times, types, processes
        self.fs, self.keys, self.value_ids, self.errors = fs, keys, value_ids, errors
        self.values = values
        self.process_names = process_names
        self.indices = indices  # of a part of a history: each event's index in the whole

    @classmethod
    def of(cls, ops: Iterable[Op]) -> History:
        """A history of these events, in this order."""
        builder = HistoryBuilder()
        for op in ops:
            builder.append_op(op)
        return builder.build()

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Op]:
        return (self._op(position) for position in range(len(self)))

    @overload
    def __getitem__(self, position: int) -> Op: ...
    @overload
    def __getitem__(self, position: slice) -> list[Op]: ...
    def __getitem__(self, position: int | slice) -> Op | list[Op]:
        if isinstance(position, slice):
            return [self._op(place) for place in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise IndexError(f"expected an event from 0 to {len(self) - 1} but got {position}.")
        return self._op(position % len(self))

    def __eq__(self, other: object) -> bool:
        """Whether they hold the same events, at the same indices: 1, True and 1.0 differ."""
        if not isinstance(other, History) or len(self) != len(other):
            return False
        return np.array_equal(self._whole_indices(), other._whole_indices()) and self.digest() == other.digest()

    __hash__ = None  # type: ignore[assignment]  # a history is compared, never a key

    def __repr__(self) -> str:
        """The call that makes it, where it is whole and short enough to be pasted."""
        if self.indices is not None or len(self) > PRINTED_MAX:
            return f"<History of {len(self)} events>"
        return f"History.of({self._printed()!r})"

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        """The same, an event a line: how Hypothesis tells an example, and IPython a value."""
        if self.indices is not None or len(self) > PRINTED_MAX:
            printer.text(repr(self))
            return
        with printer.group(4, "History.of([", ""):
            for op in self._printed():
                printer.break_()
                printer.text(f"{op!r},")
        printer.break_()
        printer.text("])")

    def _printed(self) -> list[Op]:
        """The events as one would write them: their place is their index."""
        return [msgspec.structs.replace(op, index=-1) for op in self]

    def _op(self, position: int) -> Op:
        process = int(self.processes[position])
        values = self.values
        return Op(
            index=position if self.indices is None else int(self.indices[position]),
            time=int(self.times[position]),
            type=TYPES[self.types[position]],
            process=process if process >= 0 else self.process_names[process],
            f=values[self.fs[position]],
            key=values[self.keys[position]],
            value=values[self.value_ids[position]],
            error=values[self.errors[position]],
        )

    @cached_property
    def partners(self) -> NDArray[np.int64]:
        """Position of each event's other half within this history: completion of an invocation and the reverse, -1 for none.

        A process has one operation open at a time; a completion without an open invocation of its process has no partner.
        """
        partners = np.full(len(self), -1, dtype=np.int64)
        opened: dict[int, int] = {}
        types, processes = self.types.tolist(), self.processes.tolist()
        for position, (code, process) in enumerate(zip(types, processes, strict=True)):
            if code == 0:
                opened[process] = position
            else:
                start = opened.pop(process, -1)
                if start >= 0:
                    partners[start], partners[position] = position, start
        return partners

    def where(self, mask: NDArray[np.bool_]) -> History:
        """The part of the history where `mask` is true; its events keep the indices they had in the whole."""
        return self._take(mask)

    def _take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> History:
        """The events where a mask is true, or at these ascending positions."""
        return History(
            times=self.times[chosen],
            types=self.types[chosen],
            processes=self.processes[chosen],
            fs=self.fs[chosen],
            keys=self.keys[chosen],
            value_ids=self.value_ids[chosen],
            errors=self.errors[chosen],
            values=self.values,
            process_names=self.process_names,
            indices=self._whole_indices()[chosen],
        )

    def _whole_indices(self) -> NDArray[np.int64]:
        return np.arange(len(self), dtype=np.int64) if self.indices is None else self.indices

    def clients(self) -> History:
        """The history without the nemesis: this one when there is none in it."""
        of_clients = self.processes != -1
        return self if of_clients.all() else self.where(of_clients)

    def split_keys(self) -> list[tuple[Any, History]]:
        """(key, history of that key) by first appearance, clients only; keys may be unhashable values."""
        clients = self.clients()
        if not len(clients):
            return []
        order = np.argsort(clients.keys, kind="stable")
        numbers, starts = np.unique(clients.keys[order], return_index=True)
        parts = np.split(order, starts[1:])
        firsts = sorted(zip((int(part[0]) for part in parts), numbers.tolist(), parts, strict=True), key=lambda item: item[0])
        return [(self.values[number], clients._take(part)) for _, number, part in firsts]

    def count_types(self) -> dict[str, int]:
        """How many client events there are of each type: {"invoke": …, "ok": …, "fail": …, "info": …}."""
        counts = np.bincount(self.types[self.processes != -1], minlength=len(TYPES))
        return {name: int(counts[code]) for code, name in enumerate(TYPES)}

    def digest(self) -> str:
        """The history digest: equal exactly when the events are equal, on any machine and Python."""
        digest = Digest(HISTORY_DIGEST)
        for start in range(0, len(self), _DIGEST_CHUNK):
            rows = [
                (op.time, op.type, op.process, op.f, op.key, op.value, op.error) for op in self[start : start + _DIGEST_CHUNK]
            ]
            digest.add_stream(b"".join(map(_ROW.encode, rows)))
        return digest.hex()


_ROW = msgspec.msgpack.Encoder(order="deterministic")
