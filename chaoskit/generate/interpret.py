"""Runs a generator: keeps the time, the threads and their processes, asks for what is next and passes on what happened.

It is driven by whoever has the clock, the simulated world or a simulator in a test:

    match interpreter.next(now):
        case Ask() as ask:  begin it now: op = interpreter.invoked(ask, now); when it completes: interpreter.completed(...)
        case Wait(until):   ask again at `until`, and after the next completion; None: after the next completion only
        case Done():        nothing is asked for any more and nothing is under way

After `invoked` and `completed`, ask `next` again. An ask of type `log` is complete when it is handed out: write its value down
and ask again. Sleeps never come out; they are waited for. An answer for the future is kept until its time or the next event,
whichever is first, so waiting costs nothing. This module never reads a clock.
"""

from __future__ import annotations

import heapq

import msgspec

from chaoskit.core.errors import InternalError, ModelError
from chaoskit.core.op import FAIL, INFO, OK, Op, Process
from chaoskit.core.units import format_time
from chaoskit.draws import Draws
from chaoskit.generate.ask import LOG, PENDING, SLEEP, Ask, Thread
from chaoskit.generate.context import Context, index_of
from chaoskit.generate.diagnose import GeneratorError, check_answer, explained, outline
from chaoskit.generate.generator import Generator
from chaoskit.generate.lift import GeneratorLike, start

SLEEPS_MAX = 10_000  # that may begin at one instant


class Wait(msgspec.Struct, frozen=True):
    """Nothing now: ask again at `until` (ns) and after the next completion; None: after the next completion only."""

    until: int | None = None


class Done(msgspec.Struct, frozen=True):
    """Nothing any more, and nothing under way."""


DONE = Done()


class Interpreter:
    """A generator being run by `slots` clients and a nemesis.

    With `nemesis=False` the clients' part of the generator is run alone, with `clients=False` the nemesis' part. An operation
    that completes as `info` retires its slot's process: the slot goes on as process + slots.
    """

    def __init__(self, gen: GeneratorLike, *, slots: int, draws: Draws, clients: bool = True, nemesis: bool = True) -> None:
        context = Context.start(slots=slots, draws=draws)
        self._gen: Generator | None = start(gen, context)
        nemesis_bit = 1 << slots
        bits = (nemesis_bit - 1 if clients else 0) | (nemesis_bit if nemesis else 0)
        self._context = context.narrowed(bits)
        self._planned: tuple[Ask, Generator | None] | None = None
        self._asleep: list[tuple[int, int]] = []  # a heap of (when it wakes, thread index)
        self.outstanding = 0  # invocations under way

    def next(self, now: int) -> Ask | Wait | Done:
        """What to do at `now`. Raises `ModelError` when the generator breaks its contract or waits for what cannot come."""
        self._advance(now)
        for _ in range(SLEEPS_MAX):
            if self._asleep and self._asleep[0][0] <= now:
                self._wake(now)
            planned = self._planned or self._plan()
            if planned is None:
                return self._waiting()
            ask = planned[0]
            if ask.time > now:
                self._planned = planned
                return Wait(min(ask.time, self._asleep[0][0]) if self._asleep else ask.time)
            if ask.type == LOG:
                self._gen, self._planned = planned[1], None
                return ask
            if ask.type != SLEEP:
                self._planned = planned
                return ask
            self._take(ask, planned[1])
            heapq.heappush(self._asleep, (now + ask.value, index_of(ask.thread, self._context.slots)))
        raise GeneratorError(
            f"expected the generator {outline(self._gen)} to come to something else but it began {SLEEPS_MAX} sleeps at "
            f"{format_time(now)}; let it sleep longer than 0."
        )

    def invoked(self, ask: Ask, now: int) -> Op:
        """Takes note that the ask which `next(now)` gave has begun, and returns its invocation."""
        if self._planned is None or self._planned[0] is not ask:
            raise InternalError(f"expected the ask that next() gave last but got {ask!r:.200}.")
        self._take(ask, self._planned[1])
        self.outstanding += 1
        event = ask.op(now)
        self._tell(event)
        return event

    def completed(self, slot: Thread, op_type: str, op: Op, now: int) -> None:
        """Takes note that the operation of a slot (or the nemesis) has completed as `ok`, `fail` or `info`."""
        context = self._context
        index = index_of(slot, context.slots)
        bit = 1 << index
        if not context.all_bits & bit or context.free_bits & bit:
            raise InternalError(f"expected the completion of an operation under way but got slot={slot!r}, which is free.")
        if op_type not in (OK, FAIL, INFO):
            raise ModelError(f"expected ok, fail or info for {op.f!r} of slot {slot!r} but got op_type={op_type!r}.")
        self._advance(now)
        self._context = self._context.freed(bit)
        self.outstanding -= 1
        self._planned = None
        event = msgspec.structs.replace(op, type=op_type, time=now, process=context.process_of(slot))
        self._tell(event)
        if op_type == INFO and index < context.slots:
            self._context = self._context.retired(index)

    def process_of(self, slot: Thread) -> Process:
        """The process that a slot works as now."""
        return self._context.process_of(slot)

    @property
    def context(self) -> Context:
        """The context in which the generator would be asked now."""
        return self._context

    def _advance(self, now: int) -> None:
        context = self._context
        if now < context.time:
            raise InternalError(f"expected time to go forward from {context.time} but got now={now}.")
        if now > context.time:
            self._context = context.at(now)

    def _plan(self) -> tuple[Ask, Generator | None] | None:
        """The generator's next ask and what comes after it; None when it is exhausted, waits or no thread is free."""
        gen, context = self._gen, self._context
        if gen is None or not context.free_bits:
            return None
        try:
            emission = gen.op(context)
        except Exception as error:
            raise explained(error, context, "asked for an op") from error
        check_answer(emission, context, gen)
        if emission is None:
            self._gen = None
            return None
        ask, after = emission
        if ask is PENDING:
            if not self.outstanding and not self._asleep:
                raise GeneratorError(
                    f"expected an op but the generator {outline(gen)} waits for ever: at {format_time(context.time)} "
                    "no thread is busy that could end its wait by completing; let it end instead of waiting."
                )
            return None
        return ask, after

    def _waiting(self) -> Wait | Done:
        if self._gen is None and not self.outstanding and not self._asleep:
            return DONE
        return Wait(self._asleep[0][0] if self._asleep else None)

    def _take(self, ask: Ask, after: Generator | None) -> None:
        self._context = self._context.taken(1 << index_of(ask.thread, self._context.slots))
        self._gen, self._planned = after, None

    def _tell(self, event: Op) -> None:
        gen, context = self._gen, self._context
        if gen is None:
            return
        try:
            self._gen = gen.update(context, event)
        except Exception as error:
            raise explained(error, context, f"told of '{event}'") from error

    def _wake(self, now: int) -> None:
        while self._asleep and self._asleep[0][0] <= now:
            self._context = self._context.freed(1 << heapq.heappop(self._asleep)[1])
        self._planned = None
