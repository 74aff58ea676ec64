"""Hypothesis strategies for what chaoskit works on: values, events and histories, for laws about formats and checkers.

They draw everything that the contracts allow, odd things first: 1 beside 1.0 beside true, empty texts, keys that look like
marks. Values are what canonical bytes can tell apart: integers of 64 bits, and text that is UTF-8.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chaoskit.core.history import History
from chaoskit.core.op import INFO, INVOKE, NEMESIS, OK, TYPES, Op
from chaoskit.formats.intake import INTEGER_MAX, INTEGER_MIN, PROCESS_MAX


def texts(*, max_size: int = 12) -> st.SearchStrategy[str]:
    """Any text that UTF-8 can hold."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=max_size)


def scalars() -> st.SearchStrategy[Any]:
    """Values without parts: None, booleans, integers, floats (infinities, not NaN), texts and bytes."""
    numbers = st.integers(-2, 2) | st.integers(INTEGER_MIN, INTEGER_MAX) | st.floats(allow_nan=False)
    return st.none() | st.booleans() | numbers | texts() | st.binary(max_size=8)


def values(*, max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Values as operations carry them: scalars, and lists and string-keyed dicts of them."""
    keys = texts(max_size=4) | st.sampled_from(["$bytes", "$$bytes", "$float", "$oid", "value"])

    def nested(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(parts, max_size=4) | st.dictionaries(keys, parts, max_size=3)

    return st.recursive(scalars(), nested, max_leaves=max_leaves)


def processes() -> st.SearchStrategy[int | str]:
    """Client numbers, the nemesis, and named processes."""
    return st.integers(0, 5) | st.integers(0, PROCESS_MAX) | st.just(NEMESIS) | texts(max_size=6)


def ops() -> st.SearchStrategy[Op]:
    """Single events, each on its own: a completion need not have an invocation."""
    return st.builds(
        Op,
        time=st.integers(0, 10**12) | st.integers(-(2**63), 2**63 - 1),
        type=st.sampled_from(TYPES),
        process=processes(),
        f=st.sampled_from(["read", "write", "cas", "txn"]) | texts(max_size=8),
        key=st.none() | st.integers(0, 2) | values(max_leaves=3),
        value=values() | transactions(),
        error=st.none() | texts(max_size=10),
    )


def transactions() -> st.SearchStrategy[list[list[Any]]]:
    """Values of `txn` operations: lists of [function, key, value]."""
    functions = st.sampled_from(["r", "w", "append"]) | texts(max_size=4)
    operations = st.tuples(functions, values(max_leaves=2), scalars()).map(list)
    return st.lists(operations, max_size=3)


def histories(*, max_size: int = 20) -> st.SearchStrategy[History]:
    """Any history: events in any order, paired or not."""
    return st.lists(ops(), max_size=max_size).map(History.of)


@st.composite
def client_histories(
    draw: st.DrawFn,
    *,
    max_events: int = 24,
    concurrency: int = 3,
    operations: st.SearchStrategy[tuple[str, Any, Any]] | None = None,
) -> History:
    """Histories that clients could have recorded: a process has one operation open, and is retired when nobody knows its outcome.

    `operations` draws (f, key, value) of an invocation; without it they are reads and writes of a register with few values.
    """
    asked = _register_operations() if operations is None else operations
    slots = list(range(concurrency))  # the process of each slot now
    opened: dict[int, Op] = {}
    events: list[Op] = []
    for time in range(draw(st.integers(0, max_events))):
        slot = draw(st.integers(0, concurrency - 1))
        process = slots[slot]
        if process not in opened:
            f, key, value = draw(asked)
            opened[process] = Op(time=time, type=INVOKE, process=process, f=f, key=key, value=value)
            events.append(opened[process])
            continue
        op = opened.pop(process)
        type = draw(st.sampled_from(TYPES[1:]))
        read = draw(st.integers(0, 2)) if type == OK and op.f == "read" else op.value
        error = None if type == OK else "drawn"
        events.append(Op(time=time, type=type, process=process, f=op.f, key=op.key, value=read, error=error))
        if type == INFO:
            slots[slot] = process + concurrency
    return History.of(events)


def _register_operations() -> st.SearchStrategy[tuple[str, Any, Any]]:
    writes = st.tuples(st.just("write"), st.none(), st.integers(0, 2))
    return st.just(("read", None, None)) | writes
