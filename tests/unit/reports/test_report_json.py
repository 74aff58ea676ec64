"""report.json: the keys that scripts rely on, and nothing of the machine."""

from __future__ import annotations

import json
from collections.abc import Callable

from chaoskit.core.record import RunRecord
from chaoskit.reports import render_json, run_object

KEYS = [
    "verdict", "seed", "model", "workload", "bug", "digest", "ops", "faults", "anomalies", "story", "reasons", "power", "events",
    "simulated_seconds", "reproduce",
]  # fmt: skip


def test_the_object_has_the_keys_that_scripts_rely_on(invalid_run: RunRecord) -> None:
    """Names and meanings of the command line's --json, without what depends on the machine or the place."""
    report = json.loads(render_json(invalid_run))
    assert list(report) == KEYS
    assert (report["verdict"], report["seed"], report["model"], report["bug"]) == ("invalid", 7, "raft", "stale-leader-read")
    assert report["ops"] == {"invoke": 200, "ok": 183, "fail": 10, "info": 7}
    assert report["faults"] == {"planned": 5, "effective": 2}
    assert report["digest"] == invalid_run.outcome.digests()["full"]


def test_an_anomaly_has_its_evidence_in_words(invalid_run: RunRecord) -> None:
    """Checker, kind, keys, operations, summary and the sentences."""
    (anomaly,) = json.loads(render_json(invalid_run))["anomalies"]
    assert {name: anomaly[name] for name in ("checker", "kind", "keys", "ops")} == {
        "checker": "linearizable", "kind": "stale-read", "keys": ["k3"], "ops": [142, 107, 85],
    }  # fmt: skip
    assert anomaly["sentences"][0].startswith("w85 (write k3=4) ended at 0.870 s")


def test_an_unknown_verdict_has_its_reasons(build_run: Callable[..., RunRecord]) -> None:
    """A script can tell why."""
    assert run_object(build_run(status="unknown"))["reasons"] == [
        "linearizable: gave up on key k1 at op 412 after 2,000,000 states; try --budget states=20M or fewer clients (--clients 4)"
    ]


def test_keys_that_json_lacks_are_written_as_text(build_run: Callable[..., RunRecord]) -> None:
    """Bytes and NaN as keys of an anomaly do not break the report."""
    record = build_run()
    record.verdict.all_violations()[0].keys[:] = [b"\x01", float("nan"), (1, 2)]
    assert json.loads(render_json(record))["anomalies"][0]["keys"] == ["0x01", "NaN", [1, 2]]
