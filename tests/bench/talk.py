"""Nodes that only talk, to measure what a message costs: two that play ping-pong, or several that pass tokens on at random.

A client's read starts the talk and is answered by its last message.
"""

from __future__ import annotations

from typing import Any

from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.model import Client, Message, Model, Node, Op, Parameter, Request

TOKENS = 20  # balls under way at once in a random talk


class Start(Message):
    pass


class Over(Message):
    pass


class Ball(Message):
    """A small typed message, such as protocols send by the thousand. It is passed on until it was sent `left` more times."""

    left: int
    term: int
    sender: str
    value: str = "some value"


class Player(Node):
    """Answers every ball with another. Who was asked to start is told when one was played to its end."""

    balls = 1

    def start(self) -> None:
        self.asked: Request | None = None
        self.under_way = self.balls

    def receive(self, request: Request) -> None:
        body = request.body
        if type(body) is Ball:
            self.play(body.left)
        elif type(body) is Start:
            self.asked = request
            for _ in range(self.balls):
                self.play(self.setting.parameters["messages"] // self.balls)
        else:
            self.under_way -= 1
            if self.asked is not None and not self.under_way:
                self.asked.reply(Over())

    def play(self, left: int) -> None:
        """Sends a ball on that is to be sent so many more times."""
        if left:
            self.send(self.next_player(), Ball(left - 1, 1, self.name))
        else:
            self.send(self.nodes[0], Over())

    def next_player(self) -> str:
        return self.peers[0]


class Gossiper(Player):
    """Passes many balls on, each to a random peer."""

    balls = TOKENS

    def start(self) -> None:
        super().start()  # its own dice: a draw of the world's for every message is nothing that protocols do
        self.dice = self.random(0, 2**31)

    def next_player(self) -> str:
        self.dice = (self.dice * 1_103_515_245 + 12_345) % 2**31
        return self.peers[(self.dice >> 16) % len(self.peers)]


class Spectator(Client):
    async def invoke(self, op: Op) -> Op:
        await self.call(Start())
        return op.ok(None)


_MESSAGES = {"messages": Parameter(default=100, summary="how many messages are sent", low=1, high=100_000_000)}
ping_pong = Model(name="ping_pong", node=Player, clients={"register": Spectator}, parameters=_MESSAGES)
random_talk = Model(name="random_talk", node=Gossiper, clients={"register": Spectator}, parameters=_MESSAGES)


def plan(model: str, *, nodes: int, messages: int, latency: str = "lognormal:2ms,sigma=0.4") -> Plan:
    """A run in which this many messages are sent, and next to nothing else."""
    parameters: dict[str, Any] = {"messages": messages}
    return Plan(
        seed=1,
        model=f"{__file__}:{model}",
        model_parameters=parameters,
        workload="register",
        workload_parameters={"keys": 1, "values": 0, "reads": 50, "cas": True},
        cluster=Cluster(nodes=[f"n{number}" for number in range(1, nodes + 1)], clients=1, network={"latency": latency}),
        pacing=Pacing(ops=1, rate=1, time_limit=SECOND, op_timeout=1_000_000 * SECOND, recovery=SECOND),
        invocations=[Invocation(id=0, slot=0, f="read", key="k0")],
    )
