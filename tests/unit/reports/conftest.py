"""Fixtures of the reports' tests: synthetic runs to be shown, and histories for the parts of a report."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.record import RunRecord
from chaoskit.reports.view import View

Event = tuple[object, ...]  # type, process, f, key, value, time, and an error when there is one


@pytest.fixture(scope="session")
def invalid_run(build_run: Callable[..., RunRecord]) -> RunRecord:
    """A run with one stale read."""
    return build_run()


@pytest.fixture(scope="session")
def valid_run(build_run: Callable[..., RunRecord]) -> RunRecord:
    """A run in which all held."""
    return build_run(status="valid")


@pytest.fixture(scope="session")
def invalid_view(invalid_run: RunRecord) -> View:
    """The view of the run with the stale read."""
    return View(invalid_run)


@pytest.fixture
def history_of() -> Callable[..., History]:
    """A history of events given as tuples."""

    def made(*events: Event) -> History:
        builder = HistoryBuilder()
        for type_, process, f, key, value, time, *error in events:
            builder.append(type_, process, f, key, value, time=time, error=error[0] if error else None)  # type: ignore[arg-type]
        return builder.build()

    return made
