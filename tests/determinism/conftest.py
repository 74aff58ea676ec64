"""Other Pythons to run chaoskit on: found on this machine, with its dependencies, in environments that are kept between runs.

A Python that is not there is a skip with its reason, and a failure under CHAOSKIT_FORBID_SKIPS=1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "packaging"))

import pythons

Runner = Callable[..., str]


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `chaoskit` is importable as it is installed."""
    return pythons.link_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="session")
def run_python(sources: Path) -> Runner:
    """Runs a program on a Python, with chaoskit in its path, and gives what it printed."""

    def run(python: str | Path, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
        ended = subprocess.run(
            [python, *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout

    return run


@pytest.fixture(scope="session")
def python_of() -> Callable[[str], Path]:
    """The Python of a version (`3.12`), with chaoskit's dependencies."""

    def find(version: str) -> Path:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            return Path(sys.executable)
        try:
            return pythons.environment(pythons.found(version))
        except pythons.UnavailableError as error:
            _missing(str(error))

    return find


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CHAOSKIT_FORBID_SKIPS") == "1":
        pytest.fail(f"CHAOSKIT_FORBID_SKIPS=1, but {reason}")
    pytest.skip(reason)
