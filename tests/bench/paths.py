"""How long what is judged without a search takes: 100,000 operations on every kind of object that has a path of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from linear import Measured, judged
from linear_histories import Shape
from path_histories import Counter, List, Priority, Queue, Set, Stack, Text, Unordered, object_history

from chaoskit.core.history import History

SHAPE = Shape(ops=100_000, clients=20, crashed=0.01)
MADE: dict[str, tuple[str, Callable[[Shape], History]]] = {  # by name: spec, and what makes the history
    "fifo queue": ("fifo-queue", partial(object_history, kind=Queue)),
    "fifo queue, often empty": ("fifo-queue", partial(object_history, kind=Queue, takes=0.6)),
    "stack": ("stack", partial(object_history, kind=Stack)),
    "stack, often empty": ("stack", partial(object_history, kind=Stack, takes=0.6)),
    "priority queue": ("priority-queue", partial(object_history, kind=Priority)),
    "unordered queue": ("unordered-queue", partial(object_history, kind=Unordered)),
    "append list, 1 % reads, 1,000 keys": ("append-list", partial(object_history, kind=List, takes=0.01)),
    "append list, half reads, 1,000 keys": ("append-list", partial(object_history, kind=List)),
    "text, half gets, 1,000 keys": ("kv", partial(object_history, kind=Text)),
    "set, half reads, 1,000 keys": ("set", partial(object_history, kind=Set)),
    "counter": ("counter", partial(object_history, kind=Counter)),
}


def measured() -> Iterator[Measured]:
    """Every kind of object, good and bad."""
    for name, (spec, make) in MADE.items():
        for bad in (False, True):
            shape = replace(SHAPE, bad=bad, keys=1_000 if "keys" in name else 1)
            found = judged(f"{name}, {'bad' if bad else 'good'}", spec, make(shape))
            assert found.verdict.is_invalid if bad else found.verdict.is_valid, name
            yield found
