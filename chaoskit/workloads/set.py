"""A set that only grows: add distinct elements, read now and then, read at the end; every acknowledged element must be there."""

from __future__ import annotations

from chaoskit import generate as gen
from chaoskit.check import Checker, SetChecker
from chaoskit.core.parameters import Parameter
from chaoskit.workloads.workload import Parameters, Workload

FINAL_TRIES = 5  # reads that a client tries at the end until one succeeds


def adds_and_reads(reads: int) -> gen.GeneratorLike:
    """`add` of distinct elements, and this many reads in a hundred operations."""

    def ask(context: gen.Context) -> gen.GeneratorLike:
        if context.draws.chance(reads * 10_000, "read"):
            return {"f": "read"}
        return {"f": "add", "value": context.turn}  # the turn moves at every invocation, so no element comes twice

    return ask


def final_reads(parameters: Parameters) -> gen.GeneratorLike:
    """Every client reads until it succeeds, a few times."""
    return gen.each_thread(gen.limit(FINAL_TRIES, gen.until_ok(gen.repeat({"f": "read"}))))


def _checkers(parameters: Parameters, final_from: int | None) -> list[Checker]:
    return [SetChecker(final_from=final_from)]


set_workload = Workload(
    name="set",
    summary="add distinct elements, read them at the end; nothing acknowledged may be missing",
    parameters={"reads": Parameter(default=10, summary="reads in a hundred operations", low=0, high=99, swarm=(5, 10, 20))},
    main=lambda parameters, slots: adds_and_reads(parameters["reads"]),
    probe=lambda parameters: {"f": "read"},
    final=final_reads,
    checkers=_checkers,
)
