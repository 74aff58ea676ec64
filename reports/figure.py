"""The figure of an anomaly: its few operations in lanes, as the numbers of an SVG that a template writes.

Drawn in Python so that the page explains itself without its script, prints sharp and is the same on any machine. All
numbers are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chaoskit.core.units import format_time
from chaoskit.reports.anomalies import Anomaly
from chaoskit.reports.lanes import Band, Lanes, Span
from chaoskit.reports.words import showing

_ROW = 44
_BAR = 20
_TOP = 10
_STRIPE = 22
_CHARACTER = 8  # width of one in the figure's monospace font, rounded up
_LETTER = 7  # width of one in a stripe's label
_LABEL_MIN, _LABEL_MAX = 150, 380
_AXIS = 660
_STEP_MAX = 150
_TIMES_STEP = 84  # a step this wide has room for the times at a bar's ends
_TAIL = 26  # for what lies beyond the first and the last event


def figure(anomaly: Anomaly, *, links: Mapping[int, int] | None = None) -> dict[str, object] | None:
    """Sizes, rows and stripes of the figure, None for an anomaly without operations.

    `links` says which operation of the page each one stands for; itself when it is not given.
    """
    lanes = anomaly.lanes
    if not lanes.spans:
        return None
    axis = _Axis(left=_label_width(anomaly) + _TAIL, step=min(_STEP_MAX, _AXIS // lanes.places), places=lanes.places)
    return {
        "width": axis.right,
        "height": _TOP + _ROW * len(lanes.spans) + _STRIPE * len(lanes.bands) + 4,
        "bar": _BAR,
        "rows": [_row(anomaly, span, axis, y=_TOP + number * _ROW, links=links) for number, span in enumerate(lanes.spans)],
        "stripes": [
            _stripe(band, axis, y=_TOP + len(lanes.spans) * _ROW + number * _STRIPE) for number, band in enumerate(lanes.bands)
        ],
        "left_out": _left_out(lanes),
    }


class _Axis(NamedTuple):
    """Where places of the layout stand, in pixels."""

    left: int
    step: int
    places: int

    @property
    def right(self) -> int:
        return self.x(self.places) + _TAIL

    def x(self, place: float) -> int:
        return self.left + round(place * self.step)


def _label_width(anomaly: Anomaly) -> int:
    widest = max(len(_label(anomaly, span)) for span in anomaly.lanes.spans) * _CHARACTER + 40
    return max(_LABEL_MIN, min(_LABEL_MAX, widest))


def _label(anomaly: Anomaly, span: Span) -> str:
    text = f"{anomaly.name(span.operation.index)} {span.operation.outcome}"
    room = (_LABEL_MAX - 40) // _CHARACTER
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _row(anomaly: Anomaly, span: Span, axis: _Axis, *, y: int, links: Mapping[int, int] | None) -> dict[str, object]:
    operation = span.operation
    return {
        "y": y,
        "x": axis.x(span.begin),
        "width": axis.x(span.end) - axis.x(span.begin),
        "open_to": axis.right if span.open_ended else None,
        "lane": operation.lane,
        "label": _label(anomaly, span),
        "type": operation.type,
        "op": operation.index if links is None else links.get(operation.index),
        "begin": format_time(operation.start),
        "end": "never answered" if operation.end is None else format_time(operation.end),
        "times": axis.step >= _TIMES_STEP,
    }


def _stripe(band: Band, axis: _Axis, *, y: int) -> dict[str, object]:
    begin = axis.left - _TAIL if band.begin < 0 else axis.x(band.begin)
    end = max(axis.right if band.end > axis.places - 1 else axis.x(band.end), begin + 3)
    label = band.fault.label if band.fault.effects else f"{band.fault.label} (no effect)"
    return {
        "y": y,
        "x": begin,
        "width": end - begin,
        "label": label,
        "idle": not band.fault.effects,
        "kind": band.fault.kind,
        **_label_place(begin, end, len(label) * _LETTER + 8, axis.right),
    }


def _label_place(begin: int, end: int, width: int, right: int) -> dict[str, object]:
    """Inside its stripe where that is wide enough, else beside it: after it, or before it where the figure ends."""
    if width <= end - begin:
        return {"label_x": begin + 6, "anchor": "start", "inside": True}
    if end + width <= right:
        return {"label_x": end + 5, "anchor": "start", "inside": False}
    return {"label_x": begin - 5, "anchor": "end", "inside": False}


def _left_out(lanes: Lanes) -> str | None:
    parts = [
        showing(shown, whole, noun)
        for shown, whole, noun in [
            (len(lanes.spans), lanes.operations_all, "operation"),
            (len(lanes.bands), lanes.faults_all, "fault"),
        ]
        if shown < whole
    ]
    return "; ".join(parts) or None
