"""Small plans by hand, and what holds of them: `assert_valid(plan_of("raft", asks=[(0, 0, "write", "k0", 1)]))`.

A plan of this kind asks what it says and nothing else; only the final operations of its workload are added. What is not given is
what seed 0 draws, so that plans differ in what their texts say.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chaoskit import generate as gen
from chaoskit.catalogue import model_digest, model_named, reference_of
from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Invocation, Plan
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.units import MILLISECOND
from chaoskit.core.verdict import Budget, Verdict
from chaoskit.draws import Draws
from chaoskit.run import execute
from chaoskit.session import judge_kept
from chaoskit.settings import Settings, draw_plan
from chaoskit.sim.phases import FINAL, MAIN, PHASES
from chaoskit.testing.telling import told
from chaoskit.workloads import workload_named

if TYPE_CHECKING:
    from chaoskit.model import Model

Asked = tuple[int, int, str, Any, Any]  # (slot, virtual ms, f, key, value)
NETWORK = "latency=1ms..10ms"


def plan_of(
    model: Model | str,
    *,
    asks: Sequence[Asked] = (),
    faults: Sequence[Fault] = (),
    seed: int = 0,
    nodes: int = 3,
    clients: int = 2,
    workload: str | None = None,
    bugs: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
    network: str = NETWORK,
    beyond_claim: bool = False,
) -> Plan:
    """A plan that asks this and breaks that. `asks` are (slot, virtual ms, f, key, value); `parameters` are texts.

    Raises `UsageError` for what cannot be meant.
    """
    reference = model if isinstance(model, str) else reference_of(model)
    found = model_named(reference)
    settings = Settings(
        seed=0,
        workload=workload,
        bugs=tuple(bugs),
        nodes=nodes,
        clients=clients,
        nemesis="none",
        network=network,
        parameters=dict(parameters or {}),
    )
    drawn = draw_plan(settings, found, model_reference=reference, model_digest=model_digest(found, reference))
    for slot, *_ in asks:
        if not 0 <= slot < clients:
            raise UsageError(f"expected slots from 0 to {clients - 1} but got slot={slot}; say how many with clients=….")
    asked = [
        Invocation(id=number, slot=slot, not_before=at * MILLISECOND, f=f, key=key, value=value)
        for number, (slot, at, f, key, value) in enumerate(asks)
    ]
    final = [
        Invocation(id=len(asked) + number, slot=slot, phase=PHASES.index(FINAL), f=f, key=key, value=value)
        for number, (slot, f, key, value) in enumerate(questions(drawn, FINAL))
    ]
    return msgspec.structs.replace(drawn, seed=seed, faults=list(faults), invocations=[*asked, *final], beyond_claim=beyond_claim)


def questions(plan: Plan, phase: str, *, count: int | None = None) -> list[tuple[int, str, Any, Any]]:
    """What the plan's workload asks in a phase of clients that are served at once, at most so often: (slot, f, key, value)."""
    workload, clients = workload_named(plan.workload), plan.cluster.clients
    parameters = plan.workload_parameters
    generator = workload.main(parameters, clients) if phase == MAIN else workload.final(parameters)
    limited = generator if count is None else gen.limit(count, generator)
    asked = gen.perfect(gen.clients(limited), slots=clients, draws=Draws(0).child(phase))
    return [(int(op.process) % clients, op.f, op.key, op.value) for op in asked]


def assert_valid(plan: Plan, *, budget: Budget | None = None) -> None:
    """Runs a plan and judges it: an `AssertionError` tells what was wrong, or why nothing could be decided.

    As an example of a `@given` that asks too little to be judged it is put aside. Raises `ModelError` when the model breaks its
    contract.
    """
    __tracebackhide__ = True  # pytest then shows the call of the test
    record = record_of(plan, budget=budget)
    if record.verdict.is_unknown:
        _put_aside()
    if not record.verdict.is_valid:
        raise AssertionError(told(record))


def record_of(plan: Plan, *, budget: Budget | None = None) -> RunRecord:
    """A plan run and judged, in memory. Raises what ended it early: `ModelError` for a broken contract, `KeyboardInterrupt`."""
    outcome = execute(plan)
    verdict = verdict_on(outcome, budget=budget)
    manifest = Manifest(model=plan.model, workload=plan.workload, seed=plan.seed)
    return RunRecord(manifest=manifest, outcome=outcome, verdict=verdict)


def verdict_on(outcome: Outcome, *, budget: Budget | None = None) -> Verdict:
    """What the checkers say of an outcome. Raises what ended it early."""
    verdict, error, interrupted = judge_kept(outcome, budget or Budget())
    if error is not None:
        raise error
    if interrupted is not None:
        raise KeyboardInterrupt(interrupted)
    return verdict


def _put_aside() -> None:
    """Tells Hypothesis that this example shows nothing; returns where it is none."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is not None and hypothesis.currently_in_test_context():
        hypothesis.reject()
