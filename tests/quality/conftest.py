"""What the campaigns of `make quality` share: their processes, and how many seeds they take."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoskit.workers import Workers

sys.path.insert(0, str(Path(__file__).parent))  # for the campaigns, here and in the processes that they start

SEEDS = 2000


@pytest.fixture(scope="session")
def seeds() -> int:
    """How many seeds a correct model is tried with; CHAOSKIT_QUALITY_SEEDS sets it."""
    return int(os.environ.get("CHAOSKIT_QUALITY_SEEDS") or SEEDS)


@pytest.fixture(scope="session")
def pool() -> Iterator[Workers]:
    """A process a core."""
    from campaign import CORES

    with Workers(CORES) as made:
        yield made
