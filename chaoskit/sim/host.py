"""Hosts and the processes that run on them.

A host is a machine: it has a place in the network, a disk and a clock, and survives everything. A process is one boot of a
program on it and dies with it. All that a process does to the world goes through here, in order: **effects are ordered, and
a crash may fall between any two of them**. What is sent after a `sync` leaves when the sync completes; until then the
process's outbox holds it back, whoever sends it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from chaoskit.core.errors import ModelError
from chaoskit.sim.cause import Cause
from chaoskit.sim.clocks import Clock
from chaoskit.sim.disks import DiskError, Mutation, SimulatedDisk
from chaoskit.sim.failures import Disconnected, Refused, TimedOut
from chaoskit.sim.network import Packet
from chaoskit.sim.tasks import Awaiting, Gathering, Promise, Task

if TYPE_CHECKING:
    from chaoskit.sim.world import World

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
PURPOSES = 5
DRAWS, WRITES, SYNCS, POWER, CONNECTIONS = range(PURPOSES)  # what a host decides by itself


class Program(Protocol):
    """What a process runs: a node of a protocol, or a client."""

    def start(self) -> None: ...
    def receive(self, request: Request) -> Coroutine[Promise, Any, Any] | None: ...
    def observe(self) -> dict[str, Any]: ...


class Request:
    """A message that arrived, and the way back to whoever sent it."""

    __slots__ = ("_answered", "_call", "_process", "body", "sender", "sender_number")

    body: Any
    sender: str
    sender_number: int
    _call: int
    _process: Process
    _answered: bool

    @property
    def wants_reply(self) -> bool:
        """Whether the sender waits for an answer to this very message (it used `call` or `majority`)."""
        return self._call > 0

    def reply(self, message: Any) -> None:
        """Answers this message. To a `call` only the first answer counts; to a plain `send` it is a message like any other."""
        if self._call and self._answered:
            raise ModelError(f"expected one reply to {type(self.body).__name__} from {self.sender} but got another: {message!r}.")
        self._answered = True
        self._process.send_number(self.sender_number, message, -self._call)

    def refuse(self) -> None:
        """Tells a caller that the request had, and will have, no effect: `Refused` is raised at its end."""
        self.reply(RefusedReply())


class RefusedReply(msgspec.Struct, frozen=True, tag="Refused"):
    """The wire form of `Request.refuse`."""


class Timer:
    """A named timer of a process. It may be set anew while it runs: the scheduled event then finds that it came too early."""

    __slots__ = ("callback", "deadline", "firings", "name", "scheduled")

    def __init__(self, name: str, callback: Callable[[], Awaiting | None]) -> None:
        self.name = name
        self.callback = callback
        self.deadline = -1  # -1: not set
        self.scheduled = -1  # the instant of the earliest event under way for it
        self.firings = 0


class Host:
    """A machine. `number` is its place among the world's hosts; clients' hosts have no disk of their own use."""

    __slots__ = ("boots", "clock", "disk", "down_by", "inbox", "name", "number", "paused_by", "process", "role", "wiped")

    def __init__(self, name: str, number: int, role: str, disk: SimulatedDisk, clock: Clock) -> None:
        self.name = name
        self.number = number
        self.role = role
        self.disk = disk
        self.clock = clock
        self.boots = 0
        self.process: Process | None = None
        self.paused_by: list[str] = []  # tokens of the faults that pause it
        self.down_by: list[str] = []  # tokens of the faults that keep it down
        self.wiped = False  # ever, in this run
        self.inbox: list[tuple[Callable[[Any], None], Any]] = []  # what came while it was paused

    def new_process(self, world: World) -> Process:
        """The process of the boot that begins."""
        return Process(world, self)

    def lose_power(self, cause: Cause) -> dict[str, int]:
        """The disk keeps what had reached it, perhaps torn. Returns how many writes were {"lost", "torn"}."""
        return self.disk.lose_power(*self.occasion(cause, POWER))

    def next_connection(self, cause: Cause) -> tuple[str, int]:
        """The address of the next connection that a cause opens here."""
        return self.occasion(cause, CONNECTIONS)

    def place(self, purpose: int) -> int:
        """Where causes count what this host decides for one purpose."""
        return -1 - purpose - PURPOSES * self.number

    def occasion(self, cause: Cause, purpose: int) -> tuple[str, int]:
        """The address of the next decision of a cause that is this host's own: nothing else moves it."""
        return cause.name, cause.count(self.place(purpose))


