"""Verdicts and the evidence behind them: plain data that text, pages and JSON render and none re-derives.

`valid` means witnessed, `invalid` means proved by evidence, `unknown` means a named limit was met or a checker raised. Merged,
invalid wins over unknown and unknown over valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import msgspec


class Status(str, Enum):
    """The three answers a checker may give."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


_RANK = {Status.VALID: 0, Status.UNKNOWN: 1, Status.INVALID: 2}


def merge(statuses: Iterable[Status]) -> Status:
    """The worst of several: invalid > unknown > valid; valid for none."""
    return max(statuses, key=_RANK.__getitem__, default=Status.VALID)


class Fingerprint(msgspec.Struct, frozen=True, order=True):
    """What kind of failure it is: the checker that saw it and the kind. Shrinking keeps it."""

    checker: str
    kind: str

    def __str__(self) -> str:
        return f"{self.checker}/{self.kind}"


class OpRef(msgspec.Struct, frozen=True, tag="op"):
    """A mention of an operation inside a sentence: the history index of its invocation, and how to call it."""

    op: int
    text: str


Sentence = list[str | OpRef]  # pieces in order; joined they read as one sentence


def plain(sentence: Sentence) -> str:
    """A sentence as text."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that something promised did not hold.

    `ops` are history indices of invocations, the proof's own first; `time` is the virtual instant at which it shows (ns);
    `journal` is a position there, for what nodes did wrong. `order` is the longest partial linearization, as op indices.
    `data` holds what a checker adds (states, pending operations …), JSON-like.
    """

    checker: str
    kind: str
    summary: str
    sentences: list[Sentence] = []
    ops: list[int] = []
    keys: list[Any] = []
    nodes: list[str] = []
    time: int | None = None
    journal: int | None = None
    order: list[int] = []
    data: dict[str, Any] = {}

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.checker, self.kind)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a checker says. `results` are its figures, JSON-like, under Jepsen's names where Jepsen has one."""

    checker: str
    status: Status
    reason: str | None = None  # of unknown: which limit, where, and what to change
    violations: list[Violation] = []
    results: dict[str, Any] = {}
    parts: list[Verdict] = []

    @property
    def is_valid(self) -> bool:
        return self.status is Status.VALID

    @property
    def is_invalid(self) -> bool:
        return self.status is Status.INVALID

    @property
    def is_unknown(self) -> bool:
        return self.status is Status.UNKNOWN

    def all_violations(self) -> list[Violation]:
        """Its violations and those of its parts, in order."""
        return [*self.violations, *(violation for part in self.parts for violation in part.all_violations())]

    def reasons(self) -> list[str]:
        """Why it is unknown, part by part, each with the checker's name."""
        own = [f"{self.checker}: {self.reason}"] if self.is_unknown and self.reason else []
        return own + [reason for part in self.parts for reason in part.reasons()]

    @property
    def fingerprint(self) -> Fingerprint | None:
        """The fingerprint of the first violation, None when nothing was violated."""
        return next((violation.fingerprint for violation in self.all_violations()), None)


def compose(checker: str, parts: Sequence[Verdict]) -> Verdict:
    """One verdict of several, merged."""
    return Verdict(checker=checker, status=merge(part.status for part in parts), parts=list(parts))


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a check may spend. Configurations decide verdicts reproducibly; wall seconds do not, and say so."""

    configurations: int = 2_000_000
    wall_seconds: float | None = None
