"""The world: runs a plan on a simulated cluster, in virtual time, and gives its outcome.

Hosts, network, clients, faults and phases meet here and nowhere else. The world reads no clock but its own, and every random
decision is an addressed draw: the same plan gives the same bytes. It knows no protocol (the cast does) and no fault (the
injectors do).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from chaoskit.core.errors import ChaoskitError, ModelError, StoreError, UsageError
from chaoskit.core.history import HistoryBuilder
from chaoskit.core.journal import CHUNK_ENTRIES, Journal, Sink
from chaoskit.core.op import Op
from chaoskit.core.outcome import LivenessReport, Outcome, Stats
from chaoskit.core.plan import Plan
from chaoskit.core.units import MILLISECOND, format_time
from chaoskit.core.verdict import Sentence, Violation
from chaoskit.draws import Draws
from chaoskit.sim import streams  # the package: compiled, it and this module know each other's types
from chaoskit.sim.cast import Breach, Buried, Cast
from chaoskit.sim.cause import Cause
from chaoskit.sim.clocks import Clock
from chaoskit.sim.disks import SYNC_LAW, DiskError, SimulatedDisk
from chaoskit.sim.failures import Refused, raised, where_raised
from chaoskit.sim.faults import Faults, Injector
from chaoskit.sim.forgetting import lay_to_rest
from chaoskit.sim.garbage import Collector, collected_at_rest
from chaoskit.sim.interrupt import ctrl_c_between_events, how_interrupted
from chaoskit.sim.kernel import Kernel
from chaoskit.sim.network import Network, Packet, Weather
from chaoskit.sim.phases import AskerFor, Livelock, Phases
from chaoskit.sim.slots import Slots

if TYPE_CHECKING:
    from chaoskit.sim.host import Host, Process

RESTART_DELAY = 500 * MILLISECOND  # after a node crashed by itself
_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
T = TypeVar("T")


class World:
    """One run. `run()` may be called once."""

    def __init__(
        self,
        plan: Plan,
        cast: Cast,
        *,
        injectors: Mapping[str, Injector],
        asker_for: AskerFor,
        sink: Sink | None = None,
        history: HistoryBuilder | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        check_aliasing: bool = False,
    ) -> None:
        self.plan = plan
        self.cast = cast
        self.draws = Draws(plan.seed, plan.overrides)
        cluster = plan.cluster
        self.clients_from = len(cluster.nodes)
        self.names = [*cluster.nodes, *(f"c{number}" for number in range(cluster.clients))]
        self.source_slots = len(self.names)
        self.source_faults = self.source_slots + cluster.clients
        self.source_phases = self.source_faults + 1
        self.source_generator = self.source_faults + 2
        self.kernel = Kernel(self.source_generator + 1)
        self.journal = Journal(sink)
        self.entries = self.journal.pending
        self.history = HistoryBuilder() if history is None else history
        self.cause = Cause("boot")
        self.messages = 0
        self.violations: list[Violation] = []
        self.graveyard: list[Buried] = []  # what lives on in it is closed when the world is over
        disk = _settings("disk", cluster.disk, DiskSettings)
        clocks = _settings("clocks", cluster.clocks, ClockErrors)
        self.hosts = [self._host(number, name, disk, clocks) for number, name in enumerate(self.names)]
        self.nodes = self.hosts[: self.clients_from]
        self.network = Network(
            self.kernel,
            self.draws,
            names=self.names,
            clients_from=self.clients_from,
            weather=_settings("network", cluster.network, Weather),
            deliver=self._arrived,
            listener=self,
            partition_clients=plan.partition_clients,
        )
        self.slots = Slots(self, read_only=cast.read_only, script=plan.invocations)
        self.faults = Faults(self, injectors)
        self.triggers = self.faults.triggers
        self.phases = Phases(self, asker_for)
        self.view: dict[str, dict[str, Any]] = {}
        self.streams = streams.Streams(self) if cast.streams else None  # a test may put one here
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self._on_progress = on_progress
        self._check_aliasing = check_aliasing
        self._watches = cast.watches()
        self.observes = cast.observes
        self.garbage = Collector(active=False)

    def run(self) -> Outcome:
        """Executes the plan. A broken contract, or Ctrl-C, ends it early: the outcome says so and keeps what there is."""
        interrupted: str | None = None
        error: ChaoskitError | None = None
        liveness = LivenessReport()
        try:
            with ctrl_c_between_events(self.kernel), collected_at_rest() as self.garbage, self.cast.around():
                liveness = self.phases.run()
            self.journal.flush()
        except Livelock:
            pass  # a violation, which is written down: nothing further can be asked of this run
        except (ModelError, StoreError) as broken:
            error, interrupted = broken, str(broken)
        except KeyboardInterrupt:
            interrupted = how_interrupted()
        self.dissolve()
        return self.outcome(liveness=liveness, interrupted=interrupted, error=error)

    def outcome(
        self,
        *,
        liveness: LivenessReport | None = None,
        interrupted: str | None = None,
        error: ChaoskitError | None = None,
    ) -> Outcome:
        """What there is of the run until now."""
        return Outcome(
            plan=self._resolved_plan(),
            history=self.history.build(),
            journal=self.journal,
            effects=self.faults.effects,
            violations=self.violations,
            liveness=liveness or LivenessReport(),
            stats=Stats(
                events=self.kernel.events,
                messages=self.messages,
                simulated=self.kernel.now,
                phases=self.phases.begins,
            ),
            invocation_ids=self.slots.ids,
            interrupted=interrupted,
            error=error,
        )

    def dissolve(self) -> None:
        """Ends what still lives once the world is over, and forgets what is dead: no `finally` runs then either.

        It unties circles as well: a run shall not leave thousands of objects to the garbage collector.
        """
        if self.streams is not None:
            self.streams.dissolve()
        for host in self.hosts:
            if host.process is not None:
                host.process.die()
                host.process = None
        self.kernel.heap.clear()
        lay_to_rest(self.graveyard)

    # What hosts, clients and control use -------------------------------------------------------------------------------------

    def host_number(self, name: str) -> int:
        """The number of a host. Raises `ModelError` for a name that is not in the cluster."""
        try:
            return self._numbers[name]
        except KeyError:
            raise ModelError(f"expected the name of a host ({', '.join(self.names)}) but got {name!r}.") from None

    def client_name(self, slot: int) -> str:
        return self.names[self.clients_from + slot]

    def record(self, kind: str, node: str, *fields: Any) -> None:
        """Writes a journal entry under the current cause."""
        self.entries.append((self.kernel.now, kind, node, self.cause.name, *fields))

    def effect(self, token: str, effect: str) -> None:
        """Counts what a fault did."""
        self.faults.effect(token, effect)

    def clock_read(self, host: Host) -> None:
        """A node read a clock that a fault has changed."""
        for skew in host.clock.skews:
            self.effect(skew.token, "read the changed clock")

    def later(self, source: int, action: Callable[[], None]) -> None:
        """Runs an action at this instant, as an event of its own."""
        cause = self.cause

        def due(_: Any) -> None:
            self.cause = cause
            action()

        self.kernel.schedule(self.kernel.now, source, due, None)

    def postponed(self, host: Host, callback: Callable[[Any], None], argument: Any) -> bool:
        """Whether the host is paused: then the event waits in its inbox."""
        if not host.paused_by:
            return False
        host.inbox.append((callback, argument))
        self.effect(host.paused_by[0], "held back")
        return True

    def resume(self, host: Host) -> None:
        """Lets a paused host go on with all that came meanwhile, in order."""
        self.record("resume", host.name)
        inbox, host.inbox = host.inbox, []
        for callback, argument in inbox:
            self.kernel.schedule(self.kernel.now, host.number, callback, argument)

    def boot(self, host: Host) -> None:
        """Starts the host's program anew from its disk."""
        if host.process is not None:
            return
        host.boots = max(host.boots + 1, self.draws.fixed("boot", host.name, host.boots + 1) or 0)
        if self.streams is not None:
            self.streams.booted(host.number)
        self.cause = Cause(f"{host.name}.{host.boots}")
        self.record("boot", host.name, host.boots)
        process = host.process = host.new_process(self)

        def start() -> Any:
            process.program = self.cast.boot_node(process)
            return process.program.start()

        self.guard(process, start)

    def boot_client(self, slot: int, process_number: int) -> Process:
        host = self.hosts[self.clients_from + slot]
        host.boots += 1
        process = host.process = host.new_process(self)
        process.program = self.cast.boot_client(process, process_number)
        return process

    def crash(self, host: Host, reason: str, *, power_loss: bool) -> None:
        """Ends a host's process where it stands; after a power loss the disk holds what had reached it, perhaps torn."""
        process, host.process = host.process, None
        if power_loss and self.streams is not None:
            self.streams.power_lost(host.number)
        if process is not None:
            process.die()
            self.view.pop(host.name, None)
        self.record("crash", host.name, reason)
        host.paused_by = []  # what was stopped is gone, and what waited for it with it
        inbox, host.inbox = host.inbox, []
        for _, argument in inbox:
            if isinstance(argument, Packet):
                self._packet_record("drop", argument, "host down")
        if power_loss:
            lost = host.lose_power(self.cause)
            self.record("disk", host.name, "power loss", "", sum(lost.values()))
            for token in host.down_by:
                for what, count in lost.items():
                    if count:
                        self.effect(token, f"{what} unsynced writes")
        if process is not None and not host.down_by:
            self.kernel.schedule(self.kernel.now + RESTART_DELAY, host.number, self._restart, host)

    def failed(self, process: Process, error: BaseException) -> None:
        """A program raised. A broken contract ends the run; else the node crashes: a violation, unless its disk did it."""
        if isinstance(error, ChaoskitError):
            raise error
        if not process.alive:
            return
        host = process.host
        if host.number >= self.clients_from:
            raise ModelError(f"the client {host.name} raised {raised(error)}{where_raised(error)}.") from error
        if not isinstance(error, DiskError):
            summary = f"{host.name} raised {raised(error)}"
            told = f"At {format_time(self.kernel.now)} {summary}{where_raised(error)}."
            self.violate("node-exceptions", "node-exception", summary, nodes=[host.name], sentences=[[told]])
        self.crash(host, raised(error), power_loss=False)

    def guard(self, process: Process, callback: Callable[[], Any]) -> None:
        """Calls into a program and deals with what it raises, what it waits for and what it observes."""
        try:
            waiting = callback()
            if waiting is not None:
                process.spawn(waiting)
        except Exception as error:  # noqa: BLE001  # a program may raise anything; `failed` decides what it means
            self.failed(process, error)
        self.after(process)

    def after(self, process: Process) -> None:
        """Looks at a node after it did something: its observation, the triggers and the invariants."""
        host = process.host
        if not self.observes or not process.alive or host.number >= self.clients_from:
            return
        try:
            observed = process.program.observe()
        except Exception as error:  # noqa: BLE001  # as any other call into a program
            self.failed(process, error)
            return
        if observed is process.observed or observed == process.observed:
            return
        before, process.observed = process.observed, observed
        self.view[host.name] = observed
        self.record("observe", host.name, observed)
        for watch in self._watches:
            try:
                breach = watch(self.view, host.name)
            except Exception as error:
                raise ModelError(
                    f"an invariant raised {type(error).__name__} at {host.name}, which observes {observed!r}: {error}"
                ) from error
            if breach is not None:
                self._breached(breach)
        self.triggers.observed(host, before, observed)

    def connect(self, client: Process, to: int, call: int) -> bool:
        """A client's call begins: refused when nobody listens, and broken off when the node dies."""
        target = self.hosts[to].process
        promise = client.calls[call]
        if target is None:
            name = self.names[to]
            self.later(client.host.number, lambda: promise.fail(Refused(f"{name} is down")))
            return False
        target.callers[(client.host.number, call)] = (client, promise)
        return True

    def rest(self) -> None:
        """Hands over the journal's chunk: a good moment to look for garbage."""
        self.journal.flush()
        self.garbage.rest()

    def progressed(self, op: Op) -> None:
        """An operation ended."""
        self.phases.progressed(op)
        if self._on_progress is not None:
            self._on_progress(len(self.slots.ids), self.kernel.now)

    # What the network tells --------------------------------------------------------------------------------------------------

    def dropped(self, packet: Packet, reason: str) -> None:
        self._packet_record("drop", packet, reason)

    def duplicated(self, packet: Packet) -> None:
        self._packet_record("duplicate", packet)

    def corrupted(self, packet: Packet, bits: int) -> bool:
        """Flips a bit of the packet. False when that is detected, which makes it a loss; else the changed message goes on."""
        place = bits % (8 * max(1, len(packet.body)))
        body = bytearray(packet.body or b"\0")
        body[place // 8] ^= 1 << place % 8
        message: Any = None
        if self.cast.tolerates.corruption != "detected" or self.plan.beyond_claim:
            try:
                message = self.cast.decode(packet.kind, bytes(body))
            except ValueError:
                message = None
        self._packet_record("corrupt", packet, message is None)
        if message is None:
            return False
        packet.payload, packet.body = (message, packet.payload[1]), _ENCODER.encode(message)
        return True

    def _packet_record(self, kind: str, packet: Packet, *fields: Any) -> None:
        names = self.names
        self.entries.append(
            (
                self.kernel.now,
                kind,
                names[packet.source],
                packet.cause.name,
                packet.number,
                names[packet.destination],
                packet.kind,
                *fields,
            )
        )

    def _arrived(self, packet: Packet) -> None:
        if packet.is_lost():
            self._packet_record("drop", packet, "lost in flight")
        else:
            self._hand_over(packet)

    def _hand_over(self, packet: Packet) -> None:
        """Gives a packet that reached its host to the process there, once it is not paused."""
        host = self.hosts[packet.destination]
        if host.paused_by and self.postponed(host, self._hand_over, packet):
            return
        process = host.process
        if process is None:
            self._packet_record("drop", packet, "host down")
            for token in host.down_by:
                self.effect(token, "missed a message")
            return
        cause = self.cause = packet.cause
        entries = self.entries
        entries.append((self.kernel.now, "deliver", host.name, cause.name, packet.number, self.names[packet.source], packet.kind))
        if len(entries) > CHUNK_ENTRIES:
            self.rest()
        if self._check_aliasing:
            self._compare_with_wire(packet)
        if self.triggers.packets:
            self.triggers.effect(f"deliver {packet.kind}", self.hosts[packet.source], host)
            if not process.alive:
                return
        try:
            process.deliver(packet)
        except Exception as error:  # noqa: BLE001  # a program may raise anything; `failed` decides what it means
            self.failed(process, error)
        self.after(process)

    def _compare_with_wire(self, packet: Packet) -> None:
        """A test mode: a message that was changed after it was sent is no longer what its bytes say."""
        if _ENCODER.encode(packet.payload[0]) != packet.body:
            raise ModelError(f"{packet.kind} was changed after it was sent: messages must not share mutable values with a node.")

    def _restart(self, host: Host) -> None:
        if host.process is None and not host.down_by:
            self.boot(host)

    def waiting(self) -> list[str]:
        """Who waits for what."""
        nodes = [line for host in self.nodes if host.process is not None for line in host.process.waiting()]
        return [*self.slots.waiting(), *nodes]

    # Findings ----------------------------------------------------------------------------------------------------------------

    def _breached(self, breach: Breach) -> None:
        self.violate("invariants", breach.kind, breach.summary, nodes=breach.nodes, sentences=breach.sentences)

    def violate(
        self,
        checker: str,
        kind: str,
        summary: str,
        *,
        nodes: list[str] | None = None,
        sentences: list[Sentence] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Keeps a violation, the first of its kind only."""
        if any((found.checker, found.kind) == (checker, kind) for found in self.violations):
            return
        self.record("violation", "", kind, summary)
        self.violations.append(
            Violation(
                checker=checker,
                kind=kind,
                summary=summary,
                sentences=sentences or [[f"At {format_time(self.kernel.now)} {summary}."]],
                nodes=nodes or [],
                time=self.kernel.now,
                journal=len(self.journal) - 1,
                data=data or {},
            )
        )

    # Making ------------------------------------------------------------------------------------------------------------------

    def _host(self, number: int, name: str, disk: DiskSettings, clocks: ClockErrors) -> Host:
        from chaoskit.sim.host import Host  # compiled, the two modules know each other's types: one of them comes first

        draws = self.draws.child("clock", name)
        clock = Clock(
            base_offset=draws.integer(-clocks.offset, clocks.offset, "offset"),
            base_drift=draws.integer(-clocks.drift, clocks.drift, "drift"),
        )
        role = self.plan.cluster.roles.get(name, "")
        return Host(name, number, role, SimulatedDisk(name, self.draws, sync_law=disk.sync), clock)

    def _resolved_plan(self) -> Plan:
        """The plan as it fell out: what was asked, when phases began, how every fault ended."""
        plan = self.plan
        return msgspec.structs.replace(
            plan,
            faults=self.faults.resolved(),
            invocations=plan.invocations if plan.invocations is not None else self.slots.recorded,
            phases=list(self.phases.begins.values()),
        )


class DiskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ordinary disk: the law of how long a sync takes."""

    sync: str = SYNC_LAW


class ClockErrors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ordinary error of the nodes' clocks: each has an offset within ± `offset` ns and a drift within ± `drift` ppm."""

    offset: int = 0
    drift: int = 0


def _settings(name: str, given: dict[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"expected the cluster's {name} settings but got {given!r}: {error}.") from error
