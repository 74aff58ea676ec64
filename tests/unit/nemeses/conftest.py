"""A small chatty cluster to break: every node pings all others, writes, syncs and reads its clock every few milliseconds.

Each also keeps a connection to the next one and says a word over it at every beat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chaoskit.core.fault import Fault
from chaoskit.core.op import Op
from chaoskit.core.outcome import Outcome
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.model import Client, Message, Model, Node, Request, Tolerates
from chaoskit.nemeses import INJECTORS
from chaoskit.sim.streams import Connection, Streams, Toxic
from chaoskit.sim.world import World

BEAT = 10 * MILLISECOND
OPS = 60


class Ping(Message):
    text: str = "ping"


class Chatterbox(Node):
    """Node n1 calls itself leader; the first n1 is elected at 50 ms."""

    def start(self) -> None:
        self.role = "follower"
        self.beats = 0
        self.line: Connection | None = None
        self._streams.listen(self._process, 7, lambda _: Chat(self))
        self.beat()

    def beat(self) -> None:
        self.beats += 1
        self.role = "leader" if self.name == "n1" and self.beats > 5 else "follower"
        self.now()
        self.disk.write("beats", 0, b"12345678")
        self.disk.sync()
        self.broadcast(Ping())
        if self.line is None:
            nodes = self.setting.nodes
            self.line = self._streams.connect(self._process, nodes[nodes.index(self.name) - 1], 7, Chat(self))
        self.set_timer(self.beat, BEAT)

    def receive(self, request: Request) -> None:
        if request.wants_reply:
            request.reply(Ping("pong"))

    def observe(self) -> dict[str, Any]:
        return {"role": self.role}

    @property
    def _streams(self) -> Streams:
        streams = self._process.world.streams
        assert streams is not None
        return streams


class Chat:
    """Whoever hears a word answers it at the next beat; what is lost is opened anew."""

    def __init__(self, node: Chatterbox) -> None:
        self._node = node

    def connection_made(self, connection: Connection) -> None:
        self._connection = connection
        if connection.listener is None:
            connection.write(b"word")

    def connection_failed(self, _: OSError) -> None:
        self._node.line = None

    def data_received(self, data: bytes) -> None:
        self._node._process.set_timer(lambda: self._answer(data), BEAT, f"answer {self._connection.key}")

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None: ...

    def resume_writing(self) -> None: ...

    def connection_lost(self, _: OSError | None) -> None:
        if self._connection is self._node.line:
            self._node.line = None

    def _answer(self, data: bytes) -> None:
        if not self._connection.is_closing:
            self._connection.write(data)


class PingClient(Client):
    async def invoke(self, op: Op) -> Op:
        await self.call(Ping())
        return op.ok(None)


class Steady:
    """Asks each free slot for one operation every few milliseconds."""

    def __init__(self, slots: Sequence[int], ops: int) -> None:
        self.free = list(slots)
        self.left = ops
        self.next = 0

    def poll(self, now: int) -> tuple[int, str, None, None] | int | None:
        if not self.left:
            return None
        if not self.free:
            return -1
        if now < self.next:
            return self.next
        self.left -= 1
        self.next = now + 20 * MILLISECOND
        return (self.free.pop(0), "ping", None, None)

    def began(self, op: Op) -> None:
        pass

    def ended(self, slot: int, op: Op, now: int) -> None:
        self.free.append(slot)


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world() -> MakeWorld:
    """make_world(faults=[], nodes=3, claim=Tolerates(), beyond_claim=False): a world that has not run."""

    def make(
        faults: Sequence[Fault] = (),
        *,
        nodes: int = 3,
        claim: Tolerates | None = None,
        beyond_claim: bool = False,
        partition_clients: bool = False,
    ) -> World:
        names = [f"n{number}" for number in range(1, nodes + 1)]
        plan = Plan(
            seed=7,
            model="chatter",
            workload="ping",
            cluster=Cluster(nodes=names, clients=nodes),
            pacing=Pacing(ops=OPS, rate=50, time_limit=2 * SECOND, op_timeout=SECOND, recovery=5 * SECOND),
            faults=list(faults),
            beyond_claim=beyond_claim,
            partition_clients=partition_clients,
        )
        model = Model(name="chatter", node=Chatterbox, clients={"ping": PingClient}, tolerates=claim or Tolerates())
        world = World(
            plan,
            model.cast(plan, read_only=frozenset()),
            injectors=INJECTORS,
            asker_for=lambda phase, slots: Steady(slots, OPS if phase == "main" else 3),
        )
        Streams(world)
        return world

    return make


@pytest.fixture
def run(make_world: MakeWorld) -> Callable[..., Outcome]:
    """run(faults, …): the outcome of a run under these faults."""

    def run_world(faults: Sequence[Fault], **how: Any) -> Outcome:
        outcome = make_world(faults, **how).run()
        assert outcome.error is None
        return outcome

    return run_world


def _toxics(world: World) -> list[tuple[Toxic, int]]:
    assert world.streams is not None
    return world.streams.toxics


@pytest.fixture
def traces() -> Callable[[World], dict[str, list[str]]]:
    """traces(world): what every fault has done to the cluster and not undone, by token."""

    def trace(world: World) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        names = world.names
        for source in range(len(names)):
            for destination in range(len(names)):
                link = world.network.link(source, destination)
                for cut in (*link.cuts, *link.disturbances):
                    found.setdefault(cut.token, []).append(f"{link.name} {cut}")
        for host in world.hosts:
            for effect in (*host.clock.skews, *host.disk.faults):
                found.setdefault(effect.token, []).append(f"{host.name} {effect}")
            for state, tokens in (("down", host.down_by), ("paused", host.paused_by)):
                for token in tokens:
                    found.setdefault(token, []).append(f"{host.name} {state}")
        for toxic, server in _toxics(world):
            found.setdefault(toxic.token, []).append(f"{world.names[server]} {toxic}")
        return found

    return trace
