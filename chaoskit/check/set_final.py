"""The set checker of Jepsen: elements are added, then read; what was acknowledged must be in the last read, and nothing else.

The last read is the last to succeed; with `final_from`, of those that began at that history index or later. An element is
*lost* when its add was acknowledged before that read began and it is not there, *unexpected* when it is there and no add of
it can have happened. Two answers differ from Jepsen's, which are unsound: an element whose adds all failed is unexpected, and
one that was acknowledged only after the last read began is not lost; it makes the verdict unknown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from chaoskit.check.operations import KeyByKey, Operation, elements_of, interval_text, some_of
from chaoskit.check.set_evidence import Missing, lost_elements, phantom_elements
from chaoskit.core.units import plural
from chaoskit.core.verdict import Status, Verdict
from chaoskit.spec.exact import exact


@dataclass(frozen=True, kw_only=True)
class SetChecker(KeyByKey):
    """Is everything that was added in the last read, and nothing else?"""

    final_from: int | None = None
    name: ClassVar[str] = "set"

    def judge(self, operations: list[Operation]) -> Verdict:
        begin = 0 if self.final_from is None else self.final_from
        reads = [each for each in operations if each.f == "read" and each.is_ok and each.began >= begin]
        if not reads:
            return Verdict(checker=self.name, status=Status.UNKNOWN, reason="Set was never read")
        return _compare(
            self.name, max(reads, key=lambda read: read.ended or 0), [each for each in operations if each.f == "add"]
        )


def _compare(name: str, read: Operation, adds: list[Operation]) -> Verdict:
    """What the last read has against what was added."""
    elements = elements_of(read)
    present = set(elements)
    attempts = _by_element(adds)
    possible = _by_element(add for add in adds if add.may_have_happened)
    acknowledged = _by_element(add for add in adds if add.is_ok)
    missing = [add for element, add in acknowledged.items() if element not in present]
    lost = [Missing(exact(add.argument), add, read) for add in missing if add.ended_before(read)]
    unread = [exact(add.argument) for add in missing if not add.ended_before(read)]
    unexpected = list(dict.fromkeys(element for element in elements if element not in possible))
    found = [element for element in possible if element in present]
    recovered = [element for element in found if element not in acknowledged]
    violations = []
    if lost:
        violations.append(lost_elements(name, lost, closing="no read that succeeded later"))
    if unexpected:
        failed = [attempts[element] for element in unexpected if element in attempts]
        violations.append(phantom_elements(name, unexpected, read, failed))
    late = f"{plural(len(unread), 'element was', many='elements were')} acknowledged only after the last read began"
    return Verdict(
        checker=name,
        status=Status.INVALID if violations else Status.UNKNOWN if unread else Status.VALID,
        reason=f"{late}: {some_of(unread)}" if unread else None,
        violations=violations,
        results={
            "attempt-count": len(attempts),
            "acknowledged-count": len(acknowledged),
            "ok-count": len(found),
            "lost-count": len(lost),
            "recovered-count": len(recovered),
            "unexpected-count": len(unexpected),
            "ok": interval_text(found),
            "lost": interval_text(each.element for each in lost),
            "unexpected": interval_text(unexpected),
            "recovered": interval_text(recovered),
        },
    )


def _by_element(adds: Iterable[Operation]) -> dict[Hashable, Operation]:
    """The first of these adds for every element, by when it ended."""
    found: dict[Hashable, Operation] = {}
    for add in sorted(adds, key=lambda add: add.began if add.ended is None else add.ended):
        found.setdefault(exact(add.argument), add)
    return found
