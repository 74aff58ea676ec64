"""The catalogue of specifications, and how a person names one with its parameters: `cas-register:initial=0,failed-cas=drop`.

To add a spec, write its file and give it a line in `SPECS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.op import Value
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.contract import CompleteSpec, Spec
from chaoskit.spec.counter import Counter
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.multi_register import MultiRegister
from chaoskit.spec.mutex import Mutex
from chaoskit.spec.register import Register
from chaoskit.spec.set import Set
from chaoskit.spec.text import show

NIL_WORDS = ("nil", "null", "none", "None")


def parse_value(text: str) -> Value:
    """A value as a person types it: nil, a number, true, a JSON value; anything else is a text."""
    if text in NIL_WORDS:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def parse_whole_number(text: str) -> int:
    """A whole number. Raises `ValueError`, which the reader of the whole spec turns into a sentence."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("a whole number") from None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a spec: its name as typed, what it means, its default, and the words it takes (none: any value)."""

    name: str
    summary: str
    default: Value = None
    choices: tuple[str, ...] = ()
    parse: Callable[[str], Value] = parse_value

    @property
    def attribute(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class SpecEntry:
    """One line of the catalogue."""

    name: str
    summary: str
    make: Callable[..., Spec]
    parameters: tuple[Parameter, ...] = ()


_INITIAL = Parameter("initial", "what it holds at first")
_NIL_READ = Parameter("nil-read", "is a read of nil a value, or an unknown answer?", "value", ("value", "unknown"))
_FAILED_CAS = Parameter("failed-cas", "did a failed cas not happen, or did it observe?", "drop", ("drop", "observe"))
_TOTAL = Parameter("initial", "its first total", 0, parse=parse_whole_number)
_HOLDER = Parameter("holder", "who may release it", "any", ("any", "process"))

_ENTRIES = (
    SpecEntry("register", "one cell, written and read whole", Register, (_INITIAL, _NIL_READ)),
    SpecEntry("cas-register", "one cell with compare-and-set", CasRegister, (_INITIAL, _FAILED_CAS, _NIL_READ)),
    SpecEntry("multi-register", "registers read and written in small transactions", MultiRegister, (_INITIAL, _NIL_READ)),
    SpecEntry("set", "a set of elements: add, remove, contains, read", Set),
    SpecEntry("counter", "a number that is added to and read", Counter, (_TOTAL,)),
    SpecEntry("fifo-queue", "a queue: first in, first out", FifoQueue),
    SpecEntry("mutex", "a lock that one holds at a time", Mutex, (_HOLDER,)),
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
    for part in filter(None, map(str.strip, given.split(","))):
        key, equals, value = map(str.strip, part.partition("="))
        parameter = known.get(key)
        if parameter is None:
            raise unknown_name(f"parameter of spec {entry.name}", key, known)
        if not equals:
            example = parameter.default if parameter.choices else show(parameter.default)
            raise UsageError(f"expected {key}=value but got {part!r}; write e.g. '{entry.name}:{key}={example}'.")
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
    given = [f"{parameter.name}={value if parameter.choices else show(value)}" for parameter, value in changed]
    return f"{entry.name}:{','.join(given)}" if given else entry.name


def _parsed(entry: SpecEntry, parameter: Parameter, text: str) -> Value:
    if parameter.choices:
        if text not in parameter.choices:
            raise unknown_name(f"{parameter.name} of spec {entry.name}", text, parameter.choices)
        return text
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise UsageError(f"expected {parameter.name} of spec {entry.name} to be {error} but got {text!r}.") from error
