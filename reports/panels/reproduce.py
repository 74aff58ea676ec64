"""How to run it again: the seed command, and how to tell that it was the same run."""

from __future__ import annotations

from chaoskit.reports.view import View

NAME = "reproduce"
TITLE = "How to reproduce"
SCRIPTED = False


def applies(_: View) -> bool:
    return True


def data(view: View) -> dict[str, object]:
    return {"command": view.reproduce, "digest": view.digests["full"], "code": _code(view)}


def text(view: View) -> list[str]:
    return [view.reproduce, f"the same run has the digest {view.digests['full']}", *_code(view)]


def _code(view: View) -> list[str]:
    """Which code the seed belongs to."""
    return [
        f"{name} {value}"
        for name, value in [("chaoskit", view.version), (f"model {view.model}", view.plan.model_digest)]
        if value
    ]
