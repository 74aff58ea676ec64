"""What a person should know of a history before believing a verdict on it: what it lacks, and what it looks like.

Remarks change no verdict. They are about files that were written or read otherwise than was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import INVOKE
from chaoskit.core.units import plural
from chaoskit.formats.pairs import overtaken

KEYED_PAIR = 2


def remarks(history: History, *, keyed: bool) -> Iterator[str]:
    """A sentence or two each."""
    if not len(history.clients()):
        yield "no client did anything in this history, so that a verdict on it says nothing."
    number, first = overtaken(history)
    if first is not None:
        others = f", and {plural(number - 1, 'more operation')}," if number > 1 else ""
        yield (
            f"process {first.process} went on before its {first.f} of index {first.index} had an end; that one{others} counts as "
            "never answered. Clients that do several things at once need a process number for each."
        )
    if not keyed and _looks_keyed(history):
        yield (
            "every value is a pair whose second part is nil where a read begins. If these are [key value], as in Jepsen's "
            "independent tests, read them so with --keyed: without it this verdict means nothing."
        )


def _looks_keyed(history: History) -> bool:
    """Whether every client's value is a list of two, the second nil where something is read."""
    clients = history.clients()
    used = np.unique(clients.value_ids).tolist()
    if not used or not all(_is_pair(clients.values[number]) for number in used):
        return False
    asked = np.unique(clients.value_ids[clients.types == TYPE_CODES[INVOKE]]).tolist()
    return any(clients.values[number][1] is None for number in asked)


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == KEYED_PAIR
