"""What may stand where a generator is wanted, and what it becomes.

- None asks for nothing.
- A mapping is one thing to do, once: `{"f": "write", "key": "x", "value": 3}`. Time and process are filled in when it is asked.
- A list or tuple is its elements, one after the other. An iterator is too, and is read only as far as it is needed.
- A function, of no argument or of the context, is called for a generator; when that is exhausted it is called again; None ends
  it. It draws through `context.draws`, which stands at an address of its own for every call.

A function may be called more often than its answers are used, so it must be pure: to number things, give an iterator.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from chaoskit.core.errors import ModelError, UsageError, unknown_name
from chaoskit.core.op import INFO, INVOKE, Op, Process, Value
from chaoskit.generate.arguments import Duration, duration, is_integer
from chaoskit.generate.ask import ASK_TYPES, LOG, PENDING, SLEEP, Ask
from chaoskit.generate.context import Context, index_of_process, thread_at
from chaoskit.generate.generator import Emission, Generator, Place, place_all

EMPTY_MAX = 10_000  # generators in a row that an iterator or a function may give without one op among them

GeneratorLike: TypeAlias = (
    Generator
    | Mapping[str, Value]
    | Sequence["GeneratorLike"]
    | Iterator["GeneratorLike"]
    | Callable[[], "GeneratorLike"]
    | Callable[[Context], "GeneratorLike"]
    | None
)


def lift(value: GeneratorLike) -> Generator | None:
    """The generator that a value stands for; None when that asks for nothing. Raises `UsageError` for what is none."""
    if value is None or isinstance(value, Generator):
        return value
    if isinstance(value, Mapping):
        return _template(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return concat(*value)
    if isinstance(value, Iterator):
        return Stream(_Cell(value))
    if callable(value):
        return Function(value, _takes_context(value))
    raise UsageError(
        "expected a generator (None, a mapping such as {'f': 'read'}, a list or iterator of generators, a function, or what the "
        f"functions of chaoskit.generate return) but got {value!r:.100} of type {type(value).__name__}."
    )


def lift_all(values: Iterable[GeneratorLike]) -> tuple[Generator, ...]:
    """The generators among several values that ask for anything."""
    return tuple([gen for gen in map(lift, values) if gen is not None])


def start(gen: GeneratorLike, context: Context) -> Generator | None:
    """A generator ready to be asked: lifted, and placed at the root of the context's draws."""
    lifted = lift(gen)
    return None if lifted is None else lifted.placed(Place(context.draws, context.slots, context.all_bits))


def op(gen: GeneratorLike, context: Context) -> Emission:
    """What any generator does next: `gen.op(context)` for all that `lift` takes."""
    lifted = lift(gen)
    return None if lifted is None else lifted.op(context)


def update(gen: GeneratorLike, context: Context, event: Op) -> Generator | None:
    """Any generator after an event: `gen.update(context, event)` for all that `lift` takes."""
    lifted = lift(gen)
    return None if lifted is None else lifted.update(context, event)


def concat(*gens: GeneratorLike) -> Generator | None:
    """All of the first, then all of the second, and so on; none waits for an earlier one's completions (that is `phases`)."""
    lifted = lift_all(gens)
    return Concat(lifted) if len(lifted) > 1 else next(iter(lifted), None)


def log(message: str) -> Generator:
    """Writes one line to the run's log, once."""
    return Template(f=LOG, value=message, type=LOG)


def sleep(dt: Duration) -> Generator:
    """Keeps the thread that takes it idle for `dt`, once."""
    return Template(f=SLEEP, value=duration(dt, name="sleep"), type=SLEEP)


class Template(Generator, frozen=True):
    """One ask, once: what a mapping becomes. A time or process that is given is kept, else it is now, and whose turn it is."""

    f: str
    key: Value = None
    value: Value = None
    type: str = INVOKE
    time: int | None = None
    process: Process | None = None

    def op(self, context: Context) -> Emission:
        index = context.next_free() if self.process is None else self._own_thread(context)
        if index < 0:
            return PENDING, self
        time = context.time if self.time is None else self.time
        ask = Ask(time, context.processes[index], thread_at(index, context.slots), self.f, self.key, self.value, self.type)
        return ask, None

    def placed(self, place: Place) -> Generator:
        return self

    def _own_thread(self, context: Context) -> int:
        assert self.process is not None
        index = index_of_process(self.process, context.slots)
        if not context.free_bits >> index & 1 or context.processes[index] != self.process:
            free = [process for bit, process in enumerate(context.processes) if context.free_bits >> bit & 1]
            raise ModelError(
                f"expected one of the free processes {free} but {self.f!r} asks for process={self.process!r}; "
                "leave the process out and say on_threads({...}, gen), which waits for its threads."
            )
        return index


