"""Events and histories that need not mean anything, for laws about formats and about the op model itself.

`histories` are any events in any order; `client_histories` are what clients could have recorded, whoever answered them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chaoskit.core.history import History
from chaoskit.core.op import INFO, INVOKE, NEMESIS, OK, TYPES, Op
from chaoskit.formats.intake import PROCESS_MAX
from chaoskit.testing.strategies.values import scalars, texts, values


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
