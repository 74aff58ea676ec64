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
    nodes,
    op_kinds,
    operations,
    rounding,
    simpler,
    values,
    weather,
)
from chaoskit.shrink.search import Search

PASSES: dict[str, Callable[[Search], None]] = {
    "bugs": bugs.run,
    "horizon": horizon.run,
    "concrete": concrete.run,
    "evidence": evidence.run,
    "groups": groups.run,
    "operations": operations.run,
    "weather": weather.run,
    "settle": decisions.settle,
    "faults": faults.run,
    "nodes": nodes.run,
    "simpler": simpler.run,
    "clients": clients.run,
    "gaps": gaps.run,
    "rounding": rounding.run,
    "op-kinds": op_kinds.run,
    "values": values.run,
    "decisions": decisions.unkeep,
}
