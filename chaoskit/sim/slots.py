"""Client slots: what is asked, when, and what became of it, written to the history.

A slot has one operation open at a time. By rule a time-out is `info`, or `fail` where the operation cannot have had effect;
a refusal is `fail`; anything else that a client raises is the client's bug and ends the run. After `info` the slot goes on
as a new process with a new client.

Invocations come from a script (a saved plan) or are asked of a live generator and written down; both begin strictly after
the event that let them, so that replaying the full recording gives the same run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from chaoskit.core.errors import ChaoskitError, ModelError
from chaoskit.core.op import FAIL, INFO, INVOKE, OK, Op
from chaoskit.core.plan import Invocation
from chaoskit.sim.cause import Cause
from chaoskit.sim.failures import Disconnected, Refused, TimedOut, raised, where_raised
from chaoskit.sim.tasks import Task

if TYPE_CHECKING:
    from chaoskit.sim.host import Process
    from chaoskit.sim.world import World

Ask = tuple[int, str, Any, Any]  # (slot, f, key, value)


class Asker(Protocol):
    """Where invocations come from when they are not scripted: a live generator that may react to completions. Times are ns."""

    def poll(self, now: int) -> Ask | int | None:
        """What to begin now; or when to be asked again (-1: after the next completion); or None when there is nothing more."""

    def began(self, op: Op) -> None:
        """An operation that it asked for began."""

    def ended(self, slot: int, op: Op, now: int) -> None:
        """An operation ended; after `info` the slot's process changes by the number of slots."""


class Slot:
    """One client slot: its process number, its client, and what is open or queued."""

    __slots__ = ("index", "invocation", "number", "op", "process", "program", "queue", "serial", "task")

    def __init__(self, number: int) -> None:
        self.number = number
        self.process = number  # the process number in the history
        self.program: Process | None = None  # the client's boot, None when there is none (yet, or it was crashed)
        self.invocation: Invocation | None = None  # what is open
        self.op: Op | None = None
        self.index = -1  # of the open invocation in the history
        self.serial = 0  # invocations begun
        self.queue: deque[Invocation] = deque()
        self.task: Task | None = None


