"""The calls of any history in rows of numbers: for objects that are judged faster than a list of their calls could be built.

A row is one call that may have happened, as `normalise` has it: failed calls are left out, and so are reads that nobody answered.
Positions are those among the events of clients; values are numbers of the history, equal exactly when the values are the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaoskit.check.linear.columns import NO_VALUE, Flags, Numbers, dense, ends_of
from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import FAIL, INVOKE, OK
from chaoskit.spec.exact import exact

READS = ("read", "contains", "get")  # they change nothing, whatever they return


class Rows(NamedTuple):
    """Calls on one object, by invocation."""

    began: Numbers
    ended: Numbers  # `horizon` for a call that never returned
    f: Numbers  # what it does: its place in `functions`
    asked: Numbers  # the number of its input
    got: Numbers  # that of its output, should it have happened; NO_VALUE when nobody knows it
    horizon: int  # a position after all
    functions: tuple[str, ...]
    values: list[Any]  # by number
    nil: int  # the number of nil, one beyond all when it is not there

    def take(self, chosen: Flags | Numbers | slice) -> Rows:
        """Some of the calls."""
        return self._replace(
            began=self.began[chosen],
            ended=self.ended[chosen],
            f=self.f[chosen],
            asked=self.asked[chosen],
            got=self.got[chosen],
        )

    def doing(self, f: str) -> Flags:
        """Which calls do this?"""
        chosen: Flags = self.f == self.functions.index(f)
        return chosen

    def known_before(self, end: int) -> tuple[Rows, Numbers]:
        """The calls that had begun before this position, and their places here: what ended later need not have happened by then.

        What it returned is told all the same: if it had happened, that is what it did.
        """
        is_read = np.isin(self.f, [place for place, f in enumerate(self.functions) if f in READS])
        places = np.flatnonzero((self.began < end) & ((self.ended < end) | ~is_read))
        calls = self.take(places)
        return calls._replace(ended=np.where(calls.ended < end, calls.ended, self.horizon)), places


class Book(NamedTuple):
    """The calls of a history, those of one object after those of another."""

    calls: Rows
    completions: Numbers  # by call: the position of its completion of whatever type, -1 for none
    keys: NDArray[np.int32]  # by object: the number of its key
    starts: Numbers  # by object: its first call; and at last how many calls there are


def book(clients: History, functions: frozenset[str]) -> Book | None:
    """The calls of a history without the nemesis; None when some do something else, or a completion has no invocation."""
    known_as = {number: clients.values[number] for number in np.flatnonzero(np.bincount(clients.fs)).tolist()}
    ends = ends_of(clients)
    if ends is None or not functions.issuperset(known_as.values()):
        return None
    names = tuple(sorted(functions))
    code = np.zeros(max(known_as, default=0) + 1, dtype=np.int64)
    for number, f in known_as.items():
        code[number] = names.index(f)
    starts = np.flatnonzero(clients.types == TYPE_CODES[INVOKE])
    ends = ends[starts]
    known = (ends >= 0) & (clients.types[ends] == TYPE_CODES[OK])
    failed = (ends >= 0) & (clients.types[ends] == TYPE_CODES[FAIL])
    fs = code[clients.fs[starts]]
    is_read = np.isin(fs, [place for place, f in enumerate(names) if f in READS])
    chosen = np.flatnonzero(known | (~failed & ~is_read))
    keys, key = dense(clients.keys[starts[chosen]]) if len(chosen) else (clients.keys[:0], np.zeros(0, np.int64))
    by_key = np.argsort(key, kind="stable")
    chosen, key = chosen[by_key], key[by_key]
    starts, ends, known = starts[chosen], ends[chosen], known[chosen]
    calls = Rows(
        began=starts.astype(np.int64),
        ended=np.where(known, ends, len(clients)),
        f=fs[chosen],
        asked=clients.value_ids[starts].astype(np.int64),
        got=np.where(known, clients.value_ids[ends], NO_VALUE).astype(np.int64),
        horizon=len(clients),
        functions=names,
        values=clients.values,
        nil=next((number for number, value in enumerate(clients.values) if value is None), len(clients.values)),
    )
    return Book(calls, ends, keys, np.searchsorted(key, np.arange(len(keys) + 1)))


def numbers_of(values: list[Any], wanted: tuple[Any, ...]) -> list[int]:
    """The numbers of these values in a history; those that are not there have numbers beyond all."""
    if not wanted:
        return []
    known = {exact(value): number for number, value in enumerate(values)}
    return [known.setdefault(exact(value), len(values) + place) for place, value in enumerate(wanted)]
