"""`--show-config`: every setting of a run, what it comes to, and who said so: a flag, the environment, a file or the seed.

The text is TOML that `--config` takes back; what was drawn and cannot be set stands in comments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from chaoskit.catalogue import model_named
from chaoskit.cli.configuration import NAMES, Configuration
from chaoskit.cli.plan_text import burst_text, clocks_text, disk_text, faults_text, network_text
from chaoskit.core.plan import Plan
from chaoskit.core.units import MICROSECOND, SECOND, format_duration
from chaoskit.model import Bug
from chaoskit.run import draw

HEADING = "# What this run comes to, and who said so. Kept in a file, 'chaoskit run --config FILE' takes it back."
BESIDE = "# Drawn from the seed too, with no setting of its own:"
DEFAULT = "default"
DRAWN = "drawn from the seed"
CHANCE = "random"

Scalar = str | int | bool
Value = Scalar | list[str] | dict[str, Scalar]


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One setting: what it comes to, None for nothing, and where that comes from."""

    name: str
    value: Value | None
    source: str


def config_object(configuration: Configuration) -> dict[str, object]:
    """The settings as a JSON-like object."""
    plan = _plan(configuration)
    return {setting.name: {"value": setting.value, "source": setting.source} for setting in _settings(configuration, plan)}


def config_text(configuration: Configuration) -> str:
    """The settings as TOML, their sources beside them."""
    plan = _plan(configuration)
    settings = [setting for setting in _settings(configuration, plan) if setting.name != "param"]
    drawn = [f"operations {burst_text(plan)}", disk_text(plan), clocks_text(plan), faults_text(plan)]
    sections = [
        [HEADING],
        _aligned(settings),
        ["[param]", *_aligned(_parameters(configuration, plan))],
        [BESIDE, *(f"#   {fact}" for fact in drawn)],
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _plan(configuration: Configuration) -> Plan:
    return draw(configuration.settings(), configuration.model)


def _settings(configuration: Configuration, plan: Plan) -> list[Setting]:
    """The settings in their order."""
    values = _values(configuration, plan)
    sources = {name: found.source for name, found in configuration.given.items()}
    if configuration.seed_is_random:
        sources["seed"] = CHANCE
    otherwise = {"workload": DRAWN, "nodes": DRAWN, "clients": DRAWN, "rate": DRAWN, "network": DRAWN, "param": DRAWN}
    otherwise |= {"time-limit": "from ops and rate", "nemesis-interval": DRAWN}
    for bug in _bugs(plan):
        otherwise |= {name: f"bug {bug.name}" for name, need in (("workload", bug.workload), ("nodes", bug.nodes)) if need}
    return [Setting(name=name, value=values[name], source=sources.get(name, otherwise.get(name, DEFAULT))) for name in NAMES]


def _parameters(configuration: Configuration, plan: Plan) -> list[Setting]:
    """The parameters of the model and of the workload, each a setting: given, set by a bug or for the workload, or drawn."""
    given = configuration.settings().parameters
    sources = dict.fromkeys(model_named(plan.model).workload_parameters.get(plan.workload, {}), f"workload {plan.workload}")
    for bug in _bugs(plan):
        sources |= dict.fromkeys(bug.parameters, f"bug {bug.name}")
    if given:
        sources |= dict.fromkeys(given, configuration.given["param"].source)
    return [
        Setting(name=name, value=value, source=sources.get(name, DRAWN))
        for name, value in {**plan.model_parameters, **plan.workload_parameters}.items()
    ]


def _bugs(plan: Plan) -> list[Bug]:
    model = model_named(plan.model)
    return [model.bug_named(name) for name in plan.bugs]


def _values(configuration: Configuration, plan: Plan) -> dict[str, Value | None]:
    settings, cluster, pacing = configuration.settings(), plan.cluster, plan.pacing
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
        "time-limit": _span(pacing.time_limit),
        "op-timeout": _span(pacing.op_timeout),
        "param": {**plan.model_parameters, **plan.workload_parameters},
        "nemesis": settings.nemesis,
        "nemesis-interval": None if settings.nemesis_interval is None else _span(settings.nemesis_interval),
        "network": network_text(cluster.network),
        "partition-clients": plan.partition_clients,
        "budget": f"states={configuration.budget.configurations}" if budget is None else budget.texts[0],
        "report": ",".join(configuration.reports) or "none",
    }


def _aligned(settings: list[Setting]) -> list[str]:
    """A line a setting, the sources beneath each other."""
    lines = [_toml(setting) for setting in settings]
    width = max(map(len, lines), default=0)
    return [f"{line:<{width}}  # {setting.source}" for line, setting in zip(lines, settings, strict=True)]


def _toml(setting: Setting) -> str:
    if setting.value is None:
        return f"# no {setting.name} for all: each family's own"
    return f"{setting.name} = {json.dumps(setting.value, ensure_ascii=False)}"


def _span(ns: int) -> str:
    """A duration that reads back exactly, in seconds where it is no round one: `14.333333333s`."""
    return format_duration(ns) if ns % MICROSECOND == 0 else f"{ns // SECOND}.{ns % SECOND:09}s"
