"""What the world sees to: broken contracts end a run by name, messages are what their bytes say, invariants are watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from toy_cluster import LEVERS, MS, Do, Done, Echo, Note, answers, ask, events, fault, logs, run, times

from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.fault import Fault
from chaoskit.model import Breach, Handler, Invariant, Message, Node, Request, Tolerates, View, Watch
from chaoskit.sim.control import Control


class Bag(Message):
    """A message that holds a list."""

    items: list[int]


def once(act: Callable[[Node, Request], None]) -> type[Node]:
    """A node that does this with what a client asks."""

    class Doing(Node):
        """Does it."""

        def receive(self, request: Request) -> Handler:
            act(self, request)
            return None

    return Doing


def twice(node: Node, request: Request) -> None:
    request.reply(Done(1))
    request.reply(Done(2))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (twice, "expected one reply to Do from c0 but got another: Done(value=2)."),
        (lambda node, request: request.reply(Done(object())), "n1 sent a Done that cannot be encoded: "),
        (lambda node, request: request.reply(Done(2**70)), "n1 sent a Done that cannot be encoded: "),
        (lambda node, request: node.send("n9", Note("x")), "expected the name of a host (n1, n2, n3, c0) but got 'n9'."),
    ],
)
def test_a_node_that_breaks_its_contract_ends_the_run(act: Callable[[Node, Request], None], message: str) -> None:
    """The outcome holds the error and everything up to it; no node is to blame for ours."""
    outcome = run(once(act), asks=[ask(10)])
    assert isinstance(outcome.error, ModelError)
    assert str(outcome.error).startswith(message)
    assert outcome.violations == []
    assert [op.type for op in outcome.history] == ["invoke"]
    assert times(events(outcome, "deliver")) == [10]


def test_a_second_answer_to_a_plain_message_is_a_message() -> None:
    """Only calls have one answer."""

    class Chatty(Node):
        """n2 answers a note twice."""

        def start(self) -> None:
            if self.name == "n1":
                self.send("n2", Note("?"))

        def receive(self, request: Request) -> Handler:
            if self.name == "n2":
                assert not request.wants_reply
                request.reply(Note("a"))
                request.reply(Note("b"))
            else:
                self.log(request.body.text)
            return None

    assert logs(run(Chatty, lasts=10)) == ["a", "b"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_message_that_is_changed_after_it_was_sent_is_found(when: str) -> None:
    """In the test mode, at delivery: its bytes are what was journaled, hashed and sized."""

    class Sharer(Node):
        """n1 sends its own list and goes on using it."""

        def start(self) -> None:
            self.items = [1]
            if self.name == "n1":
                if when == "before":
                    self.items.append(2)
                self.send("n2", Bag(self.items))
                if when == "after":
                    self.items.append(2)

        def receive(self, request: Request) -> Handler:
            return None

    error = run(Sharer, lasts=10).error
    assert run(Sharer, lasts=10, check_aliasing=False).error is None
    if when == "before":
        assert error is None
    else:
        assert str(error) == "Bag was changed after it was sent: messages must not share mutable values with a node."


class Carrier(Node):
    """n1 carries a number to n2, which logs it, ten times."""

    def start(self) -> None:
        if self.name == "n1":
            for number in range(10):
                self.send("n2", Bag([number] * 3))

    def receive(self, request: Request) -> Handler:
        self.log(str(request.body.items))
        return None


CORRUPT = fault("packet", at=0, source="n1", destination="n2", corrupt=1_000_000)


def corrupted(tolerates: Tolerates, *, beyond_claim: bool = False) -> Any:
    """A run in which every packet is corrupted; the fault begins before the first boot's messages are sent."""

    class Late(Carrier):
        """After a millisecond."""

        def start(self) -> None:
            self.set_timer(self.go, MS)

        def go(self) -> None:
            super().start()

    return run(Late, faults=[CORRUPT], lasts=20, tolerates=tolerates, beyond_claim=beyond_claim)


def test_detected_corruption_is_loss() -> None:
    """A checksum sees it: the claim says so."""
    outcome = corrupted(Tolerates(corruption="detected"))
    assert logs(outcome) == []
    assert [event.data["detected"] for event in events(outcome, "corrupt")] == [True] * 10
    assert outcome.effects["f1"] == {"corrupted": 10}


