"""A replicated register with leases: one primary takes the writes, a backup answers reads while the primary promises it no news.

    read    at the primary: its cell · at a backup: its copy while it holds a lease, else it asks the primary
    write   the primary takes back every lease, or waits until it has run out · stores · answers
    lease   a backup asks for one now and then; the answer holds all cells. It counts from before the question was sent, and it is
            a tenth shorter than the primary thinks, because clocks run apart

No lease is given while a write is under way. A primary that boots knows of no lease it gave, so it waits until all have run out.
(Gray, Cheriton 1989.)
"""

from __future__ import annotations

from typing import Any

from chaoskit.model import (
    MILLISECOND,
    Breach,
    Bug,
    Client,
    Invariant,
    Message,
    Model,
    Node,
    Op,
    Refused,
    Request,
    TimedOut,
    Tolerates,
    View,
    Watch,
)

LEASE = 500 * MILLISECOND
LEASE_OF_BACKUP = LEASE * 9 // 10
RENEW = 200 * MILLISECOND
RETRY = 40 * MILLISECOND


class Cell(Message):
    version: int = 0
    value: Any = None


class Read(Message):
    key: str


class Write(Message):
    key: str
    value: Any


class Answer(Message):
    value: Any = None


class AskLease(Message):
    pass


class Lease(Message):
    cells: dict[str, Cell]


class Revoke(Message):
    pass


class Revoked(Message):
    pass


READS = ("stale-read", "lost-write", "new-old-inversion", "dirty-read", "duplicate-apply", "non-linearizable")
ANY_COPY = Bug(
    name="any-copy",
    summary="a backup answers from its copy although its lease has run out",
    expect=READS,
)
FORGET_LEASES = Bug(
    name="forget-leases",
    summary="a primary that has booted does not wait for the leases it gave before",
    expect=READS,
)
NO_SYNC = Bug(
    name="no-sync",
    summary="a write is answered before it is on disk",
    expect=("backup-ahead", *READS),
)


class Store(Node):
    def start(self) -> None:
        self.primary = self.nodes[0]
        self.cells = self.disk.table("cells", Cell, default=Cell())
        self.disk.sync()  # a killed process may have left writes that are not on disk yet: nothing is said of them before
        self.copies: dict[str, Cell] = {}  # a backup's, as of its lease
        self.lease_ends = self.now()  # a backup's own, by its own clock: over
        self.revocations = 0
        self.writes_under_way = 0
        given_before = 0 if self.bug(FORGET_LEASES) else LEASE
        self.leases = dict.fromkeys(self.peers, self.now() + given_before)  # a primary's, by its clock: node → when it is over
        if self.name != self.primary:
            self.renew()

    async def receive(self, request: Request) -> None:
        match request.body:
            case Read() as read:
                request.reply(await self.read(read))
            case Write(key, value):
                await self.write(key, value)
                request.reply(Answer(value))
            case AskLease() if self.writes_under_way:
                request.refuse()
            case AskLease():
                self.leases[request.sender] = self.now() + LEASE
                request.reply(Lease(dict(self.cells.items())))
            case Revoke():
                self.revocations += 1
                self.lease_ends = self.now()
                request.reply(Revoked())

    async def read(self, read: Read) -> Answer:
        if self.name == self.primary:
            return Answer(self.cells[read.key].value)
        if self.now() < self.lease_ends or (self.bug(ANY_COPY) and self.copies):
            return Answer(self.copies.get(read.key, Cell()).value)
        answer: Answer = await self.call(self.primary, read)
        return answer

    async def write(self, key: str, value: Any) -> None:
        self.writes_under_way += 1
        for backup in self.peers:
            await self.take_back(backup)
        self.cells[key] = Cell(self.version() + 1, value)
        if not self.bug(NO_SYNC):
            self.disk.sync()  # the answer leaves when the sync is done
        self.writes_under_way -= 1

    async def take_back(self, backup: str) -> None:
        while self.now() < self.leases[backup]:
            try:
                await self.call(backup, Revoke(), timeout=RETRY)
            except TimedOut:
                continue
            self.leases[backup] = self.now()

    def renew(self) -> None:
        self.set_timer(self.renew_due, RENEW)

    async def renew_due(self) -> None:
        self.renew()
        asked, revocations = self.now(), self.revocations
        try:
            lease: Lease = await self.call(self.primary, AskLease(), timeout=RENEW)
        except (TimedOut, Refused):
            return
        if revocations == self.revocations:  # else this lease was taken back before it came
            self.copies = lease.cells
            self.lease_ends = asked + LEASE_OF_BACKUP

    def version(self) -> int:
        cells = self.copies.items() if self.name != self.primary else self.cells.items()
        return max((cell.version for _, cell in cells), default=0)

    def observe(self) -> dict[str, Any]:
        return {"role": "primary" if self.name == self.primary else "backup", "version": self.version()}


def _no_backup_is_ahead() -> Watch:
    def watch(view: View, node: str) -> Breach | None:
        primary = next((name for name, state in view.items() if state["role"] == "primary"), None)
        if primary is None or view[node]["version"] <= view[primary]["version"]:
            return None
        summary = f"{node} has version {view[node]['version']}, which {primary} does not have"
        return Breach(kind="backup-ahead", summary=summary, nodes=[primary, node])

    return watch


class StoreClient(Client):
    async def invoke(self, op: Op) -> Op:
        if op.f == "write":
            await self.call(Write(op.key, op.value), to=self.setting.nodes[0])
            return op.ok(op.value)
        answer: Answer = await self.call(Read(op.key))
        return op.ok(answer.value)


store = Model(
    name="store",
    node=Store,
    clients={"register": StoreClient},
    leaders=True,
    workload_parameters={"register": {"cas": False}},
    tolerates=Tolerates(down="none", clock=False),
    invariants=(
        Invariant(name="backup-ahead", summary="no backup has what the primary does not have", watch=_no_backup_is_ahead),
    ),
    bugs=(ANY_COPY, FORGET_LEASES, NO_SYNC),
)
