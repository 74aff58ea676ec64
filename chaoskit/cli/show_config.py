"""`--show-config`: every setting of a run, what it comes to, and who said so: a flag, the environment, a file or the seed.

The text is TOML that `--config` takes back; what was drawn and cannot be set stands in comments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from chaoskit.cli.configuration import NAMES, Configuration
from chaoskit.cli.plan_text import network_text, value_text
from chaoskit.core.plan import Plan
from chaoskit.core.units import format_duration
from chaoskit.run import draw

DEFAULT = "default"
DRAWN = "drawn from the seed"
CHANCE = "random"

Value = str | int | bool | list[str] | dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting: what it comes to, None for nothing, and where that comes from."""

    name: str
    value: Value | None
    source: str


def config_object(configuration: Configuration) -> dict[str, object]:
    """The settings as a JSON-like object."""
    return {setting.name: {"value": setting.value, "source": setting.source} for setting in _settings(configuration)[0]}


def config_text(configuration: Configuration) -> str:
    """The settings as TOML, their sources beside them."""
    settings, drawn = _settings(configuration)
    lines = [(_toml(setting), setting.source) for setting in settings if setting.name != "param"]
    width = max(len(line) for line, _ in lines)
    text = [f"{line:<{width}}  # {source}" for line, source in lines]
    parameters = next(setting for setting in settings if setting.name == "param")
    assert isinstance(parameters.value, dict), "parameters are a table"
    table = [f"{name} = {json.dumps(value)}" for name, value in parameters.value.items()]
    return "\n".join([*text, *(f"# {fact}  # {DRAWN}" for fact in drawn), "", "[param]", *table]) + "\n"


def _settings(configuration: Configuration) -> tuple[list[Setting], list[str]]:
    """(settings in their order, what is drawn beside them)."""
    settings = configuration.settings()
    plan = draw(settings, configuration.model)
    values = _values(configuration, plan)
    sources = {name: found.source for name, found in configuration.given.items()}
    if configuration.seed_is_random:
        sources["seed"] = CHANCE
    rows = [Setting(name=name, value=values[name], source=sources.get(name, _otherwise(name))) for name in NAMES]
    cluster, pacing = plan.cluster, plan.pacing
    drawn = [
        f"burst = {pacing.burst}",
        *(f"disk.{name} = {json.dumps(value)}" for name, value in cluster.disk.items()),
        *(f"clocks.{name} = {value}" for name, value in cluster.clocks.items()),
        f"faults = {len(plan.faults)}",
    ]
    return rows, drawn


def _values(configuration: Configuration, plan: Plan) -> dict[str, Value | None]:
    settings, cluster, pacing = configuration.settings(), plan.cluster, plan.pacing
    parameters = {**plan.model_parameters, **plan.workload_parameters}
    budget = configuration.given.get("budget")
    return {
        "model": configuration.model,
        "seed": configuration.seed,
        "workload": plan.workload,
        "bug": list(plan.bugs),
        "nodes": len(cluster.nodes),
        "clients": cluster.clients,
        "ops": pacing.ops,
        "rate": pacing.rate,
        "time-limit": format_duration(pacing.time_limit),
        "op-timeout": format_duration(pacing.op_timeout),
        "param": {name: value_text(value) for name, value in parameters.items()},
        "nemesis": settings.nemesis,
        "nemesis-interval": None if settings.nemesis_interval is None else format_duration(settings.nemesis_interval),
        "network": network_text(cluster.network),
        "partition-clients": plan.partition_clients,
        "budget": f"states={configuration.budget.configurations}" if budget is None else budget.texts[0],
        "report": ",".join(configuration.reports) or "none",
    }


def _otherwise(name: str) -> str:
    """Where a setting comes from that nobody gave."""
    fixed = ("model", "ops", "op-timeout", "bug", "nemesis", "partition-clients", "budget", "report")
    return DEFAULT if name in fixed else DRAWN


def _toml(setting: Setting) -> str:
    if setting.value is None:
        return f"# {setting.name} is not set"
    return f"{setting.name} = {json.dumps(setting.value)}"
