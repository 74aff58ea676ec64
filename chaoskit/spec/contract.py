"""What a sequential specification is: how one object behaves when operations come one at a time.

A spec needs a `name`, the `functions` it understands, `init()` and `step(state, label)`. `step` is a pure function of its two
arguments: it never sees an index, a time or another operation, never changes the state it was given, and answers the same each
time. States are hashable; values kept in them go through `exact`, because 1, True and 1.0 are three values. What a spec may add
is listed in `CompleteSpec`, with what holds otherwise; `complete` fills it in, so that a small object of one's own is a spec.

A step may lead to several states: the operation happened in one of these ways, and nobody knows in which. A history fits such a
spec when some choice among them explains it. The states come in an order that is the same each time, in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Protocol

from chaoskit.core.errors import ChaoskitError, ModelError
from chaoskit.core.op import Process, Value
from chaoskit.spec.text import call_text, show

State = Hashable


class Outcome(Enum):
    """What stands in the place of an output when there is none."""

    UNKNOWN = "unknown"  # nobody knows whether it happened, and if so what it returned
    FAILED = "failed"  # it completed as `fail`, and the spec asked to see such failures

    def __repr__(self) -> str:
        return self.name


UNKNOWN = Outcome.UNKNOWN
FAILED = Outcome.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """An operation as a spec sees it: what was asked of which object, and what came back.

    `process` is filled in only for a spec with `uses_process`.
    """

    f: str
    key: Value = None
    input: Value = None
    output: Value | Outcome = UNKNOWN
    process: Process | None = None


class Illegal:
    """The answer of `step` when the operation cannot happen in this state, and why, as a person would say it.

    A search asks much and shows little: a reason that takes long to put into words may be a function that does it.
    """

    __slots__ = ("_reason",)

    def __init__(self, reason: str | Callable[[], str]) -> None:
        self._reason = reason

    @property
    def reason(self) -> str:
        return self._reason if isinstance(self._reason, str) else self._reason()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Illegal) and self.reason == other.reason

    __hash__ = None  # type: ignore[assignment]  # it is an answer, and nobody's key

    def __repr__(self) -> str:
        return f"Illegal({self.reason!r})"


Step = tuple[State, ...] | Illegal


class Spec(Protocol):
    """The least that a specification has. Everything else is optional: see `CompleteSpec`."""

    @property
    def name(self) -> str: ...

    @property
    def functions(self) -> frozenset[str]: ...

    def init(self) -> State:
        """The state before the first operation."""
        ...

    def step(self, state: State, label: Label) -> Step:
        """The possible states after this operation, one for most; or why it cannot happen here."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSpec:
    """A spec with its optional parts filled in; checkers work with this.

    `partition_key(label)`: operations with different keys never interact (default: `label.key`).
    `is_read(label)`: it never changes the state, whatever it returns (default: False; saying so makes checking much faster).
    `is_write(label)`: it can always happen, and leads to one state, the same whatever was there (default: False; as for reads).
    `observes_failure(f, error)`: a `fail` of this function tells something about the state (default: False, it did not happen).
    `describe_op(label)`, `describe_state(state)`: as a person would say it.
    `uses_process`: labels carry the process.
    """

    name: str
    functions: frozenset[str]
    init: Callable[[], State]
    step: Callable[[State, Label], Step]
    partition_key: Callable[[Label], Value]
    is_read: Callable[[Label], bool]
    is_write: Callable[[Label], bool]
    observes_failure: Callable[[str, str | None], bool]
    describe_op: Callable[[Label], str]
    describe_state: Callable[[State], str]
    uses_process: bool
    original: Spec


def complete(spec: Spec | CompleteSpec) -> CompleteSpec:
    """The spec with every optional part filled in. Raises `ModelError` for an object that is not a spec."""
    if isinstance(spec, CompleteSpec):
        return spec
    given = getattr(spec, "name", None)
    name = given or type(spec).__name__
    for part in ("init", "step"):
        if not callable(getattr(spec, part, None)):
            raise ModelError(f"expected a spec with a method {part}() but got {name!r} without one; see chaoskit.spec.contract.")
    functions = getattr(spec, "functions", None)
    if not functions or isinstance(functions, str):
        raise ModelError(f"expected spec {name!r} to name the operations it understands but got functions={functions!r}.")
    if not isinstance(given, str) or not given:
        raise ModelError(f"expected a spec with a name, a text, but {type(spec).__name__} has name={given!r}.")

    def optional(part: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
        found = getattr(spec, part, otherwise)
        if not callable(found):
            raise ModelError(f"expected {part} of spec {name!r} to be a method but got {found!r}.")
        return found

    return CompleteSpec(
        name=name,
        functions=frozenset(functions),
        init=partial(_first_state, spec, name),
        step=spec.step,
        partition_key=optional("partition_key", _key_of),
        is_read=optional("is_read", _never),
        is_write=optional("is_write", _never),
        observes_failure=optional("observes_failure", _never),
        describe_op=optional("describe_op", _describe_op),
        describe_state=optional("describe_state", show),
        uses_process=bool(getattr(spec, "uses_process", False)),
        original=spec,
    )


class WrongInputError(ModelError):
    """An operation does not speak the language of its spec: the fault of who asked it, a client or a history from elsewhere."""


def wrong_input(spec: str, label: Label, expected: str) -> WrongInputError:
    """An error for an operation whose argument or result is not of the shape that a spec needs."""
    return WrongInputError(
        f"expected {expected} but got input={label.input!r:.80}, output={label.output!r:.80} for {label.f!r}; "
        f"the history does not speak the language of spec {spec!r}."
    )


def _first_state(spec: Spec, name: str) -> State:
    try:
        return spec.init()
    except ChaoskitError:
        raise
    except Exception as error:
        raise ModelError(f"spec {name!r} raised {type(error).__name__} in init(): {error}") from error


def _key_of(label: Label) -> Value:
    return label.key


def _never(*_: object) -> bool:
    return False


def _describe_op(label: Label) -> str:
    has_result = not isinstance(label.output, Outcome) and label.output is not None
    arguments = [] if label.input is None else [label.input]
    return call_text(label.f, label.key, *arguments, result=label.output if has_result else None, shows_result=has_result)
