"""The operations as a table: those round the anomaly in plain rows; its script shows all of them."""

from __future__ import annotations

from chaoskit.core.units import format_time, plural
from chaoskit.reports.operations import Operation
from chaoskit.reports.view import View
from chaoskit.reports.words import duration_text, showing

NAME = "operations"
TITLE = "Operations"
SCRIPTED = False

ROWS_EACH_SIDE = 100  # on the page
LINES_EACH_SIDE = 10  # in the text


def applies(view: View) -> bool:
    return len(view.operations) > 0


def data(view: View) -> dict[str, object]:
    operations = view.operations
    rows = _around(view, ROWS_EACH_SIDE)
    marked = frozenset(index for violation in view.violations for index in violation.ops)
    return {
        "whole": len(operations),
        "all": f"All {plural(len(operations), 'operation')}",
        "showing": showing(len(rows), len(operations), "operation"),
        "rows": [_row(operations[row], marked) for row in rows],
    }


def text(view: View) -> list[str]:
    rows = _around(view, LINES_EACH_SIDE)
    lines = [_line(view.operations[row]) for row in rows]
    return [f"{showing(len(rows), len(view.operations), 'operation')}; the page and the history have them all", *lines]


def _around(view: View, each_side: int) -> range:
    """The rows round the last operation of the first anomaly; the first ones when nothing was found."""
    middle = max((operation.row for operation in view.anomalies[0].operations), default=0) if view.anomalies else 0
    whole, most = len(view.operations), 2 * each_side + 1
    first = max(0, min(middle - each_side, whole - most))
    return range(first, min(whole, first + most))


def _line(operation: Operation) -> str:
    answer = f" [{operation.error}]" if operation.error else ""
    took = "never answered" if operation.end is None else f"took {duration_text(operation.end - operation.start)}"
    began = format_time(operation.start)
    return f"#{operation.index}  {began}  {operation.lane}  {operation.outcome}  {operation.type}{answer}, {took}"


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
