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
    merge,
    mute,
    nodes,
    numbers,
    op_kinds,
    operations,
    parameters,
    restarts,
    retime,
    rounding,
    simpler,
    slide,
    values,
    weather,
)
from chaoskit.shrink.search import Search

__all__ = ["CUTS", "ORDERS", "POLISH", "Pass", "leap", "retime", "slide"]

Pass = Callable[[Search], None]

CUTS: tuple[Pass, ...] = (
    bugs.run,
    horizon.run,
    evidence.run,
    concrete.run,
)
ASKED: tuple[Pass, ...] = (groups.run, operations.run, weather.run, parameters.run)
SIMPLIFY: tuple[Pass, ...] = (nodes.run, simpler.run, clients.run, gaps.run)
KEPT: tuple[Pass, ...] = (decisions.unkeep, numbers.run)
FEWER: tuple[Pass, ...] = (faults.run, merge.run, restarts.run)
# While there are many operations one of them shows the failure with fewer faults; while decisions are kept fewer faults change
# less of the run: no order is the best for all failures.
ORDERS: tuple[tuple[Pass, ...], ...] = (
    (faults.drop, *ASKED, mute.run, *SIMPLIFY, decisions.settle, *KEPT, *FEWER),
    (*ASKED, decisions.settle, *FEWER, *KEPT, *FEWER, *SIMPLIFY),
)
# What makes a story easier to tell and no smaller, once nothing makes it smaller.
POLISH: tuple[Pass, ...] = (rounding.run, op_kinds.run, values.run)
