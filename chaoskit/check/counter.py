"""Jepsen's counter checker, with decrements: is every read within what the adds allow?

A read is at least the increments acknowledged before it began plus all decrements that may have happened before it ended, and
at most the other way round. Result keys as Jepsen's: reads and errors are [lower bound, value read, upper bound].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.check.operations import KeyByKey, Operation, delta_of, reference, when, wrong_read
from chaoskit.core.verdict import Sentence, Status, Verdict, Violation
from chaoskit.spec.text import show


@dataclass(frozen=True, kw_only=True)
class CounterChecker(KeyByKey):
    """Is every read between what was acknowledged and what was attempted?"""

    initial: int = 0
    name: ClassVar[str] = "counter"

    def judge(self, operations: list[Operation]) -> Verdict:
        bounded = _bounds(operations, self.initial)
        wrong = [
            (read, lower, upper)
            for read, lower, upper in bounded
            if type(read.result) is not int or not lower <= read.result <= upper
        ]
        return Verdict(
            checker=self.name,
            status=Status.INVALID if wrong else Status.VALID,
            violations=[_out_of_bounds(self.name, *each) for each in wrong],
            results={
                "reads": [[lower, read.result, upper] for read, lower, upper in bounded],
                "errors": [[lower, read.result, upper] for read, lower, upper in wrong],
            },
        )


def _bounds(operations: list[Operation], initial: int) -> list[tuple[Operation, int, int]]:
    """Every read that returned, with its bounds, by when it ended.

    Four sums run along: increments and decrements, acknowledged and begun. A read takes the acknowledged ones when it begins
    and the begun ones when it ends.
    """
    events = [(each.began, each, True) for each in operations if each.may_have_happened]
    events += [(each.ended, each, False) for each in operations if each.is_ok and each.ended is not None]
    begun, acknowledged = [0, 0], [0, 0]  # decrements, increments
    at_begin: dict[int, tuple[int, int]] = {}
    found = []
    for _, each, begins in sorted(events, key=lambda event: (event[0], not event[2])):
        if each.f == "add":
            amount = delta_of(each)
            (begun if begins else acknowledged)[amount > 0] += amount
        elif each.f == "read" and begins:
            at_begin[each.began] = (acknowledged[0], acknowledged[1])
        elif each.f == "read":
            decrements, increments = at_begin[each.began]
            found.append((each, initial + increments + begun[0], initial + begun[1] + decrements))
    return found


def _out_of_bounds(name: str, read: Operation, lower: int, upper: int) -> Violation:
    sentences: list[Sentence] = [
        [reference(read), f" returned {show(read.result)}{when(read.ended_time)}."],
        [
            f"What was acknowledged before it began{when(read.began_time)}, and what may have happened before it ended, "
            f"allow {lower} to {upper}: a contradiction."
        ],
    ]
    return wrong_read(
        name,
        "out-of-bounds",
        read,
        summary=f"a read of {show(read.result)}, but {lower} to {upper} was possible",
        sentences=sentences,
        data={"lower": lower, "value": read.result, "upper": upper},
    )
