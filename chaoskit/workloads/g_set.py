"""A grow-only set that converges: adds may show late, but once recovered every read holds all that was acknowledged
(Maelstrom's g-set).
"""

from __future__ import annotations

from chaoskit.check import Checker, GSetChecker
from chaoskit.core.parameters import Parameter
from chaoskit.workloads.set import adds_and_reads, final_reads
from chaoskit.workloads.workload import Parameters, Workload


def _checkers(parameters: Parameters, final_from: int | None) -> list[Checker]:
    return [GSetChecker(final_from=final_from)]


g_set = Workload(
    name="g-set",
    summary="add to a grow-only set; once recovered, all reads hold every acknowledged element",
    parameters={"reads": Parameter(default=20, summary="reads in a hundred operations", low=0, high=99, swarm=(10, 20, 40))},
    main=lambda parameters, slots: adds_and_reads(parameters["reads"]),
    probe=lambda parameters: {"f": "read"},
    final=final_reads,
    checkers=_checkers,
)
