"""What GitHub Actions is told of a run: annotations as workflow commands, and a page of the job's summary.

An invalid run is an error for each anomaly that is told, an unknown or weak one a warning; nothing is said of a run in which
all held. What a model wrote cannot begin a command of its own: line breaks are escaped.
"""

from __future__ import annotations

import re

from chaoskit.core.record import RunRecord
from chaoskit.core.verdict import Status
from chaoskit.reports.text import render_text
from chaoskit.reports.view import View

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def github_annotations(record: RunRecord) -> list[str]:
    """Workflow commands, a line each: `::error title=raft seed 7%3A stale-read::…`."""
    view = View(record)
    run = f"{view.model} seed {view.plan.seed}"
    if view.status is Status.VALID:
        return [_command("warning", f"{run}: valid, but weak", warning) for warning in view.exercise.warnings]
    found = [
        _command("error", f"{run}: {anomaly.headline}", f"{anomaly.violation.summary}\n{view.reproduce}")
        for anomaly in view.anomalies
    ]
    return found or [_command("warning", f"{run}: unknown", f"{view.headline}\n{view.reproduce}")]


def github_summary(record: RunRecord) -> str:
    """The run in Markdown: what a terminal shows, fenced."""
    view, text = View(record), render_text(record)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 3)
    return f"### chaoskit: {view.model} seed {view.plan.seed} is {view.status}\n\n{fence}text\n{text}{fence}\n\n"


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_escaped(title, _PROPERTY)}::{_escaped(message, _DATA)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
