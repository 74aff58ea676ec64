"""What a person asks for, and how the rest is drawn: settings become a plan.

Every setting that is not given is drawn from an address of its own ("swarm testing", Groce et al. 2012): runs differ in
character, and giving one setting moves none of the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.parameters import Parameter, parse_parameters
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.units import MILLISECOND, SECOND, parse_duration, parse_probability, parse_size
from chaoskit.core.verdict import Budget
from chaoskit.draws import Draws, Law, constant, law_from_text
from chaoskit.model.model import Bug, Model
from chaoskit.nemeses import parse_nemesis, plan_faults
from chaoskit.workloads import Workload, workload_named

OPS, OPS_MAX = 200, 10_000_000
RATES = (12, 16, 20, 30)
BURSTS = (1, 2, 4, 8)
LATENCIES = (
    "lognormal:1ms,sigma=0.4",
    "lognormal:2ms,sigma=0.6",
    "lognormal:3ms,sigma=1",
    "exponential:3ms",
    "uniform:1ms..10ms",
    "bimodal:2ms,30ms,5%",
    "pareto:1ms,alpha=1.5",
)
LOSSES = (0, 0, 0, 5_000, 20_000)  # ppm
DUPLICATES = (0, 0, 0, 10_000, 50_000)
SYNCS = ("lognormal:300us,sigma=0.5", "lognormal:1ms,sigma=0.5", "exponential:3ms")
CLOCK_OFFSETS = (0, 10 * MILLISECOND, 200 * MILLISECOND)
CLOCK_DRIFTS = (0, 100, 10_000)  # ppm
OP_TIMEOUT = SECOND
RECOVERY = 10 * SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """A person's wishes; None where they have none. Durations are ns; texts are parsed when the plan is drawn."""

    seed: int
    workload: str | None = None
    bugs: tuple[str, ...] = ()
    nodes: int | None = None
    clients: int | None = None
    ops: int | None = None
    rate: int | None = None
    time_limit: int | None = None
    op_timeout: int | None = None
    nemesis: str = "all"
    nemesis_interval: int | None = None
    network: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    partition_clients: bool = False
    budget: Budget = field(default_factory=Budget)


def draw_plan(settings: Settings, model: Model, *, model_reference: str, model_digest: str) -> Plan:
    """The plan of a seed: what is asked, what may break, what the cluster is. Raises `UsageError` for what cannot be meant."""
    draws = Draws(settings.seed).child("settings")
    bugs = [model.bug_named(name) for name in settings.bugs]
    workload = _workload(settings, model, bugs, draws)
    model_parameters, workload_parameters = _parameters(settings, model, workload, bugs, draws)
    cluster = _cluster(settings, model, bugs, draws)
    pacing = _pacing(settings, draws)
    wishes = parse_nemesis(settings.nemesis, interval=settings.nemesis_interval)
    claim = model.claim(model_parameters, len(cluster.nodes))
    faults = plan_faults(
        wishes,
        draws=Draws(settings.seed).child("nemesis"),
        cluster=cluster,
        horizon=_horizon(pacing),
        claim=claim,
        leaders=model.leaders,
        connections=model.connections,
        partition_clients=settings.partition_clients,
    )
    return Plan(
        seed=settings.seed,
        model=model_reference,
        model_digest=model_digest,
        model_parameters=model_parameters,
        bugs=[bug.name for bug in bugs],
        workload=workload.name,
        workload_parameters=workload_parameters,
        cluster=cluster,
        pacing=pacing,
        faults=faults,
        beyond_claim=wishes.beyond_claim,
        partition_clients=settings.partition_clients,
    )


def parse_network(text: str) -> dict[str, Any]:
    """The network's weather from a text such as `latency=uniform:5ms..50ms,loss=1%`. Raises `UsageError`."""
    weather: dict[str, Any] = {}
    for part in _split_outside_laws(text):
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"expected settings such as 'latency=5ms,loss=1%' but got network={text!r}.")
        match name.strip():
            case "latency":
                weather["latency"] = _latency(value).text
            case "loss" | "burst-loss" | "duplicate" | "reorder":
                weather[name.strip().replace("-", "_")] = parse_probability(value, name=name)
            case "bandwidth":
                weather["bandwidth"] = parse_size(value, name=name)
            case other:
                known = ["latency", "loss", "burst-loss", "duplicate", "reorder", "bandwidth"]
                raise unknown_name("network setting", other, known)
    return weather


def _latency(text: str) -> Law:
    """A law, or for short `5ms` or `1ms..10ms`."""
    if ":" not in text and ".." not in text:
        return constant(parse_duration(text, name="latency"))
    return law_from_text(text if ":" in text else f"uniform:{text}", name="latency")


