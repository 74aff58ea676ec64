"""Why nobody knows: which limit was met, where, and what to change."""

from __future__ import annotations

from chaoskit.reports.view import View

NAME = "undecided"
TITLE = "Why it is unknown"
SCRIPTED = False


def applies(view: View) -> bool:
    return bool(view.verdict.reasons())


def data(view: View) -> dict[str, object]:
    return {"reasons": view.verdict.reasons(), "invalid": bool(view.violations)}


def text(view: View) -> list[str]:
    return view.verdict.reasons()
