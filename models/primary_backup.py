"""Primary and backups under a master: synchronous replication with epochs and fencing.

Alsberg, Day 1976; van Renesse, Schneider 2004.

write   the primary stores a cell · every backup of its configuration stores it · answer read    the primary has every backup
confirm its cell · answer: a primary that was replaced finds out here change  the master makes a new epoch: it *fences* nodes
(they refuse older epochs), picks a primary among members of the last configuration that served, which copies its cells to all
the others, tells the master, and serves

Any member of the configuration that served last holds every acknowledged write, because all of them must store it before the
answer, and one that is fenced stores nothing more of an older epoch. The master itself must not fall: making *it*
fault-tolerant is what Raft is for.
"""

from __future__ import annotations

import contextlib
from typing import Any

from chaoskit.model import (
    MILLISECOND,
    Bug,
    Client,
    Disconnected,
    Message,
    Model,
    Node,
    Op,
    Promise,
    Refused,
    Request,
    Role,
    TimedOut,
    Tolerates,
)

PING = 50 * MILLISECOND
SUSPECT = 250 * MILLISECOND  # silence after which the master makes a new epoch without a node
FENCE_WAIT = 60 * MILLISECOND
RETRY = 60 * MILLISECOND
FORWARD_TIMEOUT = 800 * MILLISECOND
ATTEMPTS = 12

Stamp = tuple[int, int]  # epoch, serial in it


class Cell(Message):
    stamp: Stamp = (0, 0)
    value: Any = None


class Epoch(Message):
    """A configuration: who is primary and who must store every write. `serving`: its primary has copied its cells to all."""

    number: int = 0
    primary: str = ""
    members: tuple[str, ...] = ()
    serving: bool = False
    holders: tuple[str, ...] = ()  # members of the last configuration that served: they hold every acknowledged write


class Promised(Message):
    """What a replica has on disk of epochs: the newest it was fenced with, and the newest whose cells it took over."""

    fenced: int = 0
    copied: int = 0


class Ping(Message):
    epoch: Epoch


class Pong(Message):
    """Alive; as what, in which epoch. A primary that rebooted does not serve: what it remembered of requests is gone."""

    fenced: int
    serving: bool


class Fence(Message):
    epoch: int


class Fenced(Message):
    epoch: int


class Copy(Message):
    """All cells of a new epoch's primary."""

    epoch: int
    cells: dict[str, Cell]


class Store(Message):
    epoch: int
    key: str
    cell: Cell


class Stored(Message):
    pass


class Serving(Message):
    """A new primary tells the master that all its backups hold its cells."""

    epoch: int


class Ask(Message):
    f: str
    key: str
    value: Any = None


class Forward(Message):
    """A gateway passes a request on, to the primary of an epoch. `id` is unique: a duplicated message is carried out once."""

    epoch: int
    id: tuple[str, int, int]
    ask: Ask


class Answer(Message):
    value: Any = None


class NotPrimary(Message):
    pass


ASYNC_FAILOVER = Bug(
    name="async-failover",
    summary="the master promotes any node that answers, whether or not it holds every acknowledged write",
    expect=("lost-write", "stale-read", "new-old-inversion", "duplicate-apply", "dirty-read", "non-linearizable"),
)
NO_FENCING = Bug(
    name="no-fencing",
    summary="replicas store what a primary of an older epoch sends",
    expect=("stale-read", "lost-write", "new-old-inversion", "duplicate-apply", "dirty-read", "non-linearizable"),
)
ACK_BEFORE_REPLICATION = Bug(
    name="ack-before-replication",
    summary="the primary answers a write before its backups hold it",
    expect=("lost-write", "stale-read", "new-old-inversion", "dirty-read", "non-linearizable"),
)


class Replaced(Exception):  # noqa: N818  # an answer to a waiting handler
    """This node is not, or no longer, the primary that serves."""


