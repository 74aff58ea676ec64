"""The distributions and what has them installed, for the tests of this folder: see installation.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import installation


@pytest.fixture(scope="session")
def distributions() -> Path:
    """A folder with the source distribution and the wheel that was built from it."""
    return installation.distributions()


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    """The wheel."""
    return next(distributions.glob("*.whl"))


@pytest.fixture(scope="session")
def installed() -> Path:
    """The `bin` folder of an environment that has the wheel, its dependencies and nothing else."""
    return installation.environment()


@pytest.fixture(scope="session")
def compiled(installed: Path) -> Path:
    """The same on a machine that can compile, so that a plain installation there is a failure."""
    missing = installation.missing_for_compiling()
    if missing:
        pytest.skip(missing)
    return installed
