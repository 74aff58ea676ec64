"""A history as whole operations, for the checkers that count and compare: what was asked, what came back, and when.

An invocation is joined with its completion. A completion without one counts too, as in Jepsen's checkers: it began when it ended.
Elements and totals are exact values: 1, True and 1.0 are three.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any, ClassVar, NamedTuple

from chaoskit.core.errors import ModelError
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.op import FAIL, INFO, INVOKE, OK, Process, Value
from chaoskit.core.units import format_time
from chaoskit.core.verdict import Budget, OpRef, Sentence, Verdict, Violation, compose
from chaoskit.spec.exact import Exact, exact
from chaoskit.spec.text import call_text, show, show_key

ELEMENTS_SHOWN = 8  # of a list, in a sentence


class Operation(NamedTuple):
    """One operation; `began` is the history index of its invocation, and names it.

    `ended` is the index of its completion of whatever type, None when it has none. Times are virtual ns.
    """

    began: int
    ended: int | None
    type: str  # ok, fail or info
    process: Process
    f: str
    key: Value
    argument: Value
    result: Value
    began_time: int
    ended_time: int | None

    @property
    def is_ok(self) -> bool:
        return self.type == OK

    @property
    def may_have_happened(self) -> bool:
        return self.type != FAIL

    def ended_before(self, other: Operation) -> bool:
        """Was it over when the other began?"""
        return self.ended is not None and self.ended < other.began


def operations(history: History) -> list[Operation]:
    """The clients' operations by when they began."""
    clients = history.clients()
    partners = clients.partners.tolist()
    found = []
    for place, event in enumerate(clients):
        partner = partners[place]
        if event.type != INVOKE and partner >= 0:
            continue
        end = event if event.type != INVOKE else clients[partner] if partner >= 0 else None
        found.append(
            Operation(
                began=event.index,
                ended=end.index if end else None,
                type=end.type if end else INFO,
                process=event.process,
                f=event.f,
                key=event.key,
                argument=event.value,
                result=end.value if end else None,
                began_time=event.time,
                ended_time=end.time if end else None,
            )
        )
    return found


class KeyByKey(ABC):
    """A checker that judges the operations on every key apart."""

    name: ClassVar[str]

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        """The verdict itself where there is one key, a merged one with a part for each where there are several."""
        keys: dict[Hashable, list[Operation]] = {}
        for operation in operations(history):
            keys.setdefault(exact(operation.key), []).append(operation)
        verdicts = [self.judge(found) for found in keys.values()] or [self.judge([])]
        return verdicts[0] if len(verdicts) == 1 else compose(self.name, verdicts)

    @abstractmethod
    def judge(self, operations: list[Operation]) -> Verdict:
        """The verdict on the operations of one key."""


def reference(operation: Operation, *, described: bool = True) -> OpRef:
    """How a sentence mentions an operation: `a12 (add 7)`, or the name alone."""
    name = f"{operation.f[:1] or '?'}{operation.began}"
    if not described:
        return OpRef(operation.began, name)
    arguments = [] if operation.argument is None else [operation.argument]
    return OpRef(operation.began, f"{name} ({call_text(operation.f, operation.key, *arguments)})")


def when(time: int | None) -> str:
    """` at 1.240 s`, or nothing where there is no time."""
    return f" at {format_time(time)}" if time else ""


def elements_of(read: Operation) -> list[Hashable]:
    """What a read of a set returned, exact. Raises `ModelError` when it is not a collection."""
    if read.result is None:
        return []
    if not isinstance(read.result, list | tuple | set | frozenset):
        raise ModelError(f"expected a read to return a list of elements but got {read.result!r:.80} at index {read.began}.")
    return [exact(element) for element in read.result]


def delta_of(add: Operation) -> int:
    """What an add adds. Raises `ModelError` when it is not a whole number."""
    if type(add.argument) is not int:
        raise ModelError(f"expected add to take a whole number but got {add.argument!r:.80} at index {add.began}.")
    return add.argument


def final_reads(operations: list[Operation], final_from: int | None) -> list[Operation]:
    """The reads that succeeded and began at that index or later; without one, after the last acknowledged add had ended."""
    begin = final_from
    if begin is None:
        begin = max((each.ended for each in operations if each.f == "add" and each.is_ok and each.ended is not None), default=0)
    return [each for each in operations if each.f == "read" and each.is_ok and each.began >= begin]


def interval_text(elements: Iterable[Hashable]) -> str:
    """A set of elements in Jepsen's short form: `#{0..3 7}` for whole numbers.

    >>> interval_text([7, 0, 1, 2, 3])
    '#{0..3 7}'
    """
    found = list(elements)
    numbers = sorted(element for element in found if type(element) is int)
    if len(numbers) < len(found):
        return f"#{{{' '.join(ordered_texts(found))}}}"
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return f"#{{{' '.join(str(first) if first == last else f'{first}..{last}' for first, last in runs)}}}"


def ordered_texts(elements: Iterable[Hashable]) -> list[str]:
    """Elements for people, in an order of their own: shorter first, so that 9 comes before 10."""
    return sorted(map(show, elements), key=lambda text: (len(text), text))


def ordered(elements: Iterable[Hashable]) -> list[Any]:
    """Elements as plain values: numbers by size, the rest after them by their text."""
    return sorted((element.value if isinstance(element, Exact) else element for element in elements), key=_rank)


def some_of(elements: Iterable[Hashable]) -> str:
    """Elements for a sentence, cut when there are many."""
    texts = [show(element) for element in ordered(elements)]
    more = f" and {len(texts) - ELEMENTS_SHOWN} more" if len(texts) > ELEMENTS_SHOWN else ""
    return ", ".join(texts[:ELEMENTS_SHOWN]) + more


def wrong_read(
    checker: str, kind: str, read: Operation, *, summary: str, sentences: list[Sentence], data: dict[str, Any]
) -> Violation:
    """The violation that one read shows by itself; its summary begins with the key where there are several."""
    return Violation(
        checker=checker,
        kind=kind,
        summary=on_key(read) + summary,
        sentences=sentences,
        ops=[read.began],
        keys=keys_of(read),
        time=read.ended_time,
        data=data,
    )


def keys_of(operation: Operation) -> list[Value]:
    """The keys that a violation on this operation's object is about."""
    return [] if operation.key is None else [operation.key]


def on_key(operation: Operation) -> str:
    """`key k3: `, or nothing where there is only one object."""
    return "" if operation.key is None else f"key {show_key(operation.key)}: "


def _rank(element: Any) -> tuple[int, Any]:
    if isinstance(element, int | float) and not isinstance(element, bool):
        return 0, element
    text = show(element)
    return 1, (len(text), text)