class Concat(Generator, frozen=True):
    """Generators one after the other. `head` is the one at `position` as far as it has come, None when it is untouched."""

    gens: tuple[Generator, ...]
    position: int = 0
    head: Generator | None = None

    def op(self, context: Context) -> Emission:
        gens, position, head = self.gens, self.position, self.head
        while True:
            emission = (gens[position] if head is None else head).op(context)
            if emission is not None:
                ask, after = emission
                return (PENDING, self) if ask is PENDING else (ask, self._at(position, after))
            position, head = position + 1, None
            if position == len(gens):
                return None

    def update(self, context: Context, event: Op) -> Generator | None:
        head = self.gens[self.position] if self.head is None else self.head
        after = head.update(context, event)
        return self if after is head else self._at(self.position, after)

    def placed(self, place: Place) -> Generator:
        gens = place_all(self.gens, place, self.kind())
        head = None if self.head is None else self.head.placed(place.below(self.kind(), self.position))
        return self if gens is self.gens and head is self.head else Concat(gens, self.position, head)

    def _at(self, position: int, head: Generator | None) -> Generator | None:
        if head is not None:
            return Concat(self.gens, position, head)
        return Concat(self.gens, position + 1) if position + 1 < len(self.gens) else None


class Stream(Generator, frozen=True):
    """The generators that an iterator gives, one after the other."""

    cell: _Cell
    number: int = 0  # of generators taken from it
    head: Generator | None = None
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        place = self.standing()
        cell, number, head = self.cell, self.number, self.head
        for _ in range(EMPTY_MAX):
            if head is None:
                if cell.is_end():
                    return None
                head = cell.head and cell.head.placed(place.below("stream", number))
                cell, number = cell.rest(), number + 1
            emission = None if head is None else head.op(context)
            if emission is not None:
                ask, after = emission
                return (PENDING, self) if ask is PENDING else (ask, Stream(cell, number, after, place))
            head = None
        raise ModelError(f"expected an op but an iterator gave {EMPTY_MAX} generators in a row without one; let it end.")

    def update(self, context: Context, event: Op) -> Generator | None:
        after = None if self.head is None else self.head.update(context, event)
        return self if after is self.head else Stream(self.cell, self.number, after, self.place)


class Function(Generator, frozen=True):
    """The generators that a function gives, one call after the other."""

    call: Callable[..., GeneratorLike]
    takes_context: bool
    calls: int = 0
    head: Generator | None = None
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        place = self.standing()
        calls, head = self.calls, self.head
        for _ in range(EMPTY_MAX):
            if head is None:
                head = lift(self.call(context.drawing(place.draws.child("call", calls))) if self.takes_context else self.call())
                if head is None:
                    return None
                if type(head) is not Template:  # the usual answer needs no place
                    head = head.placed(place.below("call", calls))
                calls += 1
            emission = head.op(context)
            if emission is not None:
                ask, after = emission
                return (PENDING, self) if ask is PENDING else (ask, Function(self.call, self.takes_context, calls, after, place))
            head = None
        raise ModelError(f"expected an op but a function gave {EMPTY_MAX} generators in a row without one; let it return None.")

    def update(self, context: Context, event: Op) -> Generator | None:
        after = None if self.head is None else self.head.update(context, event)
        return self if after is self.head else Function(self.call, self.takes_context, self.calls, after, self.place)

    def label(self) -> str:
        return f"function {getattr(self.call, '__qualname__', type(self.call).__name__)}"


class _Cell:
    """An element of an iterator and, behind it, the rest: read once, on demand, and the same to all who hold it.

    A chain and no list, so that what no generator holds any more is freed.
    """

    __slots__ = ("_rest", "_source", "head")

    def __init__(self, source: Iterator[GeneratorLike]) -> None:
        self._source: Iterator[GeneratorLike] | None = source
        self._rest: _Cell | None = None
        self.head: Generator | None = None

    def is_end(self) -> bool:
        """Whether there is no element here; reads it when it was not."""
        if self._source is not None:
            for value in self._source:
                self.head = lift(value)
                self._rest = _Cell(self._source)
                break
            self._source = None
        return self._rest is None

    def rest(self) -> _Cell:
        assert self._rest is not None, "only a cell that is not the end has a rest"
        return self._rest


def _template(mapping: Mapping[str, Value]) -> Template:
    for field in mapping:
        if field not in Template.__struct_fields__:
            raise unknown_name("field of an op", str(field), Template.__struct_fields__)
    fields = dict(mapping)
    op_type = fields.get("type", INVOKE)
    if op_type == INFO:  # Jepsen's way to write an op of the nemesis
        fields["type"] = INVOKE
    elif op_type in (LOG, SLEEP):
        fields.setdefault("f", op_type)
    elif op_type != INVOKE:
        raise UsageError(f"expected an op's type to be one of {', '.join(ASK_TYPES)} but got type={op_type!r}.")
    if op_type == SLEEP:
        fields["value"] = duration(mapping.get("value", ""), name="value")
    if not isinstance(fields.get("f"), str):
        raise UsageError(f"expected an op with a name, such as {{'f': 'read'}}, but got {fields!r:.100}.")
    time = fields.get("time")
    if time is not None and not is_integer(time):
        raise UsageError(f"expected an op's time in nanoseconds (an int) but got time={time!r}.")
    return Template(**fields)


def _takes_context(function: Callable[..., GeneratorLike]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function written in C that does not tell: it will not know of contexts
        return False
    needed = [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if len(needed) > 1:
        raise UsageError(f"expected a function of no argument or of the context but {function!r:.80} needs {', '.join(needed)}.")
    return bool(needed)
