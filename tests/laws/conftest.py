"""Lets the tests of this folder import what they share; and the fixtures that they share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chaoskit.check.linear import strategy

sys.path.insert(0, str(Path(__file__).parent))
from impatience import IMPATIENT  # it is found since the line before


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strategy that is hardly patient with anything."""
    for name, value in IMPATIENT.items():
        monkeypatch.setattr(strategy, name, value)