class Slots:
    """All client slots of a world, phase by phase."""

    def __init__(self, world: World, *, read_only: frozenset[str], script: list[Invocation] | None) -> None:
        self._world = world
        self._read_only = read_only
        self.slots = [Slot(number) for number in range(world.plan.cluster.clients)]
        self.recorded: list[Invocation] = []
        self.ids: dict[int, int] = {}  # history index of an invocation → its id
        self.phase = -1
        self.last_begun = self.last_ended = -1  # instants (ns)
        self.on_drained: Callable[[], None] = lambda: None
        self._script = script
        self._asker: Asker | None = None
        self._asking = False  # between the begin of a phase and the moment all it asked for has ended
        self._exhausted = True
        self._polling_at = -1
        self._open = 0
        self._ended: set[int] = set()
        self._waiting: dict[int, list[Invocation]] = {}  # id that must end first → those that wait for it
        self._id = 0

    # Phases ------------------------------------------------------------------------------------------------------------------

    def begin_phase(self, phase: int, asker: Asker | None) -> None:
        """Starts asking: from the script when there is one, else from `asker`. `on_drained` is called when all has ended."""
        self.phase = phase
        self._asking = True
        self._polling_at = -1
        self._asker = None if self._script is not None else asker
        self._exhausted = self._asker is None
        if self._script is not None:
            for invocation in self._script:
                if invocation.phase == phase:
                    self._queue(invocation)
            for slot in self.slots:
                self._offer(slot)
        self._pump()

    def stop_asking(self) -> None:
        """Nothing new is begun in this phase; what is open goes on."""
        self._exhausted, self._asker = True, None
        for slot in self.slots:
            slot.queue.clear()
        self._waiting.clear()
        self._drain()

    @property
    def is_idle(self) -> bool:
        return not self._asking

    def waiting(self) -> list[str]:
        """What is still open, for the dump of a stuck run."""
        return [f"client c{slot.number} waits for {slot.op.f} to end" for slot in self.slots if slot.op is not None]

    # Asking ------------------------------------------------------------------------------------------------------------------

    def _pump(self, _: Any = None) -> None:
        """Takes from the generator all that it has for now."""
        world, asker = self._world, self._asker
        now = world.kernel.now
        while asker is not None and not self._exhausted:
            answer = asker.poll(now)
            if answer is None:
                self._exhausted = True
            elif isinstance(answer, int):
                if answer >= 0 and answer != self._polling_at:
                    self._polling_at = answer
                    world.kernel.schedule(max(answer, now + 1), world.source_generator, self._pump, None)
                break
            else:
                number, f, key, value = answer
                invocation = Invocation(id=self._id, slot=number, phase=self.phase, not_before=now + 1, f=f, key=key, value=value)
                self._id += 1
                self.recorded.append(invocation)
                asker.began(Op(time=now, type=INVOKE, process=self.slots[number].process, f=f, key=key, value=value))
                self._schedule(invocation)
        self._drain()

    def _queue(self, invocation: Invocation) -> None:
        self.slots[invocation.slot % len(self.slots)].queue.append(invocation)

    def _offer(self, slot: Slot) -> None:
        """Schedules the next scripted invocation of a free slot."""
        if not slot.queue or slot.op is not None or slot.invocation is not None:
            return
        invocation = slot.queue[0]
        if invocation.after is not None and invocation.after not in self._ended and self._is_scripted(invocation.after):
            self._waiting.setdefault(invocation.after, []).append(invocation)
            return
        slot.queue.popleft()
        self._schedule(invocation)

    def _is_scripted(self, identifier: int) -> bool:
        """Whether an invocation is (still) in the script: what waits for one that was cut out does not wait."""
        return any(invocation.id == identifier for invocation in self._script or ())

    def _schedule(self, invocation: Invocation) -> None:
        world = self._world
        slot = self.slots[invocation.slot % len(self.slots)]
        slot.invocation = invocation
        self._open += 1
        when = max(invocation.not_before, world.kernel.now + 1)
        world.kernel.schedule_as(when, world.source_slots + slot.number, slot.serial, self._begin, slot)
        slot.serial += 1

    def _begin(self, slot: Slot) -> None:
        world, invocation = self._world, slot.invocation
        assert invocation is not None
        now = self.last_begun = world.kernel.now
        op = Op(time=now, type=INVOKE, process=slot.process, f=invocation.f, key=invocation.key, value=invocation.value)
        slot.index = world.history.append_op(op)
        slot.op = Op(index=slot.index, time=now, type=INVOKE, process=slot.process, f=op.f, key=op.key, value=op.value)
        self.ids[slot.index] = invocation.id
        world.cause = Cause(f"i{invocation.id}")
        world.record("invoke", world.client_name(slot.number), slot.index)
        kernel = world.kernel
        kernel.schedule(
            now + world.plan.pacing.op_timeout, world.clients_from + slot.number, self._time_out, (slot, slot.serial, world.cause)
        )
        try:
            if slot.program is None:
                slot.program = world.boot_client(slot.number, slot.process)
            coroutine = slot.program.program.invoke(slot.op)
        except Exception as error:  # noqa: BLE001  # as if it had been raised behind the first await
            self._answered(slot, None, error)
            return
        slot.task = Task(coroutine, lambda _, value, error: self._answered(slot, value, error))
        slot.program.tasks[slot.task] = None
        slot.task.step()

    # Ending ------------------------------------------------------------------------------------------------------------------

    def _answered(self, slot: Slot, value: Any, error: BaseException | None) -> None:
        op = slot.op
        assert op is not None
        match error:
            case None:
                self._end(slot, self._checked(op, value))
            case Refused() | TimedOut() | Disconnected():
                error.__traceback__ = None  # the way that it came refers to it: a circle that only the collector would undo
                refused = isinstance(error, Refused)
                self._end(slot, op.fail(f"refused: {error}") if refused else self._unknown(op, str(error)))
            case ChaoskitError():
                raise error
            case _:
                told = f"the client raised {raised(error)}{where_raised(error)}, during {op.f}; clients return an op."
                raise ModelError(told) from error

    def _time_out(self, timer: tuple[Slot, int, Cause]) -> None:
        slot, serial, cause = timer
        if slot.serial == serial and slot.op is not None:
            self._world.cause = cause
            self._end(slot, self._unknown(slot.op, "time-out"))

    def client_crashed(self, number: int) -> None:
        """A fault crashed the client: what it had open is unknown, and its slot goes on as a new process."""
        slot = self.slots[number]
        if slot.op is not None:
            self._end(slot, slot.op.info("the client crashed"))
        elif slot.program is not None:
            self._retire(slot)

    def _unknown(self, op: Op, error: str) -> Op:
        """Nobody knows: `info`, or `fail` for what cannot have had effect."""
        return op.fail(error) if op.f in self._read_only else op.info(error)

    def _checked(self, op: Op, answer: Any) -> Op:
        if isinstance(answer, Op) and answer.type in (OK, FAIL, INFO) and (answer.f, answer.process) == (op.f, op.process):
            return answer
        raise ModelError(f"expected the client's invoke() to return a completion of {op.f} but got {answer!r}; use op.ok(value).")

    def _end(self, slot: Slot, op: Op) -> None:
        world = self._world
        self.last_ended = world.kernel.now
        world.history.append(op.type, slot.process, op.f, op.key, op.value, time=world.kernel.now, error=op.error)
        world.record("complete", world.client_name(slot.number), slot.index, op.type)
        invocation = slot.invocation
        assert invocation is not None
        slot.op = slot.invocation = None
        if slot.program is not None and slot.task is not None:
            slot.task.drop()
            slot.program.tasks.pop(slot.task, None)
            if slot.task.waiting_for is not None:
                world.graveyard.append(slot.task.coroutine)
        if op.type == INFO:
            self._retire(slot)
        elif op.error is not None and slot.program is not None:
            slot.program.calls.clear()  # a late answer to a call that was given up is nobody's
        self._open -= 1
        self._ended.add(invocation.id)
        world.progressed(op)
        if self._asker is not None:
            self._asker.ended(slot.number, op, world.kernel.now)
            self._pump()
        else:
            self._offer(slot)
            for waiting in self._waiting.pop(invocation.id, ()):
                self._offer(self.slots[waiting.slot % len(self.slots)])
            self._drain()

    def _retire(self, slot: Slot) -> None:
        slot.process += len(self.slots)
        if slot.program is not None:
            slot.program.die()
            slot.program = None

    def _drain(self) -> None:
        if self._asking and self._exhausted and not self._open and not any(slot.queue for slot in self.slots):
            self._asking = False
            self.on_drained()
