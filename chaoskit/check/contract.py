"""What a checker is, and how several judge one history.

A checker reads a history (and the journal, if it wants) and returns a verdict. It changes nothing, knows nothing of the
simulator, and judges histories from elsewhere as well. One that raises has not judged: its verdict is `unknown` with the
error as the reason, and the others go on. Errors that a person can act on are not swallowed: a broken spec or model, and an
input that does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.verdict import Budget, Status, Verdict, compose


class Checker(Protocol):
    """Judges a history."""

    @property
    def name(self) -> str: ...

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        """The verdict, under this checker's name, within the budget."""
        ...


def run_checkers(
    history: History,
    checkers: Sequence[Checker],
    *,
    budget: Budget | None = None,
    journal: Journal | None = None,
    name: str = "checkers",
) -> Verdict:
    """The merged verdict of several checkers, with each as a part.

    Raises `ModelError` and `UsageError`, which are somebody's to mend; any other error makes that checker's verdict `unknown`.
    """
    limits = Budget() if budget is None else budget
    return compose(name, [_judged(checker, history, limits, journal) for checker in checkers])


def _judged(checker: Checker, history: History, budget: Budget, journal: Journal | None) -> Verdict:
    try:
        return checker.check(history, budget=budget, journal=journal)
    except (ModelError, UsageError):
        raise
    except Exception as error:  # noqa: BLE001  # a checker may raise anything: it has then not judged
        return Verdict(checker=checker.name, status=Status.UNKNOWN, reason=f"raised {type(error).__name__}: {error}")
