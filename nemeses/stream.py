"""Spoils connections: latency, a slow line, a late or early end, resets, slices, lost, changed or repeated bytes.

A toxic lies on all connections that its targets accept, or on a share of them; parameters are those of `sim.streams.Toxic`.
A plan may hold such faults; no family plans them by itself as long as no model's hosts have connections.
"""

from __future__ import annotations

from typing import Any

from chaoskit.core.fault import Fault
from chaoskit.sim.control import Control, FaultRefused

KIND = "toxic"


def inject(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
    """Brings a toxic about. Raises `FaultRefused` where there are no connections, `UsageError` for unknown attributes."""
    if not nodes:
        raise FaultRefused("it is aimed at no node")
    for node in nodes:
        control.poison(fault.id, node, **fault.parameters)
    return dict(fault.parameters)
