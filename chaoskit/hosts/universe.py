"""A few programs in a world of their own, without a model, a workload or checkers: for tests of one's asyncio code.

    universe = Universe({"server": serve, "client": ask}, seed=7)
    assert universe.run("client") == "hello"

Time is virtual, and stands still between calls. `control` has every lever of the nemeses (kill, cut, pause, clocks, toxics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import Fault
from chaoskit.core.journal import Event, Sink
from chaoskit.core.plan import Cluster, Pacing, Plan
from chaoskit.core.units import SECOND, format_time
from chaoskit.hosts.patches import hosts_live
from chaoskit.hosts.programs import AsyncioNode, Main
from chaoskit.model import Node, Op, Setting
from chaoskit.sim.cast import Cast
from chaoskit.sim.cause import Cause
from chaoskit.sim.claim import Tolerates
from chaoskit.sim.control import Control
from chaoskit.sim.faults import Injector
from chaoskit.sim.garbage import collected_at_rest
from chaoskit.sim.host import Process
from chaoskit.sim.kernel import BUDGET
from chaoskit.sim.loops import StuckError
from chaoskit.sim.world import World

INSTANT_EVENTS_MAX = 10_000  # of the world; each may be many callbacks


class Universe:
    """Hosts by name, each with its program: `async def main(host)`, or a class of actor nodes. Close it when it is done."""

    def __init__(
        self,
        programs: Mapping[str, Main | type[Node]],
        *,
        seed: int = 1,
        faults: Sequence[Fault] = (),
        injectors: Mapping[str, Injector] | None = None,
        parameters: Mapping[str, Any] | None = None,
        clocks: Mapping[str, Any] | None = None,
        disk: Mapping[str, Any] | None = None,
        sink: Sink | None = None,
        **weather: Any,
    ) -> None:
        names = list(programs)
        plan = Plan(
            seed=seed,
            model="universe",
            workload="none",
            cluster=Cluster(nodes=names, clients=1, network=weather, clocks=dict(clocks or {}), disk=dict(disk or {})),
            pacing=Pacing(ops=0, rate=1, time_limit=SECOND, op_timeout=SECOND, recovery=SECOND),
            faults=list(faults),
            beyond_claim=True,
        )
        setting = Setting(nodes=tuple(names), roles={}, parameters=dict(parameters or {}), bugs=frozenset(), workload="none")
        self._programs = dict(programs)
        self._results: dict[str, Any] = {}

        def boot_node(process: Process) -> Node:
            return self._node(process, setting)

        def no_clients(process: Process, number: int) -> Node:
            raise UsageError("a universe has no clients: make the client a host.")

        cast = Cast(
            boot_node=boot_node,
            boot_client=no_clients,
            tolerates=Tolerates(corruption="any"),
            read_only=frozenset(),
            decode=_undecodable,
            observes=False,
            streams=True,
        )
        self.world = World(plan, cast, injectors=injectors or {}, asker_for=lambda phase, slots: NoQuestions(), sink=sink)
        self.control = Control(self.world)
        self._booted = False

    # Running ---------------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.world.kernel.now / SECOND

    def run(self, until: str | float) -> Any:
        """Runs until a host's program has ended, and gives what it returned or raises what it raised; or until an instant."""
        kernel = self.world.kernel
        with hosts_live(), collected_at_rest() as self.world.garbage:
            self._boot()
            if isinstance(until, str):
                if until not in self._programs:
                    raise UsageError(f"expected a host ({', '.join(self._programs)}) but got until={until!r}.")
                while until not in self._results:
                    self._step(1 << 62, until)
                return _given(self._results[until])
            end = round(until * SECOND)
            while kernel.heap and kernel.heap[0][0] <= end:
                self._step(end, None)
            kernel.now = max(end, kernel.now)
        return None

    def close(self) -> None:
        """Ends the world: what still lives is dropped."""
        with hosts_live():
            self.world.dissolve()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What happened ---------------------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """One for every run that went the same way, but for what was logged."""
        self.world.journal.flush()
        return self.world.journal.digests()["journal"]

    def events(self, *kinds: str) -> list[Event]:
        """The journal, or what it holds of these kinds."""
        return list(self.world.journal.events(kinds=frozenset(kinds) or None))

    @property
    def failures(self) -> list[str]:
        """Programs that raised, and so crashed."""
        return [violation.summary for violation in self.world.violations]

    def logs(self, host: str | None = None) -> list[str]:
        """What hosts logged."""
        return [event.data["text"] for event in self.events("log") if host in (None, event.node)]

    # -----------------------------------------------------------------------------------------------------------------------

    def _node(self, process: Process, setting: Setting) -> Node:
        program = self._programs[process.host.name]
        if isinstance(program, type):
            actor: Node = program(process, setting)
            return actor
        node = AsyncioNode(process, setting)
        node.main, node.on_end = program, self._ended
        return node

    def _ended(self, node: AsyncioNode, error: BaseException | None) -> None:
        self._results.setdefault(node.name, (node.result, error))
        self.world.kernel.stop()
        if not isinstance(error, Exception):
            self.world.hosts[self.world.host_number(node.name)].down_by.append("ended")  # what failed boots again

    def _boot(self) -> None:
        if self._booted:
            return
        self._booted = True
        for host in self.world.nodes:
            self.world.boot(host)
        self.world.cause = Cause("universe")
        self.world.faults.start()

    def _step(self, end: int, awaited: str | None) -> None:
        kernel = self.world.kernel
        if awaited is not None and not kernel.heap:
            raise StuckError(f"nothing is left to happen at {format_time(kernel.now)}. {self._waiting()}")
        instant = kernel.now
        kernel.resume()
        if kernel.run(end, INSTANT_EVENTS_MAX) == BUDGET and kernel.now == instant:
            why = f"the instant {format_time(instant)} does not end; a task may go round without waiting"
            raise StuckError(f"{why}. {self._waiting()}")

    def _waiting(self) -> str:
        programs = [host.process.program for host in self.world.nodes if host.process is not None]
        lines = [line for program in programs if isinstance(program, AsyncioNode) for line in program.loop.waiting()]
        return f"Tasks that wait: {'; '.join(lines) or 'none'}."


class NoQuestions:
    """Nobody asks anything."""

    def poll(self, now: int) -> None:
        return None

    def began(self, op: Op) -> None:
        """Nothing begins."""

    def ended(self, slot: int, op: Op, now: int) -> None:
        """Nothing ends."""


def _undecodable(kind: str, body: bytes) -> Any:
    """There are no message types to know."""
    raise ValueError(f"no message type {kind!r}")


def _given(result: tuple[Any, BaseException | None]) -> Any:
    value, error = result
    if error is not None:
        raise error
    return value
