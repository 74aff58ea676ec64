"""A small run to keep: two clients, one fault, a violation, and a journal of several chunks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chaoskit.core.fault import At, Fault, Resolution
from chaoskit.core.history import History
from chaoskit.core.journal import Journal, Sink
from chaoskit.core.op import Op
from chaoskit.core.outcome import LivenessReport, Outcome, Stats
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.verdict import OpRef, Status, Verdict, Violation

MakeRecord = Callable[..., RunRecord]


@pytest.fixture
def plan() -> Plan:
    """A resolved plan."""
    fault = Fault(id="f1", when=At(5), who="one", kind="kill", lasting=7, resolution=Resolution(begin=5, end=12, nodes=["n2"]))
    return Plan(
        seed=7,
        model="raft",
        workload="register",
        cluster=Cluster(nodes=["n1", "n2", "n3"], clients=2),
        pacing=Pacing(ops=10, rate=100, time_limit=10**9, op_timeout=10**8, recovery=10**9),
        faults=[fault],
        invocations=[Invocation(id=0, slot=0, f="write", value=1)],
    )


@pytest.fixture
def history() -> History:
    """A stale read, with values of odd kinds."""
    return History.of(
        [
            Op(time=1, type="invoke", process=0, f="write", key="k", value=1),
            Op(time=2, type="ok", process=0, f="write", key="k", value=1),
            Op(time=3, type="info", process="nemesis", f="start-kill", value={"nodes": ["n2"], "raw": b"\xff"}),
            Op(time=4, type="invoke", process=1, f="read", key="k"),
            Op(time=5, type="info", process=1, f="read", key="k", error="timeout"),
        ]
    )


def fill(journal: Journal, *, entries: int = 30, log: bool = True) -> Journal:
    """Appends entries whose times are ten times their position, in chunks of ten."""
    for position in range(entries):
        if log and position % 9 == 0:
            journal.pending.append((position * 10, "log", "n1", "boot", f"line {position}"))
        else:
            journal.pending.append((position * 10, "deliver", "n2", f"c{position}", position, "n1", "Vote"))
        if position % 10 == 9:
            journal.flush()
    return journal


@pytest.fixture
def fill_journal() -> Callable[..., Journal]:
    """Fills a journal with entries in chunks."""
    return fill


@pytest.fixture
def make_record(plan: Plan, history: History) -> MakeRecord:
    """Makes the record of a run, judged as asked, whose journal goes to a sink."""

    def make(*, status: Status = Status.INVALID, sink: Sink | None = None) -> RunRecord:
        violation = Violation(
            checker="linear",
            kind="stale-read",
            summary="read 0 after 1",
            sentences=[["read ", OpRef(3, "r1"), " returned 0"]],
            ops=[3, 0],
            keys=["k", b"\x00", 1.0],
            data={"state": {"$bytes": "a dict"}, "odd": float("inf")},
        )
        violations = [violation] if status is Status.INVALID else []
        verdict = Verdict(checker="all", status=status, parts=[Verdict(checker="linear", status=status, violations=violations)])
        outcome = Outcome(
            plan=plan,
            history=history,
            journal=fill(Journal(sink)),
            effects={"f1": {"killed": 1}},
            violations=violations,
            liveness=LivenessReport(judged=True, core=["n1", "n3"], progressed=True, waited=17),
            stats=Stats(events=99, messages=12, simulated=10**9, phases={"main": 0}),
            invocation_ids={0: 0, 3: 1},
            interrupted="Ctrl-C",
        )
        manifest = Manifest(model="raft", workload="register", seed=7, settings={"nemesis": "kill"}, seconds={"simulate": 0.5})
        return RunRecord(manifest=manifest, outcome=outcome, verdict=verdict)

    return make
