"""The passes: ways to make a plan simpler, one a file. The cheap ones, which cut most, come first."""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.shrink.passes import (
    bugs,
    clients,
    concrete,
    decisions,
    evidence,
    faults,
    gaps,
    groups,
    horizon,
    leap,
    nodes,
    op_kinds,
    operations,
    rounding,
    simpler,
    values,
    weather,
)
from chaoskit.shrink.search import Search

__all__ = ["PASSES", "leap"]

PASSES: tuple[Callable[[Search], None], ...] = (
    bugs.run,
    horizon.run,
    evidence.run,
    concrete.run,
    groups.run,
    operations.run,
    weather.run,
    faults.drop,
    decisions.settle,
    faults.run,
    decisions.unkeep,
    faults.run,
    nodes.run,
    simpler.run,
    clients.run,
    gaps.run,
    rounding.run,
    op_kinds.run,
    values.run,
)
