"""A plan in two or three lines: every parameter that was given or drawn, before anything has run.

A seed alone reproduces only on the same code; what it came to mean is printed first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chaoskit.core.plan import Plan
from chaoskit.core.units import format_duration, format_time, plural
from chaoskit.reports.words import clock_text, weather_text

INDENT = "  "
BETWEEN = " · "
CLOCKS = ("offset", "drift")


def heading(plan: Plan, *, version: str) -> str:
    """The first line: what is run, how large, and its seed."""
    cluster = plan.cluster
    size = f"{plural(len(cluster.nodes), 'node')}, {plural(cluster.clients, 'client')}"
    return f"chaoskit {version} · {plan.model} · {size} · seed {plan.seed}"


def parameter_lines(plan: Plan, *, width: int) -> list[str]:
    """Everything else that decides the run, in as few lines as it takes."""
    lines: list[str] = []
    for part in _parts(plan):
        if lines and len(lines[-1]) + len(BETWEEN) + len(part) <= width:
            lines[-1] += BETWEEN + part
        else:
            lines.append(INDENT + part)
    return lines


def network_text(weather: Mapping[str, Any]) -> str:
    """The network's weather as `--network` takes it."""
    return ",".join(f"{name.replace('_', '-')}={weather_text(name, value)}" for name, value in sorted(weather.items()))


def burst_text(plan: Plan) -> str:
    """How operations come: `in bursts of 4`, or one at a time."""
    return f"in bursts of {plan.pacing.burst}" if plan.pacing.burst > 1 else "one at a time"


def disk_text(plan: Plan) -> str:
    return " ".join(["disk", *_named(plan.cluster.disk)])


def clocks_text(plan: Plan) -> str:
    """How far the clocks of nodes may be off from the beginning."""
    clocks = plan.cluster.clocks
    return " ".join(["clocks", *(f"{name}={clock_text(name, clocks.get(name, 0))}" for name in CLOCKS)])


def faults_text(plan: Plan) -> str:
    """How many faults of each kind are planned."""
    counts = Counter(fault.kind for fault in plan.faults)
    return " ".join(["faults", *([f"{kind}={number}" for kind, number in counts.items()] or ["none"])])


def value_text(value: Any) -> str:
    """A parameter's value as `--param` takes it."""
    return "true" if value is True else "false" if value is False else str(value)


def _parts(plan: Plan) -> list[str]:
    cluster, pacing = plan.cluster, plan.pacing
    burst = f" {burst_text(plan)}" if pacing.burst > 1 else ""
    parts = [
        " ".join([plan.workload, *_named(plan.workload_parameters)]),
        *(["bug " + ", ".join(plan.bugs)] if plan.bugs else []),
        " ".join(_named(plan.model_parameters)),
        f"{plural(pacing.ops, 'op')} at {pacing.rate}/s{burst}",
        f"at most {format_time(pacing.time_limit)}",
        f"op timeout {format_duration(pacing.op_timeout)}",
        f"recovery {format_duration(pacing.recovery)}",
        "network " + " ".join(f"{name}={weather_text(name, value)}" for name, value in sorted(cluster.network.items())),
        disk_text(plan),
        clocks_text(plan),
        *([" ".join(f"{node}={role}" for node, role in cluster.roles.items())] if len(set(cluster.roles.values())) > 1 else []),
        faults_text(plan),
        *(["partitions reach clients"] if plan.partition_clients else []),
        *(["beyond the claim"] if plan.beyond_claim else []),
    ]
    return [part for part in parts if part]


def _named(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value_text(value)}" for name, value in sorted(values.items())]
