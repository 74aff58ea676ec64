"""What kind of violation it is: one decision table for registers, and rules for the other objects.

The search says which call has no place (the *failing* call); this page says why in one word, and names the calls that show it. The
first row that holds decides. Rows look at the calls on one object and at nothing else: no state, no node, no clock.

Registers: the failing call *observed* a value v (a read, or a cas that found it). v is *overwritten* by x when the real-time order of
calls says that x was there after v, and before the failing call began.

    nobody wrote v                                                              phantom-read
    only failed operations wrote v                                              dirty-read
    overwritten, and x acknowledged before the failing call began:
      since then only older values were seen, at least twice, and x never       lost-write
      x or a newer value was seen, then v again for good (nothing newer
        since), by two processes or by one that had seen the newer value        duplicate-apply
      else                                                                      stale-read
    overwritten, x seen, but not acknowledged before the failing call began:
      x never acknowledged, and not seen again, though its call had ended
        (info) by then, or though older values were seen twice since            dirty-read
      else                                                                      new-old-inversion
    else                                                                        non-linearizable

One old value after an acknowledged write is stale, not lost: a reader behind the times is the simpler explanation, and lost is what
everybody misses from then on. In the same way one reader behind the times is stale, while a value that comes back for good, even to
somebody who had seen it replaced, was applied twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.spec import FAILED, CompleteSpec, Label
from chaoskit.spec.cas_register import CasRegister, cas_pair
from chaoskit.spec.counter import Counter
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.multi_register import READS, MultiRegister, micro_ops
from chaoskit.spec.mutex import Mutex
from chaoskit.spec.register import Register, observes
from chaoskit.spec.set import Set, elements_read

NON_LINEARIZABLE = "non-linearizable"
AT_FIRST = -1  # when the initial value was written
NOTHING: Hashable = object()  # what a call observes that observes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A kind, the value it is about, and the calls that show it, by the part they play; the failing call is none of them."""

    kind: str
    value: object = None
    instead: object = None  # the value that should have been there
    parts: dict[str, list[Call]] = field(default_factory=dict)

    def part(self, name: str) -> Call | None:
        """The first call that plays this part."""
        return next(iter(self.parts.get(name, ())), None)

    @property
    def calls(self) -> list[Call]:
        """All calls that show it, by when they began."""
        return sorted({call.began: call for calls in self.parts.values() for call in calls}.values())


