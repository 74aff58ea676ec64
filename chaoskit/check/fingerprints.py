"""What kind of violation it is: one decision table for registers, and rules for the other objects.

The search says which call has no place (the *failing* call); this page says why in one word, and names the calls that show
it. The first row that holds decides. Rows look at the calls on one object and at nothing else: no state, no node, no clock.

Registers: the failing call *observed* a value v (a read, or a cas that found it). v is *overwritten* by x when the real-time
order of calls says that x was there after v, and before the failing call began.

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

One old value after an acknowledged write is stale, not lost: a reader behind the times is the simpler explanation, and lost
is what everybody misses from then on. In the same way one reader behind the times is stale, while a value that comes back for
good, even to somebody who had seen it replaced, was applied twice.
"""

from __future__ import annotations

from collections import Counter as Counting
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
    """The kind of a violation. `failing` is the call without a place; `placed` are the others, in a longest order."""
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
    """Why v was gone when the failing call began.

    `older` shows v (None: v was there at first) and ended before `newer` began, which shows x; `seen` shows x and ended
    before the failing call began. `writer` wrote x.
    """

    older: Call | None
    newer: Call
    seen: Call
    writer: Call
    value: Hashable  # x

    @property
    def since(self) -> int:
        """v was there before this."""
        return self.older.ended if self.older else AT_FIRST


