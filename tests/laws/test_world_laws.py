"""Laws of the world: a recording replays to the same bytes, and taking an operation away moves nothing that it did not cause.

Both over our own models: a protocol that shares a list with a message, or draws what is not addressed, breaks them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from msgspec.structs import replace

from chaoskit.core.fault import At, Fault
from chaoskit.core.journal import Event
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Plan, plan_from_json, plan_to_json
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.run import draw, execute
from chaoskit.settings import Settings
from chaoskit.sim import world as world_module

MODELS = ["raft", "abd", "gossip", "primary_backup"]
CASES = [(model, seed) for model in MODELS for seed in (1, 2)]
COUNTED = ("message", "op")  # fields that count over the whole cluster
GLOBAL_KINDS = frozenset({"phase", "violation", "fault-begin", "fault-effect", "fault-end", "fault-refused"})


def drawn(model: str, seed: int, *, ops: int = 40, **settings: Any) -> Outcome:
    """A run that a seed gives, in the test mode that finds shared messages."""
    return execute(draw(Settings(seed=seed, ops=ops, **settings), model), check_aliasing=True)


def without(plan: Plan, identifier: int) -> Plan:
    """The plan without one invocation."""
    assert plan.invocations is not None
    return replace(plan, invocations=[item for item in plan.invocations if item.id != identifier])


@pytest.mark.parametrize(("model", "seed"), CASES)
def test_a_recording_replays_to_the_same_run(model: str, seed: int) -> None:
    """Through its file: digests, violations, effects, how it recovered, the plan; no message shares a value with a node."""
    outcome = drawn(model, seed)
    assert outcome.error is None
    again = execute(plan_from_json(plan_to_json(outcome.plan)))
    assert again.digests() == outcome.digests()
    assert again.plan == outcome.plan
    assert again.violations == outcome.violations
    assert again.effects == outcome.effects
    assert again.liveness == outcome.liveness
    assert again.stats.phases == outcome.stats.phases
    assert again.invocation_ids == outcome.invocation_ids


def test_progress_is_told_and_changes_nothing() -> None:
    """How many operations have begun, and the virtual time, after each that ends."""
    told: list[tuple[int, int]] = []
    plan = draw(Settings(seed=1, ops=20), "abd")
    watched = execute(plan, progress=lambda ops, now: told.append((ops, now)))
    assert told == sorted(told)
    assert len(told) == watched.history.count_types()["invoke"] == told[-1][0]
    assert watched.digests() == execute(plan).digests()


@pytest.mark.parametrize("chunk", [1, 100])
def test_digests_do_not_depend_on_how_often_the_journal_is_flushed(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sink that is slower or faster gives the same run."""
    usual = drawn("raft", 3, ops=20).digests()
    monkeypatch.setattr(world_module, "CHUNK_ENTRIES", chunk)
    assert drawn("raft", 3, ops=20).digests() == usual


def fates(outcome: Outcome) -> dict[tuple[str, str, str, int], list[tuple[str, int]]]:
    """What became of every packet, by its address (cause, source, destination, number): deliveries and drops, and how late.

    Without those of the last second: what is still under way when a run ends, and be it a copy, has no fate yet.
    """
    address: dict[int, tuple[str, str, str, int]] = {}
    sent: dict[int, int] = {}
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    found: dict[tuple[str, str, str, int], list[tuple[str, int]]] = {}
    for event in outcome.journal.events(kinds=frozenset({"send", "deliver", "drop"})):
        message = event.data["message"]
        if event.kind == "send":
            link = (event.cause, event.node, event.data["to"])
            address[message], sent[message] = (*link, counts[link]), event.time
            counts[link] += 1
            if event.time < outcome.stats.simulated - SECOND:
                found[address[message]] = []
        elif address[message] in found:
            reason = event.data.get("reason", "delivered")
            found[address[message]].append((reason, event.time - sent[message]))
    return found


