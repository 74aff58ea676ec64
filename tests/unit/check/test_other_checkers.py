"""Statistics, availability, the world's findings, and how several checkers judge one history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chaoskit.check import (
    CHECKERS,
    Availability,
    Linearizable,
    Stats,
    invariants_verdict,
    liveness_verdict,
    node_exceptions_verdict,
    run_checkers,
)
from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.op import Op
from chaoskit.core.outcome import LivenessReport
from chaoskit.core.units import SECOND
from chaoskit.core.verdict import Budget, Status, Verdict, Violation, plain
from chaoskit.spec import spec_from_text
from chaoskit.testing.histories import h


def test_stats_count_by_function_and_outcome() -> None:
    """Jepsen's names."""
    verdict = Stats().check(h("0:w1 0:w2! 1:w3? 0:r1"), budget=Budget())
    assert verdict.is_valid
    assert verdict.results == {
        "count": 4,
        "ok-count": 2,
        "fail-count": 1,
        "info-count": 1,
        "by-f": {
            "read": {"count": 1, "ok-count": 1, "fail-count": 0, "info-count": 0},
            "write": {"count": 3, "ok-count": 1, "fail-count": 1, "info-count": 1},
        },
    }


def test_a_function_that_never_succeeded_makes_stats_unknown() -> None:
    """Also one that was only asked."""
    verdict = Stats().check(h("0:w1! 1(c1>2 2:r1"), budget=Budget())
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, "not one operation succeeded of: cas, write")


def test_stats_do_not_count_faults() -> None:
    """The nemesis is no client."""
    history = History.of([Op(type="info", process="nemesis", f="kill"), *h("0:w1")])
    assert Stats().check(history, budget=Budget()).results["count"] == 1


@pytest.mark.parametrize(("goal", "valid"), [(None, True), (0.5, True), (0.75, False), ("total", False), (0, True)])
def test_availability_is_the_part_that_succeeded(goal: float | str | None, valid: bool) -> None:
    """Two of four."""
    verdict = Availability(goal=goal).check(h("0:w1 0:w2! 1:w3? 0:r1"), budget=Budget())
    assert verdict.is_valid is valid and verdict.results == {"ok-fraction": 0.5}


def test_too_little_availability_is_told() -> None:
    """In figures."""
    verdict = Availability(goal="total").check(h("0:w1 0:w2!"), budget=Budget())
    assert verdict.violations[0].summary == "1 of 2 operations succeeded (50.0%), fewer than the 100.0% promised"
    assert Availability(goal="total").check(h(""), budget=Budget()).is_valid


@pytest.mark.parametrize("goal", [1.5, -0.1, "all", True])
def test_an_availability_that_is_none_is_refused(goal: Any) -> None:
    """Said at once."""
    with pytest.raises(UsageError, match=r"^expected an availability from 0 to 1 or 'total' but got goal="):
        Availability(goal=goal)


def finding(checker: str, kind: str) -> Violation:
    """A violation that the world found."""
    return Violation(checker=checker, kind=kind, summary=kind)


FOUND = [finding("invariants", "two-leaders"), finding("node-exceptions", "node-exception"), finding("liveness", "deadlock")]


def test_the_worlds_findings_become_verdicts_of_their_own() -> None:
    """Each checker takes its own violations."""
    assert invariants_verdict(FOUND).violations == FOUND[:1]
    assert node_exceptions_verdict(FOUND).violations == FOUND[1:2]
    assert liveness_verdict(FOUND, LivenessReport(judged=True, progressed=False)).violations == FOUND[2:]
    assert invariants_verdict([]).is_valid and node_exceptions_verdict([]).is_valid


def test_a_core_without_progress_is_a_violation_that_says_who_waits() -> None:
    """No-progress, from the report alone."""
    report = LivenessReport(
        judged=True, core=["n1", "n2"], progressed=False, waited=5 * SECOND, waiting=["n1 waits for a vote of n2"]
    )
    verdict = liveness_verdict([], report)
    (violation,) = verdict.violations
    assert violation.kind == "no-progress" and violation.nodes == ["n1", "n2"]
    assert violation.summary == "the healed core {n1, n2} made no progress within 5s"
    assert [plain(sentence) for sentence in violation.sentences] == [
        "All faults on n1, n2 were healed, which the model claims is enough.",
        "After 5s it had not completed one operation.",
        "n1 waits for a vote of n2.",
    ]


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (LivenessReport(), Status.VALID),
        (LivenessReport(judged=True, progressed=True), Status.VALID),
        (LivenessReport(judged=True), Status.UNKNOWN),
    ],
)
def test_liveness_is_judged_only_where_it_was_promised(report: LivenessReport, status: Status) -> None:
    """Past the claim it is not; a run that ended too early is unknown."""
    verdict = liveness_verdict([], report)
    assert verdict.status is status and verdict.results["judged"] is report.judged


@dataclass(frozen=True)
class Raising:
    """A checker with a bug."""

    error: Exception
    name: str = "raising"

    def check(self, history: History, *, budget: Budget, journal: Journal | None = None) -> Verdict:
        raise self.error


def test_a_checker_that_raises_is_unknown_and_the_others_go_on() -> None:
    """The reason names the error."""
    verdict = run_checkers(h("0:w1 0:w2 1:r1"), [Raising(KeyError("x")), Linearizable(spec_from_text("register"))])
    assert verdict.is_invalid and [part.status.value for part in verdict.parts] == ["unknown", "invalid"]
    assert verdict.reasons() == ["raising: raised KeyError: 'x'"]


@pytest.mark.parametrize("error", [ModelError("impure"), UsageError("wrong spec")])
def test_an_error_that_somebody_can_mend_is_not_swallowed(error: Exception) -> None:
    """A broken spec or model, or an input that does not fit."""
    with pytest.raises(type(error), match=str(error)):
        run_checkers(h("0:w1"), [Raising(error)])


def test_checkers_are_merged_under_one_name() -> None:
    """Valid for none, and each with its own part."""
    assert run_checkers(h("0:w1"), []).is_valid
    verdict = run_checkers(h("0:w1"), [Stats(), Availability()], name="history", budget=Budget(configurations=5))
    assert verdict.checker == "history" and [part.checker for part in verdict.parts] == ["stats", "availability"]


def test_every_checker_of_the_table_is_made_under_its_own_name() -> None:
    """The name in the table is the name in its verdicts."""
    for name, entry in CHECKERS.items():
        assert entry.summary and entry.name == name
        if entry.make is not None:
            made = entry.make(spec_from_text("register")) if name == "linearizable" else entry.make()
            assert made.name == name
    assert {name for name, entry in CHECKERS.items() if entry.make is None} == {"invariants", "node-exceptions", "liveness"}
