"""Parameters of models and workloads: typed, with ranges, and what a drawn run picks from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError, unknown_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A parameter of a model or workload: its default, what it may be, and what a drawn run picks from.

    An integer has `low` and `high`; any type may have `choices`. `swarm` lists what an unset parameter is drawn from
    (the default alone when empty).
    """

    default: Any
    summary: str
    low: int | None = None
    high: int | None = None
    choices: tuple[Any, ...] = ()
    swarm: tuple[Any, ...] = ()

    def parse(self, name: str, text: str) -> Any:
        """The value that a text means. Raises `UsageError`."""
        try:
            value: Any = msgspec.convert(text, type(self.default), strict=False)
        except msgspec.ValidationError:
            value = None
        if value is None or not self.allows(value):
            raise UsageError(f"expected {self.describe()} but got {name}={text!r}.")
        return value

    def allows(self, value: Any) -> bool:
        in_range = (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
        return in_range and (not self.choices or value in self.choices)

    def describe(self) -> str:
        """What it may be, in words."""
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        if isinstance(self.default, bool):
            return "true or false"
        if self.low is not None or self.high is not None:
            if self.high is None:
                return f"an integer of at least {self.low}"
            return f"an integer of at most {self.high}" if self.low is None else f"an integer from {self.low} to {self.high}"
        return f"a value like {self.default!r}"


def parse_parameters(kind: str, known: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """The values of parameters that a person typed. Raises `UsageError` for an unknown name or a value out of range."""
    for name in given:
        if name not in known:
            raise unknown_name(f"parameter of {kind}", name, known)
    return {name: known[name].parse(name, text) for name, text in given.items()}