class RegisterFacts:
    """The facts about one failing call on a register that the table asks for."""

    def __init__(self, problem: Problem, failing: Call, register: Register | CasRegister) -> None:
        self.failing = failing
        self.initial = register.init()
        self.value = _effect(problem.label(failing), register)[0]
        self.writers: dict[Hashable, list[Call]] = {}
        self.observers: dict[Hashable, list[Call]] = {}
        self.observations: list[tuple[Call, Hashable]] = []  # of calls that returned, by when they began
        for call in problem.calls:
            label = problem.label(call)
            observed, written = _effect(label, register)
            if written is not NOTHING and label.output is not FAILED:
                self.writers.setdefault(written, []).append(call)
            if observed is not NOTHING and call.returned:
                self.observations.append((call, observed))
                self.observers.setdefault(observed, []).append(call)
        self.failed_writers = [call for call in problem.failed if _effect(problem.label(call), register)[1] == self.value]

    @cached_property
    def possible_writers(self) -> list[Call]:
        """Who may have written v."""
        return self._writers_so_far(self.value)

    @property
    def unwritten(self) -> bool:
        """Can v not have been there at all?"""
        return self.value is not NOTHING and self.value != self.initial and not self.possible_writers

    @cached_property
    def overwriting(self) -> Overwriting | None:
        """How v was overwritten before the failing call began, if it was."""
        return None if self.value is NOTHING else self._by_real_time() or self._by_what_was_seen()

    @property
    def acknowledged(self) -> bool:
        """Was v overwritten by a write that had returned before the failing call began?"""
        return self.overwriting is not None and self.overwriting.writer.ended < self.failing.began

    @cached_property
    def older_reads(self) -> list[Call]:
        """Who saw something older than x after the last sign of x: its acknowledgement, or its last sight if it never had one."""
        found = self.overwriting
        if found is None:
            return []
        last_sign = (
            found.writer.ended if found.writer.returned else max(call.ended for call in self.observers.get(found.value, ()))
        )
        return [call for call, value in self.observations if call.began > last_sign and self._is_older(value)]

    @property
    def lost(self) -> bool:
        """Did nobody see x after it was acknowledged, while older values were seen twice and nothing else between?"""
        found = self.overwriting
        if found is None or not self.acknowledged or len(self.writers[found.value]) > 1 or len(self.older_reads) < 2:
            return False
        later = [(call, value) for call, value in self.observations if call.began > found.writer.ended]
        last = self.older_reads[-1].began
        return all(value != found.value and (call.ended > last or self._is_older(value)) for call, value in later)

    @cached_property
    def newer_reads(self) -> list[Call]:
        """Who saw x, or another value that came after v, and ended before the failing call began."""
        return [call for call, value in self.observations if call.ended < self.failing.began and self._is_newer(value)]

    @cached_property
    def reads_again(self) -> list[Call]:
        """Who saw v after a newer value had been seen; the failing call is one of them."""
        first = min((call.ended for call in self.newer_reads), default=None)
        return [call for call in self.observers.get(self.value, ()) if first is not None and call.began > first]

    @property
    def came_back(self) -> bool:
        """Was a newer value seen, then v for good?"""
        later = [value for call, value in self.observations if call.began > self.failing.ended]
        if not self.acknowledged or not self.newer_reads:
            return False
        if any(self._is_newer(value) and self._writers_so_far(value) for value in later):
            return False
        pairs = ((newer, again) for newer in self.newer_reads for again in self.reads_again)
        same_eyes = any(newer.process == again.process and newer.ended < again.began for newer, again in pairs)
        return same_eyes or len({call.process for call in self.reads_again}) > 1

    @property
    def vanished(self) -> bool:
        """Was x, seen but never acknowledged, gone for good when the failing call looked?"""
        found = self.overwriting
        if found is None or found.writer.returned:
            return False
        if any(call.began > self.failing.began for call in self.observers.get(found.value, ())):
            return False
        settled = found.writer.settled
        return (settled is not None and settled < self.failing.began) or len(self.older_reads) > 1

    def _by_real_time(self) -> Overwriting | None:
        """v's writers had all ended when x's write began, and that had ended when the failing call began."""
        older = max(self.possible_writers, key=lambda call: call.ended, default=None)
        since = older.ended if older else AT_FIRST
        overwriters = [
            (call.ended, call, value)
            for value, calls in self.writers.items()
            for call in calls
            if value != self.value and call.began > since and call.ended < self.failing.began
        ]
        if not overwriters:
            return None
        _, writer, value = max(overwriters, key=lambda each: each[0])
        return Overwriting(older=older, newer=writer, seen=writer, writer=writer, value=value)

    def _by_what_was_seen(self) -> Overwriting | None:
        """v and x have one writer each, so that each was there for one stretch of time, and who saw them orders the stretches."""
        if len(self.possible_writers) + (self.value == self.initial) != 1:
            return None
        older = min(self._certain(self.value), key=lambda call: call.ended, default=None)
        if self.possible_writers and older is None:
            return None
        since = older.ended if older and self.possible_writers else AT_FIRST
        found = []
        for value in self.writers:
            writers, certain = self._writers_so_far(value), self._certain(value)
            if value in (self.value, self.initial) or len(writers) != 1 or not certain:
                continue
            (writer,) = writers
            seen = writer if writer.ended < self.failing.began else min(certain, key=lambda call: call.ended)
            newer = writer if writer.began > since else max(certain, key=lambda call: call.began)
            if seen.ended < self.failing.began and newer.began > since:
                shows = self._shows_best(newer)
                found.append(Overwriting(older=shows, newer=newer, seen=seen, writer=writer, value=value))
        return max(found, key=lambda each: (each.writer.ended < self.failing.began, each.seen.ended), default=None)

    def _shows_best(self, newer: Call) -> Call | None:
        """The call that shows v and ended before `newer` began: v's writer if it can, None for a value that was there first."""
        if not self.possible_writers:
            return None
        able = [call for call in self._certain(self.value) if call.ended < newer.began]
        return next((call for call in able if call in self.possible_writers), min(able, key=lambda call: call.ended))

    def _certain(self, value: Hashable) -> list[Call]:
        """Who wrote or saw this value and returned before the failing call did."""
        calls = [*self.writers.get(value, ()), *self.observers.get(value, ())]
        return [call for call in calls if call.ended < self.failing.ended]

    def _writers_so_far(self, value: Hashable) -> list[Call]:
        return [call for call in self.writers.get(value, ()) if call.began < self.failing.ended]

    def _is_older(self, value: Hashable) -> bool:
        """Was this value there before x, and only before?"""
        found = self.overwriting
        assert found is not None
        writers = self.writers.get(value, ())
        return value == self.value or (value != found.value and all(call.ended < found.writer.began for call in writers))

    def _is_newer(self, value: Hashable) -> bool:
        """Was this value there after v, and only after?"""
        found = self.overwriting
        assert found is not None
        writers = self.writers.get(value, ())
        after = value not in (self.value, self.initial) and bool(writers) and all(call.began > found.since for call in writers)
        return value == found.value or after


