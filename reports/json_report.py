"""`report.json`: the run as one JSON object for scripts, the same that `chaoskit run --json` prints.

Its keys are those that scripts may rely on, without what depends on the machine (`seconds`) or the place (`run`); the
command line adds these. Beside them stand `reasons`, why a verdict is unknown, and each anomaly's `sentences`.
"""

from __future__ import annotations

import json

import msgspec

from chaoskit.core.record import RunRecord
from chaoskit.core.verdict import plain
from chaoskit.reports.panels.story import shrinking_of
from chaoskit.reports.power import RESULT
from chaoskit.reports.view import View
from chaoskit.reports.words import plain_json


def run_object(record: RunRecord) -> dict[str, object]:
    """The run as a JSON-like object."""
    view = View(record)
    return {
        "verdict": str(view.status),
        "seed": view.plan.seed,
        "model": view.model,
        "workload": view.plan.workload,
        "bug": view.bugs,
        "digest": view.digests["full"],
        "ops": view.op_counts,
        "faults": {"planned": len(view.faults), "effective": view.effective},
        "anomalies": [
            {
                "checker": violation.checker,
                "kind": violation.kind,
                "keys": plain_json(violation.keys),
                "ops": list(violation.ops),
                "summary": violation.summary,
                "sentences": [plain(sentence) for sentence in violation.sentences],
            }
            for violation in view.violations
        ],
        "story": _story(view),
        "reasons": view.verdict.reasons(),
        "power": [
            {"checker": verdict.checker, **verdict.results[RESULT]} for verdict in view.judged if RESULT in verdict.results
        ],
        "events": view.outcome.stats.events,
        "simulated_seconds": view.simulated / 1_000_000_000,
        "reproduce": view.reproduce,
    }


def _story(view: View) -> dict[str, object] | None:
    """How small the run got and what of that is needed; of a story, how it came about. None where nothing was shrunk."""
    shrinking = shrinking_of(view)
    if shrinking is None:
        return None
    return {
        "before": msgspec.to_builtins(shrinking.before),
        "after": msgspec.to_builtins(shrinking.after),
        "runs": shrinking.runs,
        "stopped": shrinking.stopped,
        "causes": [msgspec.to_builtins(flip) for flip in shrinking.flips],
        "parting": msgspec.to_builtins(shrinking.parting),
    }


def render_json(record: RunRecord) -> bytes:
    """`report.json`: one stable layout, so that equal runs give equal bytes."""
    return (json.dumps(run_object(record), indent=1, allow_nan=False) + "\n").encode("ascii")
