"""Fixtures of the reports' tests: the synthetic run, loaded by path because test folders are no packages."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.record import RunRecord
from chaoskit.reports.view import View

SYNTHETIC_RUN = Path(__file__).with_name("synthetic_run.py")

Event = tuple[object, ...]  # type, process, f, key, value, time, and an error when there is one


@pytest.fixture(scope="session")
def build_run() -> Callable[..., RunRecord]:
    """The builder of synthetic runs."""
    spec = importlib.util.spec_from_file_location("synthetic_run", SYNTHETIC_RUN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    build: Callable[..., RunRecord] = module.build
    return build


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
