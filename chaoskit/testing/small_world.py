"""A small cluster under a test's control, in virtual time: ask, let time pass, cut, heal, look.

    def test_a_write_survives_the_leader(world):
        world.do("write", "k0", 1)
        world.kill(world.with_role("leader")[0])
        assert world.do("read", "k0", client=1).value == 1

Nothing happens between two calls: time moves only while a call waits for something. The network takes a millisecond a message
and clocks are exact, unless the mark says otherwise; what is random is the seed's. Faults past the model's claim are not refused:
the test is in control, and safety is what it judges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from chaoskit.catalogue import model_named
from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.core.record import Manifest, RunRecord
from chaoskit.core.units import format_time, parse_duration
from chaoskit.core.verdict import Verdict
from chaoskit.nemeses import INJECTORS
from chaoskit.run import draw, judge
from chaoskit.settings import Settings
from chaoskit.sim.kernel import IDLE, TIME
from chaoskit.sim.world import World
from chaoskit.testing.telling import told
from chaoskit.workloads import workload_named

NODES, NETWORK, SYNC = 3, "latency=1ms", "constant:1ms"
WITHIN = "10s"  # how long is waited for what must come
EVENTS_MAX = 1_000_000  # of one call: more is a storm of messages
EVENTS_TOLD = 20


class Asked:
    """An operation that a client was asked for. `op` is its completion, None while it is open."""

    def __init__(self, f: str, key: Any, value: Any, client: int) -> None:
        self.f, self.key, self.value, self.client = f, key, value, client
        self.op: Op | None = None


class SmallWorld:
    """A cluster in the hands of a test. Durations are texts (`500ms`) or ns; nodes go by name, clients by number."""

    def __init__(self, reference: str, settings: Settings) -> None:
        """For the fixture; `settings` say what is asked for beyond these defaults. Boots all nodes."""
        wishes = {"nodes": settings.nodes or NODES, "network": settings.network or NETWORK, "nemesis": "none"}
        values = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
        drawn = draw(Settings(**{**values, **wishes}), reference)
        cluster = msgspec.structs.replace(drawn.cluster, disk={"sync": SYNC}, clocks={})
        plan = msgspec.structs.replace(drawn, cluster=cluster, beyond_claim=True)
        self._asker = _Asker()
        self._world = World(
            plan,
            model_named(plan.model).cast(plan, read_only=workload_named(plan.workload).read_only),
            injectors=INJECTORS,
            asker_for=lambda _phase, _slots: self._asker,
        )
        self._faults: list[str] = []
        for host in self._world.nodes:
            self._world.boot(host)

    # Time ----------------------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Virtual ns since the nodes booted."""
        return self._world.kernel.now

    def advance(self, duration: str | int) -> None:
        """Lets so much time pass."""
        until = self.now + _ns(duration)
        kernel = self._world.kernel
        kernel.schedule(until, self._world.source_phases, lambda _: None, None)
        kernel.resume()
        if kernel.run(until, EVENTS_MAX) not in (IDLE, TIME):
            raise AssertionError(f"more than {EVENTS_MAX:,} events by {format_time(self.now)}, as in a storm of messages.")

    def run_until(self, condition: Callable[[], object], *, within: str | int = WITHIN) -> None:
        """Lets time pass, event by event, until something is true. Raises `AssertionError` when it does not come."""
        __tracebackhide__ = True
        deadline = self.now + _ns(within)
        kernel = self._world.kernel
        kernel.resume()
        while not condition():
            if kernel.run(deadline, 1) in (IDLE, TIME):
                waiting = "; ".join(self._world.waiting()) or "nobody waits for anything"
                raise AssertionError(f"what was waited for did not come by {format_time(self.now)}: {waiting}.")

    # Clients -------------------------------------------------------------------------------------------------------------------

    def ask(self, f: str, key: Any = None, value: Any = None, *, client: int = 0) -> Asked:
        """Begins an operation of a client and does not wait for it."""
        clients = self._world.plan.cluster.clients
        if not 0 <= client < clients:
            raise UsageError(f"expected a client from 0 to {clients - 1} but got client={client}; say clients=… in the mark.")
        asked = Asked(f, key, value, client)
        self._asker.add(asked)
        self._world.slots.begin_phase(0, self._asker)
        return asked

    def do(self, f: str, key: Any = None, value: Any = None, *, client: int = 0) -> Op:
        """Has a client carry out an operation, to its end: ok, fail or info."""
        asked = self.ask(f, key, value, client=client)
        self.run_until(lambda: asked.op is not None)
        assert asked.op is not None
        return asked.op

    # Faults --------------------------------------------------------------------------------------------------------------------

    def strike(self, kind: str, who: list[str] | str, *, lasting: str | int | None = None, **parameters: Any) -> str:
        """Brings any fault about (`chaoskit list nemeses`), for a time or until it is healed. Gives its id."""
        fault = Fault(
            id=f"f{len(self._faults)}",
            when=At(time=self.now),
            who=who,
            kind=kind,
            parameters=parameters,
            lasting=None if lasting is None else _ns(lasting),
        )
        if kind not in INJECTORS:
            raise UsageError(f"expected a fault of {', '.join(INJECTORS)} but got kind={kind!r}.")
        self._faults.append(fault.id)
        resolution = self._world.faults.inject(fault).resolution
        if resolution is not None and resolution.refused:
            raise UsageError(f"expected a fault that can be but got {kind} of {who}: {resolution.refused}.")
        return fault.id

    def cut(self, *nodes: str, off: list[str] | None = None) -> str:
        """Cuts these nodes off from all others, or from those in `off`, both ways."""
        others = [node for node in (self.nodes if off is None else off) if node not in nodes]
        grudge = {**dict.fromkeys(nodes, others), **{other: list(nodes) for other in others}}
        return self.strike("partition", list(nodes), grudge=grudge)

    def kill(self, *nodes: str, power_loss: bool = False) -> str:
        """Ends their processes; they stay down until healed. A power loss also takes what was not synced."""
        return self.strike("kill", list(nodes), power_loss=power_loss)

    def pause(self, *nodes: str) -> str:
        """Stops them where they stand, until healed."""
        return self.strike("pause", list(nodes))

    def heal(self, *faults: str) -> None:
        """Ends these faults, or all."""
        for fault in faults or tuple(self._faults):
            self._world.faults.end(fault)

    # Looking -------------------------------------------------------------------------------------------------------------------

    @property
    def nodes(self) -> list[str]:
        return list(self._world.plan.cluster.nodes)

    def observe(self, node: str) -> dict[str, Any]:
        """What a node said last of itself; empty when it is down."""
        self._world.host_number(node)
        return dict(self._world.view.get(node, {}))

    def with_role(self, role: str) -> list[str]:
        """The nodes that observe this role of themselves."""
        return [node for node in self.nodes if self.observe(node).get("role") == role]

    @property
    def history(self) -> History:
        """What the clients saw until now."""
        return self._world.history.build()

    def verdict(self) -> Verdict:
        """What the workload's checkers and the model's invariants say until now."""
        self._world.journal.flush()
        return judge(self._world.outcome())

    def assert_valid(self) -> None:
        """Raises `AssertionError` with the evidence when something promised did not hold until now."""
        __tracebackhide__ = True
        verdict = self.verdict()
        if not verdict.is_valid:
            outcome = self._world.outcome()
            manifest = Manifest(model=outcome.plan.model, workload=outcome.plan.workload, seed=outcome.plan.seed)
            raise AssertionError(told(RunRecord(manifest=manifest, outcome=outcome, verdict=verdict)))

    def told(self) -> str:
        """The last events of the history, for a test that failed."""
        history = self.history
        lines = [f"{format_time(op.time)}  {op}" for op in list(history)[-EVENTS_TOLD:]]
        return "\n".join([f"at {format_time(self.now)}, the last {len(lines)} of {len(history)} events:", *lines])

    def close(self) -> None:
        """Ends it: every process dies where it stands."""
        self._world.dissolve()


class _Asker:
    """Hands what a test asks to the world, and the answers back."""

    def __init__(self) -> None:
        self._queue: deque[Asked] = deque()
        self._open: dict[int, Asked] = {}

    def add(self, asked: Asked) -> None:
        if asked.client in self._open:
            at = self._open[asked.client].f
            raise UsageError(f"expected a client that is free but client={asked.client} is at {at}; wait.")
        self._queue.append(asked)
        self._open[asked.client] = asked

    def poll(self, now: int) -> tuple[int, str, Any, Any] | None:
        if not self._queue:
            return None
        asked = self._queue.popleft()
        return asked.client, asked.f, asked.key, asked.value

    def began(self, op: Op) -> None:
        """It is on its way."""

    def ended(self, slot: int, op: Op, now: int) -> None:
        self._open.pop(slot).op = op


def _ns(duration: str | int) -> int:
    return parse_duration(duration) if isinstance(duration, str) else duration
