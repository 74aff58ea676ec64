"""What a workload is: what clients ask for in each phase, and which checkers judge the history that comes of it.

It speaks a vocabulary (`read`, `write`, `add` …) that a model's client must know. The main phase runs under faults; the probe
asks a healed core for progress until one operation succeeds; the final operations run when everything is healed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaoskit.check import Checker
from chaoskit.core.parameters import Parameter
from chaoskit.generate import GeneratorLike

Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """A workload by name. The functions take its resolved parameters; `main` also how many slots there are.

    `read_only` are the operations that cannot have an effect: their time-outs are `fail`. `checkers` also takes the history
    index from which the final phase's operations are, None when there was none.
    """

    name: str
    summary: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    read_only: frozenset[str] = frozenset({"read"})
    main: Callable[[Parameters, int], GeneratorLike]
    probe: Callable[[Parameters], GeneratorLike]
    final: Callable[[Parameters], GeneratorLike]
    checkers: Callable[[Parameters, int | None], list[Checker]]
