"""Client slots: when operations begin, how they end, and what breaks the contract."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from toy_cluster import MS, Do, DoClient, Done, Echo, NoQuestions, answers, ask, events, fault, run, times

from chaoskit.core.errors import ModelError
from chaoskit.core.op import Op
from chaoskit.core.plan import Invocation
from chaoskit.model import Client, Handler, Node, Request


class Slow(Node):
    """Answers after as many milliseconds as it is asked; never for None."""

    async def receive(self, request: Request) -> None:
        if request.body.value is not None:
            await self.sleep(request.body.value * MS)
            request.reply(Done(request.body.value))


def begins(outcome: Any) -> list[float]:
    """When operations began, in milliseconds, without the nanosecond that keeps causes and effects apart."""
    return [op.time // 1000 / 1000 for op in outcome.history.clients() if op.is_invoke]


def test_a_time_out_is_unknown() -> None:
    """It may have had effect: `info`, never `fail` (row 80). The slot goes on as a new process with a new client."""
    outcome = run(Slow, asks=[ask(10), ask(20, value=5)], clients=2)
    history = list(outcome.history)
    assert [(op.type, op.process, op.error) for op in history] == [
        ("invoke", 0, None),
        ("info", 0, "time-out"),
        ("invoke", 2, None),
        ("ok", 2, None),
    ]
    assert history[1].time == 1010 * MS


def test_a_read_that_timed_out_certainly_did_nothing() -> None:
    """`fail`, and its client goes on: the late answer is nobody's."""
    outcome = run(Slow, asks=[ask(10, "read", 1500), ask(20, "read", 5), ask(3000, "read", 5)])
    assert answers(outcome) == [("fail", "time-out"), ("ok", 5), ("ok", 5)]
    assert {op.process for op in outcome.history.clients()} == {0}
    assert events(outcome, "deliver", node="c0", type="Done")[1].time == 1510 * MS


