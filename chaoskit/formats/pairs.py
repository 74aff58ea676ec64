"""What the events of a foreign history must be to each other: a completion ends the operation that its process has begun.

A completion of something else is a mistake of whoever wrote the file, and any verdict on it would be one on another history. A
process that begins an operation before its last one has ended is no such mistake, for the last one may never have been answered;
but it may be two clients under one number, and then answers are taken for each other's. Completions without any invocation are
for the checkers to judge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chaoskit.core.errors import FormatError
from chaoskit.core.history import TYPE_CODES, History
from chaoskit.core.op import INVOKE, Op

SMALL = 2**16

Positions = NDArray[np.int64]


def check_pairs(history: History, *, file: str) -> None:
    """Raises `FormatError` for a completion that names another function, or another key, than its invocation."""
    clients = history.clients()
    first, second = _neighbours(clients)
    ended = clients.types[second] != TYPE_CODES[INVOKE]
    starts, ends = first[ended], second[ended]
    keys = clients.keys[ends]
    other_key = keys != clients.keys[starts]
    missing = [number for number in np.unique(keys[other_key]).tolist() if clients.values[number] is None]
    other = np.flatnonzero((clients.fs[starts] != clients.fs[ends]) | (other_key & ~np.isin(keys, missing)))
    if not len(other):
        return
    place = other[np.argmin(ends[other])]
    start, end = clients[int(starts[place])], clients[int(ends[place])]
    was, got = (f"f={start.f!r}", f"f={end.f!r}") if start.f != end.f else (f"key={start.key!r:.80}", f"key={end.key!r:.80}")
    raise FormatError(
        f"expected the {end.type} of process {end.process} at index {end.index} to end its operation of index {start.index}, "
        f"{was}, but got {got}; concurrent operations need processes of their own.",
        file=file,
    )


def overtaken(history: History) -> tuple[int, Op | None]:
    """How many invocations have no end though their process went on to another one, and the first of them."""
    clients = history.clients()
    first, second = _neighbours(clients)
    found = first[clients.types[second] == TYPE_CODES[INVOKE]]
    return len(found), clients[int(found.min())] if len(found) else None


def _neighbours(clients: History) -> tuple[Positions, Positions]:
    """By position: every invocation that is not its process' last event, and that process' next event."""
    processes = clients.processes - clients.processes.min(initial=0)
    if processes.max(initial=0) < SMALL:
        processes = processes.astype(np.uint16)  # numpy sorts these in linear time
    order = np.argsort(processes, kind="stable")
    ordered = processes[order]
    firsts = np.flatnonzero((clients.types[order[:-1]] == TYPE_CODES[INVOKE]) & (ordered[:-1] == ordered[1:]))
    return order[firsts], order[firsts + 1]
