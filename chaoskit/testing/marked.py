"""What `@pytest.mark.chaoskit(…)` asks for: a model, and the settings of its runs under the names of the command line's flags."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoskit.catalogue import model_named, reference_of
from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.units import parse_duration
from chaoskit.model import Model
from chaoskit.settings import Settings
from chaoskit.shrink import ShrinkBudget

EXAMPLE = "write e.g. @pytest.mark.chaoskit(model='raft', seeds=20)"
SHRINK_RUNS = 400  # of a failing test: somebody waits for it; 'chaoskit shrink' goes further


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A marked test: the reference of its model, its settings but for the seed, and how far a failing run is made small."""

    reference: str
    given: Mapping[str, Any]
    shrink: ShrinkBudget | None

    def settings(self, seed: int) -> Settings:
        """What the run of a seed is drawn from."""
        return Settings(seed=seed, **self.given)


def read_mark(positional: tuple[Any, ...], keywords: Mapping[str, Any], *, folder: Path) -> Marked:
    """What a mark's arguments mean; `folder` is where the test's file is. Raises `UsageError` for what is not understood."""
    left = dict(keywords)
    left.pop("seeds", None)
    if len(positional) > 1 or (positional and "model" in left):
        raise UsageError(f"expected one model and no other argument without a name; {EXAMPLE}.")
    if not positional and "model" not in left:
        raise UsageError(f"expected a model but the mark names none; {EXAMPLE}.")
    model = positional[0] if positional else left.pop("model")
    shrink = left.pop("shrink", True)
    given = {}
    for name, value in left.items():
        if name not in _READERS:
            raise unknown_name("setting of @pytest.mark.chaoskit", name, [*_READERS, "model", "seeds", "shrink"])
        field, read = _READERS[name]
        given[field] = read(name, value)
    return Marked(reference=_reference(model, folder), given=given, shrink=_budget(shrink))


def _reference(model: Any, folder: Path) -> str:
    if isinstance(model, Model):
        reference = reference_of(model)
    elif isinstance(model, str):
        path, colon, name = model.partition(":")
        beside = folder / path
        is_beside = path.endswith(".py") and not Path(path).is_file() and beside.is_file()
        reference = f"{os.path.relpath(beside)}{colon}{name}" if is_beside else model
    else:
        raise UsageError(f"expected model= to be a Model, a name or path/to/file.py:NAME but got model={model!r:.80}.")
    model_named(reference)
    return reference


def _budget(shrink: Any) -> ShrinkBudget | None:
    if isinstance(shrink, bool):
        return ShrinkBudget(runs=SHRINK_RUNS) if shrink else None
    if not isinstance(shrink, int) or shrink < 1:
        raise UsageError(f"expected shrink=True, False or how many runs it may take but got shrink={shrink!r}.")
    return ShrinkBudget(runs=shrink)


def _whole(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"expected a whole number but got {name}={value!r}.")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"expected a text as for the flag of that name but got {name}={value!r}; see 'chaoskit run --help'.")
    return value


def _duration(name: str, value: Any) -> int:
    """A text with its unit, as for the flag: a bare 20 would be twenty nanoseconds, a run in which nothing happens."""
    if not isinstance(value, str):
        raise UsageError(f"expected a text with its unit, such as '20s', but got {name}={value!r}.")
    return parse_duration(value, name=name)


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"expected True or False but got {name}={value!r}.")
    return value


def _names(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise UsageError(f"expected a name or a list of names but got {name}={value!r}.")
    return tuple(_text(name, each) for each in value)


def _parameters(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise UsageError(f"expected parameters such as {{'keys': 1}} but got {name}={value!r}.")
    return {key: str(each).lower() if isinstance(each, bool) else str(each) for key, each in value.items()}


_READERS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "workload": ("workload", _text),
    "bug": ("bugs", _names),
    "nodes": ("nodes", _whole),
    "clients": ("clients", _whole),
    "ops": ("ops", _whole),
    "rate": ("rate", _whole),
    "time_limit": ("time_limit", _duration),
    "op_timeout": ("op_timeout", _duration),
    "param": ("parameters", _parameters),
    "nemesis": ("nemesis", _text),
    "nemesis_interval": ("nemesis_interval", _duration),
    "network": ("network", _text),
    "partition_clients": ("partition_clients", _truth),
}
