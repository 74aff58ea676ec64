"""`report.txt`, and what the terminal shows of a run: the verdict, the anomaly as a small diagram, and why, in numbered
sentences.

The same evidence as on the page, for people in a terminal, logs and agents. Colour is off unless asked for and never
carries meaning alone. What a model wrote is shown, never obeyed: control characters are spelled out.
"""

from __future__ import annotations

import re

from chaoskit.core.record import RunRecord
from chaoskit.core.units import plural
from chaoskit.core.verdict import Status
from chaoskit.reports.anomalies import line_of
from chaoskit.reports.diagram import WIDTH, Paint, anomaly_lines, uncoloured, wrapped
from chaoskit.reports.panels import HEADER, PANELS
from chaoskit.reports.panels.story import brief_cause_lines, cause_lines, story_lines
from chaoskit.reports.view import View
from chaoskit.reports.words import showing

ALSO_MAX = 10  # further anomalies that the terminal names

_COLOURS = {"valid": "1;32", "invalid": "1;31", "unknown": "1;33", "ok": "34", "info": "33", "fail": "35", "faint": "2"}
_PAINTED = re.compile(r"(\x1b\[[\d;]*m)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def render_text(record: RunRecord, *, color: bool = False, width: int = WIDTH, full: bool = False, brief: bool = False) -> str:
    """The run as text: what the terminal shows, or with `full` the whole of `report.txt`, every panel in its order.

    With `brief` the causes of a story take one sentence.
    """
    view = View(record)
    sections = _panels(view) if full else _terminal(view, _coloured if color else uncoloured, width, brief=brief)
    return "\n\n".join("\n".join(visible(line, color=color).rstrip() for line in section) for section in sections) + "\n"


def _panels(view: View) -> list[list[str]]:
    shown = [(panel.TITLE, panel.text(view)) for panel in PANELS if panel.applies(view)]
    return [HEADER.text(view), *([title.upper(), *lines] for title, lines in shown if lines)]


def _terminal(view: View, paint: Paint, width: int, *, brief: bool) -> list[list[str]]:
    sections = [[_verdict(view, paint), *([f"  {view.caution}"] if view.caution else [])]]
    if view.story is not None:
        sections += [story_lines(view, paint=paint, width=width)]
    elif view.anomalies:
        sections += [anomaly_lines(view.anomalies[0], paint=paint, width=width)]
        causes = brief_cause_lines if brief else cause_lines
        sections += [causes(view.shrinking, width=width)[1:]] if view.shrinking is not None else []
    if view.status is Status.VALID:
        sections += [[f"  {line}" for line in power.lines] for power in view.powers]
    if view.anomalies:
        sections.append(_also(view, width))
    sections.append([f"reproduce  {view.reproduce}"])
    return [section for section in sections if section]


def _verdict(view: View, paint: Paint) -> str:
    word = paint(str(view.status).upper(), str(view.status))
    if view.status is not Status.VALID:
        return f"{word}  {view.headline}"
    exercise = view.exercise
    if exercise.warnings:
        return f"{word}, but weak: {'; '.join(exercise.warnings)}"
    faults = f"{plural(view.effective, 'fault')} overlapped {plural(exercise.overlapped, 'op')}"
    return f"{word}  {', '.join(view.checkers)} · {view.facts[0]} · {faults}"


def _also(view: View, width: int) -> list[str]:
    others = view.anomalies[1 : ALSO_MAX + 1]
    told = wrapped([f"also  {line_of(anomaly.violation)}" for anomaly in others], width - 2, hang=len("also  "))
    lines = [f"  {line}" for line in told]
    if len(others) < len(view.violations) - 1:
        lines.append(f"  ({showing(len(others), len(view.violations) - 1, 'further anomaly', many='further anomalies')})")
    return lines


def _coloured(text: str, what: str) -> str:
    return f"\x1b[{_COLOURS[what]}m{text}\x1b[0m"


def visible(line: str, *, color: bool = False) -> str:
    """The line with control characters, line breaks included, spelled out; colours stay where they are wanted."""
    parts = _PAINTED.split(line) if color else [line]
    return "".join(
        part if color and _PAINTED.fullmatch(part) else _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", part)
        for part in parts
    )
