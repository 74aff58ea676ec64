"""Unique ids: every client asks for some, and no id may be given twice. A workload, and the checker that judges it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from chaoskit import generate as gen
from chaoskit.check import Checker
from chaoskit.check.operations import Operation, elements_of, operations, reference, when
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.parameters import Parameter
from chaoskit.core.verdict import Budget, Sentence, Status, Verdict, Violation
from chaoskit.spec.exact import plain
from chaoskit.spec.text import show
from chaoskit.workloads import Workload
from chaoskit.workloads.workload import Parameters


@dataclass(frozen=True)
class UniqueIds:
    """Was no id given twice?"""

    name: ClassVar[str] = "unique-ids"

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        given: dict[Hashable, Operation] = {}
        violations = []
        asked = [each for each in operations(history) if each.f == "generate" and each.is_ok]
        for operation in asked:
            for identifier in elements_of(operation):
                first = given.setdefault(identifier, operation)
                if first is not operation:
                    violations.append(self._twice(identifier, first, operation))
        return Verdict(
            checker=self.name,
            status=Status.INVALID if violations else Status.VALID if asked else Status.UNKNOWN,
            reason=None if asked else "no generate succeeded",
            violations=violations,
            results={"generated-count": len(given), "duplicated-count": len(violations)},
        )

    def _twice(self, identifier: Hashable, first: Operation, again: Operation) -> Violation:
        sentences: list[Sentence] = [
            [reference(first), f" was given {show(identifier)}{when(first.ended_time)}."],
            [reference(again), f" was given {show(identifier)} as well{when(again.ended_time)}: an id must be given once."],
        ]
        return Violation(
            checker=self.name,
            kind="duplicate-id",
            summary=f"{show(identifier)} was given twice",
            sentences=sentences,
            ops=[again.began, first.began],
            time=again.ended_time,
            data={"id": plain(identifier)},
        )


def _main(parameters: Parameters, slots: int) -> gen.GeneratorLike:
    return gen.repeat({"f": "generate", "value": parameters["count"]})


def _checkers(parameters: Parameters, final_from: int | None) -> list[Checker]:
    return [UniqueIds()]


unique_ids = Workload(
    name="unique-ids",
    summary="generate ids; none is ever given twice",
    parameters={"count": Parameter(default=1, summary="how many ids an operation asks for", low=1, high=100, swarm=(1, 1, 5))},
    read_only=frozenset(),  # a generate that was not answered may have used up its ids
    main=_main,
    probe=lambda parameters: {"f": "generate", "value": 1},
    final=lambda parameters: gen.each_thread(gen.once({"f": "generate", "value": parameters["count"]})),
    checkers=_checkers,
)
