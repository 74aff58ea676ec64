"""The schedule of faults: what was meant, what happened, what it did, and what was refused and why."""

from __future__ import annotations

from chaoskit.core.units import count, format_time, plural
from chaoskit.reports.faults import FaultView
from chaoskit.reports.view import View

NAME = "faults"
TITLE = "Faults"
SCRIPTED = False


def applies(_: View) -> bool:
    return True


def data(view: View) -> dict[str, object]:
    return {"summary": _summary(view), "rows": [_row(fault) for fault in view.faults]}


def text(view: View) -> list[str]:
    lines = [_summary(view)]
    for fault in view.faults:
        row = _row(fault)
        details = [row["parameters"], row["effects"], row["reason"]]
        lines.append(
            f"{fault.id}  {fault.label}  {row['when']}  {fault.state}{''.join(f'; {detail}' for detail in details if detail)}"
        )
    return lines


def _summary(view: View) -> str:
    if not view.faults:
        return "No fault was planned."
    states = [fault.state for fault in view.faults]
    counts = [f"{count(states.count(state))} {state}" for state in dict.fromkeys(states)]
    return f"{plural(len(states), 'fault')} planned: {', '.join(counts)}."


def _row(fault: FaultView) -> dict[str, object]:
    return {
        "id": fault.id,
        "kind": fault.kind,
        "label": fault.label,
        "state": fault.state,
        "intended": fault.intended,
        "parameters": fault.parameters,
        "begin": _time(fault.begin),
        "end": "the run's end" if fault.lasts else _time(fault.end),
        "when": fault.intended
        if fault.begin is None
        else f"{_time(fault.begin)} to {'the end' if fault.lasts else _time(fault.end)}",
        "effects": ", ".join(f"{count(number)} {name}" for name, number in fault.effects.items()),
        "reason": fault.reason or "",
        "injected": fault.begin is not None,
    }


def _time(instant: int | None) -> str:
    return "" if instant is None else format_time(instant)
