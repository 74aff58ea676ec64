"""A plan in two or three lines: every parameter that was given or drawn, before anything has run.

A seed alone reproduces only on the same code; what it came to mean is printed first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chaoskit.core.plan import Plan
from chaoskit.core.units import format_duration, format_probability, format_time

INDENT = "  "
BETWEEN = " · "


def heading(plan: Plan, *, version: str) -> str:
    """The first line: what is run, how large, and its seed."""
    cluster = plan.cluster
    size = f"{len(cluster.nodes)} nodes, {cluster.clients} clients"
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
    return ",".join(f"{name.replace('_', '-')}={_weather(name, value)}" for name, value in sorted(weather.items()))


def value_text(value: Any) -> str:
    """A parameter's value as `--param` takes it."""
    return "true" if value is True else "false" if value is False else str(value)


def _parts(plan: Plan) -> list[str]:
    cluster, pacing = plan.cluster, plan.pacing
    burst = f" in bursts of {pacing.burst}" if pacing.burst > 1 else ""
    parts = [
        " ".join([plan.workload, *_named(plan.workload_parameters)]),
        *(["bug " + ", ".join(plan.bugs)] if plan.bugs else []),
        " ".join(_named(plan.model_parameters)),
        f"{pacing.ops:,} ops at {pacing.rate}/s{burst}",
        f"at most {format_time(pacing.time_limit)}",
        f"op timeout {format_duration(pacing.op_timeout)}",
        f"recovery {format_duration(pacing.recovery)}",
        "network " + " ".join(f"{name}={_weather(name, value)}" for name, value in sorted(cluster.network.items())),
        "disk " + " ".join(_named(cluster.disk)),
        f"clocks offset={format_duration(cluster.clocks.get('offset', 0))} drift={cluster.clocks.get('drift', 0)}ppm",
        *([" ".join(f"{node}={role}" for node, role in cluster.roles.items())] if len(set(cluster.roles.values())) > 1 else []),
        _faults(plan),
        *(["partitions reach clients"] if plan.partition_clients else []),
        *(["beyond the claim"] if plan.beyond_claim else []),
    ]
    return [part for part in parts if part]


def _faults(plan: Plan) -> str:
    counts = Counter(fault.kind for fault in plan.faults)
    return "faults " + (" ".join(f"{kind}={number}" for kind, number in counts.items()) or "none")


def _named(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value_text(value)}" for name, value in sorted(values.items())]


def _weather(name: str, value: Any) -> str:
    return format_probability(value) if isinstance(value, int) and name != "bandwidth" else str(value)
