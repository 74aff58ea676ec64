"""Prints what must be the same in every process: digests of runs, and hashes of their plans, verdicts and reports.

`test_separate_processes` starts it with different hash seeds and on different Pythons.
"""

from __future__ import annotations

import hashlib
import json
import sys

import msgspec

from chaoskit.core.plan import Plan, plan_to_json
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.reports import render_html, render_json, render_text
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings

RUNS = {
    "raft": Settings(seed=3, ops=60),
    "abd": Settings(seed=1, ops=40),
    "gossip": Settings(seed=1, ops=30),
    "primary_backup": Settings(seed=2, ops=40),
}
SEEDS_MAX = 60  # in which a planted bug must show: a page with evidence is another page


def what_a_plan_gives(plan: Plan) -> dict[str, str]:
    """Everything that a run leaves behind, as hashes by name."""
    outcome = execute(plan)
    verdict = judge(outcome)
    manifest = Manifest(complete=True, model=plan.model, workload=plan.workload, seed=plan.seed, verdict=str(verdict.status))
    record = RunRecord(manifest=manifest, outcome=outcome, verdict=verdict)
    contents = {
        "plan": plan_to_json(outcome.plan),
        "evidence": msgspec.json.encode(verdict, order="deterministic"),
        "page": render_html(record).encode(),
        "text": render_text(record, color=True, full=True).encode(),
        "json": render_json(record),
    }
    hashes = {part: hashlib.sha256(content).hexdigest() for part, content in contents.items()}
    return {"verdict": str(verdict.status), **outcome.digests(), **hashes}


def found_bug() -> Plan:
    """The plan of the first seed with which a planted bug of Raft is found."""
    for seed in range(1, SEEDS_MAX):
        plan = draw(Settings(seed=seed, ops=80, bugs=("stale-read",), workload="register"), "raft")
        if judge(execute(plan)).is_invalid:
            return plan
    raise SystemExit(f"expected stale-read to be found within {SEEDS_MAX} seeds; see tests/quality.")


def main() -> None:
    gives = {model: what_a_plan_gives(draw(settings, model)) for model, settings in RUNS.items()}
    gives["a found bug"] = what_a_plan_gives(found_bug())
    json.dump(gives, sys.stdout)


if __name__ == "__main__":
    main()
