"""Counters: `counter` for models that promise a linearizable one, `pn-counter` for those that promise to converge."""

from __future__ import annotations

from chaoskit import generate as gen
from chaoskit.check import Checker, CounterChecker, PnCounterChecker
from chaoskit.core.parameters import Parameter
from chaoskit.workloads.set import final_reads
from chaoskit.workloads.workload import Parameters, Workload

READS = Parameter(default=30, summary="reads in a hundred operations", low=0, high=99, swarm=(20, 30, 50))


def _main(parameters: Parameters, slots: int) -> gen.GeneratorLike:
    low, high = (-5, 5) if parameters["decrements"] else (1, 5)

    def ask(context: gen.Context) -> gen.GeneratorLike:
        if context.draws.chance(parameters["reads"] * 10_000, "read"):
            return {"f": "read"}
        return {"f": "add", "value": context.draws.integer(low, high, "delta") or 1}

    return ask


def _counter_checkers(parameters: Parameters, final_from: int | None) -> list[Checker]:
    return [CounterChecker()]


def _pn_checkers(parameters: Parameters, final_from: int | None) -> list[Checker]:
    return [PnCounterChecker(final_from=final_from)]


counter = Workload(
    name="counter",
    summary="add and read one counter; every read lies between what was acknowledged and what was attempted",
    parameters={
        "reads": READS,
        "decrements": Parameter(default=False, summary="take away as well"),
    },
    main=_main,
    probe=lambda parameters: {"f": "read"},
    final=final_reads,
    checkers=_counter_checkers,
)

pn_counter = Workload(
    name="pn-counter",
    summary="add to and take from one counter; once recovered, all read a sum of what was added",
    parameters={"reads": READS, "decrements": Parameter(default=True, summary="take away as well")},
    main=_main,
    probe=lambda parameters: {"f": "read"},
    final=final_reads,
    checkers=_pn_checkers,
)
