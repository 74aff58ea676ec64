"""A world to try streams on: hosts n1, n2, n3 and a client c0, programs that write down what they are told, and a stopped clock.

Everything is real (hosts, network, control), only nobody asks anything: a test drives the kernel from instant to instant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from toy_cluster import MS, DoClient, NoQuestions

from chaoskit.core.fault import Fault
from chaoskit.core.journal import Event
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.units import SECOND
from chaoskit.model import Model, Node, Tolerates
from chaoskit.nemeses import INJECTORS
from chaoskit.sim.cause import Cause
from chaoskit.sim.control import Control
from chaoskit.sim.host import Process
from chaoskit.sim.streams import Connection, Endpoint, Listener, Streams, StreamSettings
from chaoskit.sim.world import World


class Idle(Node):
    """A program that does nothing by itself."""

    def receive(self, request: Any) -> None:
        return None


class Diary:
    """Writes down what it is told, with the instant in ms; a test may react."""

    def __init__(self, town: Town) -> None:
        self.entries: list[tuple[Any, ...]] = []
        self.connection: Connection
        self.read = b""
        self.half_open = False
        self.on_data: Callable[[Connection, bytes], None] = lambda connection, data: None
        self.on_made: Callable[[Connection], None] = lambda connection: None
        self.error: BaseException | None = None
        self._town = town

    def connection_made(self, connection: Connection) -> None:
        self.connection = connection
        self._note("made")
        self.on_made(connection)

    def connection_failed(self, error: OSError) -> None:
        self.error = error
        self._note("failed", type(error).__name__)

    def data_received(self, data: bytes) -> None:
        self.read += data
        self._note("data", data)
        self.on_data(self.connection, data)

    def eof_received(self) -> bool:
        self._note("eof")
        return self.half_open

    def pause_writing(self) -> None:
        self._note("pause")

    def resume_writing(self) -> None:
        self._note("resume")

    def connection_lost(self, error: OSError | None) -> None:
        self.error = error
        self._note("lost", type(error).__name__)

    def datagram_received(self, data: bytes, sender: Endpoint) -> None:
        self._note("datagram", data, sender)

    def since(self, milliseconds: float) -> list[tuple[Any, ...]]:
        """What was told from an instant on."""
        return [entry for entry in self.entries if entry[0] >= milliseconds]

    def told(self) -> list[Any]:
        """What, without when."""
        return [entry[1] for entry in self.entries]

    def _note(self, what: str, *more: Any) -> None:
        self.entries.append((self._town.now, what, *more))


class Town:
    """The world and its stream layer. A message takes a millisecond unless the weather says otherwise."""

    def __init__(
        self, *, seed: int = 1, settings: StreamSettings | None = None, faults: Sequence[Fault] = (), **weather: Any
    ) -> None:
        claim = Tolerates(down="all", wipe="all", corruption="any")
        model = Model(name="town", node=Idle, clients={"toy": DoClient}, tolerates=claim)
        names = ["n1", "n2", "n3"]
        plan = Plan(
            seed=seed,
            model="town",
            workload="toy",
            cluster=Cluster(
                nodes=names,
                roles=model.assign_roles(names),
                clients=1,
                network={"latency": "constant:1ms", **weather},
                disk={"sync": "constant:2ms"},
                clocks={},
            ),
            pacing=Pacing(ops=1, rate=1, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND),
            faults=list(faults),
            partition_clients=True,
        )
        cast = model.cast(plan, read_only=frozenset())
        self.world = World(plan, cast, injectors=INJECTORS, asker_for=lambda phase, slots: NoQuestions())
        self.streams = Streams(self.world, settings)
        self.control = Control(self.world)
        self._asked = 0
        self.diaries: list[Diary] = []
        for host in self.world.nodes:
            self.world.boot(host)
        self.world.faults.start()

    @property
    def now(self) -> float:
        return self.world.kernel.now / MS

    def process(self, host: str) -> Process:
        process = self.world.hosts[self.world.host_number(host)].process
        assert process is not None
        return process

    def diary(self) -> Diary:
        return Diary(self)

    def listen(
        self, host: str = "n2", port: int = 80, *, backlog: int = 100, ready: Callable[[Diary], None] | None = None
    ) -> Listener:
        """A server; each connection gets a diary, in `diaries`."""

        def accept(connection: Connection) -> Diary:
            diary = self.diary()
            if ready is not None:
                ready(diary)
            self.diaries.append(diary)
            return diary

        return self.streams.listen(self.process(host), port, accept, backlog=backlog)

    def connect(self, host: str = "n1", to: str = "n2", port: int = 80, *, diary: Diary | None = None) -> Diary:
        """A client's diary; the connection has a cause of its own."""
        diary = self.diary() if diary is None else diary
        self.world.cause = Cause(f"i{self._asked}")
        self._asked += 1
        diary.connection = self.streams.connect(self.process(host), to, port, diary)
        return diary

    def pair(self) -> tuple[Diary, Diary]:
        """An open connection from n1 to n2: both diaries, at 3 ms."""
        self.listen()
        client = self.connect()
        self.at(3)
        return client, self.diaries[-1]

    def at(self, milliseconds: float) -> Town:
        """Runs until an instant."""
        self.world.kernel.run(int(milliseconds * MS), 10**9)
        self.world.kernel.now = int(milliseconds * MS)
        return self

    def rest(self) -> Town:
        """Runs until nothing is left to happen."""
        self.world.kernel.run(1 << 62, 10**7)
        return self

    def toxic(self, type: str, *, token: str = "f1", node: str = "n2", **how: Any) -> None:
        """Puts a toxic on what a node accepts; times in ms."""
        times = {name: int(how.pop(name) * MS) for name in ("latency", "jitter", "delay", "timeout") if name in how}
        self.control.poison(token, node, type=type, **times, **how)

    def cut(self, source: str = "n1", destination: str = "n2", token: str = "f1", **how: Any) -> None:
        """Cuts both directions."""
        self.control.cut(token, source, destination, **how)
        self.control.cut(token, destination, source, **how)

    def events(self, kind: str) -> list[Event]:
        """What the journal holds of a kind."""
        return list(self.world.journal.events(kinds=frozenset({kind})))

    def sent(self, since: float = 0) -> list[tuple[float, str, str]]:
        """Packets: (when, from, type)."""
        return [(event.time / MS, event.node, event.data["type"]) for event in self.events("send") if event.time >= since * MS]

    def connections(self) -> int:
        """How many ends of connections the machines know of."""
        return sum(len(table) for table in self.streams.connections.values())

    def effects(self, token: str = "f1") -> dict[str, int]:
        return self.world.faults.effects.get(token, {})
