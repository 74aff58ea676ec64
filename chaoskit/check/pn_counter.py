"""Maelstrom's counter that converges: every final read is the sum of the acknowledged adds and of some of the unanswered ones.

Final reads began at `final_from` or later; in a history without that mark, after the last acknowledged add had ended. Result
keys as Maelstrom's: `acceptable` are the possible totals as [from, to]. Totals are counted exactly, a bit for each, up to a
limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.check.operations import KeyByKey, Operation, delta_of, final_reads, reference, when, wrong_read
from chaoskit.core.units import plural
from chaoskit.core.verdict import Sentence, Status, Verdict, Violation
from chaoskit.spec.text import show

TOTALS_MAX = 1 << 24  # possible totals, one bit each
RANGES_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class PnCounterChecker(KeyByKey):
    """Is every final read a total that the adds allow?"""

    final_from: int | None = None
    name: ClassVar[str] = "pn-counter"

    def judge(self, operations: list[Operation]) -> Verdict:
        adds = [each for each in operations if each.f == "add" and each.may_have_happened]
        certain = sum(delta_of(add) for add in adds if add.is_ok)
        unanswered = [delta_of(add) for add in adds if not add.is_ok]
        spread = sum(map(abs, unanswered))
        if spread >= TOTALS_MAX:
            reason = f"the unanswered adds allow {spread:,} totals, more than the limit of {TOTALS_MAX:,}; add smaller amounts"
            return Verdict(checker=self.name, status=Status.UNKNOWN, reason=reason)
        acceptable = _ranges(certain, unanswered)
        reads = final_reads(operations, self.final_from)
        wrong = [read for read in reads if not _is_within(read.result, acceptable)]
        status = Status.INVALID if wrong else Status.VALID if reads else Status.UNKNOWN
        return Verdict(
            checker=self.name,
            status=status,
            reason="no final read succeeded" if status is Status.UNKNOWN else None,
            violations=[_wrong_total(self.name, read, certain, len(unanswered), acceptable) for read in wrong],
            results={
                "final-reads": [read.result for read in reads],
                "acceptable": acceptable,
                "errors": [{"index": read.began, "process": read.process, "value": read.result} for read in wrong],
            },
        )


def _ranges(certain: int, unanswered: list[int]) -> list[list[int]]:
    """The possible totals as ranges: the certain sum, plus any subset of the rest."""
    lowest = certain + sum(delta for delta in unanswered if delta < 0)
    totals = 1  # bit i: lowest + i is possible; not taking a negative delta adds its size
    for delta in unanswered:
        totals |= totals << abs(delta)
    ranges = []
    at = 0
    while totals >> at:
        rest = totals >> at
        start = at + (rest & -rest).bit_length() - 1
        run = ~(totals >> start)
        at = start + (run & -run).bit_length() - 1
        ranges.append([lowest + start, lowest + at - 1])
    return ranges


def _is_within(value: object, ranges: list[list[int]]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and any(low <= value <= high for low, high in ranges)


def _wrong_total(name: str, read: Operation, certain: int, unanswered: int, acceptable: list[list[int]]) -> Violation:
    shown = ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in acceptable[:RANGES_SHOWN])
    more = f" and {plural(len(acceptable) - RANGES_SHOWN, 'more range')}" if len(acceptable) > RANGES_SHOWN else ""
    sentences: list[Sentence] = [
        [
            f"The acknowledged adds sum to {certain}; {unanswered} more were never answered and may have happened: {shown}{more}."
        ],
        [reference(read), f" is a final read, and returned {show(read.result)}{when(read.ended_time)}: a contradiction."],
    ]
    return wrong_read(
        name,
        "wrong-total",
        read,
        summary=f"a final read of {show(read.result)}, but the adds allow {shown}{more}",
        sentences=sentences,
        data={"value": read.result, "acceptable": acceptable[:RANGES_SHOWN]},
    )
