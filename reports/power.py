"""What a green verdict is worth, in lines: how much of what could have gone wrong would have been noticed in this history.

The checker has measured it and put it into words; here its sentences are set in order, the same for page, text and terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chaoskit.core.verdict import Verdict

RESULT = "power"
INTRODUCTION = "Had something gone wrong once, would this history have shown it?"


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerView:
    """The power of one checker's verdict. `unnoticed` is an example of what nobody would have noticed."""

    checker: str
    sentences: list[str]
    unnoticed: str | None
    advice: list[str]
    reason: str | None

    @property
    def closing(self) -> list[str]:
        """What comes after the shares: an example, and what to change."""
        unnoticed = [f"Nobody would have noticed, for example: {self.unnoticed}."] if self.unnoticed else []
        reason = [f"Nothing was measured: {self.reason}."] if self.reason else []
        return [*reason, *unnoticed, *(f"To notice more, {advice}." for advice in self.advice)]

    @property
    def lines(self) -> list[str]:
        """All of it, a line each."""
        return [INTRODUCTION, *(f"  {sentence}" for sentence in self.sentences), *self.closing]


def powers(judged: Iterable[Verdict]) -> list[PowerView]:
    """The power of each verdict that tells of it."""
    return [_view(verdict.checker, verdict.results[RESULT]) for verdict in judged if RESULT in verdict.results]


def _view(checker: str, power: Mapping[str, Any]) -> PowerView:
    kinds = power["kinds"]
    return PowerView(
        checker=checker,
        sentences=[kind["sentence"] for kind in kinds],
        unnoticed=next((kind["example"] for kind in kinds if kind["example"]), None),
        advice=list(power["advice"]),
        reason=power["reason"],
    )
