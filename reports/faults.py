"""The faults of a run as a person reads them: what was meant, what happened, and whether it did anything.

A fault is *effective* when the cluster felt it (a message dropped, a node down); an injected fault without effect
proves nothing, so the two are never counted together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaoskit.core.fault import Fault
from chaoskit.reports.words import fault_text, parameters_text, when_text

EFFECTIVE = "effective"
WITHOUT_EFFECT = "without effect"
REFUSED = "refused"
NOT_REACHED = "not reached"


@dataclass(frozen=True, kw_only=True)
class FaultView:
    """One fault. `begin` and `end` are None when it was never injected; `lasts` says that nothing ended it before the run did."""

    id: str
    kind: str
    label: str
    state: str
    intended: str
    parameters: str
    nodes: list[str]
    begin: int | None
    end: int | None
    lasts: bool
    effects: dict[str, int]
    reason: str | None

    def overlaps(self, begin: int, end: int) -> bool:
        """Whether it was in force at some time of this closed span."""
        return self.begin is not None and self.end is not None and self.begin <= end and self.end >= begin


def fault_views(faults: Iterable[Fault], effects: Mapping[str, Mapping[str, int]], *, until: int) -> list[FaultView]:
    """The faults of a resolved plan in the order they began, those never injected last. A run ends at `until` (ns)."""
    views = [_view(fault, effects.get(fault.id, {}), until) for fault in faults]
    return sorted(views, key=lambda view: (view.begin is None, view.begin or 0))


def spans(faults: Iterable[FaultView]) -> list[tuple[int, int]]:
    """When the effective ones were in force (ns)."""
    return [
        (fault.begin, fault.end)
        for fault in faults
        if fault.state == EFFECTIVE and fault.begin is not None and fault.end is not None
    ]


def _view(fault: Fault, effects: Mapping[str, int], until: int) -> FaultView:
    resolution = fault.resolution
    injected = resolution is not None and resolution.refused is None
    nodes = list(resolution.nodes) if resolution else []
    parameters = resolution.parameters if resolution and resolution.parameters else fault.parameters
    felt = {name: number for name, number in sorted(effects.items()) if number}
    begin = resolution.begin if resolution and injected else None
    end = None if begin is None else until if resolution is None or resolution.end is None else resolution.end
    return FaultView(
        id=fault.id,
        kind=fault.kind,
        label=fault_text(fault.kind, nodes or _wished(fault.who), parameters),
        state=NOT_REACHED if resolution is None else REFUSED if not injected else EFFECTIVE if felt else WITHOUT_EFFECT,
        intended=when_text(fault.when),
        parameters=parameters_text(parameters),
        nodes=nodes,
        begin=begin,
        end=end,
        lasts=resolution is not None and injected and resolution.end is None,
        effects=felt,
        reason=resolution.refused if resolution else None,
    )


def _wished(who: list[str] | str) -> list[str]:
    return [who] if isinstance(who, str) else who
