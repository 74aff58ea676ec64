"""Counters and grow-only sets by gossip: state-based CRDTs that converge (Shapiro, Preguiça, Baquero, Zawirski 2011).

    add     change the own part of the state · have it stored at f others · answer
    read    answer from the own state
    gossip  now and then, send the whole state to a random peer, which merges it by taking the larger

An addition is acknowledged once f + 1 replicas have it on disk, so that it survives the loss of any f disks. A client that gets
no answer sends its request again to the same replica, which counts it once. A replica that finds its disk empty goes on under a
new id.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from chaoskit.model import MILLISECOND, Bug, Client, Message, Model, Node, Op, Request, TimedOut, Tolerates, replace

GOSSIP_MIN, GOSSIP_MAX = 60 * MILLISECOND, 140 * MILLISECOND
RETRY = 60 * MILLISECOND
CLIENT_RETRY = 200 * MILLISECOND
CLIENT_ATTEMPTS = 4
BUG_CEILING = 10**12  # where the bug `sum-merge` stops doubling, before integers no longer fit into a message


class State(Message):
    """What was added and taken, by replica id, and the elements of the set."""

    added: dict[str, int] = {}
    taken: dict[str, int] = {}
    elements: tuple[int, ...] = ()


class Own(Message):
    """What only this replica needs: its id, and how far each session's requests are counted."""

    id: str = ""
    counted: dict[str, int] = {}


class Merge(Message):
    state: State


class Merged(Message):
    pass


class Ask(Message):
    session: str
    serial: int
    f: str
    value: Any = None


class Answer(Message):
    value: Any = None


RETRY_APPLIES_TWICE = Bug(
    name="retry-applies-twice",
    summary="a request that is sent again is counted again",
    expect=("wrong-total",),
    workload="pn-counter",
)
SUM_MERGE = Bug(
    name="sum-merge",
    summary="merging adds the two counts instead of taking the larger",
    expect=("wrong-total", "disagreement"),
    workload="pn-counter",
)
REPLICA_ID_REUSED = Bug(
    name="replica-id-reused",
    summary="a replica that lost its disk goes on counting under its old id",
    expect=("wrong-total",),
    workload="pn-counter",
)


class Replica(Node):
    def start(self) -> None:
        self.states = self.disk.table("state", State, default=State())
        self.owned = self.disk.table("own", Own, default=Own())
        if not self.owned["own"].id:
            fresh = self.name if self.bug(REPLICA_ID_REUSED) else "{}.{}".format(*self.unique())
            self.owned["own"] = Own(fresh)
        self.disk.sync()  # a killed process may have left what is not on disk yet: nothing is said of it before
        self.copies = (len(self.nodes) - 1) // 2  # f: at how many others an addition must be before it is acknowledged
        self._digest: tuple[State, int] | None = None
        self._next_gossip()

    @property
    def state(self) -> State:
        return self.states["state"]

    async def receive(self, request: Request) -> None:
        match request.body:
            case Merge(state):
                self.take(merged(self.state, state, by_sum=self.bug(SUM_MERGE)))
                request.reply(Merged())
            case Ask(f="read"):
                request.reply(Answer(self.value()))
            case Ask() as ask:
                self.count(ask)
                await self.spread()
                request.reply(Answer())

    def count(self, ask: Ask) -> None:
        """Changes the own part of the state, unless this request did so before."""
        own, state = self.owned["own"], self.state
        if ask.serial <= own.counted.get(ask.session, 0) and not self.bug(RETRY_APPLIES_TWICE):
            return
        if self.setting.workload == "g-set":
            self.states["state"] = replace(state, elements=tuple(sorted({*state.elements, ask.value})))
        elif ask.value >= 0:
            self.states["state"] = replace(state, added=_plus(state.added, own.id, ask.value))
        else:
            self.states["state"] = replace(state, taken=_plus(state.taken, own.id, -ask.value))
        self.owned["own"] = Own(own.id, {**own.counted, ask.session: ask.serial})
        self.disk.sync()

    def take(self, state: State) -> None:
        if state != self.state:
            self.states["state"] = state
        self.disk.sync()  # what is said next rests on it

    async def spread(self) -> None:
        """Has the state stored at f others, however often it takes to ask."""
        while self.copies:
            try:
                await self.quorum(Merge(self.state), self.copies, RETRY, to=self.peers)
            except TimedOut:
                continue
            return

    def gossip_due(self) -> None:
        if self.peers:
            self.send(self.peers[self.random(0, len(self.peers) - 1)], Merge(self.state))
        self._next_gossip()

    def value(self) -> Any:
        state = self.state
        if self.setting.workload == "g-set":
            return list(state.elements)
        return sum(state.added.values()) - sum(state.taken.values())

    def observe(self) -> dict[str, Any]:
        state = self.state
        if self._digest is None or self._digest[0] is not state:
            self._digest = (state, zlib.crc32(msgspec.msgpack.encode(state, order="deterministic")))
        return {"role": "replica", "state": self._digest[1]}

    def _next_gossip(self) -> None:
        self.set_timer(self.gossip_due, self.random(GOSSIP_MIN, GOSSIP_MAX))


def merged(one: State, other: State, *, by_sum: bool = False) -> State:
    """The least state that holds both."""

    def join(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        names = sorted({*a, *b})
        if by_sum:
            return {name: min(a.get(name, 0) + b.get(name, 0), BUG_CEILING) for name in names}
        return {name: max(a.get(name, 0), b.get(name, 0)) for name in names}

    elements = tuple(sorted({*one.elements, *other.elements}))
    return State(join(one.added, other.added), join(one.taken, other.taken), elements)


def _plus(counts: dict[str, int], name: str, delta: int) -> dict[str, int]:
    return {**counts, name: counts.get(name, 0) + delta}


class GossipClient(Client):
    """Sends a request again, to the same replica and under the same serial, when no answer comes."""

    async def invoke(self, op: Op) -> Op:
        self.requests += 1
        ask = Ask(self.session, self.requests, op.f, op.value)
        for _ in range(CLIENT_ATTEMPTS):
            try:
                answer: Answer = await self.call(ask, timeout=CLIENT_RETRY)
            except TimedOut:
                continue
            return op.ok(answer.value if op.f == "read" else op.value)
        raise TimedOut(f"no answer to {CLIENT_ATTEMPTS} requests")


gossip = Model(
    name="gossip",
    node=Replica,
    clients={"pn-counter": GossipClient, "g-set": GossipClient},
    bugs=(RETRY_APPLIES_TWICE, SUM_MERGE, REPLICA_ID_REUSED),
    tolerates=Tolerates(down="minority", kill="all", power_loss="all", wipe="minority"),
)
