"""What clients may ask of every kind of object, and every answer: the letters of which small and random histories are made.

An alphabet asks its spec for each step once, so that hundreds of thousands of histories of the same letters cost little. With two
values it is complete: every operation on either value, every answer that four calls can lead to, and calls without an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import permutations, product
from typing import Any

from chaoskit.check.linear.normalise import NEVER, Call, Problem
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Illegal, Label, State, complete, spec_from_text
from chaoskit.spec.exact import identity
from chaoskit.testing.small_histories import Choice, Interval

LONGEST = 3  # of four calls one looks: a list or text has at most so many elements then
CLIENTS = 3
ANY_ORDER = ("set", "multi-register")  # what their lists hold comes in any order
Renaming = tuple[int, ...]  # by letter: the letter that it becomes


def ok(f: str, given: object = None, output: object = None, *, process: int | None = None) -> Choice:
    """A call that returned."""
    return Label(f=f, input=given, output=output, process=process), True


def info(f: str, given: object = None, *, process: int | None = None) -> Choice:
    """A call that nobody answered."""
    return Label(f=f, input=given, output=UNKNOWN, process=process), False


def _asked(f: str, *inputs: object) -> tuple[Choice, ...]:
    """A call with each of these inputs, answered and not."""
    return tuple(call(f, given) for given in inputs for call in (ok, info))


def _answered(f: str, *outputs: object, given: object = None) -> tuple[Choice, ...]:
    """A call with each of these answers."""
    return tuple(ok(f, given, output) for output in outputs)


def _lists(values: Sequence[object], longest: int) -> list[list[object]]:
    return [[*chosen] for length in range(longest + 1) for chosen in product(values, repeat=length)]


def _register(size: int) -> tuple[Choice, ...]:
    return (*_answered("read", None, *range(size)), *_asked("write", *range(size)))


def _cas(size: int) -> tuple[Choice, ...]:
    return (*_register(size), *_asked("cas", *([old, new] for old, new in product(range(size), repeat=2))))


def _observed_cas(size: int) -> tuple[Choice, ...]:
    pairs = [[value, (value + 1) % size] for value in range(size)]
    return (*_register(size), *(call("cas", pair) for pair in pairs for call in (ok, info)), *_answered("cas", FAILED, given=pairs[0]))


def _transactions(size: int) -> tuple[Choice, ...]:
    values = range(1, size + 1)
    looks = [["r", "x", None], ["r", "y", None]]
    return (
        *(ok("txn", [["w", key, value]]) for key in "xy" for value in values),
        *_asked("txn", *([["w", "x", value], ["w", "y", value]] for value in values)),
        *_answered("txn", *([["r", "x", x], ["r", "y", y]] for x in (None, *values) for y in (None, *values)), given=looks),
    )


def _texts(size: int) -> tuple[Choice, ...]:
    letters = "abcd"[:size]
    return (
        *(call(f, letter) for f in ("put", "append") for letter in letters for call in (ok, info)),
        *_answered("get", *("".join(map(str, letters)) for letters in _lists(letters, LONGEST))),
    )


def _list(size: int) -> tuple[Choice, ...]:
    return (*_asked("append", *range(size)), *_answered("read", *_lists(range(size), LONGEST)))


def _set(size: int) -> tuple[Choice, ...]:
    every = [[value for value in range(size) if chosen >> value & 1] for chosen in range(2**size)]
    return (
        *(call(f, value) for f in ("add", "remove") for value in range(size) for call in (ok, info)),
        *(ok("contains", value, answer) for value in range(size) for answer in (True, False)),
        *_answered("read", *every),
    )


def _counter(size: int) -> tuple[Choice, ...]:
    most = LONGEST * (size - 1)
    return (*_asked("add", *range(1, size), *range(-1, -size, -1)), *_answered("read", *range(-most, most + 1)))


def _collection(put: str, take: str) -> Callable[[int], tuple[Choice, ...]]:
    return lambda size: (*_asked(put, *range(size)), *_answered(take, None, *range(size)), info(take))


def _lock(*amounts: object) -> Callable[[int], tuple[Choice, ...]]:
    return lambda size: (*_asked("acquire", *amounts), *_asked("release", *amounts))


def _owned(size: int) -> tuple[Choice, ...]:
    del size  # it has no values, but clients
    return tuple(
        call(f, process=process) for f in ("acquire", "release") for process in range(CLIENTS) for call in (ok, info)
    )


_LETTERS: dict[str, Callable[[int], tuple[Choice, ...]]] = {  # by spec: the calls on so many values
    "register": _register,
    "cas-register": _cas,
    "multi-register": _transactions,
    "kv": _texts,
    "append-list": _list,
    "fifo-queue": _collection("enqueue", "dequeue"),
    "unordered-queue": _collection("enqueue", "dequeue"),
    "stack": _collection("push", "pop"),
    "priority-queue": _collection("enqueue", "dequeue"),
    "set": _set,
    "mutex": _lock(None),
    "owner-mutex": _owned,
    "reentrant-mutex": _owned,
    "semaphore:permits=2": _lock(1, 2),
    "counter": _counter,
    # the same with other parameters
    "register:initial=1": _register,
    "cas-register:failed-cas=observe": _observed_cas,
    "reentrant-mutex:times=2": _owned,
    "semaphore:permits=2,owner=process": _owned,
}
NAMES = tuple(_LETTERS)
_SWAPS: dict[str, tuple[Mapping[Any, Any], ...]] = {  # by spec: new names for two values that change nothing
    **dict.fromkeys(("register", "cas-register", "append-list", "set"), ({0: 1, 1: 0},)),
    **dict.fromkeys(("fifo-queue", "unordered-queue", "stack"), ({0: 1, 1: 0},)),
    "multi-register": ({1: 2, 2: 1}, {"x": "y", "y": "x"}),
    "kv": ({"a": "b", "b": "a"},),
    "counter": ({number: -number for number in range(-LONGEST, LONGEST + 1)},),
}


class Alphabet:
    """The letters of a spec, and where each leads, by numbers."""

    def __init__(self, spec: CompleteSpec, choices: Sequence[Choice], swaps: Sequence[Mapping[Any, Any]] = ()) -> None:
        self.spec = spec
        self.choices = tuple(choices)
        self.labels = [label for label, _ in choices]
        self.returns = [returns for _, returns in choices]
        self.is_read = [spec.is_read(label) for label in self.labels]
        self.is_write = [spec.is_write(label) for label in self.labels]
        assert all(returns or not reads for returns, reads in zip(self.returns, self.is_read, strict=True))
        self.states: list[State] = []
        self._numbers: dict[object, int] = {}
        self._rows: list[dict[int, tuple[int, ...]]] = [{} for _ in choices]
        self._legal: dict[int, list[int]] = {}
        self._swaps = swaps
        self.initial = self._number(spec.init())

    def after(self, letter: int, state: int) -> tuple[int, ...]:
        """The states that a call may lead to; none when it cannot happen there."""
        found = self._rows[letter].get(state)
        if found is None:
            answer = self.spec.step(self.states[state], self.labels[letter])
            found = () if isinstance(answer, Illegal) else tuple(map(self._number, answer))
            self._rows[letter][state] = found
        return found

    def legal(self, state: int) -> list[int]:
        """The calls that can happen in a state."""
        found = self._legal.get(state)
        if found is None:
            found = self._legal[state] = [letter for letter in range(len(self.choices)) if self.after(letter, state)]
        return found

    def problem(self, chosen: Sequence[int], intervals: Sequence[Interval]) -> Problem:
        """A problem of these letters; all have the same labels."""
        problem = Problem(None)
        problem.labels, problem.is_read, problem.is_write = self.labels, self.is_read, self.is_write
        for process, (letter, (began, ended)) in enumerate(zip(chosen, intervals, strict=True)):
            settled = None if ended == NEVER else ended
            problem.calls.append(Call(began, ended, settled, letter, process, began, settled))
        return problem

    @cached_property
    def puts(self) -> list[str | None]:
        """By letter: what it puts in, None where it puts nothing in."""
        told: list[tuple[str, Any]] = [(label.f, label.input) for label in self.labels]
        put = [asked[1] if f == "cas" else None if f in ("read", "contains") else asked for f, asked in told]
        return [None if value is None else repr(value) for value in put]

    @cached_property
    def same_call(self) -> list[list[int]]:
        """By letter: those of the same function that return when it does."""
        calls = [(label.f, returns) for label, returns in self.choices]
        return [[other for other, call in enumerate(calls) if call == each] for each in calls]

    @cached_property
    def returning(self) -> list[list[int]]:
        """By letter: all that return when it does."""
        return [[other for other, returns in enumerate(self.returns) if returns is each] for each in self.returns]

    @cached_property
    def same_question(self) -> list[list[int]]:
        """By letter: those before it that ask the same, and were answered otherwise."""
        asked = [(label.f, repr(label.input), label.process, returns) for label, returns in self.choices]
        return [[other for other in range(letter) if asked[other] == each] for letter, each in enumerate(asked)]

    @cached_property
    def renamings(self) -> list[Renaming]:
        """The ways to rename values or processes that change nothing, the one that renames nothing left out."""
        places = {_told(label, returns): letter for letter, (label, returns) in enumerate(self.choices)}
        found: dict[Renaming, None] = {}
        for renamed in self._ways():
            letters = [_told(renamed(label), returns) for label, returns in self.choices]
            found[tuple(places[letter] for letter in letters)] = None
        return [renaming for renaming in found if renaming != tuple(range(len(self.choices)))]

    def _ways(self) -> Iterator[Callable[[Label], Label]]:
        orders = permutations(range(CLIENTS)) if self.spec.uses_process else [range(CLIENTS)]
        for order in orders:
            for used in product((False, True), repeat=len(self._swaps)):
                names = {key: name for swap, uses in zip(self._swaps, used, strict=True) if uses for key, name in swap.items()}
                yield partial(_relabelled, names=names, order=tuple(order), any_order=self.spec.name in ANY_ORDER)

    def _number(self, state: State) -> int:
        number = self._numbers.setdefault(identity(state), len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number


def alphabet(name: str, size: int = 2) -> Alphabet:
    """The letters of a spec with so many values."""
    return Alphabet(complete(spec_from_text(name)), _LETTERS[name](size), _SWAPS.get(name, ()) if size == 2 else ())


def _told(label: Label, returns: bool) -> tuple[object, ...]:
    return label.f, repr(label.input), repr(label.output), label.process, returns


def _relabelled(label: Label, *, names: Mapping[Any, Any], order: Sequence[int], any_order: bool) -> Label:
    def renamed(value: Any) -> Any:
        found = _renamed(value, names)
        return sorted(found, key=repr) if any_order and isinstance(found, list) else found

    process = None if label.process is None else order[int(label.process)]
    return replace(label, input=renamed(label.input), output=renamed(label.output), process=process)


def _renamed(value: Any, names: Mapping[Any, Any]) -> Any:
    """A value with other names for what it is made of."""
    match value:
        case bool():
            return value
        case list():
            return [_renamed(part, names) for part in value]
        case str():
            return "".join(names.get(letter, letter) for letter in value)
        case _:
            return names.get(value, value)
