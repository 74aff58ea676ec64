"""Ids from blocks: a node reserves a block of numbers on its disk, gives them from memory, and skips what is left at a reboot."""

from __future__ import annotations

from typing import Any

from chaoskit.model import Bug, Client, Message, Model, Node, Op, Request, Tolerates

BLOCK = 20


class Ask(Message):
    count: int


class Ids(Message):
    ids: list[str]


RESERVE_IN_MEMORY = Bug(
    name="reserve-in-memory",
    summary="a node gives ids of a block whose reservation is not yet on disk",
    expect=("duplicate-id",),
    workload="unique-ids",
)


class Server(Node):
    def start(self) -> None:
        self.blocks = self.disk.table("blocks", int, default=0)
        self.disk.sync()  # what a killed process has left is durable before anything rests on it
        self.next = self.reserved()

    def reserved(self) -> int:
        return self.blocks["end"]

    def receive(self, request: Request) -> None:
        match request.body:
            case Ask(count):
                ids = [self.take() for _ in range(count)]
                request.reply(Ids(ids))

    def take(self) -> str:
        if self.next == self.reserved():
            self.blocks["end"] = self.next + BLOCK
            if not self.bug(RESERVE_IN_MEMORY):
                self.disk.sync()  # the answer leaves when the sync is done
        self.next += 1
        return f"{self.name}.{self.next}"

    def observe(self) -> dict[str, Any]:
        return {"role": "server", "next": self.next, "reserved": self.reserved()}


class IdClient(Client):
    async def invoke(self, op: Op) -> Op:
        answer: Ids = await self.call(Ask(op.value))
        return op.ok(answer.ids)


id_server = Model(
    name="id_server",
    node=Server,
    clients={"unique-ids": IdClient},
    nodes=(1, 3),
    tolerates=Tolerates(down="none"),
    bugs=(RESERVE_IN_MEMORY,),
)
