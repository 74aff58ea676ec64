"""The proof of what was judged without a search: a linearization is replayed, by code that shares nothing with what found it.

It holds when it has every call that returned once, none twice, none placed after one that began when it had already ended, and
when the object, kept here as plainly as can be, answers each call as it was answered. The spec's own steps would say the same;
but they copy the state each time, which for long queues costs more than all the rest. (A test holds the two together.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Any

import numpy as np

from chaoskit.check.linear.columns import NO_VALUE, Numbers
from chaoskit.check.linear.rows import Rows, numbers_of
from chaoskit.core.errors import InternalError
from chaoskit.spec import Spec
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.collection import Collection
from chaoskit.spec.counter import Counter
from chaoskit.spec.exact import all_exact, exact, plain
from chaoskit.spec.kv import KeyValue
from chaoskit.spec.priority_queue import PriorityQueue, priority_of
from chaoskit.spec.set import Set, elements_read

Held = Any  # what an object holds, as the parameter `initial` of its spec says it
Replay = Callable[[Rows, Any], Held]


def replayed(calls: Rows, order: Numbers, spec: Spec, replay: Replay) -> Held:
    """What the object holds after these calls. Raises `InternalError` when they are no linearization."""
    times = np.bincount(order, minlength=len(calls.began))
    placed = calls.take(order)
    in_time = (placed.ended >= np.maximum.accumulate(placed.began)).all()
    if (times > 1).any() or (times[calls.ended < calls.horizon] == 0).any() or not in_time:
        raise InternalError(f"a history of spec {spec.name!r} was put in an order that leaves a call out or breaks real time.")
    try:
        return replay(placed, spec)
    except _RefusedError as refusal:
        raise InternalError(f"a history of spec {spec.name!r} was put in an order that is no linearization: {refusal}.") from None


class _RefusedError(Exception):
    """A call that cannot happen where it stands."""


def _steps(calls: Rows) -> Iterator[tuple[str, int, int]]:
    return zip((calls.functions[f] for f in calls.f.tolist()), calls.asked.tolist(), calls.got.tolist(), strict=True)


def replay_queue(calls: Rows, spec: Collection) -> Held:
    """A queue: first in, first out."""
    return _replay_line(calls, spec, deque.popleft)


def replay_stack(calls: Rows, spec: Collection) -> Held:
    """A stack: last in, first out."""
    return _replay_line(calls, spec, deque.pop)


def _replay_line(calls: Rows, spec: Collection, leave: Callable[[deque[int]], int]) -> Held:
    held = deque(numbers_of(calls.values, spec.initial))
    for f, asked, got in _steps(calls):
        if f == spec.putting:
            held.append(asked)
        elif not held or got == calls.nil:
            _found_nothing(calls, f, got, len(held))
        elif leave(held) != got != NO_VALUE:
            raise _RefusedError(f"{f} of another element")
    return _values(calls, spec, held)


def replay_unordered(calls: Rows, spec: Collection) -> Held:
    """A queue that gives any element."""
    return _replay_best(calls, spec, lambda value: 0)


def replay_priority(calls: Rows, spec: PriorityQueue) -> Held:
    """A queue that gives one of the best."""
    sign = 1 if spec.first == "smallest" else -1

    def rank(value: Any) -> float:
        priority = priority_of(value)
        assert priority is not None, "only elements with a priority are judged"
        return sign * priority

    return _replay_best(calls, spec, rank)


def _replay_best(calls: Rows, spec: Collection, rank: Callable[[Any], float]) -> Held:
    """Any element of the lowest rank may leave; a take that nobody answered took one that nobody else did."""
    wanted = set(calls.got[calls.doing(spec.taking)].tolist())
    held: dict[int, float] = {}  # the ranks of elements
    ranks: list[float] = []  # the same as a heap
    unwanted: dict[float, list[int]] = {}  # by rank: elements

    def put(number: int, value: Any) -> None:
        held[number] = rank(value)
        heappush(ranks, held[number])
        if number not in wanted:
            unwanted.setdefault(held[number], []).append(number)

    for number, value in zip(numbers_of(calls.values, spec.initial), spec.initial, strict=True):
        put(number, value)
    for f, asked, got in _steps(calls):
        if f == spec.putting:
            put(asked, calls.values[asked])
        elif not ranks or got == calls.nil:
            _found_nothing(calls, f, got, len(ranks))
        else:
            free = unwanted.get(ranks[0]) if got == NO_VALUE else None
            if held.pop(free.pop() if free else got, None) != heappop(ranks):
                raise _RefusedError(f"{f} of another element")
    return _values(calls, spec, held)


def _found_nothing(calls: Rows, f: str, got: int, held: int) -> None:
    if held or got not in (calls.nil, NO_VALUE):
        raise _RefusedError(f"{f} of {'nothing' if held else 'something'}")


def _values(calls: Rows, spec: Collection, numbers: Iterable[int]) -> Held:
    here = len(calls.values)
    return tuple(calls.values[number] if number < here else spec.initial[number - here] for number in numbers)


def replay_append_list(calls: Rows, spec: AppendList) -> Held:
    """A list: every read is what was appended until then."""
    held = list(map(exact, spec.initial))
    agreed: dict[int, int] = {}  # by number of a list: its length, once it was compared
    for f, asked, got in _steps(calls):
        if f == "append":
            held.append(exact(calls.values[asked]))
        elif got not in agreed:
            if all_exact(calls.values[got] or ()) != held:
                raise _RefusedError(f"a read at a length of {len(held)}")
            agreed[got] = len(held)
        elif agreed[got] != len(held):
            raise _RefusedError(f"a read at a length of {len(held)}")
    return tuple(map(plain, held))


def replay_counter(calls: Rows, spec: Counter) -> Held:
    """A counter."""
    total = spec.initial
    for f, asked, got in _steps(calls):
        if f == "add":
            total += calls.values[asked]
        elif calls.values[got] != total or type(calls.values[got]) is not int:
            raise _RefusedError(f"a read at {total}")
    return total


def replay_text(calls: Rows, spec: KeyValue) -> Held:
    """A text."""
    held, values = spec.initial, calls.values
    getting, appending = calls.functions.index("get"), calls.functions.index("append")
    for f, asked, got in zip(calls.f.tolist(), calls.asked.tolist(), calls.got.tolist(), strict=True):
        if f == getting:
            if exact(values[got]) != held:
                raise _RefusedError("a get of another text")
        else:
            held = (held or "") + values[asked] if f == appending else values[asked]
    return held


def replay_set(calls: Rows, spec: Set) -> Held:
    """A set that only grows."""
    held = dict.fromkeys(map(exact, spec.initial))
    agreed: dict[int, int] = {}  # by number of a read's list: its size, once it was compared
    for f, asked, got in _steps(calls):
        if f == "add":
            held[exact(calls.values[asked])] = None
        elif f == "contains":
            if (exact(calls.values[asked]) in held) is not calls.values[got]:
                raise _RefusedError("a wrong contains")
        else:
            elements = elements_read(calls.values[got]) if got not in agreed else []
            is_right = elements is not None and len(elements) == len(held) and held.keys() == frozenset(elements)
            if got not in agreed and is_right:
                agreed[got] = len(held)
            if agreed.get(got) != len(held):
                raise _RefusedError(f"a read at a size of {len(held)}")
    return tuple(map(plain, held))
