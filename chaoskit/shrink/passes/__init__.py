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

__all__ = ["CUTS", "FINISH", "ORDERS", "leap"]

Pass = Callable[[Search], None]

CUTS: tuple[Pass, ...] = (
    bugs.run,
    horizon.run,
    evidence.run,
    concrete.run,
    groups.run,
    operations.run,
    weather.run,
)
# Which faults can be dropped depends on what nodes draw then, and the other way round: no order is the best for all failures.
ORDERS: tuple[tuple[Pass, ...], ...] = (
    (decisions.settle, decisions.unkeep, faults.run),
    (faults.drop, decisions.settle, faults.run, decisions.unkeep, faults.run),
)
FINISH: tuple[Pass, ...] = (
    nodes.run,
    simpler.run,
    clients.run,
    gaps.run,
    rounding.run,
    op_kinds.run,
    values.run,
)