class Gateway(Node):
    """What every node does for its own clients: pass requests on to the primary."""

    epoch: Epoch = Epoch()

    async def serve(self, request: Request, ask: Ask) -> None:
        """Asks again only what certainly had no effect; otherwise the client learns nothing, as it should."""
        for _ in range(ATTEMPTS):
            epoch = self.epoch
            if epoch.primary:
                try:
                    answer = await self.pass_on(epoch, ask)
                except (TimedOut, Disconnected):
                    return
                if isinstance(answer, Answer):
                    request.reply(answer)
                    return
            await self.sleep(RETRY)
        request.refuse()

    async def pass_on(self, epoch: Epoch, ask: Ask) -> Message:
        answer: Message = await self.call(epoch.primary, Forward(epoch.number, self.unique(), ask), FORWARD_TIMEOUT)
        return answer


class Master(Gateway):
    """Makes epochs. Its own state is one record on disk."""

    def start(self) -> None:
        self.replicas = self.setting.with_role("replica")
        self.kept = self.disk.table("epoch", Epoch, default=Epoch(holders=self.replicas))
        self.disk.sync()  # a killed process may have left what is not on disk yet: nothing is said of it before
        self.epoch = self.kept["epoch"]
        self.heard: dict[str, int] = {}
        self.changing = False
        self.since = self.now()
        self.ping_due()

    async def receive(self, request: Request) -> None:
        match request.body:
            case Pong() as pong:
                self.on_pong(request.sender, pong)
            case Serving(number):
                self.on_serving(request, number)
            case Ask() as ask:
                await self.serve(request, ask)

    def ping_due(self) -> None:
        for replica in self.replicas:
            self.send(replica, Ping(self.epoch))
        self.set_timer(self.ping_due, PING)
        if not self.changing and self.should_change():
            self.changing = True
            self.set_timer(self.change_due, 0)

    def on_pong(self, sender: str, pong: Pong) -> None:
        self.heard[sender] = self.now()
        rebooted = sender == self.epoch.primary and self.epoch.serving and not pong.serving and pong.fenced == self.epoch.number
        if rebooted and not self.changing:
            self.changing = True
            self.set_timer(self.change_due, 0)

    def alive(self) -> list[str]:
        now = self.now()
        return [replica for replica in self.replicas if replica in self.heard and now - self.heard[replica] < SUSPECT]

    def should_change(self) -> bool:
        """Whether a member is silent, somebody waits outside, or a new primary never came to serve."""
        alive, epoch = self.alive(), self.epoch
        if not alive or not 0 <= self.now() - self.since < 60 * SUSPECT:
            self.since = self.now()
            return False
        if self.now() - self.since < 2 * SUSPECT and epoch.number:
            return False  # give the last change time to settle
        return sorted(alive) != sorted(epoch.members) or not epoch.serving

    async def change_due(self) -> None:
        """Makes a new epoch: fences whoever answers, and picks among those who hold every acknowledged write."""
        number = self.epoch.number + 1
        self.keep(Epoch(number, holders=self.epoch.holders))
        fenced: list[str] = []
        for replica in self.replicas:
            self.spawn_fence(replica, number, fenced)
        await self.sleep(FENCE_WAIT)
        if self.epoch.number == number:
            usable = fenced if self.bug(ASYNC_FAILOVER) else [node for node in fenced if node in self.epoch.holders]
            if usable:
                primary = usable[self.random(0, len(usable) - 1)]
                self.keep(Epoch(number, primary, tuple(sorted(fenced)), holders=self.epoch.holders))
        self.since = self.now()
        self.changing = False

    def spawn_fence(self, replica: str, number: int, fenced: list[str]) -> None:
        def answered(promise: Promise) -> None:
            if promise.error is None and promise.value.epoch == number:
                fenced.append(replica)

        self.call(replica, Fence(number)).on_done = answered

    def on_serving(self, request: Request, number: int) -> None:
        if number != self.epoch.number or request.sender != self.epoch.primary:
            request.reply(NotPrimary())
            return
        epoch = self.epoch
        self.keep(Epoch(number, epoch.primary, epoch.members, serving=True, holders=epoch.members))
        request.reply(Serving(number))

    def keep(self, epoch: Epoch) -> None:
        self.epoch = self.kept["epoch"] = epoch
        self.disk.sync()

    def observe(self) -> dict[str, Any]:
        return {"role": "master", "term": self.epoch.number, "serving": self.epoch.serving}


