"""The table of workloads."""

from __future__ import annotations

from chaoskit.core.errors import unknown_name
from chaoskit.workloads.counter import counter, pn_counter
from chaoskit.workloads.g_set import g_set
from chaoskit.workloads.register import register
from chaoskit.workloads.set import set_workload
from chaoskit.workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {w.name: w for w in (register, set_workload, counter, pn_counter, g_set)}


def workload_named(name: str) -> Workload:
    """A workload. Raises `UsageError` with the nearest name."""
    if name not in WORKLOADS:
        raise unknown_name("workload", name, WORKLOADS, listing="workloads")
    return WORKLOADS[name]
