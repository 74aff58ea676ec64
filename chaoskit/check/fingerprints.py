"""What kind of violation it is: one decision table for registers, and rules for the other objects.

The search says which call has no place (the *failing* call); this page says why in one word, and names the calls that show
it. The first row that holds decides. Rows look at the calls on one object and at nothing else: no state, no node, no clock.

Registers: the failing call *observed* a value v (a read, or a cas that found it). v is *overwritten* by x when the calls prove
that x was there after v, and before the failing call began: by their real-time order alone, or with what they saw.

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

Lists, and texts that are lists of the pieces that were appended: the failing call read an element

    that nobody appended: only failed operations, or none                       dirty-read, phantom-read
    more often than it was appended                                             duplicate-append
    not at all, though it was acknowledged; nobody has seen it since, or some   lost-append, stale-read
    before another that was acknowledged before it was appended                 out-of-order
    where another read has another one                                          incompatible-order
    not, though it was seen before, while it was being appended                 new-old-inversion

One old value after an acknowledged write is stale, not lost: a reader behind the times is the simpler explanation, and lost
is what everybody misses from then on. In the same way one reader behind the times is stale, while a value that comes back for
good, even to somebody who had seen it replaced, was applied twice.
"""

from __future__ import annotations

from collections import Counter as Counting
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from chaoskit.check.linear.normalise import Call, Problem
from chaoskit.check.list_facts import Elements, Growing, ListFacts
from chaoskit.check.register_facts import RegisterFacts
from chaoskit.check.text_facts import TextFacts
from chaoskit.core.op import Value
from chaoskit.spec import CompleteSpec, Label
from chaoskit.spec.append_list import AppendList
from chaoskit.spec.cas_register import CasRegister
from chaoskit.spec.counter import Counter
from chaoskit.spec.exact import exact, plain
from chaoskit.spec.fifo_queue import FifoQueue
from chaoskit.spec.kv import KeyValue
from chaoskit.spec.multi_register import READS, MultiRegister, micro_ops
from chaoskit.spec.mutex import Mutex
from chaoskit.spec.owner_mutex import OwnerMutex
from chaoskit.spec.priority_queue import PriorityQueue, priority_of
from chaoskit.spec.reentrant_mutex import ReentrantMutex
from chaoskit.spec.register import Register
from chaoskit.spec.semaphore import Semaphore
from chaoskit.spec.set import Set, elements_read
from chaoskit.spec.stack import Stack
from chaoskit.spec.unordered_queue import UnorderedQueue

NON_LINEARIZABLE = "non-linearizable"


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
        case AppendList(initial=first):
            return _list(_growing(problem, tuple(map(exact, first))), problem, failing)
        case KeyValue(initial=text):
            return _text(TextFacts(problem, failing, text), problem, failing, text)
        case Counter(initial=start):
            return _counter(problem, failing, start)
        case Mutex() | OwnerMutex() | ReentrantMutex():
            return _mutex(problem, failing, list(placed))
        case Semaphore():
            return Finding(kind="over-grant" if problem.label(failing).f == "acquire" else "release-not-held")
        case original:
            return _collection(problem, failing, original)


def _collection(problem: Problem, failing: Call, original: object) -> Finding:
    """Of what was there at first, and nobody put in, these rules do not know."""
    match original:
        case Set(initial=()):
            return _set(problem, failing)
        case FifoQueue(initial=()):
            return _queue(problem, failing, put="enqueue", ahead=_came_first)
        case UnorderedQueue(initial=()):
            return _queue(problem, failing, put="enqueue")
        case PriorityQueue(initial=()) as queue:
            return _queue(problem, failing, put="enqueue", ahead=partial(_ranks_first, queue))
        case Stack(initial=()):
            return _queue(problem, failing, put="push", ahead=_is_on_top)
        case _:
            return Finding(kind=NON_LINEARIZABLE)


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
        taken = {"taken": [facts.taken_by], "writers": facts.possible_writers} if facts.taken_by else {}
        return Finding(kind=kind, value=plain(facts.value) if taken else None, parts=taken)
    parts = {
        "older": [found.older] if found.older else [],
        "writers": facts.possible_writers,
        "newer": [found.newer],
        "seen": [found.seen],
        "writer": [found.writer],
        "links": list(found.links),
    }
    if kind == "lost-write":
        parts["again"] = facts.older_reads
    if kind == "duplicate-apply":
        parts["between"] = facts.newer_reads[-1:]
        parts["again"] = facts.reads_again
    return Finding(kind=kind, value=plain(facts.value), instead=plain(found.value), parts=parts)


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


Ahead = Callable[[Call, Call, Hashable, Call, Hashable], bool]


def _came_first(_: Call, other: Call, __: Hashable, mine: Call, ___: Hashable) -> bool:
    """Of a queue: was the other put in wholly before?"""
    return other.ended < mine.began


def _is_on_top(failing: Call, other: Call, _: Hashable, mine: Call, __: Hashable) -> bool:
    """Of a stack: was the other put in wholly after, and before somebody took this one?"""
    return mine.ended < other.began and other.ended < failing.began


def _ranks_first(queue: PriorityQueue, failing: Call, other: Call, better: Hashable, _: Call, mine: Hashable) -> bool:
    """Of a priority queue: is the other one better, and was it in before somebody took this one?"""
    ranks = priority_of(plain(better)), priority_of(plain(mine))
    if other.ended > failing.began or ranks[0] is None or ranks[1] is None:
        return False
    return ranks[0] < ranks[1] if queue.first == "smallest" else ranks[0] > ranks[1]


