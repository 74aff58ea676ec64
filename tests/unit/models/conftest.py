"""Lets the tests of this folder import the directed plans' and the campaigns' modules."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / "directed"), str(TESTS / "quality")]
