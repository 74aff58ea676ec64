"""Makes a failing plan smaller, greedily: fewer faults, fewer operations, calmer weather, as long as it still holds.

It drops halves, then quarters … then single ones (Zeller, Hildebrandt 2002, without the complements), within a number of
runs. What it leaves need not be minimal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from chaoskit.core.errors import ChaoskitError
from chaoskit.core.fault import At, Fault
from chaoskit.core.plan import Invocation, Plan

T = TypeVar("T")
Holds = Callable[[Plan], bool]


class Reduction:
    """Smaller and smaller plans for which `holds` is true, beginning with one for which it is; at most `runs` questions."""

    def __init__(self, plan: Plan, holds: Holds, *, shown_at: int | None, runs: int) -> None:
        self.plan = plan
        self._holds = holds
        self._shown_at = shown_at  # when the failure shows (ns), if that is known
        self._left = runs

    def reduce(self) -> Plan:
        """The smallest that was found."""
        self._try(self._with_faults([_concrete(fault) for fault in self.plan.faults if _struck(fault)]))
        self._shorten()
        self._drop(self.plan.faults, self._with_faults)
        for weather in ("loss", "duplicate"):
            self._try(self._calmer("network", **{weather: 0}))
        self._try(self._calmer("clocks", offset=0, drift=0))
        self._drop(self._asked(), self._asking)
        self._drop(self.plan.faults, self._with_faults)
        return self.plan

    def _shorten(self) -> None:
        """What comes after the failure, first: shorter runs make all other questions cheaper."""
        self._try(msgspec.structs.replace(self.plan, phases=[]))
        self._try(self._asking([invocation for invocation in self._asked() if not invocation.phase]))
        end = self._shown_at
        if end is not None:
            self._try(self._asking([invocation for invocation in self._asked() if invocation.not_before <= end]))
            self._try(self._with_faults([fault for fault in self.plan.faults if _begins(fault) <= end]))

    def _asked(self) -> list[Invocation]:
        asked = self.plan.invocations
        assert asked is not None, "a plan that was run says what was asked"
        return asked

    def _asking(self, invocations: list[Invocation]) -> Plan:
        return msgspec.structs.replace(self.plan, invocations=invocations)

    def _with_faults(self, faults: list[Fault]) -> Plan:
        return msgspec.structs.replace(self.plan, faults=faults)

    def _drop(self, items: list[T], plan_with: Callable[[list[T]], Plan]) -> None:
        size = max(1, len(items) // 2)
        while size:
            start = 0
            while start < len(items):
                fewer = items[:start] + items[start + size :]
                if self._try(plan_with(fewer)):
                    items = fewer
                else:
                    start += size
            size //= 2

    def _calmer(self, part: str, **settings: int) -> Plan:
        cluster = self.plan.cluster
        calmer = msgspec.structs.replace(cluster, **{part: {**getattr(cluster, part), **settings}})
        return msgspec.structs.replace(self.plan, cluster=calmer)

    def _try(self, plan: Plan) -> bool:
        """Takes a plan if it holds and is another one. One that cannot be run at all does not hold."""
        if not self._left or plan == self.plan:
            return False
        self._left -= 1
        try:
            holds = self._holds(plan)
        except ChaoskitError:
            return False
        if holds:
            self.plan = plan
        return holds


def _begins(fault: Fault) -> int:
    return 0 if fault.resolution is None else fault.resolution.begin


def _struck(fault: Fault) -> bool:
    return fault.resolution is not None and fault.resolution.refused is None


def _concrete(fault: Fault) -> Fault:
    """The fault as it fell out instead of as it was meant: then, there, with these parameters."""
    resolution = fault.resolution
    assert resolution is not None
    lasting = None if resolution.end is None else resolution.end - resolution.begin
    return msgspec.structs.replace(
        fault,
        when=At(time=resolution.begin),
        who=resolution.nodes,
        parameters=resolution.parameters,
        lasting=lasting if fault.lasting is not None else None,
    )
