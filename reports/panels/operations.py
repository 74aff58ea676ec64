"""The operations as a table: those round the anomaly in plain rows; its script shows all of them."""

from __future__ import annotations

from chaoskit.core.units import format_time
from chaoskit.reports.operations import Operation
from chaoskit.reports.view import View
from chaoskit.reports.words import duration_text, plural, showing

NAME = "operations"
TITLE = "Operations"
SCRIPTED = False

ROWS_EACH_SIDE = 100
ROWS_MAX = 2 * ROWS_EACH_SIDE + 1


def applies(view: View) -> bool:
    return len(view.operations) > 0


def data(view: View) -> dict[str, object]:
    operations = view.operations
    middle = max((operation.row for operation in view.anomalies[0].operations), default=0) if view.anomalies else 0
    first = max(0, min(middle - ROWS_EACH_SIDE, len(operations) - ROWS_MAX))
    last = min(len(operations), first + ROWS_MAX)
    marked = frozenset(index for violation in view.violations for index in violation.ops)
    return {
        "whole": len(operations),
        "all": f"All {plural(len(operations), 'operation')}",
        "showing": showing(last - first, len(operations), "operation"),
        "rows": [_row(operations[row], marked) for row in range(first, last)],
    }


def text(view: View) -> list[str]:
    return []


def _row(operation: Operation, marked: frozenset[int]) -> dict[str, object]:
    return {
        "op": operation.index,
        "client": operation.lane,
        "process": operation.process,
        "text": operation.text,
        "type": operation.type,
        "result": operation.result or "",
        "error": operation.error or "",
        "begin": format_time(operation.start),
        "took": "" if operation.end is None else duration_text(operation.end - operation.start),
        "marked": operation.index in marked,
    }
