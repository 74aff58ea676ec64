"""Maelstrom's grow-only set: adds may show late, but once the cluster has recovered, what was acknowledged is there to stay.

It is the full set checker, with only the final reads deciding what is lost: those that began at `final_from` or later; in a
history without that mark, those that began after the last acknowledged add had ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chaoskit.check.operations import KeyByKey, Operation, final_reads
from chaoskit.check.set_full import judge_set
from chaoskit.core.verdict import Status, Verdict


@dataclass(frozen=True, kw_only=True)
class GSetChecker(KeyByKey):
    """Do the final reads have everything that was added?"""

    final_from: int | None = None
    name: ClassVar[str] = "g-set"

    def judge(self, operations: list[Operation]) -> Verdict:
        reads = final_reads(operations, self.final_from)
        verdict = judge_set(self.name, operations, reads)
        if reads or not verdict.is_unknown:
            return verdict
        return Verdict(checker=self.name, status=Status.UNKNOWN, reason="no final read succeeded", results=verdict.results)
