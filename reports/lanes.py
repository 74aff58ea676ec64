"""The layout of a few operations in lanes, in event order: what the text diagram and the figure on the page share.

The horizontal axis counts events, not seconds: an anomaly of three operations may span a microsecond or a minute, and
either way its order is what matters. Index order is the real-time order, so the picture never shows an overlap that the
history does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.reports.faults import FaultView
from chaoskit.reports.operations import Operation

OPERATIONS_MAX = 12
FAULTS_MAX = 6


@dataclass(frozen=True, kw_only=True)
class Span:
    """An operation from its place of invocation to that of its completion. `open_ended`: it may still happen after that."""

    operation: Operation
    begin: int
    end: int
    open_ended: bool


@dataclass(frozen=True, kw_only=True)
class Band:
    """A fault over the same axis; places between events are fractions."""

    fault: FaultView
    begin: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Lanes:
    """Spans and bands on an axis of `places`; the counts tell how many there were before the limits."""

    places: int
    spans: list[Span]
    bands: list[Band]
    operations_all: int
    faults_all: int


def lay_out(operations: Sequence[Operation], faults: Iterable[FaultView]) -> Lanes:
    """Places for these operations, in the order they were invoked, and for the faults in force meanwhile."""
    shown = sorted(operations[:OPERATIONS_MAX], key=lambda operation: operation.index)
    events = sorted(
        [(operation.index, operation.start) for operation in shown]
        + [(operation.completion, operation.end or 0) for operation in shown if operation.completion is not None]
    )
    place_of = {index: place for place, (index, _) in enumerate(events)}
    spans = [_span(operation, place_of, len(events)) for operation in shown]
    times = [time for _, time in events]
    meanwhile = [fault for fault in faults if times and fault.overlaps(times[0], times[-1])]
    bands = [_band(fault, times) for fault in _foremost(meanwhile)]
    return Lanes(places=len(events), spans=spans, bands=bands, operations_all=len(operations), faults_all=len(meanwhile))


def _span(operation: Operation, place_of: dict[int, int], places: int) -> Span:
    begin = place_of[operation.index]
    end = places if operation.completion is None else place_of[operation.completion]
    return Span(operation=operation, begin=begin, end=end, open_ended=operation.type == "info")


def _foremost(faults: list[FaultView]) -> list[FaultView]:
    """As many as are drawn, those that had an effect before those that had none; in the order they began."""
    chosen = sorted(range(len(faults)), key=lambda place: not faults[place].effects)[:FAULTS_MAX]
    return [faults[place] for place in sorted(chosen)]


def _band(fault: FaultView, times: list[int]) -> Band:
    """A fault that began before the first event, or outlasts the last, reaches half a place beyond it."""
    assert fault.begin is not None
    assert fault.end is not None
    axis = np.array(times, dtype=float)
    begin, end = np.interp([fault.begin, fault.end], axis, np.arange(len(times)), left=-0.5, right=len(times) - 0.5)
    return Band(fault=fault, begin=float(begin), end=float(end))
