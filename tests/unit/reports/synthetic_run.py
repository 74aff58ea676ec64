"""A run record made by hand, for tests of the reports: five nodes, eight clients, a partition, a kill and one stale read.

It looks like what a Raft cluster under faults gives, without a simulator: the reports must not need one. Loaded by path
from conftest.py.
"""

from __future__ import annotations

import random
from typing import Any

from chaoskit.core.canonical import canonical
from chaoskit.core.fault import At, Fault, On, Resolution
from chaoskit.core.history import HistoryBuilder
from chaoskit.core.journal import Journal
from chaoskit.core.outcome import LivenessReport, Outcome, Stats
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.core.verdict import OpRef, Status, Verdict, Violation, compose

NODES = ["n1", "n2", "n3", "n4", "n5"]
CLIENTS = 8
HOSTILE = "</script><img src=x onerror=alert(1)>"
CUT_BEGIN, CUT_END = 980 * MILLISECOND, 1700 * MILLISECOND
DOWN_BEGIN, DOWN_END = 2000 * MILLISECOND, 2600 * MILLISECOND
STALE = (  # slot, f, value, answer, begin and end in ms: the three operations of the stale read on k3
    (1, "write", 4, 4, 790, 870),
    (2, "write", 5, 5, 1020, 1240),
    (5, "read", None, 4, 1310, 1352),
)


class Cast:
    """Collects events in any order and writes them in the order of time, as a world would."""

    def __init__(self, *, nodes: list[str], seed: int) -> None:
        self.nodes = nodes
        self.random = random.Random(seed)
        self.events: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self.messages = 0

    def client(self, time: int, type_: str, process: int | str, *fields: Any) -> None:
        """An event of the history: f, key, value, and an error when there is one."""
        f, key, value, *error = fields
        self._add(time, "history", (type_, process, f, key, value, *(error or [None])))

    def journal(self, time: int, kind: str, node: str, cause: str, *fields: Any) -> None:
        self._add(time, "journal", (kind, node, cause, *fields))

    def message(
        self,
        time: int,
        sender: str,
        receiver: str,
        type_: str,
        cause: str,
        *,
        delay: int,
        lost: str | None = None,
        **body: Any,
    ) -> int:
        """A message that arrives after `delay`, or is dropped for the reason `lost`; returns when that is."""
        self.messages += 1
        packed = canonical({"type": type_, **body})
        self.journal(time, "send", sender, cause, self.messages, receiver, type_, len(packed), packed)
        if lost:
            self.journal(time, "drop", sender, cause, self.messages, receiver, type_, lost)
        else:
            self.journal(time + delay, "deliver", receiver, cause, self.messages, sender, type_)
        return time + delay

    def jitter(self, low: int, high: int) -> int:
        return self.random.randint(low, high) * MILLISECOND // 10

    def _add(self, time: int, stream: str, fields: tuple[Any, ...]) -> None:
        self.events.append((time, len(self.events), stream, fields))


def build(
    *, ops: int = 200, status: str = "invalid", hostile: bool = False, faults: bool = True, initial_reads: bool = False
) -> RunRecord:
    """A run of about so many operations. `hostile` plants markup as a value, a node's name, a log line and more."""
    nodes = [*NODES[:4], HOSTILE] if hostile else NODES
    cast = Cast(nodes=nodes, seed=7)
    length = max(3 * SECOND, ops * 15 * MILLISECOND)
    _cluster_life(cast, min(length, 4 * SECOND))
    _traffic(cast, ops - len(STALE), length, hostile=hostile, initial_reads=initial_reads)
    if status == "invalid":
        _stale_read(cast)
    if faults:
        _faults_felt(cast)
    outcome = _outcome(cast, _plan(nodes, ops, _faults(nodes) if faults else []), length)
    manifest = Manifest(
        complete=True, chaoskit="0.1.0", source_digest="9b1c6a" * 6, python="3.11.9", packages={"numpy": "2.4.6"}, model="raft",
        model_reference="/home/someone/raft.py:raft", bug="stale-leader-read" if status == "invalid" else None, seed=7,
        settings={"out": "/home/someone/runs"}, reproduce="chaoskit run raft --seed 7 --nemesis partition,kill --ops 200",
        seconds={"simulate": 41.7251, "check": 0.5},
    )  # fmt: skip
    return RunRecord(
        manifest=manifest,
        outcome=outcome,
        verdict=_verdict(outcome, status, hostile=hostile),
        directory="/home/someone/runs/raft-7-1",
    )