@pytest.mark.parametrize(("tolerates", "beyond"), [(Tolerates(corruption="any"), False), (Tolerates(corruption="none"), True)])
def test_undetected_corruption_delivers_a_changed_message(tolerates: Tolerates, beyond: bool) -> None:
    """Where the claim is to survive anything, or the plan goes past it: one bit is flipped, and what still decodes arrives."""
    outcome = corrupted(tolerates, beyond_claim=beyond)
    found = events(outcome, "corrupt")
    assert len(found) == 10
    assert len(logs(outcome)) == sum(not event.data["detected"] for event in found)
    assert set(logs(outcome)) - {str([number] * 3) for number in range(10)}
    assert outcome.error is None  # the test mode compares with the changed bytes


def test_corruption_past_the_claim_is_refused() -> None:
    """Unless the plan goes past it."""
    outcome = corrupted(Tolerates(corruption="none"))
    assert len(logs(outcome)) == 10
    [refused] = events(outcome, "fault-refused")
    assert refused.data["reason"] == "the model does not claim to survive corrupted messages"


class Counter(Node):
    """Observes how often it was asked."""

    def start(self) -> None:
        self.count = 0

    def receive(self, request: Request) -> Handler:
        self.count += 1
        request.reply(Done(self.count))
        return None

    def observe(self) -> dict[str, Any]:
        return {"role": "counter", "count": self.count}


def watching(view_log: list[tuple[str, dict[str, int]]]) -> Invariant:
    """An invariant that remembers what it saw and breaks at three."""

    def watch() -> Watch:
        def look(view: View, node: str) -> Breach | None:
            view_log.append((node, {name: state["count"] for name, state in view.items()}))
            return (
                Breach(kind="too-many", summary=f"{node} counted {view[node]['count']}", nodes=[node])
                if view[node]["count"] >= 3
                else None
            )

        return look

    return Invariant(name="too-many", summary="nobody counts to three", watch=watch)


def test_invariants_are_watched_when_an_observation_changes() -> None:
    """They see all nodes that are up. The first breach of a kind is kept, with its place in the journal."""
    seen: list[tuple[str, dict[str, int]]] = []
    outcome = run(
        Counter,
        nodes=2,
        asks=[ask(10), ask(20), ask(30), ask(40), ask(500)],
        invariants=[watching(seen)],
        faults=[fault("kill", at=5, who="n2", lasting=10), fault("kill", at=100, name="f2", lasting=100)],
    )
    assert seen == [
        ("n1", {"n1": 0}),
        ("n2", {"n1": 0, "n2": 0}),
        ("n1", {"n1": 1}),
        ("n2", {"n1": 1, "n2": 0}),
        ("n1", {"n1": 2, "n2": 0}),
        ("n1", {"n1": 3, "n2": 0}),
        ("n1", {"n1": 4, "n2": 0}),
        ("n1", {"n1": 0, "n2": 0}),
        ("n1", {"n1": 1, "n2": 0}),
    ]
    [violation] = outcome.violations
    assert (violation.checker, violation.kind, violation.summary, violation.nodes) == (
        "invariants",
        "too-many",
        "n1 counted 3",
        ["n1"],
    )
    assert violation.time == 30 * MS
    assert violation.journal is not None
    entry = next(outcome.journal.entries(violation.journal))[1]
    assert entry[1:3] == ("violation", "")


def test_an_invariant_that_raises_is_the_models_fault() -> None:
    """Not a crash of ours, and not the node's."""

    def watch() -> Watch:
        return lambda view, node: view[node]["leader"]

    outcome = run(Counter, asks=[ask(10)], invariants=[Invariant(name="x", summary="y", watch=watch)])
    message = "an invariant raised KeyError at n1, which observes {'role': 'counter', 'count': 0}: 'leader'"
    assert isinstance(outcome.error, ModelError)
    assert str(outcome.error) == message


def test_an_observation_that_cannot_be_written_down_is_the_models_fault() -> None:
    """However short the run: everything recorded is kept."""

    class Odd(Echo):
        """Observes itself."""

        def observe(self) -> dict[str, Any]:
            return {"self": self}

    outcome = run(Odd, asks=[ask(10)])
    assert isinstance(outcome.error, ModelError)
    assert str(outcome.error).endswith("what observe() returns must be JSON-like.")
    assert set(outcome.digests()) == {"history", "journal", "full"}
    assert times(events(outcome, "deliver", type="Do")) == [10]


