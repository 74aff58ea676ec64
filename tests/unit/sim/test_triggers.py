"""Faults that wait for something to happen in the cluster."""

from __future__ import annotations

from typing import Any

import pytest
from toy_cluster import MS, Done, Echo, Note, ask, events, fault, run, times

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault, On
from chaoskit.model import Handler, Node, Request


class Leader(Node):
    """n1 leads from 20 ms to 40 ms, n2 from 40 ms on; a leader's log grows, and is committed 5 ms later."""

    def start(self) -> None:
        self.role, self.length, self.commit = "follower", 0, 0
        if self.name in ("n1", "n2") and self.unique()[1] == 1:
            self.set_timer(self.lead, 20 * MS if self.name == "n1" else 40 * MS)

    def lead(self) -> None:
        self.role = "leader"
        self.set_timer(self.append, 5 * MS)

    def append(self) -> None:
        self.length += 1
        self.set_timer(self.agree, 5 * MS)

    def agree(self) -> None:
        self.commit = self.length
        self.set_timer(self.resign, 10 * MS)

    def resign(self) -> None:
        if self.name == "n1":
            self.role = "follower"

    def receive(self, request: Request) -> Handler:
        request.reply(Done())
        return None

    def observe(self) -> dict[str, Any]:
        return {"role": self.role, "log_length": self.length, "commit": self.commit}


@pytest.mark.parametrize(
    ("on", "nth", "instant", "node"),
    [
        ("leader-elected", 1, 20, "n1"),
        ("leader-elected", 2, 40, "n2"),
        ("appended-not-committed", 1, 25, "n1"),
        ("role=follower", 1, 40, "n1"),
        ("commit=1", 2, 50, "n2"),
    ],
)
@pytest.mark.parametrize("after", [0, 3])
def test_an_observation_that_comes_to_hold_triggers(on: str, nth: int, instant: int, node: str, after: float) -> None:
    """The n-th time that some node's observation changes to it; its node is the sender."""
    outcome = run(Leader, faults=[fault("kill", on=on, nth=nth, after=after, who="sender", lasting=1)], lasts=100)
    [crash] = events(outcome, "crash")
    assert (crash.node, crash.time) == (node, (instant + after) * MS)


def test_an_event_before_its_time_does_not_count() -> None:
    """`not_before`, in ns."""
    late = Fault(id="f1", when=On(event="leader-elected", not_before=30 * MS), who="sender", kind="kill", lasting=MS)
    assert [event.node for event in events(run(Leader, faults=[late], lasts=100), "crash")] == ["n2"]


class Chain(Node):
    """n1 passes on to n2, n2 to n3, every 10 ms."""

    def start(self) -> None:
        if self.name == "n1":
            self.set_timer(self.go, 10 * MS)

    def go(self) -> None:
        self.send("n2", Note("go"))
        self.set_timer(self.go, 10 * MS)

    def receive(self, request: Request) -> Handler:
        if self.name == "n2":
            self.send("n3", Note("on"))
        return None


@pytest.mark.parametrize(
    ("on", "who", "nth", "instant", "node"),
    [
        ("send Note", "sender", 1, 10, "n1"),
        ("send Note", "sender", 2, 11, "n2"),
        ("send Note", "receiver", 2, 11, "n3"),
        ("deliver Note", "sender", 2, 12, "n2"),
        ("deliver Note", "receiver", 2, 12, "n3"),
        ("deliver Note", "receiver", 3, 21, "n2"),
    ],
)
def test_messages_trigger_by_type_with_both_ends(on: str, who: str, nth: int, instant: int, node: str) -> None:
    """Sender and receiver are those of the message."""
    outcome = run(Chain, faults=[fault("kill", on=on, nth=nth, who=who, lasting=1)], lasts=40)
    assert [(event.node, event.time // MS) for event in events(outcome, "crash")] == [(node, instant)]


def test_a_message_that_killed_its_receiver_was_not_received() -> None:
    """It strikes before the handler: n2 passes on only what comes after its next boot."""
    outcome = run(Chain, faults=[fault("kill", on="deliver Note", who="receiver", lasting=5)], lasts=15)
    assert times(events(outcome, "send", node="n2"))[0] == 21


def test_a_client_is_no_target_of_sender_or_receiver() -> None:
    """There is no such node now: the fault is refused."""
    outcome = run(asks=[ask(10)], faults=[fault("kill", on="send Do", who="sender")])
    assert [event.data["reason"] for event in events(outcome, "fault-refused")] == ["no node is 'sender' now"]


def test_a_fault_strikes_once() -> None:
    """The next time, nothing waits any more."""
    outcome = run(
        Echo, asks=[ask(10), ask(20), ask(300)], faults=[fault("pause", on="acknowledged", nth=2, who="sender", lasting=5)]
    )
    assert times(events(outcome, "pause")) == [20]
    assert outcome.plan.faults[0].resolution is not None
    assert outcome.plan.faults[0].resolution.nodes == ["n1"]


def test_two_faults_may_wait_for_one_event() -> None:
    """In the order of the plan."""
    both = [fault("pause", on="acknowledged", nth=1, lasting=5, name=name) for name in ("b", "a")]
    outcome = run(Echo, asks=[ask(10)], faults=both)
    assert [event.data["fault"] for event in events(outcome, "fault-begin")] == ["b", "a"]


@pytest.mark.parametrize("event", ["", "send", "recieve Vote", "election"])
def test_an_event_that_nothing_can_be_is_refused(event: str) -> None:
    """With those that there are."""
    with pytest.raises(UsageError, match=rf"^expected an event \(leader-elected, .*\) but got on='{event}'\.$"):
        run(faults=[fault("kill", on=event)])