def _cluster_life(cast: Cast, length: int) -> None:
    """Boots, an election on either side of the cut, heartbeats, a log line a node."""
    nodes = cast.nodes
    for node in nodes:
        cast.journal(0, "boot", node, f"{node}.0", 0)
        cast.journal(1 * MILLISECOND, "observe", node, f"{node}.0", {"role": "follower", "term": 0, "commit": 0, "log_length": 0})
        cast.journal(2 * MILLISECOND, "log", node, f"{node}.0", f"{node} is up" if node in NODES else HOSTILE)
    cast.journal(
        180 * MILLISECOND, "observe", "n1", "n1.0.election.1", {"role": "leader", "term": 3, "commit": 0, "log_length": 0}
    )
    cast.journal(
        1100 * MILLISECOND,
        "observe",
        "n2",
        "n2.0.election.4",
        {"role": "leader", "term": 4, "commit": 61, "log_length": 63},
    )
    cast.journal(1101 * MILLISECOND, "log", "n2", "n2.0.election.4", "won the election of term 4 with 3 votes")
    cast.journal(
        1700 * MILLISECOND,
        "observe",
        "n1",
        "n2.0.heartbeat.9",
        {"role": "follower", "term": 4, "commit": 61, "log_length": 62},
    )
    for number, time in enumerate(range(200 * MILLISECOND, length, 50 * MILLISECOND)):
        for leader in ["n1"] if time < CUT_BEGIN else ["n1", "n2"] if time < CUT_END else ["n2"]:
            cause = f"{leader}.0.heartbeat.{number}"
            for other in [node for node in nodes if node != leader]:
                cut = CUT_BEGIN <= time < CUT_END and "n1" in (leader, other)
                down = other == "n3" and DOWN_BEGIN <= time < DOWN_END
                lost = "partition f1" if cut else "n3 is down" if down else None
                at = cast.message(
                    time,
                    leader,
                    other,
                    "AppendEntries",
                    cause,
                    delay=cast.jitter(12, 60),
                    lost=lost,
                    term=3 + (leader == "n2"),
                    entries=[],
                )
                if not lost:
                    cast.message(
                        at,
                        other,
                        leader,
                        "Appended",
                        cause,
                        delay=cast.jitter(12, 60),
                        term=3 + (leader == "n2"),
                        success=True,
                    )