REGISTER_TABLE: tuple[tuple[str, Callable[[RegisterFacts], bool]], ...] = (
    ("phantom-read", lambda facts: facts.unwritten and not facts.failed_writers),
    ("dirty-read", lambda facts: facts.unwritten),
    ("lost-write", lambda facts: facts.lost),
    ("duplicate-apply", lambda facts: facts.came_back),
    ("stale-read", lambda facts: facts.acknowledged),
    ("dirty-read", lambda facts: facts.vanished),
    ("new-old-inversion", lambda facts: facts.overwriting is not None),
    (NON_LINEARIZABLE, lambda _: True),
)


def _register(facts: RegisterFacts) -> Finding:
    kind = next(kind for kind, holds in REGISTER_TABLE if holds(facts))
    found = facts.overwriting
    if facts.unwritten:
        later = facts.writers.get(facts.value, [])  # it began only after the failing call had ended
        return Finding(kind=kind, value=plain(facts.value), parts={"failed": facts.failed_writers, "later": later})
    if found is None:
        return Finding(kind=kind)
    parts = {
        "older": [found.older] if found.older else [],
        "writers": facts.possible_writers,
        "newer": [found.newer],
        "seen": [found.seen],
        "writer": [found.writer],
    }
    if kind == "lost-write":
        parts["again"] = facts.older_reads
    if kind == "duplicate-apply":
        parts["between"] = facts.newer_reads[-1:]
        parts["again"] = facts.reads_again
    return Finding(kind=kind, value=plain(facts.value), instead=plain(found.value), parts=parts)


def _effect(label: Label, register: Register | CasRegister) -> tuple[Hashable, Hashable]:
    """What a call observed of the register, and what it wrote to it if it happened."""
    if label.f == "read":
        return (exact(label.output) if observes(label, nil_read=register.nil_read) else NOTHING), NOTHING
    if label.f == "write":
        return NOTHING, exact(label.input)
    old, new = map(exact, cas_pair(label))
    return (NOTHING if label.output is FAILED else old), (NOTHING if old == new else new)


def _multi_register(problem: Problem, failing: Call, initial: object) -> Finding:
    """A value that no transaction wrote is a phantom, or dirty when a failed one did."""
    for f, register, value in micro_ops(problem.label(failing)):
        if f not in READS or exact(value) in (exact(None), exact(initial)):
            continue
        wrote = [
            call for call in problem.calls if call.began < failing.ended and _txn_writes(problem.label(call), register, value)
        ]
        if not wrote:
            failed = [call for call in problem.failed if _txn_writes(problem.label(call), register, value)]
            return Finding(kind="dirty-read" if failed else "phantom-read", value=value, parts={"failed": failed})
    return Finding(kind=NON_LINEARIZABLE)


def _txn_writes(label: Label, register: object, value: object) -> bool:
    wanted = exact(register), exact(value)
    return any(f not in READS and (exact(where), exact(what)) == wanted for f, where, what in micro_ops(label))


def _set(problem: Problem, failing: Call) -> Finding:
    """An element is there that was never added, or was removed; or it is missing: lost if nobody saw it since, else stale."""
    present, absent = _membership(problem.label(failing))
    twice = [element for element, count in Counting(present).items() if count > 1]
    if twice:
        return Finding(kind="duplicate-element", value=plain(twice[0]))
    for element in present:
        adds, removes = _changes(problem, element, failing)
        if not adds:
            failed = [
                call
                for call in problem.failed
                if problem.label(call).f == "add" and exact(problem.label(call).input) == element
            ]
            return Finding(kind="phantom-element", value=plain(element), parts={"failed": failed})
        added = max(adds, key=lambda call: call.ended)
        gone = [call for call in removes if call.began > added.ended and call.ended < failing.began]
        if gone:
            return Finding(kind="resurrected-element", value=plain(element), parts={"older": [added], "newer": gone[:1]})
    for element in absent if absent is not None else _added(problem):
        adds, removes = _changes(problem, element, failing)
        certain = [call for call in adds if call.ended < failing.began]
        if element in present or not certain or removes:
            continue
        seen = [
            call
            for call in problem.calls
            if call.returned and call.began > certain[0].ended and _saw(problem.label(call), element)
        ]
        kind = "stale-read" if seen else "lost-element"
        return Finding(kind=kind, value=plain(element), parts={"newer": certain[:1], "seen": seen[:1]})
    return Finding(kind=NON_LINEARIZABLE)


