"""Which ways to go wrong fit which spec, and what they are called there.

To add one, write it in `kinds` and give it a line here. A person's own spec has those of any object.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaoskit.check.power.kinds import (
    Kind,
    granted_refusals,
    lost_updates,
    reordered_updates,
    repeated_updates,
    stale_reads,
    swapped_answers,
    totals_off_by_one,
)
from chaoskit.spec import CompleteSpec
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.counter import Counter
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.kv import KeyValue
from chaoskit.spec.multi_register import MultiRegister
from chaoskit.spec.mutex import Mutex
from chaoskit.spec.owner_mutex import OwnerMutex
from chaoskit.spec.priority_queue import PriorityQueue
from chaoskit.spec.reentrant_mutex import ReentrantMutex
from chaoskit.spec.register import Register
from chaoskit.spec.semaphore import Semaphore
from chaoskit.spec.set import Set
from chaoskit.spec.stack import Stack
from chaoskit.spec.unordered_queue import UnorderedQueue


@dataclass(frozen=True, slots=True)
class Entry:
    """A way to go wrong, and what it is called in the plural."""

    kind: Kind
    many: str


def entries(spec: CompleteSpec) -> tuple[Entry, ...]:
    """The ways to go wrong of this spec's objects."""
    return _BY_SPEC.get(type(spec.original)) or _updates("update")


def _updates(one: str, *, reads: str = "read") -> tuple[Entry, ...]:
    return (
        Entry(stale_reads(), f"one-step-stale {reads}s"),
        Entry(lost_updates(), f"lost {one}s"),
        Entry(repeated_updates(), f"{one}s applied twice"),
        Entry(reordered_updates(), f"{one}s applied out of order"),
        Entry(swapped_answers(), "swapped answers"),
    )


def _collection(put: str, take: str, *, is_ordered: bool = True) -> tuple[Entry, ...]:
    order = (Entry(reordered_updates(), "updates applied out of order"),) if is_ordered else ()
    return (
        Entry(lost_updates(put, name="lost-element"), "lost elements"),
        Entry(lost_updates(take, name="duplicate-delivery", taken=True), "elements delivered twice"),
        Entry(repeated_updates(), "updates applied twice"),
        *order,
        Entry(swapped_answers(), "swapped answers"),
    )


_LOCK = (Entry(granted_refusals(), "refusals turned into grants"),)
_BY_SPEC: dict[type, tuple[Entry, ...]] = {
    Register: _updates("write"),
    CasRegister: _updates("write"),
    KeyValue: _updates("write", reads="get"),
    AppendList: _updates("append"),
    Set: _updates("change"),
    Counter: (*_updates("add"), Entry(totals_off_by_one(), "totals off by one")),
    MultiRegister: _updates("transaction", reads="transaction"),
    FifoQueue: _collection("enqueue", "dequeue"),
    UnorderedQueue: _collection("enqueue", "dequeue", is_ordered=False),
    PriorityQueue: _collection("enqueue", "dequeue"),
    Stack: _collection("push", "pop"),
    Mutex: _LOCK,
    OwnerMutex: _LOCK,
    ReentrantMutex: _LOCK,
    Semaphore: _LOCK,
}
