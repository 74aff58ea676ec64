"""What was exercised, when nothing was found: a green result is only as good as what was tried."""

from __future__ import annotations

from chaoskit.core.units import count, format_time, plural
from chaoskit.reports.exercise import Exercise
from chaoskit.reports.power import INTRODUCTION
from chaoskit.reports.view import View
from chaoskit.reports.words import percent

NAME = "exercise"
TITLE = "What was exercised"
SCRIPTED = False


def applies(view: View) -> bool:
    return not view.violations


def data(view: View) -> dict[str, object]:
    exercise = view.exercise
    return {
        "warnings": exercise.warnings,
        "tiles": [
            {"value": count(exercise.operations), "label": "operations"},
            {"value": count(exercise.peak), "label": "open at once, at most"},
            {"value": f"{count(len(exercise.effective))} of {count(len(view.faults))}", "label": "faults truly bit"},
            {"value": percent(exercise.overlapped, exercise.operations), "label": _overlap(exercise)},
        ],
        "functions": [
            {"f": f, **{name: count(number) for name, number in counts.items()}, "total": count(sum(counts.values()))}
            for f, counts in exercise.by_function.items()
        ],
        "keys": exercise.keys,
        "liveness": _liveness(view),
        "checkers": view.checkers,
        "powers": [
            {"introduction": INTRODUCTION, "sentences": power.sentences, "closing": power.closing} for power in view.powers
        ],
    }


def text(view: View) -> list[str]:
    exercise = view.exercise
    keys = f", {plural(exercise.keys, 'key')}" if exercise.keys else ""
    bit = f"{count(len(exercise.effective))} of {plural(len(view.faults), 'fault')} had an effect"
    return [
        *(f"warning: {warning}" for warning in exercise.warnings),
        *(f"{f}: {_counts(counts)}" for f, counts in exercise.by_function.items()),
        f"{plural(exercise.operations, 'operation')}, {count(exercise.peak)} open at once at most{keys}",
        f"{bit}; {_overlap(exercise)} ({percent(exercise.overlapped, exercise.operations)})",
        _liveness(view),
        *(line for power in view.powers for line in power.lines),
    ]


def _overlap(exercise: Exercise) -> str:
    return f"{plural(exercise.overlapped, 'operation')} overlapped an effective fault"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count(number)} {name}" for name, number in counts.items())


def _liveness(view: View) -> str:
    liveness = view.outcome.liveness
    if not liveness.judged:
        return "Progress after healing was not judged."
    core = ", ".join(liveness.core)
    if liveness.progressed:
        return f"Once the core ({core}) was healed, it served its first operation after {format_time(liveness.waited)}."
    return f"The healed core ({core}) made no progress: {'; '.join(liveness.waiting) or 'nobody says why'}."
