"""Asyncio programs as nodes and clients of models: with actor nodes in one world, judged, replayed, under the same nemeses."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chaoskit.core.fault import At, Fault
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.hosts import AsyncioClient, AsyncioHost, asyncio_node
from chaoskit.hosts.universe import NoQuestions
from chaoskit.model import Message, Model, Node, Op, Request, TimedOut, Tolerates
from chaoskit.nemeses import INJECTORS
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings
from chaoskit.sim.world import World


class Word(Message):
    text: str


class Actor(Node):
    """Answers in capitals."""

    def receive(self, request: Request) -> None:
        if request.wants_reply:
            request.reply(Word(request.body.text.upper()))
        else:
            self.log(f"{request.sender} says {request.body.text}")
            self.send(request.sender, Word("thanks"))


def test_actor_nodes_and_asyncio_hosts_exchange_messages_in_one_world(universe: Any) -> None:
    """Both ways: calls with answers, and messages that answer nothing."""

    async def main(host: AsyncioHost) -> list[Any]:
        got: asyncio.Queue[str] = asyncio.Queue()

        async def receive(request: Request) -> None:
            await asyncio.sleep(0.001)
            got.put_nowait(f"{request.sender}: {request.body.text}")

        host.on_message(receive)
        host.send("n1", Word("hello"))
        answer = await host.call("n1", Word("louder"), timeout=1)
        return [answer.text, await got.get(), host.loop.time()]

    world = universe({"n1": Actor, "n2": main})
    assert world.run("n2") == ["LOUDER", "n1: thanks", 0.003]
    assert world.logs("n1") == ["n2 says hello"]


def test_a_call_that_nobody_answers_times_out_on_the_hosts_clock(universe: Any) -> None:
    """As an actor node's."""

    async def main(host: AsyncioHost) -> float:
        await asyncio.sleep(1)
        with pytest.raises(TimedOut):
            await host.call("n1", Word("anybody?"), timeout=0.5)
        return host.loop.time()

    world = universe({"n1": Actor, "n2": main})
    world.run(0.5)
    world.control.kill("f1", "n1")
    assert world.run("n2") == 1.5


async def counter(host: AsyncioHost) -> None:
    """Answers `get` by how often it was asked, and does what else it is told."""
    asked = 0
    host.observe(role="counter", asked=0)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        try:
            while line := (await reader.readline()).decode().strip():
                asked += 1
                host.observe(asked=asked)
                if line == "silent":
                    await asyncio.sleep(3600)
                if line == "drop":
                    break
                if line == "clocks":
                    host.log(time.ctime())
                if line == "die":
                    sys.exit(1)
                writer.write(b"%d\n" % asked)
        finally:
            writer.close()

    await (await asyncio.start_server(converse, port=7)).serve_forever()


class CounterClient(AsyncioClient):
    """Asks on a connection of its own each time."""

    async def ask(self, op: Op) -> Op:
        if op.f == "wait":
            await asyncio.sleep(op.value)
            return op.ok()
        port = 8 if op.f == "nowhere" else 7
        reader, writer = await asyncio.open_connection(self.node, port)
        try:
            writer.write(f"{op.f}\n".encode())
            answer = await reader.readline()
            if not answer:
                raise EOFError("the server closed")
            return op.ok(int(answer))
        finally:
            writer.close()


def played(
    *asks: tuple[float, str],
    faults: tuple[Fault, ...] = (),
    client: type[AsyncioClient] = CounterClient,
    model: Model | None = None,
) -> Outcome:
    """The outcome of asking a counter, or another model: (ms, f); `read` has no effect by contract."""
    if model is None:
        model = Model(name="counter", node=asyncio_node(counter), clients={"toy": client}, tolerates=Tolerates(down="all"))
    invocations = [
        Invocation(id=number, slot=0, not_before=int(at * MILLISECOND), f=f, value=5 if f == "wait" else None)
        for number, (at, f) in enumerate(asks)
    ]
    plan = Plan(
        seed=1,
        model="counter",
        workload="toy",
        cluster=Cluster(nodes=["n1"], roles={"n1": "node"}, clients=1, network={"latency": "constant:1ms"}),
        pacing=Pacing(ops=10, rate=10, time_limit=60 * SECOND, op_timeout=SECOND, recovery=SECOND),
        faults=list(faults),
        invocations=invocations,
    )
    cast = model.cast(plan, read_only=frozenset({"read"}))
    return World(plan, cast, injectors=INJECTORS, asker_for=lambda phase, slots: NoQuestions()).run()


def ends(outcome: Outcome) -> list[tuple[str, str, Any]]:
    """How operations ended."""
    assert outcome.error is None, outcome.error
    return [(op.f, op.type, op.value if op.type == "ok" else op.error) for op in outcome.history.clients() if op.type != "invoke"]


def test_what_a_client_lets_through_is_judged_by_what_had_left_it() -> None:
    """Refused before a byte was written: `fail`. Broken off or silent after one: unknown; `fail` for reads."""
    outcome = played((0, "get"), (10, "nowhere"), (20, "drop"), (30, "silent"), (2000, "read"), (3000, "get"))
    assert ends(outcome) == [
        ("get", "ok", 1),
        ("nowhere", "fail", "refused: ConnectionRefusedError: [Errno 111] Connect call failed ('10.0.0.1', 8)"),
        ("drop", "info", "EOFError: the server closed"),
        ("silent", "info", "time-out"),
        ("read", "ok", 4),
        ("get", "ok", 5),
    ]


