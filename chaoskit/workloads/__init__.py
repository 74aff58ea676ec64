"""Workloads: what clients ask, in which phases, and which checkers judge it."""

from chaoskit.workloads.asking import asker_for
from chaoskit.workloads.table import WORKLOADS, workload_named
from chaoskit.workloads.workload import Workload

__all__ = ["WORKLOADS", "Workload", "asker_for", "workload_named"]