def test_a_node_that_is_down_refuses_and_nothing_happened() -> None:
    """`fail` at once, whatever was asked (row 78)."""
    outcome = run(asks=[ask(10, value=1), ask(200, value=2)], faults=[fault("kill", at=5, lasting=100)])
    assert answers(outcome) == [("fail", "refused: n1 is down"), ("ok", 2)]
    assert [op.time // MS for op in outcome.history.clients()] == [10, 10, 200, 200]


@pytest.mark.parametrize(("f", "end"), [("write", "info"), ("read", "fail")])
def test_a_node_that_dies_while_it_works_leaves_writes_unknown(f: str, end: str) -> None:
    """The connection breaks at once, and nobody waits for the time-out."""
    outcome = run(Slow, asks=[ask(10, f, 500)], faults=[fault("kill", at=50, lasting=10)])
    assert answers(outcome) == [(end, "n1 died")]
    assert outcome.history[-1].time >= 50 * MS
    assert [op.time // MS for op in outcome.history.clients()] == [10, 50]


def test_a_refusing_node_says_that_nothing_happened() -> None:
    """`Request.refuse` is `fail`."""

    class Refuser(Node):
        """Always."""

        def receive(self, request: Request) -> Handler:
            request.refuse()
            return None

    assert answers(run(Refuser, asks=[ask(10)])) == [("fail", "refused: refused by n1")]


def test_a_client_may_say_itself_how_it_ended() -> None:
    """`op.fail` and `op.info` with its own reason."""

    class Judge(Client):
        """Believes small values only."""

        async def invoke(self, op: Op) -> Op:
            answer = await self.call(Do(op.f, op.key, op.value))
            if answer.value > 10:
                return op.fail("too large")
            return op.info("odd") if answer.value % 2 else op.ok(answer.value)

    outcome = run(client=Judge, asks=[ask(10, value=20), ask(20, value=3), ask(30, value=4)])
    assert answers(outcome) == [("fail", "too large"), ("info", "odd"), ("ok", 4)]
    assert [op.process for op in outcome.history.clients() if op.is_invoke] == [0, 0, 1]


def test_clients_are_pinned_to_nodes_in_turn() -> None:
    """Slot i talks to node i modulo n: following redirects would hide stale leaders."""
    outcome = run(nodes=3, clients=5, asks=[ask(10, value=slot, slot=slot) for slot in range(5)])
    assert [event.node for event in events(outcome, "deliver", type="Do")] == ["n1", "n2", "n3", "n1", "n2"]


def test_a_slot_has_one_operation_open_at_a_time() -> None:
    """The next begins when the one before has ended, not before its own time."""
    outcome = run(Slow, asks=[ask(10, value=50), ask(20, value=5), ask(100, value=5)])
    assert begins(outcome) == [10, 60, 100]


def test_an_operation_may_wait_for_another() -> None:
    """`after` waits for its end, in another slot; what waits for one that was cut out of the plan does not wait."""

    def waiting(numbers: list[int]) -> list[Invocation]:
        asks = [ask(10, value=50), msgspec.structs.replace(ask(10, value=1, slot=1), after=0), ask(10, value=2, slot=2)]
        return [asks[number] for number in numbers]

    assert begins(run(Slow, clients=3, asks=waiting([0, 1, 2]))) == [10, 10, 60]
    alone = [msgspec.structs.replace(ask(10, value=1, slot=1), after=77)]
    assert begins(run(Slow, clients=3, asks=alone)) == [10]


def test_ids_are_found_by_history_index() -> None:
    """So that a story maps back to the plan that it came from."""
    outcome = run(
        Slow, clients=2, asks=[ask(10, value=50), ask(20, value=5, slot=1), ask(100, value=5)], faults=[fault("pause", at=5)]
    )
    assert outcome.invocation_ids == {1: 0, 2: 1, 5: 2}
    assert [outcome.history[index].f for index in outcome.invocation_ids] == ["do", "do", "do"]


def test_faults_stand_in_the_history_as_the_nemesis() -> None:
    """Type info; their id as key; what they came down to as value."""
    outcome = run(faults=[fault("kill", at=10, lasting=5, power_loss=False)], lasts=50)
    begin, end = [op for op in outcome.history if op.process == "nemesis"]
    assert (begin.type, begin.f, begin.key, begin.value, begin.time) == (
        "info",
        "start-kill",
        "f1",
        {"nodes": ["n1"], "power_loss": False},
        10 * MS,
    )
    assert (end.type, end.f, end.key, end.value, end.time) == ("info", "stop-kill", "f1", None, 15 * MS)


class Generator:
    """Asks three things, each when the one before has ended, and once more 30 ms later."""

    def __init__(self) -> None:
        self.asked = 0
        self.ready_at = 10 * MS
        self.told: list[str] = []

    def poll(self, now: int) -> tuple[int, str, Any, Any] | int | None:
        if self.asked == 4:
            return None
        if self.ready_at < 0 or now < self.ready_at:
            return self.ready_at
        self.asked, self.ready_at = self.asked + 1, -1
        return (0, "do", f"k{self.asked}", 5)

    def began(self, op: Op) -> None:
        self.told.append(f"began {op.key} {op.process}")

    def ended(self, slot: int, op: Op, now: int) -> None:
        self.told.append(f"ended {slot} {op.type}")
        self.ready_at = now if self.asked < 3 else now + 30 * MS


def test_a_generator_is_asked_while_the_run_goes_and_what_it_asked_is_recorded() -> None:
    """It hears of begins and ends. Everything begins strictly after what let it, so that a replay is the same run."""
    generator = Generator()

    def asker_for(phase: str, slots: list[int]) -> Any:
        return generator if phase == "main" else NoQuestions()

    outcome = run(Slow, asker_for=asker_for, clients=2)
    assert begins(outcome) == [10, 15, 20, 55]
    assert generator.told == [f"{word} {rest}" for key in "1234" for word, rest in (("began", f"k{key} 0"), ("ended", "0 ok"))]
    recorded = outcome.plan.invocations
    assert recorded is not None
    assert [(item.id, item.slot, item.phase, item.not_before, item.f, item.key) for item in recorded] == [
        (0, 0, 0, 10 * MS + 1, "do", "k1"),
        (1, 0, 0, 15 * MS + 2, "do", "k2"),
        (2, 0, 0, 20 * MS + 3, "do", "k3"),
        (3, 0, 0, 55 * MS + 4, "do", "k4"),
    ]
    replayed = run(Slow, asks=recorded, clients=2)
    assert replayed.digests()["history"] == outcome.digests()["history"]


class Raises(DoClient):
    """A client with a bug."""

    async def invoke(self, op: Op) -> Op:
        raise KeyError("oops")


class RaisesAtOnce(Client):
    """One that is not even async."""

    def invoke(self, op: Op) -> Any:
        raise KeyError("oops")


class ReturnsNothing(DoClient):
    """One that forgets to return."""

    async def invoke(self, op: Op) -> Any:
        return None


class ReturnsAnother(DoClient):
    """One that returns the end of another operation."""

    async def invoke(self, op: Op) -> Op:
        return Op(type="ok", process=7, f=op.f)


class ReturnsInvocation(DoClient):
    """One that returns what it was given."""

    async def invoke(self, op: Op) -> Op:
        return op


class ReturnsOddValue(DoClient):
    """One that returns what no history can hold."""

    async def invoke(self, op: Op) -> Op:
        return op.ok(object())


class RaisesOnMessage(DoClient):
    """One that cannot stand mail."""

    def receive(self, request: Request) -> Handler:
        raise KeyError("mail")


class Mailer(Echo):
    """A node that writes to clients who did not ask."""

    def receive(self, request: Request) -> Handler:
        self.send("c0", Done("unasked"))
        return super().receive(request)


RAISED = "the client raised KeyError: 'oops', in line {} of test_clients.py (invoke), during do; clients return an op."


@pytest.mark.parametrize(
    ("client", "node", "message"),
    [
        (Raises, Echo, RAISED),
        (RaisesAtOnce, Echo, RAISED),
        (ReturnsNothing, Echo, "expected the client's invoke() to return a completion of do but got None; use op.ok(value)."),
        (ReturnsAnother, Echo, "expected the client's invoke() to return a completion of do but got Op("),
        (ReturnsInvocation, Echo, "expected the client's invoke() to return a completion of do but got Op("),
        (ReturnsOddValue, Echo, "expected a value that can be encoded but got <object object"),
        (RaisesOnMessage, Mailer, "the client c0 raised KeyError: 'mail', in line {} of test_clients.py (receive)."),
    ],
)
def test_a_client_that_breaks_its_contract_ends_the_run(client: type[Client], node: type[Node], message: str) -> None:
    """Never silently `info`: the outcome holds the error and everything up to it."""
    outcome = run(node, client=client, asks=[ask(10)])
    assert isinstance(outcome.error, ModelError)
    expected = re.escape(message).replace(re.escape("{}"), r"\d+")
    assert re.match(f"^{expected}", str(outcome.error))
    assert outcome.interrupted == str(outcome.error)
    assert [op.type for op in outcome.history.clients()] == ["invoke"]
    assert set(outcome.digests()) == {"history", "journal", "full"}
    assert times(events(outcome, "invoke")) == [10]


def test_mail_that_answers_no_call_is_the_clients_to_take() -> None:
    """Most take none."""
    assert answers(run(Mailer, asks=[ask(10, value=1)])) == [("ok", 1)]


def test_a_value_that_a_node_goes_on_changing_stays_as_it_was_answered() -> None:
    """The history holds what the client saw, not what the list has become."""

    class Sharer(Node):
        """Answers with its own list."""

        def start(self) -> None:
            self.values: list[int] = []

        def receive(self, request: Request) -> Handler:
            self.values.append(request.body.value)
            request.reply(Done(self.values))
            return None

    outcome = run(Sharer, nodes=1, asks=[ask(10, value=1), ask(20, value=2)], check_aliasing=False)
    assert answers(outcome) == [("ok", [1]), ("ok", [1, 2])]
