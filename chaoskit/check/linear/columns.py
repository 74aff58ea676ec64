"""The calls of registers in columns: for histories of which a list of calls would be built more slowly than they are judged.

One row per call that may have happened, reads that never returned left out, as `normalise` does; values are numbers, equal
exactly when the values are the same. What does not fit is left to `normalise`, which says what is wrong with it.
"""

from __future__ import annotations

from itertools import chain, count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import FAIL, INFO, INVOKE, OK
from chaoskit.spec.cas_register import PRECONDITION_ERRORS, CasRegister
from chaoskit.spec.exact import all_exact, exact
from chaoskit.spec.register import Register

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_VALUE = -1
SPARSE = 8  # a table of integers may have so many places for each that is there
EXACT_BELOW = 2**53  # integers that a float holds as they are
RADIX = 1 << 16  # numpy sorts numbers below this in linear time


class Columns(NamedTuple):
    """Calls of one or many registers, by invocation."""

    began: Numbers  # the position of the invocation among the events of clients
    ended: Numbers  # that of the completion, `horizon` for calls that never return
    key: Numbers  # from 0, by number of the key's value
    seen: Numbers  # the value that a read or a cas found, NO_VALUE for a write
    written: Numbers  # the value that a write or a cas put there, NO_VALUE for a read
    horizon: int  # a position after all
    initial: int  # the value at first
    values: int  # values are below this

    def take(self, chosen: Flags | Numbers) -> Columns:
        """Some of the calls."""
        return self._replace(
            began=self.began[chosen],
            ended=self.ended[chosen],
            key=self.key[chosen],
            seen=self.seen[chosen],
            written=self.written[chosen],
        )

    def before(self, end: int) -> Columns:
        """The calls as they were known just before this position: what ended later had not returned."""
        calls = self.take(self.known_before(end))
        calls.ended[np.flatnonzero(calls.ended >= end)] = self.horizon
        return calls

    def known_before(self, end: int) -> Numbers:
        """The places of the calls that had begun before this position, but for reads that had not returned."""
        begun = int(np.searchsorted(self.began, end))
        return np.flatnonzero((self.ended[:begun] < end) | (self.written[:begun] != NO_VALUE))


class Registers(NamedTuple):
    """The calls of a history, and what `key` numbers; `odd` are the keys whose calls do not fit in columns."""

    calls: Columns
    completions: Numbers  # by call: the position of its completion of whatever type, -1 for none
    key_numbers: NDArray[np.int32]  # by key: the number of its value in the history
    odd: Flags  # by key


def registers(clients: History, register: Register | CasRegister) -> Registers | None:
    """The columns of a history without the nemesis; None when it has to be looked at call by call."""
    kinds = _kinds(clients)
    ends = ends_of(clients)
    if kinds is None or ends is None:
        return None
    starts = np.flatnonzero(clients.types == TYPE_CODES[INVOKE])
    ends = ends[starts]
    endings = clients.types[ends]
    endings[ends < 0] = TYPE_CODES[INFO]
    kind = kinds[clients.fs[starts]]
    keys, key = dense(clients.keys[starts])
    odd = np.zeros(len(keys), dtype=bool)
    failed = endings == TYPE_CODES[FAIL]
    if isinstance(register, CasRegister) and register.failed_cas == "observe":
        numbers = np.flatnonzero(np.bincount(clients.errors)).tolist()
        tells = [number for number in numbers if clients.values[number] in PRECONDITION_ERRORS]
        odd[key[failed & (kind == _CAS) & np.isin(clients.errors[ends], tells)]] = True
    nothing = find(clients, None)
    if register.nil_read == "unknown":
        odd[key[(kind == _READ) & (endings == TYPE_CODES[OK]) & (clients.value_ids[ends] == nothing)]] = True
    known = endings == TYPE_CODES[OK]
    chosen = np.flatnonzero(known | (~failed & (kind != _READ)))
    starts, kind, key, completions = starts[chosen], kind[chosen], key[chosen], ends[chosen]
    ends = completions.copy()
    ends[np.flatnonzero(~known[chosen])] = len(clients)
    reads, writes, cas = (np.flatnonzero(kind == each) for each in (_READ, _WRITE, _CAS))
    seen, written = np.full((2, len(starts)), NO_VALUE, dtype=np.int64)
    seen[reads], written[writes] = clients.value_ids[ends[reads]], clients.value_ids[starts[writes]]
    initial, values = find(clients, register.initial), len(clients.values) + 1
    if len(cas):
        used = np.concatenate([seen[reads], written[writes]])
        pairs = _pairs(clients, clients.value_ids[starts[cas]], used, initial, register.initial)
        if pairs is None:
            return None
        (seen[cas], written[cas]), values = pairs
    calls = Columns(starts, ends, key, seen, written, len(clients), initial, values)
    return Registers(calls, completions, keys, odd)


_READ, _WRITE, _CAS, _OTHER = range(4)
_KINDS = {"read": _READ, "write": _WRITE, "cas": _CAS}