@pytest.mark.parametrize(("model", "seed"), CASES)
def test_a_packets_fate_is_its_addresss(model: str, seed: int) -> None:
    """In a network that loses, duplicates and reorders: every packet of both runs, with an operation and without, fares alike."""
    network = "latency=lognormal:2ms,sigma=0.6,loss=5%,duplicate=5%,reorder=5%"
    outcome = drawn(model, seed, nemesis="none", network=network)
    before = fates(outcome)
    assert outcome.plan.invocations is not None
    for identifier in (0, 7, 25):
        after = fates(execute(without(outcome.plan, identifier)))
        shared = before.keys() & after.keys()
        assert [address for address in shared if before[address] != after[address]] == []
        assert len(shared) > len(before) / 3
        assert not any(cause == f"i{identifier}" for cause, *_ in after)


def reached(runs: list[list[Event]], clients: list[str], client: str, begin: int) -> dict[str, int]:
    """When each host could first notice that two runs differ, which a client makes differ from an instant on.

    A host that could notice, in either run, tells whoever its next message reaches, in either run.
    """
    found = {client: begin}
    while True:
        before = dict(found)
        for events in runs:
            _pass_on(events, clients, found)
        if found == before:
            return found


def _pass_on(events: list[Event], clients: list[str], found: dict[str, int]) -> None:
    """Follows one run. Clients notice at once that a node crashed: whoever may wait for one that could notice can notice, too."""
    messages: set[int] = set()
    for event in events:
        known = event.time >= found.get(event.node, 1 << 62)
        if event.kind == "send" and known:
            messages.add(event.data["message"])
        elif event.kind == "deliver" and event.data["message"] in messages:
            found[event.node] = min(event.time, found.get(event.node, event.time))
        elif event.kind == "crash" and known:
            found.update({host: min(event.time, found.get(host, event.time)) for host in clients})


def local_events(events: list[Event], host: str, until: int) -> list[tuple[Any, ...]]:
    """What a host did and what came to it before an instant."""
    return [
        (
            event.time,
            event.kind,
            event.cause,
            {name: value for name, value in event.data.items() if name not in ("message", "op")},
        )
        for event in events
        if event.node == host and event.time < until and event.kind not in GLOBAL_KINDS
    ]


def with_plain_faults(plan: Plan) -> Plan:
    """Faults at set times on named nodes: what an operation does may decide when or whom others strike."""
    first, second, *_ = plan.cluster.nodes

    def at(milliseconds: int) -> At:
        return At(milliseconds * MILLISECOND)

    faults = [
        Fault(id="f0", when=at(300), who=[first], kind="kill", lasting=200 * MILLISECOND, parameters={"power_loss": True}),
        Fault(id="f1", when=at(500), who=[second], kind="pause", lasting=150 * MILLISECOND),
        Fault(id="f2", when=at(700), who=[first], kind="clock", lasting=SECOND, parameters={"offset": 50 * MILLISECOND}),
    ]
    return replace(plan, faults=faults)


@pytest.mark.parametrize(("model", "seed"), CASES)
def test_what_an_operation_did_not_reach_stays_as_it_was(model: str, seed: int) -> None:
    """Take it away: every host does the same, at the same instants, until some message could have told it of the difference.

    That is Lamport's happened-before, from the operation's begin, in the run with it and in the run without it.
    """
    plan = draw(Settings(seed=seed, ops=40, nemesis="none", nodes=5), model)
    outcome = execute(with_plain_faults(plan))
    assert outcome.plan.invocations is not None
    clients = [f"c{slot}" for slot in range(outcome.plan.cluster.clients)]
    events = list(outcome.journal.events())
    compared = 0
    for place in (3, 15, 30):
        cut = outcome.plan.invocations[place]
        others = list(execute(without(outcome.plan, cut.id)).journal.events())
        begin = next(event.time for event in events if event.kind == "invoke" and event.cause == f"i{cut.id}")
        ends = reached([events, others], clients, f"c{cut.slot}", begin)
        for host in [*outcome.plan.cluster.nodes, *clients]:
            until = min(ends.get(host, 1 << 62), outcome.stats.phases["recovery"])
            unchanged = local_events(events, host, until)
            assert local_events(others, host, until) == unchanged
            compared += len(unchanged)
        assert max(ends.values()) > begin
    assert compared > 200
