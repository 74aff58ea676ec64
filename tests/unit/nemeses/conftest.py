"""A small chatty cluster to break: every node pings all others, writes, syncs and reads its clock every few milliseconds."""

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
        self.beat()

    def beat(self) -> None:
        self.beats += 1
        self.role = "leader" if self.name == "n1" and self.beats > 5 else "follower"
        self.now()
        self.disk.write("beats", 0, b"12345678")
        self.disk.sync()
        self.broadcast(Ping())
        self.set_timer(self.beat, BEAT)

    def receive(self, request: Request) -> None:
        if request.wants_reply:
            request.reply(Ping("pong"))

    def observe(self) -> dict[str, Any]:
        return {"role": self.role}


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
        return World(
            plan,
            model.cast(plan, read_only=frozenset()),
            injectors=INJECTORS,
            asker_for=lambda phase, slots: Steady(slots, OPS if phase == "main" else 3),
        )

    return make


@pytest.fixture
def run(make_world: MakeWorld) -> Callable[..., Outcome]:
    """run(faults, …): the outcome of a run under these faults."""

    def run_world(faults: Sequence[Fault], **how: Any) -> Outcome:
        outcome = make_world(faults, **how).run()
        assert outcome.error is None
        return outcome

    return run_world


@pytest.fixture
def traces() -> Callable[[World], dict[str, list[str]]]:
    """traces(world): what every fault has done to the cluster and not undone, by token."""

    def trace(world: World) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        names = world.names
        for source in range(len(names)):
            for destination in range(len(names)):
                link = world.network.link(source, destination)
                for effect in (*link.cuts, *link.disturbances):
                    found.setdefault(effect.token, []).append(f"{link.name} {effect}")
        for host in world.hosts:
            for skew in host.clock.skews:
                found.setdefault(skew.token, []).append(f"{host.name} {skew}")
            for fault in host.disk.faults:
                found.setdefault(fault.token, []).append(f"{host.name} {fault}")
            for token in host.down_by:
                found.setdefault(token, []).append(f"{host.name} down")
            for token in host.paused_by:
                found.setdefault(token, []).append(f"{host.name} paused")
        return found

    return trace
