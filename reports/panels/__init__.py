"""The panels of the report, in a reader's order: did it hold, what is wrong, why, how do I run it again?

A panel is a module here with the members of `Panel`, a template of its name and, if it draws or reacts, a script of its
name in `assets/`. Adding one is a file and a line in `PANELS`.
"""

from __future__ import annotations

from typing import Protocol

from chaoskit.reports.panels import (
    exercise,
    explanation,
    facts,
    faults,
    messages,
    operations,
    reproduce,
    story,
    timeline,
    undecided,
    verdict,
)
from chaoskit.reports.view import View


class Panel(Protocol):
    """What a panel module has. `SCRIPTED`: its data also goes to its script."""

    NAME: str
    TITLE: str
    SCRIPTED: bool

    def applies(self, view: View, /) -> bool:
        """Whether this run has anything to show here."""

    def data(self, view: View, /) -> dict[str, object]:
        """All that its template shows, JSON-like."""

    def text(self, view: View, /) -> list[str]:
        """The same in lines of text, for `report.txt`; none where only a picture would tell."""


HEADER: Panel = verdict
PANELS: tuple[Panel, ...] = (
    story,
    explanation,
    undecided,
    exercise,
    timeline,
    messages,
    faults,
    operations,
    reproduce,
    facts,
)
