"""The bar at the top: what the verdict is, of what, and how to run it again."""

from __future__ import annotations

from chaoskit.reports.view import View
from chaoskit.reports.words import show

NAME = "verdict"
TITLE = "Verdict"
SCRIPTED = False


def applies(_: View) -> bool:
    return True


def data(view: View) -> dict[str, object]:
    return {
        "status": str(view.status),
        "headline": view.headline,
        "subject": _subject(view),
        "facts": view.facts,
        "reproduce": view.reproduce,
        "anomalies": len(view.anomalies),
        "caution": view.caution,
        "interrupted": view.interrupted,
    }


def text(view: View) -> list[str]:
    interrupted = [f"interrupted: {view.interrupted}"] if view.interrupted else []
    caution = [view.caution] if view.caution else []
    return [f"{str(view.status).upper()}  {view.headline}", " · ".join(_subject(view) + view.facts), *caution, *interrupted]


def _subject(view: View) -> list[str]:
    bug = [f"bug {view.bugs}"] if view.bugs else []
    return [view.model, f"workload {view.plan.workload}", f"seed {show(view.plan.seed)}", *bug]