def _queue(problem: Problem, failing: Call, *, put: str, ahead: Ahead | None = None) -> Finding:
    """Taking what nobody put in, what was taken already, what comes out after something that is still there, or nothing at all.

    `ahead`: does an element, put in by this other call and still there, have to come out before that of the failing call?
    """
    value = exact(problem.label(failing).output)
    enqueues: dict[Hashable, list[Call]] = {}
    dequeues: dict[Hashable, list[Call]] = {}
    unanswered = []
    for call in problem.calls:
        label = problem.label(call)
        if call.began >= failing.ended or call == failing:
            continue
        if label.f == put:
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
            call for call in problem.failed if problem.label(call).f == put and exact(problem.label(call).input) == value
        ]
        return Finding(kind="phantom-element", value=plain(value), parts={"failed": failed})
    if len(earlier) >= len(mine):
        return Finding(kind="duplicate-delivery", value=plain(value), parts={"older": mine[:1], "seen": earlier[:1]})
    if ahead is None or len(mine) > 1:
        return Finding(kind=NON_LINEARIZABLE)
    return _overtaking(problem, failing, waiting, mine[0], ahead)


def _overtaking(problem: Problem, failing: Call, waiting: list[Call], mine: Call, ahead: Ahead) -> Finding:
    """Taking what `mine` had put in, though one of those that are waiting for certain had to come out before."""
    value = exact(problem.label(failing).output)
    for call in waiting:
        instead = exact(problem.label(call).input)
        if ahead(failing, call, instead, mine, value):
            first, then = sorted((call, mine))
            parts = {"older": [first], "newer": [then], "there": [] if ahead is _came_first else [call]}
            return Finding(kind="out-of-order", value=plain(value), instead=plain(instead), parts=parts)
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


LIST_TABLE: tuple[tuple[str, Callable[[ListFacts, list[Call]], object]], ...] = (
    ("dirty-read", lambda facts, failed: facts.unwritten and failed),
    ("phantom-read", lambda facts, _: facts.unwritten),
    ("duplicate-append", lambda facts, _: facts.repeated),
    ("lost-append", lambda facts, _: facts.lost),
    ("stale-read", lambda facts, _: facts.missing),
    ("out-of-order", lambda facts, _: facts.misplaced),
    ("incompatible-order", lambda facts, _: facts.other),
    ("new-old-inversion", lambda facts, _: facts.longer),
    (NON_LINEARIZABLE, lambda _, __: True),
)


def _list(growing: Growing, problem: Problem, failing: Call) -> Finding:
    facts = ListFacts(growing, failing)
    unwritten = facts.unwritten[:1]
    failed = [call for call in problem.failed if [exact(problem.label(call).input)] == unwritten]
    kind = next(kind for kind, holds in LIST_TABLE if holds(facts, failed))
    value: Hashable = None
    instead: Hashable = None
    parts: dict[str, list[Call]] = {}
    match kind:
        case "dirty-read" | "phantom-read":
            value, parts = unwritten[0], {"failed": failed, "later": growing.appends.get(unwritten[0], [])}
        case "duplicate-append":
            value = facts.repeated[0]
            parts = {"older": facts.appends_so_far(value)}
        case "lost-append" | "stale-read":
            assert facts.missing is not None
            value, appends = facts.missing
            instead = facts.times_there or None
            parts = {"newer": appends, "seen": facts.seen_since[:1]}
        case "out-of-order":
            assert facts.misplaced is not None
            instead, older, value, newer = facts.misplaced
            parts = {"older": [older], "newer": [newer]}
        case "incompatible-order":
            assert facts.other is not None
            other, value, instead = facts.other
            parts = {"seen": [other]}
        case "new-old-inversion":
            assert facts.longer is not None
            longer, value = facts.longer
            parts = {"seen": [longer]}
    return Finding(kind=kind, value=plain(value), instead=plain(instead), parts=parts)


def _growing(problem: Problem, initial: Elements) -> Growing:
    appends: dict[Hashable, list[Call]] = {}
    reads: list[tuple[Call, Elements]] = []
    for call in problem.calls:
        label = problem.label(call)
        if label.f == "append":
            appends.setdefault(exact(label.input), []).append(call)
        elif call.returned:
            reads.append((call, tuple(map(exact, _listed(label)))))
    return Growing(initial=initial, appends=appends, reads=reads)


def _listed(label: Label) -> Sequence[Value]:
    return label.output if isinstance(label.output, list | tuple) else ()


def _text(facts: TextFacts, problem: Problem, failing: Call, initial: str | None) -> Finding:
    """A register where nothing was appended; nothing that was written; else, where that can be told, a list of pieces."""
    if facts.is_register:
        return _register(RegisterFacts(_as_register(problem), failing, Register(initial=initial)))
    unwritten = facts.unwritten()
    if unwritten is not None:
        kind = "dirty-read" if unwritten.failed else "phantom-read"
        value = problem.label(unwritten.failed[0]).input if unwritten.failed else unwritten.rest
        return Finding(kind=kind, value=value, instead=unwritten.known, parts={"failed": unwritten.failed})
    growing = facts.growing()
    return Finding(kind=NON_LINEARIZABLE) if growing is None else _list(growing, problem, failing)


def _as_register(problem: Problem) -> Problem:
    """The same calls in a register's words."""
    words = {"put": "write", "get": "read"}
    made = Problem(problem.key)
    made.calls, made.failed, made.is_read = problem.calls, problem.failed, problem.is_read
    made.labels = [replace(label, f=words.get(label.f, label.f)) for label in problem.labels]
    return made


def _mutex(problem: Problem, failing: Call, placed: list[Call]) -> Finding:
    """A lock given to two, or given back by somebody who does not hold it."""
    if problem.label(failing).f == "release":
        return Finding(kind="release-not-held")
    holders = [call for call in placed if problem.label(call).f == "acquire"]
    return Finding(kind="double-grant", parts={"older": holders[-1:]})
