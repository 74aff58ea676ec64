"""What a client may ask of an object, and what it may be told: a short list for each specification, values few and small.

A specification says what is legal and not what could be asked, so that somebody has to. For one of your own, give `Ask`s:
`linearizable_histories(MaxRegister(), asks=[Ask("write", 1), Ask("read", looks=True)])`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chaoskit.core.errors import ModelError, UsageError
from chaoskit.spec import FAILED, CompleteSpec, Illegal, Label, Spec, State, complete, spec_from_text
from chaoskit.spec.exact import plain, same


@dataclass(frozen=True, slots=True)
class Ask:
    """An operation without its key: its input, and answers that might be given. `looks`: it is told what the object holds."""

    f: str
    input: Any = None
    outputs: tuple[Any, ...] = (None,)
    looks: bool = False


QUEUE = (Ask("enqueue", 1), Ask("enqueue", 2), Ask("enqueue", 2), Ask("dequeue", None, (None, 1, 2), looks=True))
LOCK = (Ask("acquire"), Ask("release"))
CELL = (Ask("read", None, (None, 1, 2), looks=True), Ask("write", 1), Ask("write", 2))
CAS = (*CELL, Ask("cas", [1, 2]), Ask("cas", [2, 1]), Ask("cas", [1, 1]))
NAMED_LOCK = (Ask("acquire", "ann"), Ask("acquire", "bob"), Ask("release", "ann"), Ask("release", "bob"))
TEXTS = ("", "a", "b", "ab", "ba", "aa", "aab")
LISTS: tuple[Any, ...] = (None, [1], [1, 2], [2, 1], [1, 1], [2])
ASKS: dict[str, tuple[Ask, ...]] = {
    "register": CELL,
    "cas-register": CAS,
    "multi-register": (
        Ask("txn", [["w", "x", 1], ["w", "y", 1]], ([["w", "x", 1], ["w", "y", 1]],)),
        Ask("txn", [["w", "x", 2], ["r", "y", None]], tuple([["w", "x", 2], ["r", "y", value]] for value in (None, 1))),
        Ask("txn", [["r", "x", None], ["r", "y", None]], tuple([["r", "x", x], ["r", "y", 1]] for x in (1, 2))),
    ),
    "kv": (Ask("put", "a"), Ask("append", "a"), Ask("append", "b"), Ask("get", None, TEXTS, looks=True)),
    "append-list": (Ask("append", 1), Ask("append", 2), Ask("read", None, LISTS, looks=True)),
    "set": (
        Ask("add", 1),
        Ask("remove", 1),
        Ask("add", 2),
        Ask("contains", 1, (True, False)),
        Ask("read", None, (None, [1], [2], [2, 1]), looks=True),
    ),
    "counter": (Ask("add", 1), Ask("add", -1), Ask("read", None, (-1, 0, 1, 2), looks=True)),
    "fifo-queue": QUEUE,
    "unordered-queue": QUEUE,
    "priority-queue": (*QUEUE, Ask("enqueue", [1, "a"]), Ask("dequeue", None, (1, [1, "a"]), looks=True)),
    "stack": (Ask("push", 1), Ask("push", 2), Ask("pop", None, (None, 1, 2), looks=True)),
    "mutex": LOCK,
    "owner-mutex": LOCK,
    "reentrant-mutex": LOCK,
    "semaphore": LOCK,
}


def asks_of(spec: Spec | CompleteSpec | str) -> tuple[Ask, ...]:
    """What may be asked of an object of the table, by its name, with or without parameters. Raises `UsageError` for another."""
    found = spec_of(spec)
    if found.name not in ASKS:
        raise UsageError(f"expected a spec of the table or asks=[…] but got spec {found.name!r}; say what may be asked of it.")
    return NAMED_LOCK if getattr(found.original, "owner", None) == "value" else ASKS[found.name]


def spec_of(spec: Spec | CompleteSpec | str) -> CompleteSpec:
    """A specification, completed, given as an object or by its name and parameters."""
    return complete(spec_from_text(spec) if isinstance(spec, str) else spec)


def operations(
    spec: Spec | CompleteSpec | str, *, keys: Sequence[Any] = (None,), asks: Sequence[Ask] | None = None
) -> st.SearchStrategy[tuple[str, Any, Any]]:
    """Invocations of a specification's operations, as (f, key, value)."""
    asked = st.sampled_from(list(asks_of(spec) if asks is None else asks))
    return st.tuples(asked, st.sampled_from(list(keys))).map(lambda drawn: (drawn[0].f, drawn[1], drawn[0].input))


def label_of(spec: CompleteSpec, ask: Ask, *, key: Any, output: Any, process: int) -> Label:
    """What the specification is asked about an operation."""
    return Label(f=ask.f, key=key, input=ask.input, output=output, process=process if spec.uses_process else None)


def legal_outputs(spec: CompleteSpec, state: State, ask: Ask, *, key: Any, process: int) -> list[Any]:
    """What the operation may be told in this state; nothing when it cannot happen there."""
    found: list[Any] = []
    for output in (*(_held(state) if ask.looks else ()), *ask.outputs):
        label = label_of(spec, ask, key=key, output=output, process=process)
        if not any(_alike(output, other) for other in found) and _is_legal(spec, state, label):
            found.append(output)
    return found


def _held(state: State) -> Iterator[Any]:
    """What somebody who looks at a state may see: the whole of it, as a value or as a list, or a part."""
    yield plain(state)
    if isinstance(state, tuple | frozenset):
        yield sorted(map(plain, state), key=repr) if isinstance(state, frozenset) else [plain(part) for part in state]
        yield from (plain(part) for part in (sorted(state, key=repr) if isinstance(state, frozenset) else state))


def _is_legal(spec: CompleteSpec, state: State, label: Label) -> bool:
    try:
        return not isinstance(spec.step(state, label), Illegal)
    except ModelError:  # not an answer of this operation's kind: what a state holds need not be one
        return False


def _alike(one: Any, other: Any) -> bool:
    return one is other if FAILED in (one, other) else same(one, other)
