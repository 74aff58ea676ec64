"""A replicated register with a mistake: one primary takes the writes, every node answers reads from its own copy."""

from __future__ import annotations

from typing import Any

from chaoskit.model import Client, Message, Model, Node, Op, Request, Tolerates


class Cell(Message):
    version: int = 0
    value: Any = None


class Read(Message):
    key: str


class Write(Message):
    key: str
    value: Any


class Update(Message):
    key: str
    cell: Cell


class Answer(Message):
    value: Any = None


class Store(Node):
    def start(self) -> None:
        self.cells = self.disk.table("cells", Cell, default=Cell())

    def receive(self, request: Request) -> None:
        match request.body:
            case Read(key):
                request.reply(Answer(self.cells[key].value))
            case Write(key, value):  # only the primary gets one
                cell = Cell(self.cells[key].version + 1, value)
                self.keep(key, cell)
                self.broadcast(Update(key, cell))
                request.reply(Answer())
            case Update(key, cell):
                self.keep(key, cell)

    def keep(self, key: str, cell: Cell) -> None:
        if cell.version > self.cells[key].version:
            self.cells[key] = cell
            self.disk.sync()  # what is sent from here on leaves when the sync is done


class StoreClient(Client):
    async def invoke(self, op: Op) -> Op:
        if op.f == "write":
            await self.call(Write(op.key, op.value), to=self.setting.nodes[0])
            return op.ok(op.value)
        answer: Answer = await self.call(Read(op.key))
        return op.ok(answer.value)


naive_store = Model(
    name="naive_store",
    node=Store,
    clients={"register": StoreClient},
    workload_parameters={"register": {"cas": False}},
    tolerates=Tolerates(down="none"),
)