def classify(problem: Problem, failing: Call, spec: CompleteSpec, *, placed: Iterable[Call] = ()) -> Finding:
    """The kind of a violation. `failing` is the call without a place, `placed` are the others of a longest order, first to last."""
    match spec.original:
        case Register() | CasRegister() as register:
            return _register(RegisterFacts(problem, failing, register))
        case MultiRegister(initial=initial):
            return _multi_register(problem, failing, initial)
        case Set():
            return _set(problem, failing)
        case FifoQueue():
            return _queue(problem, failing)
        case Counter(initial=start):
            return _counter(problem, failing, start)
        case Mutex():
            return _mutex(problem, failing, list(placed))
        case _:
            return Finding(kind=NON_LINEARIZABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwriting:
    """Why v was gone: `older` (None: it was there at first) shows v and ended before `newer` began, which shows x; `seen` shows x and
    ended before the failing call began. `writer` wrote x."""

    older: Call | None
    newer: Call
    seen: Call
    writer: Call


class RegisterFacts:
    """The facts about one failing call on a register that the table asks for."""

    def __init__(self, problem: Problem, failing: Call, register: Register | CasRegister) -> None:
        self.failing = failing
        self.initial = register.init()
        self.writers: dict[Hashable, list[Call]] = {}
        self.failed_writers: list[Call] = []
        self.observers: list[tuple[Call, Hashable]] = []  # calls that returned, with what they observed, by when they began
        self.value, _ = _effect(problem.label(failing), register)
        for call in problem.calls:
            observed, written = _effect(problem.label(call), register)
            if written is not NOTHING:
                self.writers.setdefault(written, []).append(call)
            if observed is not NOTHING and call.returned:
                self.observers.append((call, observed))
        for call in problem.failed:
            if _effect(problem.label(call), register)[1] == self.value and call.began < failing.ended:
                self.failed_writers.append(call)

    @property
    def observed_something(self) -> bool:
        return self.value is not NOTHING

    @cached_property
    def possible_writers(self) -> list[Call]:
        """Who may have written v: began before the failing call ended."""
        return self._writers_so_far(self.value)

    @property
    def unwritten(self) -> bool:
        return not self.possible_writers and self.value != self.initial

    @cached_property
    def overwriting(self) -> Overwriting | None:
        return self._by_real_time() or self._by_what_was_seen()

    @property
    def acknowledged(self) -> bool:
        """Overwritten by a write that had returned before the failing call began?"""
        return self.overwriting is not None and self.overwriting.writer.ended < self.failing.began

    @cached_property
    def older_reads(self) -> list[Call]:
        """Observations of values older than x, after x was last there for certain: after its acknowledgement, or after it was last seen."""
        found = self.overwriting
        assert found is not None
        since = found.writer.ended if found.writer.returned else max(call.ended for call in self._seen_of(found.writer))
        return [call for call, value in self.observers if call.began > since and self._is_older(value)]

    @property
    def lost(self) -> bool:
        """Has nobody seen x since it was acknowledged, and older values been seen twice and undisturbed?"""
        found = self.overwriting
        assert found is not None
        if len(self.writers[self._written(found.writer)]) > 1 or len(self.older_reads) < 2:
            return False
        last = self.older_reads[-1].began
        since = [(call, value) for call, value in self.observers if call.began > found.writer.ended]
        return not any(
            value == self._written(found.writer) or (call.ended < last and not self._is_older(value)) for call, value in since
        )

    @cached_property
    def newer_reads(self) -> list[Call]:
        """Observations of x, or of another value that came after v, that ended before the failing call began."""
        return [call for call, value in self.observers if call.ended < self.failing.began and self._is_newer(value)]

    @cached_property
    def reads_again(self) -> list[Call]:
        """Observations of v after a newer value had been seen."""
        if not self.newer_reads:
            return []
        first = min(call.ended for call in self.newer_reads)
        return [call for call, value in self.observers if value == self.value and call.began > first]

    @property
    def came_back(self) -> bool:
        """Is v there again after its overwriting was seen, and for good?"""
        later = [value for call, value in self.observers if call.began > self.failing.ended]
        if not self.newer_reads or any(self._is_newer(value) and self._writers_so_far(value) for value in later):
            return False
        had_seen_newer = any(
            old.process == again.process and old.ended < again.began for old in self.newer_reads for again in self.reads_again
        )
        return had_seen_newer or len({call.process for call in self.reads_again}) > 1

    @property
    def vanished(self) -> bool:
        """Was x, seen but never acknowledged, gone for good when the failing call looked?"""
        found = self.overwriting
        assert found is not None
        writer = found.writer
        if writer.returned or any(call.began > self.failing.began for call in self._seen_of(writer)):
            return False
        return (writer.settled is not None and writer.settled < self.failing.began) or len(self.older_reads) > 1

    def _by_real_time(self) -> Overwriting | None:
        """All writers of v had ended when x's write began, and that had ended when the failing call began."""
        older = max(self.possible_writers, key=lambda call: call.ended, default=None)
        since = older.ended if older else AT_FIRST
        overwriters = [
            call
            for value, calls in self.writers.items()
            for call in calls
            if value != self.value and call.began > since and call.ended < self.failing.began
        ]
        newest = max(overwriters, key=lambda call: call.ended, default=None)
        return Overwriting(older=older, newer=newest, seen=newest, writer=newest) if newest else None

    def _by_what_was_seen(self) -> Overwriting | None:
        """v and x have one writer each, so that each was there for one stretch of time; calls that saw them order the stretches."""
        since = AT_FIRST
        older = None
        if self.value != self.initial or self.possible_writers:
            if self.value == self.initial or len(self.possible_writers) > 1:
                return None
            older = min(self._certain(self.value), key=lambda call: call.ended, default=None)
            if older is None or older.ended >= self.failing.ended:
                return None
            since = older.ended
        found = []
        for value in self.writers:
            writers = self._writers_so_far(value)
            if value in (self.value, self.initial) or len(writers) != 1:
                continue
            certain = self._certain(value)
            seen = min(certain, key=lambda call: call.ended, default=None)
            newer = max([*certain, *writers], key=lambda call: call.began)
            if seen is not None and seen.ended < self.failing.began and newer.began > since:
                found.append(Overwriting(older=older, newer=newer, seen=seen, writer=writers[0]))
        return max(found, key=lambda each: (each.writer.ended < self.failing.began, each.seen.ended), default=None)

    def _certain(self, value: Hashable) -> list[Call]:
        """Calls that wrote or observed this value and had returned when the failing call did; the failing call is none of them."""
        calls = [call for call, observed in self.observers if observed == value] + self.writers.get(value, [])
        return [call for call in calls if call.ended < self.failing.ended]

    def _writers_so_far(self, value: Hashable) -> list[Call]:
        return [call for call in self.writers.get(value, ()) if call.began < self.failing.ended]

    def _seen_of(self, writer: Call) -> list[Call]:
        return [call for call, value in self.observers if value == self._written(writer)]

    def _written(self, writer: Call) -> Hashable:
        return next(value for value, calls in self.writers.items() if writer in calls)