def test_a_node_whose_program_ends_boots_again_and_forgets() -> None:
    """As after a crash; nobody calls that an exception."""
    outcome = played((0, "get"), (10, "die"), (20, "nowhere"), (1000, "get"))
    assert [end[1] for end in ends(outcome)] == ["ok", "info", "fail", "ok"]
    assert ends(outcome)[-1] == ("get", "ok", 1)
    assert outcome.violations == []


def test_what_a_program_observes_is_in_the_journal() -> None:
    """For the report, triggers and invariants."""
    outcome = played((0, "get"), (10, "get"))
    observed = [event.data["state"] for event in outcome.journal.events(kinds=frozenset({"observe"}))]
    assert observed == [{"role": "counter", "asked": number} for number in range(3)]


def test_a_client_that_raises_what_is_no_outcome_breaks_its_contract() -> None:
    """Never silently `info`."""

    class Wrong(CounterClient):
        async def ask(self, op: Op) -> Op:
            raise ValueError("mine")

    outcome = played((0, "get"), client=Wrong)
    assert "the client raised ValueError: mine" in str(outcome.error)


def test_an_answer_that_cannot_be_read_is_an_unknown_outcome() -> None:
    """Where the client says what it raises then; `fail` for reads. What else it raises is its own mistake all the same."""

    class Puzzled(CounterClient):
        unreadable = (ValueError,)

        async def ask(self, op: Op) -> Op:
            await super().ask(op)
            raise ValueError("expected a number")

    told = "an answer that cannot be read: expected a number"
    assert ends(played((0, "get"), (10, "read"), client=Puzzled)) == [("get", "info", told), ("read", "fail", told)]

    class Mistaken(Puzzled):
        unreadable = (KeyError,)

    assert "the client raised ValueError: expected a number" in str(played((0, "get"), client=Mistaken).error)


class Capitals(AsyncioClient):
    """Sends a message to an actor, and opens no connection."""

    streams = False

    async def ask(self, op: Op) -> Op:
        answer = await self.host.call(self.node, Word(op.f), timeout=0.5)
        return op.ok(answer.text)


def test_a_client_that_only_sends_messages_has_no_connections_to_spoil() -> None:
    """It says so, and no toxic is planned for its model; it speaks with actors all the same."""
    model = Model(name="counter", node=Actor, clients={"toy": Capitals}, tolerates=Tolerates(down="all"))
    assert not model.connections
    assert ends(played((0, "get"), model=model)) == [("get", "ok", "GET")]

    class Talker(CounterClient):
        streams = False

    wrong = Model(name="counter", node=Actor, clients={"toy": Talker}, tolerates=Tolerates(down="all"))
    told = "expected a model whose programs open connections to say so but got streams=False; leave it out."
    assert str(played((0, "get"), model=wrong).error) == told


def test_an_operation_that_timed_out_is_cancelled_before_the_next() -> None:
    """A client that is asked again does one thing at a time, and the world waits for nobody that it has given up."""
    cancelled: list[str] = []

    class Noting(CounterClient):
        async def ask(self, op: Op) -> Op:
            try:
                if op.f == "read":
                    await asyncio.sleep(3600)
                return await super().ask(op)
            except asyncio.CancelledError:
                cancelled.append(op.f)
                raise

    outcome = played((0, "read"), (1500, "get"), client=Noting)
    assert ends(outcome) == [("read", "fail", "time-out"), ("get", "ok", 1)]
    assert cancelled == ["read"]


@pytest.mark.parametrize(
    ("kind", "parameters", "asked", "effect"),
    [
        ("kill", {}, (3, "silent"), "died with work pending"),
        ("pause", {}, (6, "get"), "held back"),
        ("clock", {"drift": 500_000}, (6, "silent"), "ran a timer"),
        ("clock", {"offset": 10**9}, (6, "clocks"), "read the changed clock"),
    ],
)
def test_faults_take_effect_on_asyncio_hosts_and_say_so(
    kind: str, parameters: dict[str, Any], asked: tuple[float, str], effect: str
) -> None:
    """The same levers as for actor nodes, and the same account of what they did."""
    fault = Fault(id="f1", when=At(time=5 * MILLISECOND), who=["n1"], kind=kind, parameters=parameters, lasting=SECOND)
    outcome = played((0, "get"), asked, (2000, "get"), faults=(fault,))
    assert effect in outcome.effects.get("f1", {}), outcome.effects


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_replay_of_what_was_recorded_is_the_same_run(seed: int) -> None:
    """With all faults on, and through the whole way from settings to a verdict."""
    outcome = execute(draw(Settings(seed=seed, ops=60), "kv_http"))
    assert judge(outcome).is_valid, judge(outcome).reasons()
    assert outcome.digests() == execute(outcome.plan).digests()


def test_overrides_and_fewer_operations_leave_the_rest_as_it_was() -> None:
    """Take an invocation out: what it did not cause comes to the same end at the same instant."""
    plan = execute(draw(Settings(seed=3, ops=30, nemesis="none", clients=2), "kv_http")).plan
    assert plan.invocations is not None
    whole = execute(plan)
    fewer = execute(msgspec.structs.replace(plan, invocations=plan.invocations[:-1]))
    last = plan.invocations[-1].id
    kept: Callable[[Outcome], list[Any]] = lambda outcome: [  # noqa: E731
        (op.f, op.key, op.type, op.value) for op in outcome.history.clients() if op.index < 40
    ]
    assert last not in fewer.invocation_ids.values()
    assert kept(whole) == kept(fewer)