def _raises(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
    raise KeyError("oops")


def _misspells(control: Control, fault: Fault, nodes: list[str]) -> dict[str, Any]:
    control.select("primarys", token=fault.id)
    return {}


@pytest.mark.parametrize("on", [None, "write"])
def test_a_nemesis_that_raises_is_not_a_nodes_exception(on: str | None) -> None:
    """Even when it strikes in the middle of a handler."""

    class Writer(Echo):
        """Writes before it answers."""

        def receive(self, request: Request) -> Handler:
            self.disk.append("log", b"x")
            return super().receive(request)

    outcome = run(Writer, asks=[ask(10)], faults=[fault("broken", at=5, on=on)], levers={"broken": _raises})
    assert isinstance(outcome.error, ModelError)
    assert str(outcome.error) == "the nemesis of f1 (broken) raised KeyError: 'oops'"
    assert outcome.violations == []
    with pytest.raises(UsageError, match=r"^expected node names, .* but got who='primarys'\.$"):
        run(Writer, asks=[ask(10)], faults=[fault("broken", at=5, on=on)], levers={"broken": _misspells})


def test_a_fault_of_an_unknown_kind_is_refused_before_anything_runs() -> None:
    """With the nearest that there is."""
    with pytest.raises(UsageError, match=r"^unknown fault kind 'kil'\. Did you mean 'kill'\? See 'chaoskit list nemeses'\.$"):
        run(faults=[fault("kil", at=5)])
    assert "kill" in LEVERS


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": {"latncy": "constant:1ms"}}, r"expected the cluster's network settings but got .*unknown field `latncy`\.$"),
        (
            {"network": {"loss": "much"}},
            r"expected the cluster's network settings but got .*Expected `int`, got `str` - at `\$\.loss`\.$",
        ),
        ({"network": {"latency": "soon"}}, r"expected a law such as .* but got latency='soon'\.$"),
        ({"clocks": {"drfit": 5}}, r"expected the cluster's clocks settings but got .*unknown field `drfit`\.$"),
    ],
)
def test_settings_of_the_cluster_that_nobody_knows_are_refused(settings: dict[str, Any], message: str) -> None:
    """A plan's typing error must not run as something else."""
    with pytest.raises(UsageError, match=f"^{message}"):
        run(**settings)


def test_a_storm_of_events_is_a_livelock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything has a limit, and meeting it is reported, with the limit and when it was met."""
    monkeypatch.setattr("chaoskit.sim.phases.EVENTS_BASE", 1000)
    monkeypatch.setattr("chaoskit.sim.phases.EVENTS_PER_OP", 0)
    monkeypatch.setattr("chaoskit.sim.phases.INSTANT_EVENTS_MAX", 100)

    class Busy(Echo):
        """A timer a microsecond."""

        def start(self) -> None:
            self.set_timer(self.again, 1000)

        def again(self) -> None:
            self.set_timer(self.again, 1000)

    outcome = run(Busy, lasts=1000)
    assert outcome.error is None
    [violation] = outcome.violations
    assert (violation.checker, violation.kind) == ("liveness", "livelock")
    assert violation.summary.startswith("livelock: more than 1,000 events by 0.000 s, as in a storm of messages; ")


def test_long_runs_of_many_nodes_may_have_many_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster whose nodes say something now and then is no storm, however long it is watched."""
    monkeypatch.setattr("chaoskit.sim.phases.EVENTS_BASE", 1000)
    monkeypatch.setattr("chaoskit.sim.phases.EVENTS_PER_OP", 0)
    monkeypatch.setattr("chaoskit.sim.phases.INSTANT_EVENTS_MAX", 100)

    class Ticking(Echo):
        """A timer every five milliseconds."""

        def start(self) -> None:
            self.set_timer(self.start, 5 * MS)

    outcome = run(Ticking, nodes=9, lasts=2000)
    assert outcome.violations == []


def test_causes_are_inherited_through_deliveries() -> None:
    """What an operation led to names it, over nodes, syncs and sleeps; timers are causes of their own."""

    class Relay(Node):
        """n1 asks n2, which syncs; then n1 sleeps and answers."""

        def start(self) -> None:
            self.set_timer(self.tick, 500 * MS)

        def tick(self) -> None:
            self.send("n3", Note("tick"))

        async def receive(self, request: Request) -> None:
            if isinstance(request.body, Do):
                await self.call("n2", Note("?"))
                await self.sleep(5 * MS)
                request.reply(Done())
            elif self.name == "n2":
                self.disk.append("log", b"x")
                self.disk.sync()
                request.reply(Note("!"))

    outcome = run(Relay, asks=[ask(10), ask(600)])
    sends = [(event.node, event.data["type"], event.cause) for event in events(outcome, "send") if event.time < 550 * MS]
    assert sends[:4] == [("c0", "Do", "i0"), ("n1", "Note", "i0"), ("n2", "Note", "i0"), ("n1", "Done", "i0")]
    assert sorted(sends[4:]) == [(f"n{number}", "Note", f"n{number}.1.tick.1") for number in (1, 2, 3)]
    assert {event.cause for event in events(outcome, "disk", node="n2")} == {"i0", "i1"}
    assert answers(outcome) == [("ok", None), ("ok", None)]