def _membership(label: Label) -> tuple[list[Hashable], list[Hashable] | None]:
    """The elements that a read says are there, and those that it says are not (None: all others)."""
    if label.f == "contains":
        element = [exact(label.input)]
        return (element, []) if label.output is True else ([], element)
    return elements_read(label.output) or [], None


def _saw(label: Label, element: Hashable) -> bool:
    return label.f in ("read", "contains") and element in _membership(label)[0]


def _changes(problem: Problem, element: Hashable, failing: Call) -> tuple[list[Call], list[Call]]:
    """The adds and the removes of an element that began before the failing call ended."""
    found: dict[str, list[Call]] = {"add": [], "remove": []}
    for call in problem.calls:
        label = problem.label(call)
        if label.f in found and call.began < failing.ended and exact(label.input) == element:
            found[label.f].append(call)
    return found["add"], found["remove"]


def _added(problem: Problem) -> list[Hashable]:
    return list(dict.fromkeys(exact(label.input) for label in problem.labels if label.f == "add"))


def _queue(problem: Problem, failing: Call) -> Finding:
    """A dequeue of what nobody enqueued, of what was dequeued already, past what was enqueued before it, or of nothing at all."""
    value = exact(problem.label(failing).output)
    enqueues: dict[Hashable, list[Call]] = {}
    dequeues: dict[Hashable, list[Call]] = {}
    unanswered = []
    for call in problem.calls:
        label = problem.label(call)
        if call.began >= failing.ended or call == failing:
            continue
        if label.f == "enqueue":
            enqueues.setdefault(exact(label.input), []).append(call)
        elif call.returned:
            dequeues.setdefault(exact(label.output), []).append(call)
        else:
            unanswered.append(call)
    waiting = [
        calls[0]
        for element, calls in enqueues.items()
        if len(calls) == 1 and element not in dequeues and not unanswered and element != value
    ]
    if value is None and None not in enqueues:
        missed = [call for call in waiting if call.ended < failing.began]
        if not missed:
            return Finding(kind=NON_LINEARIZABLE)
        return Finding(kind="lost-element", value=problem.label(missed[0]).input, parts={"newer": missed[:1]})
    mine, earlier = enqueues.get(value, []), dequeues.get(value, [])
    if not mine:
        failed = [
            call for call in problem.failed if problem.label(call).f == "enqueue" and exact(problem.label(call).input) == value
        ]
        return Finding(kind="phantom-element", value=plain(value), parts={"failed": failed})
    if len(earlier) >= len(mine):
        return Finding(kind="duplicate-delivery", value=plain(value), parts={"older": mine[:1], "seen": earlier[:1]})
    passed = [call for call in waiting if len(mine) == 1 and call.ended < mine[0].began]
    if passed:
        ahead = problem.label(passed[0]).input
        return Finding(kind="out-of-order", value=plain(value), instead=ahead, parts={"older": passed[:1], "newer": mine})
    return Finding(kind=NON_LINEARIZABLE)


def _counter(problem: Problem, failing: Call, start: int) -> Finding:
    """A total that no choice among the adds under way could give."""
    lower = upper = start
    for call in problem.calls:
        amount = problem.label(call).input
        if problem.label(call).f != "add" or call.began > failing.ended:
            continue
        certain = call.ended < failing.began
        lower += amount if certain or amount < 0 else 0
        upper += amount if certain or amount > 0 else 0
    read = problem.label(failing).output
    outside = type(read) is not int or not lower <= read <= upper
    return Finding(kind="out-of-bounds", value=read, instead=[lower, upper]) if outside else Finding(kind=NON_LINEARIZABLE)


def _mutex(problem: Problem, failing: Call, placed: list[Call]) -> Finding:
    """A lock given to two, or given back by somebody who does not hold it."""
    if problem.label(failing).f == "release":
        return Finding(kind="release-not-held")
    holders = [call for call in placed if problem.label(call).f == "acquire"]
    return Finding(kind="double-grant", parts={"older": holders[-1:]})
