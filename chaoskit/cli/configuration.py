"""Where each setting of a run comes from: a flag, then the environment, then a file; what nobody gave is drawn from the seed.

All three speak the same language: a setting is a text, under the flag's name (`--time-limit`, `CHAOSKIT_TIME_LIMIT`,
`time-limit = "5s"`), and is parsed once, here, so that an error names the place where it was written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chaoskit.cli.values import (
    parse_budget,
    parse_count,
    parse_parameter,
    parse_reports,
    parse_seed,
    parse_span,
    parse_text,
    parse_truth,
)
from chaoskit.core.errors import FormatError, UsageError, unknown_name
from chaoskit.core.verdict import Budget

if TYPE_CHECKING:
    from chaoskit.settings import Settings

T = TypeVar("T")
Flag = str | bool | list[str] | None

DEFAULT_MODEL = "raft"
ENVIRONMENT_PREFIX = "CHAOSKIT_"
NAMES = (
    "model",
    "seed",
    "workload",
    "bug",
    "nodes",
    "clients",
    "ops",
    "rate",
    "time-limit",
    "op-timeout",
    "param",
    "nemesis",
    "nemesis-interval",
    "network",
    "partition-clients",
    "budget",
    "report",
)
SOAK_NAMES = ("runs", "for", "stop-after", "jobs")  # of a soak alone; a run may read the same file and takes no notice of them
REPEATABLE = frozenset({"bug", "param", "nemesis"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A setting that somebody gave: its texts, where it comes from, and how an error calls it."""

    texts: tuple[str, ...]
    source: str
    label: str


class Configuration:
    """What was given, by name, and what it means."""

    def __init__(self, given: Mapping[str, Given]) -> None:
        from chaoskit.session import DEFAULT_REPORTS

        self.given = dict(given)
        self.seed_is_random = "seed" not in given or given["seed"].texts == ("random",)
        seed = self.parsed("seed", parse_seed)
        reports = self.parsed("report", parse_reports)
        self.seed: int = parse_seed("random") if seed is None else seed
        self.model: str = self.parsed("model", parse_text) or DEFAULT_MODEL
        self.budget: Budget = self.parsed("budget", parse_budget) or Budget()
        self.reports: tuple[str, ...] = DEFAULT_REPORTS if reports is None else reports

    def settings(self) -> Settings:
        """The wishes that a plan is drawn from. Raises `UsageError` for what was not understood."""
        from chaoskit.settings import Settings

        nemesis = self._texts("nemesis")
        return Settings(
            seed=self.seed,
            workload=self.parsed("workload", parse_text),
            bugs=tuple(self._texts("bug")),
            nodes=self.parsed("nodes", parse_count),
            clients=self.parsed("clients", parse_count),
            ops=self.parsed("ops", parse_count),
            rate=self.parsed("rate", parse_count),
            time_limit=self.parsed("time-limit", parse_span),
            op_timeout=self.parsed("op-timeout", parse_span),
            **({"nemesis": ";".join(nemesis)} if nemesis else {}),
            nemesis_interval=self.parsed("nemesis-interval", parse_span),
            network=self.parsed("network", parse_text),
            parameters=self._parameters(),
            partition_clients=self.parsed("partition-clients", parse_truth) or False,
            budget=self.budget,
        )

    def parsed(self, name: str, parse: Callable[..., T]) -> T | None:
        """What a setting means, None when nobody gave it. Raises `UsageError` for what was not understood."""
        found = self.given.get(name)
        if found is None:
            return None
        if len(found.texts) != 1:
            raise UsageError(f"expected one value but got {len(found.texts)} for {found.label}.")
        return parse(found.texts[0], name=found.label)

    def _parameters(self) -> dict[str, str]:
        parameters: dict[str, str] = {}
        for text in self._texts("param"):
            name, value = parse_parameter(text, name=self.given["param"].label)
            if name in parameters:
                raise UsageError(f"expected each parameter once but got {name!r} twice.")
            parameters[name] = value
        return parameters

    def _texts(self, name: str) -> tuple[str, ...]:
        return self.given[name].texts if name in self.given else ()


def configure(flags: Mapping[str, Flag], *, environment: Mapping[str, str], file: str | None = None) -> Configuration:
    """What was given by flags, by the environment and by a TOML file. Raises `UsageError`, `FormatError` for a broken file."""
    written = {} if file is None else _from_file(Path(file))
    given: dict[str, Given] = {}
    for name in (*NAMES, *SOAK_NAMES):
        found = _from_flag(name, flags.get(name)) or _from_environment(name, environment) or written.get(name)
        if found is not None:
            given[name] = found
    return Configuration(given)


def _from_flag(name: str, value: Flag) -> Given | None:
    if value is None or value is False or value == []:
        return None
    texts = tuple(value) if isinstance(value, list) else ("true",) if value is True else (value,)
    return Given(texts=texts, source="argument" if name == "model" else f"flag --{name}", label=name)


def _from_environment(name: str, environment: Mapping[str, str]) -> Given | None:
    variable = ENVIRONMENT_PREFIX + name.upper().replace("-", "_")
    text = environment.get(variable)
    if not text:
        return None
    texts = tuple(text.split()) if name in ("bug", "param") else (text,)
    return Given(texts=texts, source=f"environment {variable}", label=variable)


def _from_file(path: Path) -> dict[str, Given]:
    """The settings in a TOML file. Raises `UsageError` for no file or an unknown setting, `FormatError` for no TOML."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"expected a configuration file but {str(path)!r} could not be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"expected TOML but got: {error}", file=str(path)) from error
    for name in content:
        if name not in (*NAMES, *SOAK_NAMES):
            raise unknown_name(f"setting in {path}", name, (*NAMES, *SOAK_NAMES))
    return {
        name: Given(texts=_texts_of(name, value, path), source=f"file {path}", label=f"{path}: {name}")
        for name, value in content.items()
    }


def _texts_of(name: str, value: Any, path: Path) -> tuple[str, ...]:
    if name == "param" and isinstance(value, dict):
        return tuple(f"{parameter}={_text_of(name, setting, path)}" for parameter, setting in value.items())
    if name == "report" and isinstance(value, list):
        return (",".join(_text_of(name, item, path) for item in value),)
    if name in REPEATABLE and isinstance(value, list):
        return tuple(_text_of(name, item, path) for item in value)
    return (_text_of(name, value, path),)


def _text_of(name: str, value: Any, path: Path) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise UsageError(f"expected a text, a number, true or false but got {path}: {name}={value!r}.")
