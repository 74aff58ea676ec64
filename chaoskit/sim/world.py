"""The world: runs a plan on a simulated cluster, in virtual time, and gives its outcome.

Hosts, network, clients, faults and phases meet here and nowhere else. The world reads no clock but its own, and every random decision is an
addressed draw: the same plan gives the same bytes. It knows no protocol (the cast does) and no fault (the injectors do).

Phases: *main* runs the workload under faults; *recovery* heals a core that the claim says suffices and asks it for progress; *final* heals all,
lets the cluster settle, runs the final operations and expects all nodes to agree.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from chaoskit.core.errors import ChaoskitError, ModelError, UsageError
from chaoskit.core.fault import At, Fault, On, Resolution
from chaoskit.core.history import HistoryBuilder
from chaoskit.core.journal import CHUNK_ENTRIES, Journal, Sink
from chaoskit.core.op import NEMESIS, OK, Op
from chaoskit.core.outcome import LivenessReport, Outcome, Stats
from chaoskit.core.plan import Plan
from chaoskit.core.units import MILLISECOND, SECOND, format_time
from chaoskit.core.verdict import Sentence, Violation
from chaoskit.draws import Draws
from chaoskit.sim.cast import Breach, Cast
from chaoskit.sim.cause import Cause
from chaoskit.sim.claim import Tolerates, amount
from chaoskit.sim.clocks import Clock
from chaoskit.sim.control import Control, FaultRefused
from chaoskit.sim.disks import DiskError, SimulatedDisk
from chaoskit.sim.host import Host, Process, Refused
from chaoskit.sim.kernel import BUDGET, IDLE, Kernel
from chaoskit.sim.network import Network, Packet, Weather
from chaoskit.sim.slots import Asker, Slots
from chaoskit.sim.triggers import Triggers

Injector = Callable[[Control, Fault, list[str]], dict[str, Any]]
AskerFor = Callable[[str, list[int]], Asker | None]  # (phase, slots that may be asked) → a generator, None for no phase

MAIN, RECOVERY, FINAL = "main", "recovery", "final"
PHASES = (MAIN, RECOVERY, FINAL)
EVENTS_MAX = 200_000_000  # of a whole run
INSTANT_EVENTS_MAX = 100_000  # at one instant: more is a livelock
RESTART_DELAY = 500 * MILLISECOND  # after a node crashed by itself
SETTLE = SECOND  # after everything is healed, before the final operations
AGREE_STEP = 200 * MILLISECOND  # how often the end looks whether all agree
FOREVER = 1 << 62
_SILENT = object()


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
        self.history = HistoryBuilder()
        self.cause = Cause("boot")
        self.messages = 0
        self.effects: dict[str, dict[str, int]] = {}
        self.violations: list[Violation] = []
        self.graveyard: list[Coroutine[Any, Any, Any]] = []
        self.triggers = Triggers(self._strike, lambda: self.kernel.now)
        self.hosts = [self._host(number, name) for number, name in enumerate(self.names)]
        self.nodes = self.hosts[: self.clients_from]
        self.network = Network(
            self.kernel,
            self.draws,
            names=self.names,
            clients_from=self.clients_from,
            weather=msgspec.convert(cluster.network, Weather),
            deliver=self._arrived,
            listener=self,
            partition_clients=plan.partition_clients,
        )
        self.slots = Slots(self, read_only=cast.read_only, script=plan.invocations)
        self.control = Control(self)
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self._injectors = injectors
        self._asker_for = asker_for
        self._on_progress = on_progress
        self._check_aliasing = check_aliasing
        self._watches = cast.watches()
        self._view: dict[str, dict[str, Any]] = {}
        self._faults = {fault.id: msgspec.structs.replace(fault, resolution=None) for fault in plan.faults}
        self._active: dict[str, Fault] = {}
        self._begins: list[int] = []
        self._fault_ends_frozen = False
        self._progress_at: int | None = None

    def run(self) -> Outcome:
        """Executes the plan. A model that breaks its contract, or Ctrl-C, ends it early: the outcome says so and keeps what there is."""
        interrupted: str | None = None
        error: ChaoskitError | None = None
        liveness = LivenessReport()
        try:
            self._start()
            self._run_phase(0, list(range(self.plan.cluster.clients)), heal=_nothing)
            liveness = self._recover()
        except ModelError as broken:
            error, interrupted = broken, str(broken)
        except KeyboardInterrupt:
            interrupted = "interrupted (Ctrl-C)"
        for coroutine in self.graveyard:
            _bury(coroutine)
        return Outcome(
            plan=self._resolved_plan(),
            history=self.history.build(),
            journal=self.journal,
            effects=self.effects,
            violations=self.violations,
            liveness=liveness,
            stats=Stats(
                events=self.kernel.events,
                messages=self.messages,
                simulated=self.kernel.now,
                phases=dict(zip(PHASES, self._begins, strict=False)),
            ),
            invocation_ids=self.slots.ids,
            interrupted=interrupted,
            error=error,
        )

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
        self.journal.pending.append((self.kernel.now, kind, node, self.cause.name, *fields))

    def effect(self, token: str, effect: str) -> None:
        """Counts what a fault did; its first effect of a kind is journaled."""
        counts = self.effects.setdefault(token, {})
        counts[effect] = counts.get(effect, 0) + 1
        if counts[effect] == 1:
            self.record("fault-effect", "", token, effect)

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
        host.boots += 1
        self.cause = Cause(f"{host.name}.{host.boots}")
        self.record("boot", host.name, host.boots)
        process = host.process = Process(self, host)
        process.program = self.cast.boot_node(process)
        self.guard(process, process.program.start)

    def boot_client(self, slot: int, process_number: int) -> Process:
        host = self.hosts[self.clients_from + slot]
        host.boots += 1
        process = host.process = Process(self, host)
        process.program = self.cast.boot_client(process, process_number)
        return process

    def crash(self, host: Host, reason: str, *, power_loss: bool) -> None:
        """Ends a host's process where it stands; after a power loss the disk holds what had reached it, perhaps torn."""
        process, host.process = host.process, None
        if process is not None:
            process.die()
            self._view.pop(host.name, None)
        self.record("crash", host.name, reason)
        if power_loss:
            lost = host.disk.lose_power(host.boots)
            self.record("disk", host.name, "power loss", "", sum(lost.values()))
            for token in host.down_by:
                for what, count in lost.items():
                    if count:
                        self.effect(token, f"{what} unsynced writes")
        if process is not None and not host.down_by:
            self.kernel.schedule(self.kernel.now + RESTART_DELAY, host.number, self._restart, host)

    def failed(self, process: Process, error: BaseException) -> None:
        """A program raised. A broken contract ends the run; anything else crashes the node, and is a violation unless a disk fault did it."""
        if isinstance(error, ModelError):
            raise error
        if not process.alive:
            return
        host = process.host
        if host.number >= self.clients_from:
            raise ModelError(f"the client {host.name} raised {type(error).__name__}: {error}.") from error
        if not isinstance(error, DiskError):
            self._violate(
                "node-exceptions", "node-exception", f"{host.name} raised {type(error).__name__}: {error}", nodes=[host.name]
            )
        self.crash(host, f"{type(error).__name__}: {error}", power_loss=False)

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
        if not process.alive or host.number >= self.clients_from:
            return
        observed = process.program.observe()
        if observed == process.observed:
            return
        before, process.observed = process.observed, observed
        self._view[host.name] = observed
        self.record("observe", host.name, observed)
        for watch in self._watches:
            breach = watch(self._view, host.name)
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

    def progressed(self, op: Op) -> None:
        """An operation ended."""
        if op.type == OK and self._progress_at is None:
            self._progress_at = self.kernel.now
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
        packet.payload = (message, packet.payload[1])
        return True

    def _packet_record(self, kind: str, packet: Packet, *fields: Any) -> None:
        names = self.names
        self.journal.pending.append(
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
        host = self.hosts[packet.destination]
        if not self.network.arrives(packet):
            self._packet_record("drop", packet, "lost in flight")
            return
        if host.paused_by and self.postponed(host, self._arrived, packet):
            return
        process = host.process
        if process is None:
            self._packet_record("drop", packet, "host down")
            for token in host.down_by:
                self.effect(token, "missed a message")
            return
        self.cause = packet.cause
        pending = self.journal.pending
        pending.append(
            (self.kernel.now, "deliver", host.name, packet.cause.name, packet.number, self.names[packet.source], packet.kind)
        )
        if len(pending) > CHUNK_ENTRIES:
            self.journal.flush()
        if self._check_aliasing:
            self._compare_with_wire(packet)
        if self.triggers.armed:
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
        message = packet.payload[0]
        if msgspec.msgpack.Encoder(order="deterministic").encode(message) != packet.body:
            raise ModelError(f"{packet.kind} was changed after it was sent: messages must not share mutable values with a node.")

    # Faults ------------------------------------------------------------------------------------------------------------------

    def _strike(self, fault: Fault, sender: Host, receiver: Host) -> None:
        assert isinstance(fault.when, On)
        if fault.when.after > 0:
            later = self.kernel.now + fault.when.after
            self.kernel.schedule(later, self.source_faults, self._inject_due, (fault, sender.name, receiver.name))
        else:
            self._inject((fault, sender.name, receiver.name))

    def _inject_due(self, item: tuple[Fault, str | None, str | None]) -> None:
        if len(self._begins) == 1:  # the main phase only
            self._inject(item)

    def _inject(self, item: tuple[Fault, str | None, str | None]) -> None:
        fault, sender, receiver = item
        before, self.cause = self.cause, Cause(fault.id)
        now = self.kernel.now
        injector = self._injectors.get(fault.kind)
        if injector is None:
            raise UsageError(f"expected a fault kind ({', '.join(sorted(self._injectors))}) but got kind={fault.kind!r}.")
        try:
            nodes = self.control.select(fault.who, token=fault.id, sender=sender, receiver=receiver)
            self._active[fault.id] = fault
            parameters = injector(self.control, fault, nodes)
        except FaultRefused as refusal:
            self.control.heal(fault.id)
            self._active.pop(fault.id, None)
            self.record("fault-refused", "", fault.id, fault.kind, str(refusal))
            self._resolve(fault, Resolution(begin=now, end=now, refused=str(refusal)))
        else:
            self.effects.setdefault(fault.id, {})
            self.record("fault-begin", "", fault.id, fault.kind, nodes, parameters)
            self._history_fault(fault, f"start-{fault.kind}", {"nodes": nodes, **parameters})
            self._resolve(fault, Resolution(begin=now, nodes=nodes, parameters=parameters))
            if fault.lasting is not None:
                self.kernel.schedule(now + fault.lasting, self.source_faults, self._end_due, fault.id)
        self.cause = before

    def _end_due(self, identifier: str) -> None:
        if not self._fault_ends_frozen:
            self._end_fault(identifier)

    def _end_fault(self, identifier: str) -> None:
        fault = self._active.pop(identifier, None)
        if fault is None:
            return
        self.cause = Cause(identifier)
        self.record("fault-end", "", identifier)
        self._history_fault(fault, f"stop-{fault.kind}", None)
        resolution = self._faults[identifier].resolution
        assert resolution is not None
        self._resolve(fault, msgspec.structs.replace(resolution, end=self.kernel.now))
        self.control.heal(identifier)

    def _history_fault(self, fault: Fault, f: str, value: Any) -> None:
        self.history.append("info", NEMESIS, f, fault.id, value, time=self.kernel.now)

    def _resolve(self, fault: Fault, resolution: Resolution) -> None:
        self._faults[fault.id] = msgspec.structs.replace(fault, resolution=resolution)

    def _restart(self, host: Host) -> None:
        if host.process is None and not host.down_by:
            self.boot(host)

    # Phases ------------------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        for host in self.nodes:
            self.boot(host)
        for number, fault in enumerate(self.plan.faults):
            if isinstance(fault.when, At):
                self.kernel.schedule_as(fault.when.time, self.source_faults, number, self._inject_due, (fault, None, None))
            else:
                self.triggers.arm(fault)
        self.kernel.numbers[self.source_faults] = len(self.plan.faults)

    def _run_phase(self, phase: int, slots: list[int], *, heal: Callable[[], None], rest: int = 0, until: int | None = None) -> None:
        """Runs one phase from its begin until all that it asked for has ended, or until an instant.

        It begins by healing, and asks for the first operation after `rest` ns.
        """
        name = PHASES[phase]
        recorded = self.plan.phases[phase] if phase < len(self.plan.phases) else 0
        begin = max(self.kernel.now + 1 if phase else 0, recorded)

        def start(_: Any) -> None:
            self.cause = Cause(name)
            self._begins.append(self.kernel.now)
            self.record("phase", "", name)
            heal()
            self.kernel.schedule(self.kernel.now + rest, self.source_phases, ask, None)

        def ask(_: Any) -> None:
            self.slots.begin_phase(phase, self._asker_for(name, slots))

        self.slots.on_drained = self._stop
        self.kernel.schedule(begin, self.source_phases, start, None)
        self._run_until(FOREVER if until is None else begin + until)

    def _run_until(self, until: int) -> None:
        """Runs events until something stops the kernel, the time is up or nothing is left to happen."""
        kernel = self.kernel
        kernel.stopped = False
        while True:
            instant = kernel.now
            ended = kernel.run(until, INSTANT_EVENTS_MAX)
            if ended == IDLE and not self.slots.is_idle:
                self._stuck("deadlock", "nothing can ever happen again")
            if ended != BUDGET:
                return
            if kernel.now == instant:
                self._stuck("livelock", f"more than {INSTANT_EVENTS_MAX:,} events at {format_time(instant)}")
                return
            if kernel.events >= EVENTS_MAX:
                raise ModelError(f"the run met its limit of {EVENTS_MAX:,} events at {format_time(kernel.now)}; ask for fewer ops.")

    def _recover(self) -> LivenessReport:
        """The recovery and final phases: does a healed core make progress, and do all agree once everything is healed?"""
        claim, plan = self.cast.tolerates, self.plan
        core = self._core(claim)
        frozen_at = self.kernel.now
        served = [slot for slot in range(plan.cluster.clients) if self.names[slot % len(self.nodes)] in core]

        def heal_core() -> None:
            self.triggers.disarm()
            self._fault_ends_frozen = True
            self._progress_at = None
            self.control.heal_core(core)

        self._run_phase(1, served, heal=heal_core, until=plan.pacing.recovery)
        progressed, waiting = self._progress_at is not None, self.waiting()
        if not progressed and served and not plan.beyond_claim:
            bound = format_time(plan.pacing.recovery)
            self._violate(
                "liveness",
                "no-progress",
                f"no operation succeeded within {bound} although {', '.join(core)} were healed",
                nodes=core,
                data={"waiting": waiting},
            )
        waited = (self._progress_at or self.kernel.now) - frozen_at
        self.slots.stop_asking()
        if not self.slots.is_idle:
            self._run_until(self.kernel.now + 2 * plan.pacing.op_timeout)

        def heal_all() -> None:
            for identifier in list(self._active):
                self._end_fault(identifier)
            self.control.heal_core([host.name for host in self.nodes])

        self._run_phase(2, list(range(plan.cluster.clients)), heal=heal_all, rest=SETTLE)
        if not plan.beyond_claim:
            self._agree()
        return LivenessReport(judged=not plan.beyond_claim, core=core, progressed=progressed, waited=waited, waiting=waiting)

    def _core(self, claim: Tolerates) -> list[str]:
        """Nodes that the claim says suffice: all but the number that may be down, those that may not fall among them."""
        needed = len(self.nodes) - amount(claim.down, len(self.nodes))
        must = [host.name for host in self.nodes if host.role in claim.immune]
        others = [host.name for host in self.nodes if host.name not in must]
        chosen = self.draws.sample(others, max(0, needed - len(must)), "recovery", "core")
        return [host.name for host in self.nodes if host.name in must or host.name in chosen]

    def _agree(self) -> None:
        """Waits until every node observes the same `state`; a violation when that does not come."""
        deadline = self.kernel.now + self.plan.pacing.recovery
        while True:
            states = {host.name: self._view.get(host.name, {}).get("state", _SILENT) for host in self.nodes}
            told = [state for state in states.values() if state is not _SILENT]
            everyone_up = all(host.process is not None for host in self.nodes)
            if everyone_up and (not told or all(state == told[0] for state in told)):
                return
            if self.kernel.now >= deadline or not self.kernel.heap:
                text = ", ".join(f"{name}: {'down' if name not in self._view else state}" for name, state in states.items())
                self._violate("liveness", "disagreement", f"the nodes still differ after everything was healed: {text}")
                return
            self._run_until(self.kernel.now + AGREE_STEP)

    def _stop(self) -> None:
        self.kernel.stopped = True

    def _stuck(self, kind: str, why: str) -> None:
        waiting = self.waiting()
        self._violate("liveness", kind, f"{kind}: {why}; " + "; ".join(waiting[:8]), data={"waiting": waiting})

    def waiting(self) -> list[str]:
        """Who waits for what."""
        nodes = [line for host in self.nodes if host.process is not None for line in host.process.waiting()]
        return [*self.slots.waiting(), *nodes]

    # Findings ----------------------------------------------------------------------------------------------------------------

    def _breached(self, breach: Breach) -> None:
        self._violate("invariants", breach.kind, breach.summary, nodes=breach.nodes, sentences=breach.sentences)

    def _violate(
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

    def _host(self, number: int, name: str) -> Host:
        cluster = self.plan.cluster
        sync_law = cluster.disk.get("sync", "lognormal:300us,sigma=0.5")
        clocks = msgspec.convert(cluster.clocks, ClockErrors)
        draws = self.draws.child("clock", name)
        clock = Clock(
            base_offset=draws.integer(-clocks.offset, clocks.offset, "offset"),
            base_drift=draws.integer(-clocks.drift, clocks.drift, "drift"),
        )
        return Host(name, number, cluster.roles.get(name, ""), SimulatedDisk(name, self.draws, sync_law=sync_law), clock)

    def _resolved_plan(self) -> Plan:
        """The plan as it fell out: what was asked, when phases began, how every fault ended."""
        plan = self.plan
        return msgspec.structs.replace(
            plan,
            faults=[self._faults[fault.id] for fault in plan.faults],
            invocations=plan.invocations if plan.invocations is not None else self.slots.recorded,
            phases=list(self._begins),
        )


def _nothing() -> None:
    """The main phase heals nothing."""


class ClockErrors(msgspec.Struct, frozen=True, kw_only=True):
    """The ordinary error of the nodes' clocks: each has an offset within ± `offset` ns and a drift within ± `drift` ppm."""

    offset: int = 0
    drift: int = 0


def _bury(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Closes a dropped task once the world is over; what its `finally` does or raises reaches nobody."""
    with contextlib.suppress(BaseException):
        coroutine.close()
