"""Turns a written nemesis schedule in Jepsen's words into faults: `start-partition` … `stop-partition`, `kill` … `start`, `bump-clock`.

An ask is (time in ns, f, value). What begins a fault opens it, what ends its family closes all of it that is open; a fault that nothing closes
lasts for ever. Names and values are those of jepsen.nemesis.combined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chaoskit.core.errors import UsageError, unknown_name
from chaoskit.core.fault import SELECTORS, At, Fault
from chaoskit.core.units import MILLISECOND, SECOND, parse_duration, parse_probability
from chaoskit.nemeses.partition import ONE_WAY
from chaoskit.nemeses.shapes import SHAPES

Asked = tuple[int, str, Any]


@dataclass(slots=True)
class _Open:
    """A fault under construction."""

    begin: int
    kind: str
    who: list[str] | str
    parameters: dict[str, Any] = field(default_factory=dict)
    lasting: int | None = None