def _split_outside_laws(text: str) -> list[str]:
    """Splits at the commas that begin a new setting: laws hold commas too (`lognormal:2ms,sigma=0.4`)."""
    parts: list[str] = []
    for piece in text.split(","):
        name = piece.partition("=")[0].strip()
        if parts and ("=" not in piece or name in ("sigma", "alpha")):
            parts[-1] += f",{piece}"
        else:
            parts.append(piece)
    return parts


def _workload(settings: Settings, model: Model, bugs: list[Bug], draws: Draws) -> Workload:
    needed = next((bug.workload for bug in bugs if bug.workload), None)
    first, *others = model.clients
    drawn = draws.weighted([(first, max(1, 2 * len(others))), *((name, 1) for name in others)], "workload")
    name = settings.workload or needed or drawn
    workload = workload_named(name)
    if name not in model.clients:
        raise UsageError(f"expected a workload that {model.name} serves ({', '.join(model.clients)}) but got workload={name!r}.")
    return workload


def _parameters(
    settings: Settings, model: Model, workload: Workload, bugs: list[Bug], draws: Draws
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(model parameters, workload parameters): given, needed by a bug, fixed by the model for the workload, or drawn."""
    known = {**workload.parameters, **model.parameters}
    given = parse_parameters(f"{model.name} with {workload.name}", known, settings.parameters)
    fixed: dict[str, Any] = dict(model.workload_parameters.get(workload.name, {}))
    for bug in bugs:
        fixed.update(bug.parameters)

    def resolve(name: str, parameter: Parameter) -> Any:
        if name in given:
            return given[name]
        if name in fixed:
            return fixed[name]
        return draws.pick(parameter.swarm, "parameter", name) if parameter.swarm else parameter.default

    own = {name: resolve(name, parameter) for name, parameter in model.parameters.items()}
    return own, {name: resolve(name, parameter) for name, parameter in workload.parameters.items()}


def _cluster(settings: Settings, model: Model, bugs: list[Bug], draws: Draws) -> Cluster:
    needed = next((bug.nodes for bug in bugs if bug.nodes), None)
    count = settings.nodes if settings.nodes is not None else needed or draws.pick(model.nodes, "nodes")
    low, high = model.sizes
    if not low <= count <= high:
        raise UsageError(f"expected {low} to {high} nodes for {model.name} but got nodes={count}.")
    nodes = [f"n{number}" for number in range(1, count + 1)]
    clients = settings.clients if settings.clients is not None else draws.integer(count, 2 * count, "clients")
    if not 1 <= clients <= 1000:
        raise UsageError(f"expected 1 to 1000 clients but got clients={clients}.")
    weather: dict[str, Any] = {
        "latency": draws.pick(LATENCIES, "latency"),
        "loss": draws.pick(LOSSES, "loss"),
        "duplicate": draws.pick(DUPLICATES, "duplicate"),
    }
    if settings.network is not None:
        weather = parse_network(settings.network)
    return Cluster(
        nodes=nodes,
        roles=model.assign_roles(nodes),
        clients=clients,
        network=weather,
        disk={"sync": draws.pick(SYNCS, "sync")},
        clocks={"offset": draws.pick(CLOCK_OFFSETS, "clock offset"), "drift": draws.pick(CLOCK_DRIFTS, "clock drift")},
    )


def _pacing(settings: Settings, draws: Draws) -> Pacing:
    ops = settings.ops if settings.ops is not None else OPS
    rate = settings.rate if settings.rate is not None else draws.pick(RATES, "rate")
    for name, value, most in (("ops", ops, OPS_MAX), ("rate", rate, 1_000_000)):
        if not 1 <= value <= most:
            raise UsageError(f"expected 1 to {most:,} but got {name}={value}.")
    time_limit = settings.time_limit if settings.time_limit is not None else 2 * ops * SECOND // rate + SECOND
    op_timeout = settings.op_timeout if settings.op_timeout is not None else OP_TIMEOUT
    for name, value in (("time_limit", time_limit), ("op_timeout", op_timeout)):
        if value < 1:
            raise UsageError(f"expected a duration of more than nothing but got {name}={value}.")
    return Pacing(
        ops=ops,
        rate=rate,
        burst=draws.pick(BURSTS, "burst"),
        time_limit=time_limit,
        op_timeout=op_timeout,
        recovery=RECOVERY,
    )


def _horizon(pacing: Pacing) -> int:
    """How long the main phase is likely to last (ns)."""
    return min(pacing.time_limit, pacing.ops * SECOND // pacing.rate)
