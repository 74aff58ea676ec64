"""The full set checker of Jepsen: when did each added element become visible, and did it stay so?

An element is *known* from the end of its add, or of the first read that has it. It is *stable* when a read has it and no read
that began later lacks it; *lost* when it was known before a read began that lacks it, and no read that began later has it;
else *never read*. A stable element that was missing for a while after it was known is *stale*, which is a violation only with
`linearizable`. Jepsen's result keys; unlike Jepsen's, elements that one read returns twice are found, and so are those that
nobody added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaoskit.check.operations import KeyByKey, Operation, elements_of, ordered
from chaoskit.check.set_evidence import Missing, duplicate_elements, lost_elements, phantom_elements, stale_elements
from chaoskit.core.units import MILLISECOND
from chaoskit.core.verdict import Status, Verdict, Violation
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.text import show

QUANTILES = (0, 0.5, 0.95, 0.99, 1)
WORST_STALE = 8
NEVER = -1
UNKNOWN_YET = np.iinfo(np.int64).max
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class SetFullChecker(KeyByKey):
    """Does every element that was added become visible and stay so?"""

    linearizable: bool = False
    name: ClassVar[str] = "set-full"

    def judge(self, operations: list[Operation]) -> Verdict:
        reads = [each for each in operations if each.f == "read" and each.is_ok]
        return judge_set(self.name, operations, reads, linearizable=self.linearizable)


def judge_set(name: str, operations: list[Operation], reads: list[Operation], *, linearizable: bool = False) -> Verdict:
    """The verdict on a set. `reads` decide what is stable or lost; what nobody added, or is there twice, is looked for in all."""
    timelines = _Timelines(operations, reads)
    stable, lost, stale = timelines.stable, timelines.lost, timelines.stale
    never_read = ~(stable | lost)
    every_read = [each for each in operations if each.f == "read" and each.is_ok]
    duplicated, duplicate_read = _duplicated(every_read)
    violations = timelines.lost_violations(name)
    if duplicate_read:
        violations.append(duplicate_elements(name, duplicated, duplicate_read))
    violations += _phantoms(name, operations, every_read)
    if linearizable and stale.any():
        violations.append(timelines.stale_violation(name))
    nothing = "no element was ever seen by a read" if not stable.any() else None
    status = Status.INVALID if violations else Status.UNKNOWN if nothing else Status.VALID
    return Verdict(
        checker=name,
        status=status,
        reason=nothing if status is Status.UNKNOWN else None,
        violations=violations,
        results={
            "attempt-count": len(timelines.elements),
            "stable-count": int(stable.sum()),
            "lost-count": int(lost.sum()),
            "lost": timelines.names(lost),
            "never-read-count": int(never_read.sum()),
            "never-read": timelines.names(never_read),
            "stale-count": int(stale.sum()),
            "stale": timelines.names(stale),
            "worst-stale": timelines.worst_stale(),
            **timelines.latencies(),
            "duplicated-count": len(duplicated),
            "duplicated": {show(element): count for element, count in duplicated.items()},
        },
    )


class _Timelines:
    """For every element at once: when it was known, and which reads last had it and last lacked it. All by history index."""

    def __init__(self, operations: list[Operation], reads: list[Operation]) -> None:
        adds = [each for each in operations if each.f == "add"]
        numbers: dict[Hashable, int] = {}
        for add in adds:
            numbers.setdefault(exact(add.argument), len(numbers))
        count = len(numbers)
        self.elements = list(numbers)
        self._at = {index: each for each in operations for index in (each.began, each.ended) if index is not None}
        created = np.full(count, UNKNOWN_YET, dtype=np.int64)
        self._known = created.copy()
        self._present = np.full(count, NEVER, dtype=np.int64)
        self._absent = self._present.copy()
        for add in adds:
            number = numbers[exact(add.argument)]
            created[number] = min(created[number], add.began)
            if add.is_ok and add.ended is not None:
                self._known[number] = min(self._known[number], add.ended)
        for read in reads:
            inside = np.zeros(count, dtype=bool)
            inside[[numbers[element] for element in elements_of(read) if element in numbers]] = True
            ended = read.began if read.ended is None else read.ended
            tracked = created < ended
            self._latest(self._present, inside & tracked, read.began)
            self._latest(self._absent, ~inside & tracked, read.began)
            np.minimum(self._known, np.where(inside & tracked, ended, UNKNOWN_YET), out=self._known)

    @property
    def stable(self) -> Flags:
        found: Flags = (self._present != NEVER) & (self._absent < self._present)
        return found

    @property
    def lost(self) -> Flags:
        """A read that began while the element was only being added may lack it: such a read does not count."""
        found: Flags = (self._absent != NEVER) & (self._present < self._absent) & (self._known < self._absent)
        return found

    @property
    def stale(self) -> Flags:
        """Stable in the end, but lacking in a read that began after the element was known."""
        return self.stable & (self._known < self._absent)

    def names(self, chosen: Flags) -> list[Any]:
        return ordered(self.elements[number] for number in np.flatnonzero(chosen).tolist())

    def worst_stale(self) -> list[dict[str, Any]]:
        """The stale elements that took longest to be stable."""
        numbers = sorted(np.flatnonzero(self.stale).tolist(), key=lambda number: (-self._delay(number, self._absent), number))
        return [
            {
                "element": plain(self.elements[number]),
                "stable-latency": self._delay(number, self._absent),
                "known": int(self._known[number]),
                "last-absent": int(self._absent[number]),
            }
            for number in numbers[:WORST_STALE]
        ]

    def latencies(self) -> dict[str, dict[str, int]]:
        """Quantiles of how long elements took from being known to being stable, and to being lost, in ms."""
        stable = [self._delay(number, self._absent) for number in np.flatnonzero(self.stable).tolist()]
        lost = [self._delay(number, self._present) for number in np.flatnonzero(self.lost).tolist()]
        found = {"stable-latencies": _quantiles(stable), "lost-latencies": _quantiles(lost)}
        return {name: quantiles for name, quantiles in found.items() if quantiles}

    def lost_violations(self, name: str) -> list[Violation]:
        lost = [self._evidence(number) for number in np.flatnonzero(self.lost).tolist()]
        return [lost_elements(name, lost, closing="no read that began later")] if lost else []

    def stale_violation(self, name: str) -> Violation:
        """Of the elements that were missing for a while."""
        stale = [self._evidence(number) for number in np.flatnonzero(self.stale).tolist()]
        return stale_elements(name, stale)

    def _evidence(self, number: int) -> Missing:
        known, absent = self._at[int(self._known[number])], self._at[int(self._absent[number])]
        return Missing(self.elements[number], known, absent)

    def _delay(self, number: int, last: NDArray[np.int64]) -> int:
        """From the element's being known to just after the beginning of that last read, in ms; 0 when there is none."""
        if last[number] == NEVER:
            return 0
        known = self._at[int(self._known[number])].ended_time or 0
        return max(0, self._at[int(last[number])].began_time + 1 - known) // MILLISECOND

    @staticmethod
    def _latest(column: NDArray[np.int64], chosen: Flags, index: int) -> None:
        np.maximum(column, np.where(chosen, index, NEVER), out=column)


