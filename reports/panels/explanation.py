"""Why it is wrong: each anomaly in numbered sentences, as a figure, and what was going on when it showed.

The sentences are the checker's own; the operations that they mention are links.
"""

from __future__ import annotations

from chaoskit.core.units import count, format_time, plural
from chaoskit.core.verdict import OpRef, Sentence, Violation
from chaoskit.reports.anomalies import ORDER_MAX, Anomaly
from chaoskit.reports.cluster import NodeState
from chaoskit.reports.diagram import anomaly_lines
from chaoskit.reports.figure import figure
from chaoskit.reports.view import View
from chaoskit.reports.words import show, showing

NAME = "explanation"
TITLE = "What is wrong"
SCRIPTED = False

SHARED_WORDS = ("role", "term", "commit", "log_length")
STATES_MAX = 8


def applies(view: View) -> bool:
    return bool(view.violations)


def data(view: View) -> dict[str, object]:
    return {
        "anomalies": [_anomaly(anomaly, len(view.violations)) for anomaly in view.anomalies],
        "left_out": _left_out(view),
    }


def text(view: View) -> list[str]:
    lines: list[str] = []
    for anomaly in view.anomalies:
        heading = f"{anomaly.number}/{len(view.violations)}  {anomaly.headline}  ({anomaly.violation.checker})"
        lines += [*([""] if lines else []), heading, "", *anomaly_lines(anomaly)]
        lines += [f"  {line}" for line in _models(anomaly.violation)]
    left_out = _left_out(view)
    return [*lines, "", left_out] if left_out else lines


def _left_out(view: View) -> str | None:
    if len(view.anomalies) == len(view.violations):
        return None
    told = showing(len(view.anomalies), len(view.violations), "anomaly", many="anomalies")
    return f"{told}; report.json names them all"


def _anomaly(anomaly: Anomaly, whole: int) -> dict[str, object]:
    violation = anomaly.violation
    left_out = len(violation.order) - ORDER_MAX
    return {
        "number": anomaly.number,
        "of": whole,
        "headline": anomaly.headline,
        "checker": violation.checker,
        "summary": violation.summary,
        "sentences": [_parts(sentence) for sentence in violation.sentences],
        "figure": figure(anomaly),
        "models": _models(violation),
        "order": [{"name": anomaly.name(index), "op": index} for index in violation.order[-ORDER_MAX:]],
        "order_left_out": plural(left_out, "other") if left_out > 0 else None,
        "before": _states_before(violation),
        "missing": anomaly.missing,
        "nodes": violation.nodes,
        "instant": format_time(anomaly.instant),
        "circumstances": anomaly.circumstances,
        "states": _states(anomaly.states),
    }


def _parts(sentence: Sentence) -> list[dict[str, object]]:
    return [{"text": part.text, "op": part.op} if isinstance(part, OpRef) else {"text": part, "op": None} for part in sentence]


def _states_before(violation: Violation) -> list[str]:
    """The states that the longest orders leave, each with the reason why the failing operation does not fit it."""
    found = violation.data.get("states")
    states = [state for state in found if isinstance(state, dict)] if isinstance(found, list) else []
    lines = [f"{state.get('state')}: {state.get('reason')}" for state in states[:STATES_MAX]]
    return [*lines, f"and {count(len(states) - STATES_MAX)} more"] if len(states) > STATES_MAX else lines


def _models(violation: Violation) -> list[str]:
    """The consistency models that this rules out, where the checker says so, under Elle's names."""
    ruled_out, also = (_names(violation.data.get(name)) for name in ("not", "also-not"))
    if not ruled_out:
        return []
    return [f"Ruled out: {ruled_out}{f', and with that {also}' if also else ''}."]


def _names(models: object) -> str:
    return ", ".join(map(str, models)) if isinstance(models, list | tuple) else ""


def _states(states: list[NodeState]) -> dict[str, object]:
    """A table of nodes by what they say of themselves: the words that models share first, then those of this one."""
    used = {name: None for state in states for name in state.state}
    columns = [*(name for name in SHARED_WORDS if name in used), *(name for name in used if name not in SHARED_WORDS)]
    return {
        "columns": columns,
        "rows": [
            {
                "node": state.node,
                "status": state.status,
                "cells": [show(state.state[name]) if name in state.state else "" for name in columns],
                "since": "" if state.since is None else format_time(state.since),
            }
            for state in states
        ],
    }