class Process:
    """One boot of a program: its calls, timers, tasks and outbox."""

    def __init__(self, world: World, host: Host) -> None:
        self.world = world
        self.host = host
        self.boot = host.boots
        self.alive = True
        self.program: Any = None
        self.calls: dict[int, Promise] = {}
        self.callers: dict[tuple[int, int], tuple[Process, Promise]] = {}  # clients waiting for it, by (host number, call)
        self.timers: dict[str, Timer] = {}
        self.tasks: dict[Task, None] = {}
        self.observed: dict[str, Any] = {}
        self.place = f"{host.name}.{self.boot}"
        self.on_death: Callable[[], None] | None = None  # for a program with more to leave where it stands than tasks
        self._call_count = self.boot << 32  # a late answer to an earlier boot's call must not answer a new one
        self._unique = 0
        self._syncing = False
        self._outbox: deque[tuple[Any, ...]] = deque()  # behind the sync under way: sends, and syncs as (changes to be durable,)
        self._awaiting_sync: list[tuple[int, Promise]] = []  # with the count of changes that are to be durable

    # What a program may do ---------------------------------------------------------------------------------------------------

    def send(self, to: str, message: Any) -> None:
        """Sends without waiting for an answer."""
        self.send_number(self.world.host_number(to), message, 0)

    def send_number(self, to: int, message: Any, call: int) -> None:
        if not self.alive:
            return
        if self._syncing:
            self._outbox.append((to, message, call, self.world.cause))
        else:
            self._transmit(to, message, call, self.world.cause)

    def call(self, to: str, message: Any, timeout: int | None) -> Promise:
        """Sends and promises the answer. The promise fails with `TimedOut` after `timeout` ns of the local clock, if given."""
        promise = Promise(f"{type(message).__name__} answered by {to}")
        number = self._next_call(promise)
        if timeout is not None:
            self._expire(promise, timeout, [number])
        self.send_number(self.world.host_number(to), message, number)
        return promise

    def gather(self, to: list[str], message: Any, needed: int, timeout: int | None) -> Gathering:
        """Sends to each and promises the list of the first `needed` answers."""
        gathering = Gathering(f"{needed} answers to {type(message).__name__}", needed)
        numbers: list[int] = []
        for name in to:
            promise = Promise(gathering.about)
            promise.on_done = lambda done: gathering.add(done.value) if done.error is None else None
            numbers.append(self._next_call(promise))
            self.send_number(self.world.host_number(name), message, numbers[-1])
        if timeout is not None:
            self._expire(gathering, timeout, numbers)
        return gathering

    def set_timer(self, callback: Callable[[], Awaiting | None], delay: int, name: str) -> None:
        """Calls back after `delay` ns of the local clock. Setting it again under the same name replaces it."""
        if not self.alive:
            return
        timer = self.timers.get(name)
        if timer is None:
            timer = self.timers[name] = Timer(name, callback)
        timer.callback = callback
        world = self.world
        timer.deadline = world.kernel.now + self._true_delay(delay)
        if timer.scheduled < 0 or timer.scheduled > timer.deadline:
            self._schedule_timer(timer)

    def cancel_timer(self, name: str) -> None:
        if name in self.timers:
            self.timers[name].deadline = -1

    def sleep(self, delay: int) -> Promise:
        """A promise that resolves after `delay` ns of the local clock."""
        promise = Promise("a sleep")
        self._later(delay, lambda: promise.resolve(None))
        return promise

    def now(self) -> int:
        clock = self.host.clock
        if clock.skews:
            self.world.clock_read(self.host)
        return clock.read(self.world.kernel.now)

    def draw(self, low: int, high: int) -> int:
        """An integer in low … high, addressed by node, boot, cause and the how-many-eth of that cause here."""
        cause = self.world.cause
        return self.world.draws.integer(low, high, "node", cause.name, self.place, cause.count(self.host.place(DRAWS)))

    def unique(self) -> tuple[str, int, int]:
        """(node, boot, serial): different at every call, on every node, over restarts."""
        self._unique += 1
        return (self.host.name, self.boot, self._unique)

    def log(self, text: str) -> None:
        if self.alive:
            self.world.record("log", self.host.name, text)

    def change_disk(self, mutation: Mutation) -> None:
        """Writes. Raises `DiskError` when the disk refuses, which crashes a node that does not catch it."""
        if not self.alive:
            return
        refused_by = self.host.disk.change(mutation, *self.host.occasion(self.world.cause, WRITES))
        operation = mutation.operation if refused_by is None else f"refused {mutation.operation}"
        self.world.record("disk", self.host.name, operation, mutation.file, len(mutation.data))
        if refused_by is not None:
            self.world.effect(refused_by, "write refused")
            raise DiskError(f"no space or a failed write on {mutation.file} ({refused_by})")
        self.world.triggers.effect("write", self.host, self.host)

    def sync(self) -> None:
        """Makes durable all that was written so far; whatever is sent from now on leaves once that is done."""
        if not self.alive or not self.host.disk.pending:
            return
        if self._syncing:
            self._outbox.append((self.host.disk.durable + len(self.host.disk.pending),))
        else:
            self._begin_sync()

    def synced(self) -> Promise:
        """Makes durable all that was written so far, and promises to say when it is."""
        promise = Promise("a sync")
        disk = self.host.disk
        if disk.pending:
            self._awaiting_sync.append((disk.durable + len(disk.pending), promise))
            self.sync()
        else:
            promise.resolve(None)
        return promise

    def spawn(self, coroutine: Awaiting) -> None:
        """Runs a handler as a task of its own."""
        task = Task(coroutine, self._task_ended)
        self.tasks[task] = None
        task.step()

    # What the world does to a process ----------------------------------------------------------------------------------------

    def deliver(self, packet: Packet) -> None:
        """Hands over a packet that arrived: an answer to its call, anything else to the program."""
        message, call = packet.payload
        if call < 0:
            promise = self.calls.pop(-call, None)
            if promise is not None:
                if type(message) is RefusedReply:
                    promise.fail(Refused(f"refused by {self.world.hosts[packet.source].name}"))
                else:
                    promise.resolve(message)
            return
        request = Request.__new__(Request)  # filled in here, as a packet is
        request.body, request.sender, request.sender_number = message, self.world.names[packet.source], packet.source
        request._call, request._process, request._answered = call, self, False
        waiting = self.program.receive(request)
        if waiting is not None:
            self.spawn(waiting)

    def die(self) -> None:
        """Ends it where it stands: no `finally`, no goodbye. Clients that wait for it are disconnected."""
        self.alive = False
        for task in self.tasks:
            task.drop()
            self.world.graveyard.append(task.coroutine)
        self.tasks.clear()
        self.timers.clear()
        self.calls.clear()
        self._outbox.clear()
        self._awaiting_sync.clear()
        self.program = None
        if self.on_death is not None:
            self.on_death()
            self.on_death = None
        if self.world.streams is not None:
            self.world.streams.process_died(self)
        callers, self.callers = self.callers, {}
        for caller, promise in callers.values():
            if caller.alive and not promise.done:
                self.world.later(caller.host.number, partial(promise.fail, Disconnected(f"{self.host.name} died")))

    def waiting(self) -> list[str]:
        """Who waits for what, for the dump of a stuck run."""
        return [f"{self.host.name} waits for {task.waiting_for.about}" for task in self.tasks if task.waiting_for is not None]

    # ---------------------------------------------------------------------------------------------------------------------------

    def _true_delay(self, delay: int) -> int:
        """How long a delay of the node's clock really is; a drift that a fault put there takes effect here."""
        clock = self.host.clock
        for skew in clock.skews:
            if skew.drift:
                self.world.effect(skew.token, "ran a timer")
        return clock.true_delay(delay)

    def _next_call(self, promise: Promise) -> int:
        self._call_count += 1
        self.calls[self._call_count] = promise
        return self._call_count

    def _expire(self, promise: Promise, timeout: int, calls: list[int]) -> None:
        """Gives up waiting after some time: late answers to these calls are nobody's."""

        def give_up() -> None:
            for number in calls:
                self.calls.pop(number, None)
            promise.fail(TimedOut(f"waited {timeout / 1e9:g} s for {promise.about}"))

        self._later(timeout, give_up)

    def _later(self, delay: int, action: Callable[[], None]) -> None:
        world = self.world
        due = world.kernel.now + self._true_delay(delay)
        world.kernel.schedule(due, self.host.number, self._later_due, (world.cause, action))

    def _later_due(self, event: tuple[Cause, Callable[[], None]]) -> None:
        world = self.world
        if self.alive and not world.postponed(self.host, self._later_due, event):
            world.cause, action = event
            action()
            world.after(self)

    def _transmit(self, to: int, message: Any, call: int, cause: Cause) -> None:
        world = self.world
        kind = type(message).__name__
        try:
            body = _encode(message)
        except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
            raise ModelError(
                f"{self.host.name} sent a {kind} that cannot be encoded: {error}. Messages hold JSON-like values."
            ) from error
        number = world.messages = world.messages + 1
        host = self.host
        world.entries.append((world.kernel.now, "send", host.name, cause.name, number, world.names[to], kind, len(body), body))
        if call > 0 and host.number >= world.clients_from and not world.connect(self, to, call):
            return
        if call < 0 and to >= world.clients_from:
            self.callers.pop((to, -call), None)
        world.network.carry(host.number, to, number, kind, body, (message, call), cause)
        triggers = world.triggers
        if triggers.packets:
            triggers.effect(f"send {kind}", self.host, world.hosts[to])
        if triggers.armed and call < 0 and to >= world.clients_from:
            triggers.effect("acknowledged", self.host, self.host)

    def _schedule_timer(self, timer: Timer) -> None:
        timer.scheduled = timer.deadline
        self.world.kernel.schedule(timer.deadline, self.host.number, self._timer_due, (timer, timer.deadline))

    def _timer_due(self, event: tuple[Timer, int]) -> None:
        world = self.world
        timer, scheduled = event
        if not self.alive or scheduled != timer.scheduled or world.postponed(self.host, self._timer_due, event):
            return
        timer.scheduled = -1
        if timer.deadline < 0:
            return
        if timer.deadline > world.kernel.now:  # it was set anew: come again
            self._schedule_timer(timer)
            return
        timer.deadline = -1
        timer.firings += 1
        world.cause = Cause(f"{self.place}.{timer.name}.{timer.firings}")
        world.record("timer", self.host.name, timer.name)
        world.guard(self, timer.callback)

    def _begin_sync(self) -> None:
        """Begins to make durable all that is written by now, and so what later syncs that wait were called for, too."""
        self._syncing = True
        count = len(self.host.disk.pending)
        world = self.world
        delay, slowed, failed = self.host.disk.sync_time(*self.host.occasion(world.cause, SYNCS))
        for token in slowed:
            world.effect(token, "slowed a sync")
        world.kernel.schedule(world.kernel.now + delay, self.host.number, self._sync_done, (count, failed, world.cause))

    def _sync_done(self, sync: tuple[int, str | None, Cause]) -> None:
        world = self.world
        if not self.alive or world.postponed(self.host, self._sync_done, sync):
            return
        count, failed, world.cause = sync
        if failed is not None:
            # What a failed sync leaves behind is unknown; the only safe thing is to crash and start from the disk.
            world.effect(failed, "failed a sync")
            world.crash(self.host, "a sync failed", power_loss=True)
            return
        self.host.disk.synced(count)
        world.record("disk", self.host.name, "sync", "", count)
        world.triggers.effect("sync", self.host, self.host)
        self._syncing = False
        outbox = self._outbox
        while outbox and self.alive and not self._syncing:
            effect = outbox.popleft()
            if len(effect) != 1:
                self._transmit(*effect)
            elif effect[0] > self.host.disk.durable:
                self._begin_sync()
        self._tell_synced()

    def _tell_synced(self) -> None:
        """Those who wait for a sync that is done."""
        durable = self.host.disk.durable
        done = [promise for count, promise in self._awaiting_sync if count <= durable]
        self._awaiting_sync = [waiting for waiting in self._awaiting_sync if waiting[0] > durable]
        for promise in done:
            promise.resolve(None)

    def _task_ended(self, task: Task, value: Any, error: BaseException | None) -> None:
        self.tasks.pop(task, None)
        if error is not None:
            self.world.failed(self, error)
