"""Puts a workload's generators where the world asks for invocations: phase by phase, at the run's rate, within its limits."""

from __future__ import annotations

from typing import Any

from chaoskit import generate as gen
from chaoskit.core.op import Op
from chaoskit.core.plan import Plan
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws
from chaoskit.workloads.workload import Workload

PROBE_INTERVAL = 100 * MILLISECOND


class Asker:
    """A generator as the world drives it: what to begin now, when to ask again, or that nothing is left."""

    def __init__(self, generator: gen.GeneratorLike, *, slots: int, draws: Draws) -> None:
        self._interpreter = gen.Interpreter(generator, slots=slots, draws=draws, nemesis=False)
        self._ask: gen.Ask | None = None

    def poll(self, now: int) -> tuple[int, str, Any, Any] | int | None:
        """(slot, f, key, value) to begin now; the instant to ask again at, -1 for after the next completion; None at the end."""
        while True:
            match self._interpreter.next(now):
                case gen.Ask() as ask:
                    if ask.type != gen.LOG:
                        self._ask = ask
                        return int(ask.thread), ask.f, ask.key, ask.value
                case gen.Wait(until):
                    return -1 if until is None else until
                case _:
                    return None

    def began(self, op: Op) -> None:
        assert self._ask is not None, "an operation begins only after it was asked for"
        self._interpreter.invoked(self._ask, op.time)

    def ended(self, slot: int, op: Op, now: int) -> None:
        self._interpreter.completed(slot, op.type, op, now)


def asker_for(plan: Plan, workload: Workload, phase: str, slots: list[int]) -> Asker:
    """The asker of one phase (`main`, `recovery` or `final`), using only these slots."""
    clients, pacing, parameters = plan.cluster.clients, plan.pacing, plan.workload_parameters
    match phase:
        case "main":
            paced = gen.bursts(pacing.burst * SECOND // pacing.rate, pacing.burst, workload.main(parameters, clients))
            generator: gen.GeneratorLike = gen.time_limit(pacing.time_limit, gen.limit(pacing.ops, paced))
        case "recovery":
            probes = gen.delay(PROBE_INTERVAL, gen.repeat(workload.probe(parameters)))
            generator = gen.until_ok(probes)
        case _:
            generator = workload.final(parameters)
    only = gen.on_threads(set(slots), generator) if slots else None
    return Asker(gen.clients(only), slots=clients, draws=Draws(plan.seed, plan.overrides).child("generator", phase))