def _duplicated(reads: list[Operation]) -> tuple[dict[Hashable, int], Operation | None]:
    """How often at most one read returned an element, where more than once; and the first read that did."""
    found: dict[Hashable, int] = {}
    first = None
    for read in reads:
        elements = elements_of(read)
        if len(set(elements)) < len(elements):
            first = first or read
            for element, count in Counter(elements).items():
                if count > 1:
                    found[element] = max(count, found.get(element, 0))
    return found, first


def _phantoms(name: str, operations: list[Operation], reads: list[Operation]) -> list[Violation]:
    """What a read has that no add can have put there by then."""
    adds: dict[Hashable, list[Operation]] = {}
    for each in operations:
        if each.f == "add":
            adds.setdefault(exact(each.argument), []).append(each)
    first_try = {
        element: min((add.began for add in tries if add.may_have_happened), default=UNKNOWN_YET)
        for element, tries in adds.items()
    }
    for read in reads:
        ended = read.began if read.ended is None else read.ended
        phantoms = [element for element in dict.fromkeys(elements_of(read)) if first_try.get(element, UNKNOWN_YET) > ended]
        if phantoms:
            failed = [add for element in phantoms for add in adds.get(element, ()) if not add.may_have_happened]
            return [phantom_elements(name, phantoms, read, failed)]
    return []


def _quantiles(latencies: Sequence[int]) -> dict[str, int]:
    ranked = sorted(latencies)
    last = len(ranked) - 1
    return {f"{point:g}": ranked[min(last, int(len(ranked) * point))] for point in QUANTILES} if ranked else {}