class Replica(Gateway):
    """Stores cells; serves as the primary when the master says so."""

    def start(self) -> None:
        self.cells = self.disk.table("cells", Cell, default=Cell())
        self.promises = self.disk.table("promised", Promised, default=Promised())
        self.disk.sync()  # a killed process may have left what is not on disk yet: nothing is said of it before
        self.epoch = Epoch()
        self.preparing = 0  # the epoch that this node, as its primary, is copying its cells for
        self.served = Epoch()  # the configuration that it serves as primary; what pings tell of it may be old
        self.boot_fence = self.promised.fenced  # an epoch of before this boot: what was remembered in it is gone
        self.serial = 0
        self.dealt_with: set[tuple[str, int, int]] = set()  # ids of forwarded requests, in this boot
        self.busy: dict[str, list[Promise]] = {}

    @property
    def promised(self) -> Promised:
        return self.promises["promised"]

    async def receive(self, request: Request) -> None:
        match request.body:
            case Ping(epoch):
                await self.on_ping(request, epoch)
            case Fence(number):
                self.fence(number)
                request.reply(Fenced(self.promised.fenced))
            case Copy(number, cells):
                self.on_copy(request, number, cells)
            case Store(number, key, cell):
                self.on_store(request, number, key, cell)
            case Ask() as ask:
                await self.serve(request, ask)
            case Forward() as forward:
                await self.on_forward(request, forward)

    def fence(self, number: int) -> None:
        if number > self.promised.fenced:
            self.promises["promised"] = Promised(number, self.promised.copied)
        self.disk.sync()

    def is_fenced_off(self, number: int) -> bool:
        """Whether an epoch is of the past here."""
        return number < self.promised.fenced and not self.bug(NO_FENCING)

    async def on_ping(self, request: Request, epoch: Epoch) -> None:
        if epoch.number >= self.epoch.number:
            self.epoch = epoch
        request.reply(Pong(self.promised.fenced, serving=bool(epoch.number) and self.served.number == epoch.number))
        fresh = epoch.number > max(self.preparing, self.boot_fence)
        if epoch.primary == self.name and fresh and epoch.number == self.promised.fenced:
            self.preparing = epoch.number
            with contextlib.suppress(Replaced):  # a newer epoch came meanwhile
                await self.prepare(epoch)

    async def prepare(self, epoch: Epoch) -> None:
        """As a new primary: copies all cells to every backup, tells the master, and serves."""
        self.promises["promised"] = Promised(epoch.number, epoch.number)
        self.disk.sync()
        cells = dict(self.cells.items())
        for backup in self.backups(epoch):
            await self.insist(epoch.number, backup, Copy(epoch.number, cells))
        told = await self.insist(epoch.number, self.setting.with_role("master")[0], Serving(epoch.number))
        if isinstance(told, Serving) and self.preparing == epoch.number:
            self.serial = 0
            self.served = epoch

    def backups(self, epoch: Epoch) -> list[str]:
        return [member for member in epoch.members if member != self.name]

    async def insist(self, number: int, node: str, message: Message) -> Any:
        """Asks until there is an answer. Raises `Replaced` once this node is fenced off from the epoch."""
        while not self.is_fenced_off(number):
            try:
                answer = await self.call(node, message, RETRY)
            except (TimedOut, Refused):
                continue
            if isinstance(answer, NotPrimary):
                break
            return answer
        raise Replaced

    def on_copy(self, request: Request, number: int, cells: dict[str, Cell]) -> None:
        if number < self.promised.fenced:
            request.reply(NotPrimary())
            return
        if number > self.promised.copied:  # a second copy of the same epoch is a late duplicate
            for key in sorted({*self.cells.keys(), *cells}):
                self.cells[key] = cells.get(key, Cell())
            self.promises["promised"] = Promised(number, number)
        self.disk.sync()
        request.reply(Stored())

    def on_store(self, request: Request, number: int, key: str, cell: Cell) -> None:
        if self.is_fenced_off(number):
            request.reply(NotPrimary())
            return
        if cell.stamp > self.cells[key].stamp or self.bug(NO_FENCING):
            self.cells[key] = cell
        self.disk.sync()
        request.reply(Stored())

    async def on_forward(self, request: Request, forward: Forward) -> None:
        if forward.id in self.dealt_with:
            return  # a duplicate: the first one was answered, and what was turned away must not be carried out later
        self.dealt_with.add(forward.id)
        if forward.epoch <= self.boot_fence:
            return  # a duplicate may have been carried out before this boot: to say that it was not would be a guess
        if forward.epoch != self.served.number or self.is_fenced_off(forward.epoch):
            request.reply(NotPrimary())
            return
        key = forward.ask.key
        await self.lock(key)
        try:
            request.reply(Answer(await self.carry_out(forward.epoch, forward.ask)))
        except Replaced:
            if forward.ask.f == "read":
                request.reply(NotPrimary())
        self.unlock(key)

    async def carry_out(self, number: int, ask: Ask) -> Any:
        cell = self.cells[ask.key]
        fails = ask.f == "cas" and cell.value != ask.value[0]
        if ask.f == "read" or fails:
            await self.replicate(number, ask.key, cell)
            return False if fails else cell.value
        self.serial += 1
        cell = Cell((number, self.serial), ask.value[1] if ask.f == "cas" else ask.value)
        self.cells[ask.key] = cell
        self.disk.sync()
        if not self.bug(ACK_BEFORE_REPLICATION):
            await self.replicate(number, ask.key, cell)
            return True
        for backup in self.backups(self.served):
            self.send(backup, Store(number, ask.key, cell))
        return True

    async def replicate(self, number: int, key: str, cell: Cell) -> None:
        """Has every backup store the cell, or confirm that it does: one that was fenced refuses."""
        if self.served.number != number:
            raise Replaced
        for backup in self.backups(self.served):
            await self.insist(number, backup, Store(number, key, cell))
        if self.is_fenced_off(number):
            raise Replaced

    async def lock(self, key: str) -> None:
        """Operations on a key go one after another."""
        if key in self.busy:
            turn = self.promise(f"its turn on {key}")
            self.busy[key].append(turn)
            await turn
        else:
            self.busy[key] = []

    def unlock(self, key: str) -> None:
        if self.busy[key]:
            self.busy[key].pop(0).resolve(None)
        else:
            del self.busy[key]

    def observe(self) -> dict[str, Any]:
        serving = bool(self.served.number) and self.promised.fenced <= self.served.number
        return {"role": "primary" if serving else "backup", "term": self.promised.fenced}


class RegisterClient(Client):
    """Reads, writes and compares-and-sets through its node."""

    async def invoke(self, op: Op) -> Op:
        answer: Answer = await self.call(Ask(op.f, op.key, op.value))
        if op.f == "cas" and not answer.value:
            return op.fail("the value was another")
        return op.ok(answer.value if op.f == "read" else op.value)


primary_backup = Model(
    name="primary_backup",
    node={"master": Role(node=Master, count=1), "replica": Role(node=Replica)},
    clients={"register": RegisterClient},
    leaders=True,
    nodes=(3, 4),
    sizes=(2, 25),
    bugs=(ASYNC_FAILOVER, NO_FENCING, ACK_BEFORE_REPLICATION),
    tolerates=Tolerates(down="none", kill="all", power_loss="all", wipe="none", immune=("master",)),
)
