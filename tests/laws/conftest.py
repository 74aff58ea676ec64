"""Lets the tests of this folder import what they share; and the fixtures that they share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chaoskit.check.linear import strategy

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "bench"))  # for its generators of large histories
from impatience import IMPATIENT  # it is found since the line before
from truth import Line, Note, noted, table


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strategy that is hardly patient with anything."""
    for name, value in IMPATIENT.items():
        monkeypatch.setattr(strategy, name, value)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Notes a line for the table of what was held to brute force."""

    def append(line: Line) -> None:
        request.node.user_properties.append(noted(line))
        print(f"\n{line.text()}")  # seen at once with -s

    return append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table of the laws that ran."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    lines = list(table(reports))
    if lines:
        terminalreporter.section("held to brute force")
        terminalreporter.write("\n".join([*lines, ""]))
