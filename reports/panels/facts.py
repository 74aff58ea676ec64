"""The facts of the run: the whole plan as it was resolved, the checkers' figures, and the digests."""

from __future__ import annotations

from collections.abc import Mapping

from chaoskit.core.plan import Cluster
from chaoskit.core.units import count, format_duration, format_time
from chaoskit.core.verdict import Verdict
from chaoskit.reports.view import View
from chaoskit.reports.words import clock_text, show, weather_text

NAME = "facts"
TITLE = "Run facts"
SCRIPTED = False

Rows = list[tuple[str, str]]


def applies(_: View) -> bool:
    return True


def data(view: View) -> dict[str, object]:
    return {"groups": [{"title": title, "rows": [list(row) for row in rows]} for title, rows in _groups(view)]}


def text(view: View) -> list[str]:
    lines: list[str] = []
    for title, rows in _groups(view):
        width = max(len(name) for name, _ in rows)
        lines += [*([""] if lines else []), f"[{title}]", *(f"{name:<{width}}  {value}" for name, value in rows)]
    return lines


def _groups(view: View) -> list[tuple[str, Rows]]:
    plan, cluster = view.plan, view.plan.cluster
    groups: list[tuple[str, Rows]] = [
        ("run", _run(view)),
        ("cluster", [("nodes", " ".join(cluster.nodes)), ("clients", count(cluster.clients)), *_roles(cluster)]),
        ("network", [(name, weather_text(name, value)) for name, value in sorted(cluster.network.items())]),
        ("disk", _rows(cluster.disk)),
        ("clocks", [(name, clock_text(name, value)) for name, value in sorted(cluster.clocks.items())]),
        ("pacing", _pacing(view)),
        ("model parameters", _rows(plan.model_parameters)),
        ("workload parameters", _rows(plan.workload_parameters)),
        ("phases", [(name, f"from {format_time(begin)}") for name, begin in _phases(view)]),
        *((f"checker {verdict.checker}", _checked(verdict)) for verdict in view.judged),
        ("digests", list(view.digests.items())),
    ]
    return [(title, rows) for title, rows in groups if rows]


def _run(view: View) -> Rows:
    plan, stats = view.plan, view.outcome.stats
    return [
        ("model", view.model),
        ("workload", plan.workload),
        ("seed", str(plan.seed)),
        ("bugs", view.bugs or "none"),
        ("faults beyond the claim", "allowed" if plan.beyond_claim else "refused"),
        ("partitions reach clients", "yes" if plan.partition_clients else "no"),
        ("overridden decisions", count(len(plan.overrides))),
        ("simulated", format_time(view.simulated)),
        ("events", count(stats.events)),
        ("messages", count(stats.messages)),
        *([("chaoskit", view.version)] if view.version else []),
        *([("model source", plan.model_digest)] if plan.model_digest else []),
    ]


def _roles(cluster: Cluster) -> Rows:
    return [(node, cluster.roles[node]) for node in cluster.nodes if node in cluster.roles]


def _phases(view: View) -> list[tuple[str, int]]:
    """(phase, when it began), in the order of the run."""
    return sorted(view.outcome.stats.phases.items(), key=lambda phase: (phase[1], phase[0]))


def _pacing(view: View) -> Rows:
    pacing = view.plan.pacing
    return [
        ("operations at most", count(pacing.ops)),
        ("operations a second", count(pacing.rate)),
        ("time limit", format_time(pacing.time_limit)),
        ("operation timeout", format_duration(pacing.op_timeout)),
        ("recovery within", format_duration(pacing.recovery)),
    ]


def _checked(verdict: Verdict) -> Rows:
    return [("verdict", str(verdict.status)), *_rows(verdict.results)]


def _rows(values: Mapping[str, object]) -> Rows:
    """A row for each value, and for each one inside a map, by name: a map's own order is not kept on disk."""
    flat: dict[str, object] = {}
    for name, value in values.items():
        flat |= (
            {f"{name} {inner}": item for inner, item in value.items()} if isinstance(value, Mapping) and value else {name: value}
        )
    return [(name, value if isinstance(value, str) else show(value)) for name, value in sorted(flat.items())]
