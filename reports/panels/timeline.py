"""All operations over time, a lane a client, with the faults behind them. Drawn by its script on a canvas."""

from __future__ import annotations

from chaoskit.core.units import format_time, plural
from chaoskit.reports.view import View

NAME = "timeline"
TITLE = "Timeline"
SCRIPTED = False


def applies(view: View) -> bool:
    return len(view.operations) > 0


def data(view: View) -> dict[str, object]:
    return {"summary": _summary(view), "anomalies": len(view.anomalies)}


def text(view: View) -> list[str]:
    return [_summary(view)]


def _summary(view: View) -> str:
    operations = plural(len(view.operations), "operation")
    lanes = plural(len(view.operations.lanes), "client")
    return f"{operations} by {lanes} over {format_time(view.simulated)}, {plural(len(view.faults), 'fault')}."
