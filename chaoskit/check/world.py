"""Verdicts on what the simulated cluster did, where the history alone cannot tell: invariants, node exceptions, liveness.

The world finds these while it runs; here they become verdicts like any other. Liveness is judged only where the model's claim
promises it: otherwise the verdict is valid, and its results say that it was not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaoskit.core.outcome import LivenessReport
from chaoskit.core.units import format_duration
from chaoskit.core.verdict import Sentence, Status, Verdict, Violation

INVARIANTS = "invariants"
NODE_EXCEPTIONS = "node-exceptions"
LIVENESS = "liveness"


def invariants_verdict(violations: Iterable[Violation]) -> Verdict:
    """Did every invariant of the model hold, at every observation?"""
    return _of(INVARIANTS, violations)


def node_exceptions_verdict(violations: Iterable[Violation]) -> Verdict:
    """Did no node's code raise?"""
    return _of(NODE_EXCEPTIONS, violations)


def liveness_verdict(violations: Sequence[Violation], report: LivenessReport) -> Verdict:
    """Did the cluster make progress once a core was healed, and did all agree in the end?

    The world's own findings (deadlock, livelock, disagreement) win; a core that made no progress for no such reason is
    *no-progress*.
    """
    found = [violation for violation in violations if violation.checker == LIVENESS]
    if report.judged and report.progressed is False and not found:
        found = [_no_progress(report)]
    unclear = report.judged and report.progressed is None and not found
    return Verdict(
        checker=LIVENESS,
        status=Status.INVALID if found else Status.UNKNOWN if unclear else Status.VALID,
        reason="the run ended before the healed core was asked for progress" if unclear else None,
        violations=found,
        results={
            "judged": report.judged,
            "core": report.core,
            "progressed": report.progressed,
            "waited": report.waited,
        },
    )


def _of(checker: str, violations: Iterable[Violation]) -> Verdict:
    found = [violation for violation in violations if violation.checker == checker]
    return Verdict(
        checker=checker,
        status=Status.INVALID if found else Status.VALID,
        violations=found,
        results={"count": len(found)},
    )


def _no_progress(report: LivenessReport) -> Violation:
    core = ", ".join(report.core)
    summary = f"the healed core {{{core}}} made no progress within {format_duration(report.waited)}"
    sentences: list[Sentence] = [[f"All faults on {core} were healed, which the model claims is enough."]]
    sentences += [[f"After {format_duration(report.waited)} it had not completed one operation."]]
    sentences += [[f"{waiting}."] for waiting in report.waiting]
    return Violation(checker=LIVENESS, kind="no-progress", summary=summary, sentences=sentences, nodes=list(report.core))
