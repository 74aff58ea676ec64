"""ABD: an atomic register from majority quorums, many writers (Attiya, Bar-Noy, Dolev 1995; Lynch, Shvartsman 1997).

    read    ask a majority · keep the newest cell · store it at a majority · answer
    write   ask a majority · choose a larger stamp · store at a majority · answer

A stamp is unique per operation, not per node: two writes may overlap at one coordinator.
"""

from __future__ import annotations

from typing import Any

from chaoskit.model import MILLISECOND, Bug, Client, Message, Model, Node, Op, Request, TimedOut, Tolerates

Stamp = tuple[int, str, int, int]  # count, node, boot, serial

RETRY = 50 * MILLISECOND  # a quorum that does not answer is asked again: messages get lost


class Cell(Message):
    stamp: Stamp = (0, "", 0, 0)
    value: Any = None


class Fetch(Message):
    key: str


class Store(Message):
    key: str
    cell: Cell


class Stored(Message):
    pass


class Read(Message):
    key: str


class Write(Message):
    key: str
    value: Any


class Answer(Message):
    value: Any


NO_WRITE_BACK = Bug(
    name="no-write-back",
    summary="a read answers before a majority holds what it saw",
    expect=("new-old-inversion", "stale-read", "dirty-read"),
)
WRITE_WITHOUT_READ = Bug(
    name="write-without-read",
    summary="a write takes its stamp from the coordinator's own cell, without asking a majority",
    expect=("lost-write", "stale-read", "duplicate-apply", "dirty-read", "non-linearizable"),
)
TIE_WITHOUT_ID = Bug(
    name="tie-without-id",
    summary="stamps of concurrent writes may be equal: they hold a count and nothing else",
    expect=("stale-read", "new-old-inversion", "lost-write", "duplicate-apply", "dirty-read", "non-linearizable"),
)
SMALL_QUORUM = Bug(
    name="small-quorum",
    summary="n // 2 answers are taken for a majority",
    expect=("stale-read", "lost-write", "new-old-inversion", "duplicate-apply", "dirty-read"),
)


class Replica(Node):
    def start(self) -> None:  # a new object at every boot: only the disk survives
        self.cells = self.disk.table("cells", Cell, default=Cell())

    async def receive(self, request: Request) -> None:
        match request.body:
            case Fetch(key):
                request.reply(self.cells[key])
            case Store(key, cell):
                if cell.stamp > self.cells[key].stamp:
                    self.cells[key] = cell
                self.disk.sync()  # the reply leaves when the sync is done
                request.reply(Stored())
            case Read(key):
                cell = await self.newest(key)
                if not self.bug(NO_WRITE_BACK):
                    await self.ask(Store(key, cell))
                request.reply(Answer(cell.value))
            case Write(key, value):
                newest = self.cells[key] if self.bug(WRITE_WITHOUT_READ) else await self.newest(key)
                await self.ask(Store(key, Cell(self.stamp_after(newest), value)))
                request.reply(Answer(value))

    async def newest(self, key: str) -> Cell:
        cells: list[Cell] = await self.ask(Fetch(key))
        return max(cells, key=lambda cell: cell.stamp)

    async def ask(self, message: Message) -> list[Any]:
        """The answers of a majority, itself included, however often it takes to ask."""
        size = len(self.nodes) // 2 + (0 if self.bug(SMALL_QUORUM) else 1)
        while True:
            try:
                return list(await self.quorum(message, max(1, size), RETRY))
            except TimedOut:
                continue

    def stamp_after(self, newest: Cell) -> Stamp:
        count = newest.stamp[0] + 1
        return (count, "", 0, 0) if self.bug(TIE_WITHOUT_ID) else (count, *self.unique())

    def observe(self) -> dict[str, Any]:
        return {"role": "replica", "keys": len(self.cells)}


class RegisterClient(Client):
    """Reads and writes at one node; a time-out stays unknown."""

    async def invoke(self, op: Op) -> Op:
        request = Read(op.key) if op.f == "read" else Write(op.key, op.value)
        answer: Answer = await self.call(request)
        return op.ok(answer.value)


abd = Model(
    name="abd",
    node=Replica,
    clients={"register": RegisterClient},
    bugs=(NO_WRITE_BACK, WRITE_WITHOUT_READ, TIE_WITHOUT_ID, SMALL_QUORUM),
    tolerates=Tolerates(down="minority", kill="all", power_loss="all", wipe="none"),
    workload_parameters={"register": {"cas": False}},
)
