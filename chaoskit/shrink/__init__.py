"""Makes failing plans small. It takes a trial function and knows no world."""

from __future__ import annotations

from chaoskit.shrink.contract import Answer, Edits, Farm, Progress, Seen, ShrinkBudget, Shrunk, Trial
from chaoskit.shrink.shrinker import OneByOne, shrink

__all__ = [
    "Answer",
    "Edits",
    "Farm",
    "OneByOne",
    "Progress",
    "Seen",
    "ShrinkBudget",
    "Shrunk",
    "Trial",
    "shrink",
]
