"""The catalogue of specifications, and how a person names one with its parameters: `cas-register:initial=0,failed-cas=drop`.

To add a spec, write its file and give it a line in `SPECS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.op import Value
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.contract import CompleteSpec, Spec
from chaoskit.spec.counter import Counter
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.kv import KeyValue
from chaoskit.spec.multi_register import MultiRegister
from chaoskit.spec.mutex import Mutex
from chaoskit.spec.owner_mutex import OwnerMutex
from chaoskit.spec.parameters import (
    Parameter,
    assignments,
    parse_count,
    parse_elements,
    parse_limit,
    parse_list,
    parse_prioritized,
    parse_text,
    parse_whole_number,
    value_text,
)
from chaoskit.spec.priority_queue import PriorityQueue
from chaoskit.spec.reentrant_mutex import ReentrantMutex
from chaoskit.spec.register import Register
from chaoskit.spec.semaphore import Semaphore
from chaoskit.spec.set import Set
from chaoskit.spec.stack import Stack
from chaoskit.spec.unordered_queue import UnorderedQueue


@dataclass(frozen=True, slots=True)
class SpecEntry:
    """One line of the catalogue."""

    name: str
    summary: str
    make: Callable[..., Spec]
    parameters: tuple[Parameter, ...] = ()


_INITIAL = Parameter("initial", "what it holds at first")
_NIL_READ = Parameter("nil-read", "whether a read of nil read a value, or its answer is unknown", "value", ("value", "unknown"))
_FAILED_CAS = Parameter(
    "failed-cas", "whether a failed cas did not happen, or observed another value", "drop", ("drop", "observe")
)
_TEXT = Parameter("initial", "what a key holds at first", "", expects="a text or nil", parse=parse_text)
_LIST = Parameter("initial", "what it holds at first", (), expects="a list, as JSON", parse=parse_list)
_ELEMENTS = Parameter("initial", "what it holds at first", (), expects="a list without nil, as JSON", parse=parse_elements)
_PRIORITIZED = Parameter(
    "initial", "what it holds at first", (), expects="a list of numbers or [number, …], as JSON", parse=parse_prioritized
)
_BEST = Parameter("first", "which priority comes first", "smallest", ("smallest", "largest"))
_TOTAL = Parameter("initial", "its first total", 0, expects="a whole number", parse=parse_whole_number)
_OWNER = Parameter("owner", "who holds it, the process or whom the value names", "process", ("process", "value"))
_TIMES = Parameter("times", "how often it may be held at once", expects="a whole number from 1 on, or nil", parse=parse_limit)
_PERMITS = Parameter("permits", "how many there are", 1, expects="a whole number from 1 on", parse=parse_count)
_RELEASER = Parameter("owner", "who may release a permit: anyone, or only who holds it", "any", ("any", "process", "value"))

_ENTRIES = (
    SpecEntry("register", "one cell, written and read whole", Register, (_INITIAL, _NIL_READ)),
    SpecEntry("cas-register", "one cell with compare-and-set", CasRegister, (_INITIAL, _FAILED_CAS, _NIL_READ)),
    SpecEntry("multi-register", "registers read and written in small transactions", MultiRegister, (_INITIAL, _NIL_READ)),
    SpecEntry("kv", "a text under a key: put, append, get", KeyValue, (_TEXT,)),
    SpecEntry("append-list", "a list that only grows: append, read", AppendList, (_LIST,)),
    SpecEntry("set", "a set of elements: add, remove, contains, read", Set, (_LIST,)),
    SpecEntry("counter", "a number that is added to and read", Counter, (_TOTAL,)),
    SpecEntry("fifo-queue", "a queue: first in, first out", FifoQueue, (_ELEMENTS,)),
    SpecEntry("unordered-queue", "a queue that gives its elements in any order", UnorderedQueue, (_ELEMENTS,)),
    SpecEntry("priority-queue", "a queue that gives its best element first", PriorityQueue, (_PRIORITIZED, _BEST)),
    SpecEntry("stack", "a stack: last in, first out", Stack, (_ELEMENTS,)),
    SpecEntry("mutex", "a lock that one holds at a time", Mutex),
    SpecEntry("owner-mutex", "a lock that only its owner may release", OwnerMutex, (_OWNER,)),
    SpecEntry("reentrant-mutex", "a lock that its owner may acquire several times", ReentrantMutex, (_OWNER, _TIMES)),
    SpecEntry("semaphore", "so many permits, to acquire and release", Semaphore, (_PERMITS, _RELEASER)),
)
SPECS: dict[str, SpecEntry] = {entry.name: entry for entry in _ENTRIES}


def spec_from_text(text: str) -> Spec:
    """The spec that a person named, with its parameters. Raises `UsageError` naming what was not understood.

    >>> spec_from_text("cas-register:initial=0")
    CasRegister(initial=0, failed_cas='drop', nil_read='value')
    """
    name, _, given = text.partition(":")
    entry = SPECS.get(name.strip())
    if entry is None:
        raise unknown_name("spec", name.strip(), SPECS, listing="specs")
    known = {parameter.name: parameter for parameter in entry.parameters}
    values: dict[str, Value] = {}
    for key, value in assignments(given):
        parameter = known.get(key)
        if parameter is None:
            raise unknown_name(f"parameter of spec {entry.name}", key, known)
        if value is None:
            raise UsageError(f"expected {key}=value but got {key!r}; write e.g. '{entry.name}:{key}={parameter.example}'.")
        if parameter.attribute in values:
            raise UsageError(f"expected {key} of spec {entry.name} once but got it twice in {text!r}.")
        values[parameter.attribute] = _parsed(entry, parameter, value)
    return entry.make(**values)


def spec_text(spec: Spec | CompleteSpec) -> str:
    """The text that names this spec, with every parameter that is not its default; a person's own spec by its name."""
    original = spec.original if isinstance(spec, CompleteSpec) else spec
    entry = SPECS.get(original.name)
    if entry is None or type(original) is not entry.make:
        return original.name
    values = [(parameter, getattr(original, parameter.attribute)) for parameter in entry.parameters]
    changed = [(parameter, value) for parameter, value in values if value != parameter.default]
    given = [f"{parameter.name}={value if parameter.choices else value_text(value)}" for parameter, value in changed]
    return f"{entry.name}:{','.join(given)}" if given else entry.name


def _parsed(entry: SpecEntry, parameter: Parameter, text: str) -> Value:
    if parameter.choices:
        if text not in parameter.choices:
            raise unknown_name(f"{parameter.name} of spec {entry.name}", text, parameter.choices)
        return text
    try:
        return parameter.value_of(text)
    except ValueError as error:
        raise UsageError(f"expected {parameter.name} of spec {entry.name} to be {parameter.expects} but got {text!r}.") from error
