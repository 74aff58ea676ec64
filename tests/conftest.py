"""What holds for the whole suite, and the synthetic run, soak and sweep that several folders report on.

CHAOSKIT_FORBID_SKIPS=1 turns every skip into a failure, so that nothing is left out unseen.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chaoskit.core.record import RunRecord
    from chaoskit.core.soak import SoakRecord
    from chaoskit.core.sweep import SweepRecord

FORBIDDEN = os.environ.get("CHAOSKIT_FORBID_SKIPS") == "1"
SYNTHETIC = Path(__file__).parent / "unit" / "reports"


@pytest.fixture(scope="session")
def build_run() -> Callable[..., RunRecord]:
    """The builder of synthetic runs."""
    build: Callable[..., RunRecord] = _module("synthetic_run").build
    return build


@pytest.fixture(scope="session")
def soak_record() -> SoakRecord:
    """A soak with one class of failures."""
    record: SoakRecord = _module("synthetic_soak").RECORD
    return record


@pytest.fixture(scope="session")
def sweep_record() -> SweepRecord:
    """A sweep with two findings."""
    record: SweepRecord = _module("synthetic_sweep").RECORD
    return record


def _module(name: str) -> ModuleType:
    """A module loaded by path, because test folders are no packages."""
    spec = importlib.util.spec_from_file_location(name, SYNTHETIC / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if FORBIDDEN and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CHAOSKIT_FORBID_SKIPS=1: {reason}"
    return report