def _traffic(cast: Cast, ops: int, length: int, *, hostile: bool, initial_reads: bool) -> None:
    """Operations on other keys: a slot asks again some time after its last answer; a few fail or are never answered."""
    processes = list(range(CLIENTS))
    free = [cast.jitter(100, 900) for _ in range(CLIENTS)]
    for number in range(ops):
        slot = min(range(CLIENTS), key=free.__getitem__)
        begin, process, key = free[slot], processes[slot], f"k{cast.random.choice([1, 2, 4])}"
        if slot in (1, 2, 5):
            begin = _beside_the_stale_read(slot, begin)
        end = begin + cast.jitter(30, 400)
        f = cast.random.choice(["read", "write", "write", "cas"]) if not initial_reads else cast.random.choice(["read", "cas"])
        value = None if f == "read" else number if f == "write" else [number, number + 1]
        if hostile and number == 5:
            f, value = "write", HOSTILE
        cast.client(begin, "invoke", process, f, key, value)
        fate = cast.random.random()
        if fate < 0.03:
            end = begin + 500 * MILLISECOND
            cast.client(end, "info", process, f, key, value, "timeout")
            processes[slot] += CLIENTS
        elif fate < 0.08 or (initial_reads and f == "cas"):
            cast.client(end, "fail", process, f, key, value, HOSTILE if hostile else "precondition")
        else:
            answer = (None if initial_reads else cast.random.randint(0, 9)) if f == "read" else value
            cast.client(end, "ok", process, f, key, answer)
        free[slot] = end + cast.random.randint(0, max(1, 2 * CLIENTS * length // max(ops, 1) - 60 * MILLISECOND))


def _beside_the_stale_read(slot: int, begin: int) -> int:
    """Pushes a time of this slot past the moment when it takes part in the anomaly."""
    for other, _, _, _, first, last in STALE:
        if slot == other and begin < last * MILLISECOND and begin > (first - 520) * MILLISECOND:
            return last * MILLISECOND + MILLISECOND
    return begin


def _stale_read(cast: Cast) -> None:
    for slot, f, value, answer, begin, end in STALE:
        start, stop = begin * MILLISECOND, end * MILLISECOND
        cause = _cause(begin)
        node = cast.nodes[slot % 5]
        cast.client(start, "invoke", slot, f, "k3", value)
        asked = cast.message(start, f"c{slot}", node, "Request", cause, delay=0, f=f, key="k3", value=value)
        leader = "n1" if begin < 1100 and slot != 2 else node if f == "read" else "n2"
        for other in [name for name in cast.nodes if name not in (leader, "n1")] if f == "write" else []:
            at = cast.message(
                asked + 40 * MILLISECOND,
                leader,
                other,
                "AppendEntries",
                cause,
                delay=cast.jitter(15, 50),
                entries=[["k3", value]],
            )
            cast.message(at, other, leader, "Appended", cause, delay=cast.jitter(15, 50), success=True)
        cast.message(stop, node, f"c{slot}", "Answer", cause, delay=0, value=answer)
        cast.client(stop, "ok", slot, f, "k3", answer)


def _cause(begin: int) -> str:
    """Operations of the anomaly are invocations 9000 and on of the plan: ids are not history indices."""
    return f"i{9000 + begin}"


def _faults(nodes: list[str]) -> list[Fault]:
    groups = [["n1"], nodes[1:]]
    return [
        Fault(
            id="f1", when=At(CUT_BEGIN), who="primaries", kind="partition", lasting=CUT_END - CUT_BEGIN,
            resolution=Resolution(begin=CUT_BEGIN, end=CUT_END, nodes=["n1"], parameters={"groups": groups}),
        ),
        Fault(
            id="f2", when=On(event="leader-elected", nth=2, after=900 * MILLISECOND), who="one", kind="kill",
            lasting=600 * MILLISECOND,
            resolution=Resolution(begin=DOWN_BEGIN, end=DOWN_END, nodes=["n3"]),
        ),
        Fault(
            id="f3", when=At(1200 * MILLISECOND), who="some", kind="packet", parameters={"loss": 20_000},
            resolution=Resolution(begin=1200 * MILLISECOND, end=1500 * MILLISECOND, nodes=["n4"], parameters={"loss": 20_000}),
        ),
        Fault(
            id="f4", when=At(2300 * MILLISECOND), who=["n5"], kind="wipe",
            resolution=Resolution(begin=2300 * MILLISECOND, nodes=["n5"], refused="raft does not claim to survive wipe"),
        ),
        Fault(id="f5", when=On(event="leader-elected", nth=9), who="primaries", kind="pause"),
    ]  # fmt: skip


def _faults_felt(cast: Cast) -> None:
    cast.journal(CUT_BEGIN, "fault-begin", "", "f1", "f1", "partition", ["n1"], {"groups": [["n1"], cast.nodes[1:]]})
    cast.journal(CUT_END, "fault-end", "", "f1", "f1")
    cast.journal(1200 * MILLISECOND, "fault-begin", "", "f3", "f3", "packet", ["n4"], {"loss": 20_000})
    cast.journal(1500 * MILLISECOND, "fault-end", "", "f3", "f3")
    cast.journal(DOWN_BEGIN, "fault-begin", "", "f2", "f2", "kill", ["n3"], {})
    cast.journal(DOWN_BEGIN, "crash", "n3", "f2", "killed by f2")
    cast.journal(DOWN_END, "boot", "n3", "f2", 1)
    cast.journal(DOWN_END, "fault-end", "", "f2", "f2")
    cast.journal(2300 * MILLISECOND, "fault-refused", "", "f4", "f4", "wipe", "raft does not claim to survive wipe")
    for time, f, value in [(CUT_BEGIN, "partition", ["n1"]), (CUT_END, "heal", None)]:
        cast.client(time, "info", "nemesis", f, None, value)


def _plan(nodes: list[str], ops: int, faults: list[Fault]) -> Plan:
    return Plan(
        seed=7, model="raft", model_digest="4f3a0c" * 5, model_parameters={"election_timeout": "150ms..300ms"},
        bugs=["stale-leader-read"],
        workload="register", workload_parameters={"keys": 4}, faults=faults,
        cluster=Cluster(nodes=nodes, clients=CLIENTS, disk={"sync": "1ms"},
                        network={"latency": "lognormal:2ms,sigma=0.4", "loss": 0}),
        pacing=Pacing(ops=ops, rate=100, time_limit=60 * SECOND, op_timeout=500 * MILLISECOND, recovery=10 * SECOND),
    )  # fmt: skip


def _outcome(cast: Cast, plan: Plan, length: int) -> Outcome:
    history, journal = HistoryBuilder(), Journal()
    for time, _, stream, fields in sorted(cast.events, key=lambda event: event[:2]):
        if stream == "history":
            type_, process, f, key, value, error = fields
            history.append(type_, process, f, key, value, time=time, error=error)
        else:
            journal.pending.append((time, *fields))
    journal.flush()
    effects = {"f1": {"dropped": 96}, "f2": {"crashed": 1, "dropped": 24}, "f3": {"dropped": 0}} if plan.faults else {}
    built = history.build()
    end = max(length, int(built.times[-1]) if len(built) else 0)
    begins = {begin * MILLISECOND: begin for _, _, _, _, begin, _ in STALE}
    return Outcome(
        plan=plan, history=built, journal=journal, effects=effects, violations=[],
        invocation_ids={op.index: 9000 + begins[op.time] for op in built if op.key == "k3" and op.is_invoke},
        liveness=LivenessReport(judged=True, core=["n1", "n2", "n4"], progressed=True, waited=212 * MILLISECOND),
        stats=Stats(events=48_213, messages=cast.messages, simulated=end, phases={"main": 0, "recovery": end - SECOND}),
    )  # fmt: skip


def _verdict(outcome: Outcome, status: str, *, hostile: bool) -> Verdict:
    if status == "valid":
        return compose("all", [_part("linearizable", Status.VALID, configurations=41_207), _part("invariants", Status.VALID)])
    if status == "unknown":
        limit = "gave up on key k1 at op 412 after 2,000,000 states; try --budget states=20M or fewer clients (--clients 4)"
        return compose("all", [_part("linearizable", Status.UNKNOWN, reason=limit, configurations=2_000_000)])
    invoked = [op.index for op in outcome.history if op.key == "k3" and op.type == "invoke"]
    first, second, read = invoked
    violation = Violation(
        checker="linearizable", kind="stale-read", keys=["k3"], ops=[read, second, first], time=1352 * MILLISECOND, nodes=["n1"],
        summary="A read of k3 returned 4, which had been overwritten before the read began." + (HOSTILE if hostile else ""),
        sentences=[
            [OpRef(first, f"w{first} (write k3=4)"), " ended at 0.870 s, before ", OpRef(second, f"w{second} (write k3=5)"),
             f" began at 1.020 s: w{first} comes before w{second}."],
            [OpRef(second, f"w{second}"), " was acknowledged at 1.240 s, before ", OpRef(read, f"r{read} (read k3)"),
             f" began at 1.310 s: w{second} comes before r{read}."],
            [OpRef(read, f"r{read}"), " returned 4, but after ", OpRef(second, f"w{second}"),
             " the register holds 5 and no other operation writes 4: a contradiction."],
        ],
        order=[first, second],
        data={
            "not": ["linearizable"], "also-not": ["strict-serializable"],
            "states": [{"state": "5", "reason": "read 4, but the state is 5"}],
        },
    )  # fmt: skip
    return compose(
        "all",
        [
            _part("linearizable", Status.INVALID, violations=[violation], configurations=41_207),
            _part("invariants", Status.VALID),
        ],
    )


def _part(
    checker: str, status: Status, *, reason: str | None = None, violations: list[Violation] | None = None, **results: Any
) -> Verdict:
    return Verdict(checker=checker, status=status, reason=reason, violations=violations or [], results=results)