def _kinds(clients: History) -> NDArray[np.int8] | None:
    """By number of f: what it is; None for a history in which something else was done."""
    counts = np.bincount(clients.fs)
    kinds = np.full(len(counts), _OTHER, dtype=np.int8)
    for number in np.flatnonzero(counts).tolist():
        kinds[number] = _KINDS.get(clients.values[number], _OTHER)
        if kinds[number] == _OTHER:
            return None
    return kinds


def ends_of(clients: History) -> Numbers | None:
    """By position of an invocation: that of its completion, -1 for none.

    None when a completion has no invocation, or another key: then the events of a key are not all there is about it.
    """
    processes = clients.processes - clients.processes.min(initial=0)
    small = processes.astype(np.uint16) if processes.max(initial=0) < RADIX else processes
    order = np.argsort(small, kind="stable")
    processes = small[order]
    invokes = (clients.types == TYPE_CODES[INVOKE])[order]
    pairs = np.flatnonzero(invokes[:-1] & ~invokes[1:] & (processes[:-1] == processes[1:]))
    if len(pairs) != len(order) - np.count_nonzero(invokes):
        return None
    if (clients.keys[order[pairs]] != clients.keys[order[pairs + 1]]).any():
        return None
    ends = np.full(len(order), -1, dtype=np.int64)
    ends[order[pairs]] = order[pairs + 1]
    return ends


def dense(numbers: NDArray[np.int32]) -> tuple[NDArray[np.int32], Numbers]:
    """The numbers that occur, and for each the place among them."""
    found = np.flatnonzero(np.bincount(numbers))
    places = np.zeros(int(found[-1]) + 1 if len(found) else 1, dtype=np.int64)
    places[found] = np.arange(len(found))
    return found.astype(np.int32), places[numbers]


def find(clients: History, value: Any) -> int:
    """The number of a value in a history; one beyond all when it is not there."""
    wanted, kind = exact(value), type(value)
    found = (number for number, each in enumerate(clients.values) if type(each) is kind and exact(each) == wanted)
    return next(found, len(clients.values))


def _pairs(
    clients: History, asked: NDArray[np.int32], used: Numbers, initial: int, first: Any
) -> tuple[tuple[Numbers, Numbers], int] | None:
    """What the cas of these inputs expect and write, and a number beyond all; None when one is not a pair."""
    values = clients.values
    inputs = np.flatnonzero(np.bincount(asked))
    pairs = list(map(values.__getitem__, inputs.tolist()))
    if not {list}.issuperset(map(type, pairs)) or not {2}.issuperset(map(len, pairs)):
        return None
    halves = list(chain.from_iterable(pairs))
    occurring = np.flatnonzero(np.bincount(used, minlength=1))
    occurring = occurring[: np.searchsorted(occurring, len(values))]
    names, numbers = [*map(values.__getitem__, occurring.tolist()), first], np.append(occurring, initial)
    beyond = len(values) + 1
    found = _numbers_of_integers(halves, names, numbers, beyond)
    if found is None:
        known = dict(zip(all_exact(names), numbers.tolist(), strict=True))
        found = np.fromiter(map(known.setdefault, all_exact(halves), count(beyond)), np.int64, len(halves))  # or a new number
    places = np.zeros((2, len(values)), dtype=np.int64)
    places[:, inputs] = found[0::2], found[1::2]
    return (places[0][asked], places[1][asked]), max(int(found.max()) + 1, beyond)


def _numbers_of_integers(wanted: list[Any], names: list[Any], numbers: Numbers, beyond: int) -> Numbers | None:
    """The numbers that belong to these names, from `beyond` on for those not among them; equal ones get the same.

    None unless all are nil or integers that lie close enough together for a table.
    """
    of_names, of_wanted = _integers(names), _integers(wanted)
    if of_names is None or of_wanted is None:
        return None
    (named, nil_names), (sought, nil_wanted) = of_names, of_wanted
    lowest, highest = int(min(named.min(), sought.min())), int(max(named.max(), sought.max()))
    if highest - lowest > SPARSE * (len(named) + len(sought)):
        return None
    named[nil_names] = sought[nil_wanted] = highest + 1
    named -= lowest
    sought -= lowest
    table = np.full(highest - lowest + 2, -1, dtype=np.int64)
    table[named] = numbers
    found: Numbers = table[sought]
    strange = np.flatnonzero(found < 0)
    if len(strange):
        table[sought[strange]] = beyond + strange
        found = table[sought]
    return found


def _integers(names: list[Any]) -> tuple[Numbers, Numbers] | None:
    """These names in an array, and the places of nil, where it has 0; None for what is neither, or too large."""
    kinds = set(map(type, names))
    if not kinds <= {int, type(None)}:
        return None
    try:
        if type(None) not in kinds:
            return np.array(names, dtype=np.int64), np.zeros(0, dtype=np.int64)
        floats = np.array(names, dtype=np.float64)  # nil becomes nan: no other way is as quick
    except OverflowError:
        return None
    nil = np.flatnonzero(np.isnan(floats))
    floats[nil] = 0
    return None if np.abs(floats).max() >= EXACT_BELOW else (floats.astype(np.int64), nil)
