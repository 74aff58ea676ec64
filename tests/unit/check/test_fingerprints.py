"""The kind of each obvious small history, and of its near relatives that are something else."""

from __future__ import annotations

import pytest

from chaoskit.check import Linearizable
from chaoskit.check.fingerprints import LIST_TABLE, REGISTER_TABLE
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.core.verdict import Budget, Violation
from chaoskit.spec import Illegal, Label, State, Step, spec_from_text
from chaoskit.testing.histories import h


def violation(history: History, spec: str) -> Violation:
    """The one violation of a history."""
    (found,) = Linearizable(spec_from_text(spec)).check(history, budget=Budget()).violations
    return found


REGISTER: tuple[tuple[str, str, str], ...] = (
    ("phantom-read", "a value nobody wrote", "0:w1 1:r7"),
    ("phantom-read", "a value of another type", "0:w1 1:rtrue"),
    ("phantom-read", "a value before it was written", "1:r1 0:w1"),
    ("phantom-read", "a cas that found what nobody wrote", "0:w1 1:c7>8"),
    ("dirty-read", "a value of a failed write", "0:w1 1:w2! 2:r2"),
    ("dirty-read", "a value of a failed cas", "0:w1 1:c1>2! 2:r2"),
    ("dirty-read", "a value of an unanswered write, seen and gone", "0:w1 1(w2 2:r2 1? 3:r1"),
    ("dirty-read", "the same, gone for two readers while the write was still open", "0:w1 1(w2 2:r2 3:r1 4:r1"),
    ("stale-read", "the old value after an acknowledged write", "0:w1 0:w2 1:r1"),
    ("stale-read", "the initial value after an acknowledged write", "0:w1 1:rnil"),
    ("stale-read", "the old value after a cas", "0:w1 0:c1>2 1:r1"),
    ("stale-read", "a cas that found the old value", "0:w1 0:w2 1:c1>3"),
    ("stale-read", "an old value that was written twice", "0:w1 0:w1 0:w2 1:r1"),
    ("stale-read", "one reader behind, while others see the new value", "0:w1 0:w2 1:r2 2:r1 1:r2"),
    ("stale-read", "one reader behind twice, while others see the new value between", "0:w1 0:w2 2:r1 1:r2 2:r1"),
    ("stale-read", "a reader that had seen neither", "0:w1 1:r1 0:w2 1:r2 2:r1"),
    ("stale-read", "an old value that a cas had put there just before the new one", "0:w1 1(c1>2 2(w3 2) 1) 3:r2"),
    ("stale-read", "a value that a cas took away while it was being written", "0(w1 1:c1>2 2:r1 0)"),
    ("stale-read", "two overlapping writes, whose order a read had settled", "0(w1 1(w2 0) 1) 2:r1 3:r2"),
    ("lost-write", "an acknowledged write that two readers miss", "0:w1 0:w2 1:r1 2:r1"),
    ("lost-write", "an acknowledged write that one reader misses for good", "0:w1 0:w2 1:r1 1:r1"),
    ("lost-write", "a first write that was lost", "0:w1 1:rnil 2:rnil"),
    ("lost-write", "seen before it was acknowledged, never after", "0:w1 1(w2 2:r2 1) 3:r1 4:r1"),
    ("lost-write", "the readers go on to see what was written later", "0:w1 0:w2 1:r1 2:r1 0:w3 1:r3"),
    ("duplicate-apply", "a value that came back to who had seen it replaced", "0:w1 1:r1 0:w2 1:r2 1:r1"),
    ("duplicate-apply", "a value that came back for two others", "0:w1 1:r1 0:w2 1:r2 2:r1 3:r1"),
    ("duplicate-apply", "a retried write that was never acknowledged", "0:w1? 1:r1 2:w2 1:r2 1:r1"),
    ("duplicate-apply", "it came back and was overwritten again", "0:w1 0:w2 1:r2 1:r1 0:w3 1:r3"),
    ("new-old-inversion", "new, then old, during the write", "0:w1 1(w2 2:r2 3:r1 1)"),
    ("new-old-inversion", "new, then initial, during the write", "0(w1 1:r1 2:rnil 0)"),
    ("new-old-inversion", "the write is never completed", "0(w1 1:r1 2:rnil"),
    ("new-old-inversion", "the write is given up only later", "0(w1 1:r1 2:rnil 0?"),
    ("new-old-inversion", "it is given up, but the new value shows again", "0:w1 1:w2? 2:r2 3:r1 2:r2"),
    ("new-old-inversion", "old, new, old during both writes", "0(w1 1(w2 2:r1 3:r2 4:r1 0) 1)"),
    ("non-linearizable", "two cas that both took the same value", "0:w1 1(c1>2 2(c1>3 1) 2)"),
    ("non-linearizable", "values that repeat and writes without an answer", "0:w1? 1:w1 1:w2 1:w3? 2:r1 2:r2 2:r1 2:r2"),
)
LIST: tuple[tuple[str, str, str], ...] = (
    ("phantom-read", "an element that nobody appended", "0:b1 1:r[1,7]"),
    ("phantom-read", "an element that is appended only later", "1:r[1] 0:b1"),
    ("phantom-read", "an element of another type", "0:b1 1:r[true]"),
    ("dirty-read", "an element whose append failed", "0:b1 1:b2! 2:r[1,2]"),
    ("duplicate-append", "it was appended once and is there twice", "0:b1 1:r[1,1]"),
    ("duplicate-append", "an unanswered append that happened twice", "0:b1? 1:b2 1:r[1,2,1]"),
    ("lost-append", "two readers miss it, and nobody ever sees it", "0:b1 0:b2 1:r[1] 2:r[1]"),
    ("lost-append", "seen while it was appended, then never", "0(b1 1:r[1] 0) 1:r[] 2:r[]"),
    ("stale-read", "one reader misses it", "0:b1 0:b2 1:r[1]"),
    ("stale-read", "one misses what another sees", "0:b1 1:r[] 2:r[1] 1:r[]"),
    ("stale-read", "one of two equal elements is missing", "0:b1 0:b1 1:r[1]"),
    ("out-of-order", "the later one stands first", "0:b1 0:b2 1:r[2,1]"),
    ("out-of-order", "with another between that may stand anywhere", "0(b3 1:b1 1:b2 2:r[2,3,1]"),
    ("incompatible-order", "two readers, two orders", "0(b1 1(b2 2:r[1,2] 3:r[2,1]"),
    ("incompatible-order", "one element each", "0(b1 1(b2 2:r[1] 3:r[2]"),
    ("new-old-inversion", "an element that was seen during its append is gone", "0(b1 1:r[1] 2:r[]"),
    ("non-linearizable", "equal elements, one of them in the wrong place", "0:b1 0:b1 0:b2 1:r[1,2,1]"),
)
TEXT: tuple[tuple[str, str, str], ...] = (
    ("stale-read", "a key that nobody appends to is a register", '0:p"a" 0:p"b" 1:g"a"'),
    ("lost-write", "two readers miss a put", '0:p"a" 0:p"b" 1:g"a" 2:g"a"'),
    ("phantom-read", "a put that nobody made", '0:p"a" 1:g"c"'),
    ("new-old-inversion", "new, then old, during the put", '0:p"a" 1(p"b" 2:g"b" 3:g"a" 1)'),
    ("phantom-read", "a piece that nobody wrote", '0:p"a" 0:b"b" 1:g"ac"'),
    ("phantom-read", "nothing that was written comes first", '0:b"b" 1:g"xb"'),
    ("dirty-read", "a piece whose append failed", '0:p"a" 0:b"b"! 0:b"c" 1:g"ab"'),
    ("duplicate-append", "a piece that is there twice", '0:b"ab" 1:g"abab"'),
    ("lost-append", "two readers miss a piece", '0:p"a" 0:b"b" 1:g"a" 2:g"a"'),
    ("stale-read", "one reader misses a piece", '0:p"a" 0:b"b" 1:g"a"'),
    ("out-of-order", "the later piece stands first", '0:b"a" 0:b"b" 1:g"ba"'),
    ("incompatible-order", "two readers, two orders", '0(b"a" 1(b"b" 2:g"ab" 3:g"ba"'),
    ("new-old-inversion", "a piece that was seen is gone", '0(b"a" 1:g"a" 2:g""'),
    ("non-linearizable", "a text that falls apart in two ways", '0:b"a" 0:b"aa" 1:g"aa"'),
    ("stale-read", "what was appended since the put that it begins with", '0:b"a" 0:p"b" 0:b"c" 0:p"d" 0:b"e" 1:g"d"'),
    ("out-of-order", "since a put in the middle", '0:p"x" 0:b"y" 0:p"a" 0:b"b" 0:b"c" 1:g"acb"'),
    ("new-old-inversion", "since a put in the middle, another follows", '0:p"x" 0:p"a" 1(b"b" 2:g"ab" 2:g"a" 0:p"z"'),
    ("non-linearizable", "a text of before the last put", '0:b"a" 0:p"b" 0:b"c" 1:g"ac"'),
    ("non-linearizable", "a text that was put twice", '0:p"a" 0:p"a" 0:b"b" 1:g"a"'),
    ("non-linearizable", "no text at all", '0:b"a" 1:gnil'),
)
SEMAPHORE: tuple[tuple[str, str, str], ...] = (
    ("over-grant", "three hold two permits", "0:l 1:l 2:l"),
    ("over-grant", "more at once than there are", "0:l3"),
    ("release-not-held", "nobody holds one", "0:u"),
    ("release-not-held", "more than are held", "0:l 0:u2"),
)
SET: tuple[tuple[str, str, str], ...] = (
    ("phantom-element", "nobody added it", "0:a1 1:r[1,2]"),
    ("phantom-element", "its add failed", "0:a1! 1:r[1]"),
    ("phantom-element", "it is not there yet", "1(t1 1)true 0:a1"),
    ("duplicate-element", "one read has it twice", "0:a1 1:r[1,1]"),
    ("lost-element", "no read has it", "0:a1 0:a2 1:r[1] 2:r[1]"),
    ("lost-element", "contains denies it", "0:a1 1(t1 1)false"),
    ("stale-read", "others have it", "0:a1 1:r[1] 2:r[] 1:r[1]"),
    ("resurrected-element", "it had been removed", "0:a1 0:m1 1:r[1]"),
    ("non-linearizable", "added and removed at once, seen and then not", "0(a1 1(m1 2:r[1] 2:r[] 2:r[1] 0) 1)"),
)
QUEUE: tuple[tuple[str, str, str], ...] = (
    ("phantom-element", "nobody enqueued it", "0:d1"),
    ("phantom-element", "its enqueue failed", "0:e1! 0:d1"),
    ("duplicate-delivery", "enqueued once, dequeued twice", "0:e1 1:d1 2:d1"),
    ("out-of-order", "the second came first", "0:e1 0:e2 1:d2"),
    ("lost-element", "empty, though something was enqueued", "0:e1 1:dnil"),
)
COUNTER: tuple[tuple[str, str, str], ...] = (
    ("out-of-bounds", "more than was added", "0:a1 1:r2"),
    ("out-of-bounds", "less than was acknowledged", "0:a1 1:r0"),
    ("out-of-bounds", "not a whole number", "0:a1 1:rtrue"),
    ("non-linearizable", "a total between that no subset gives", "0:a5? 1:r2"),
)
MUTEX: tuple[tuple[str, str, str], ...] = (
    ("double-grant", "two hold it", "0:l 1:l"),
    ("release-not-held", "nobody holds it", "0:u"),
)
CASES = [
    (spec, *case)
    for spec, cases in (
        ("cas-register", REGISTER),
        ("set", SET),
        ("fifo-queue", QUEUE),
        ("fifo-queue:initial=[7]", (("non-linearizable", "what was there at first comes out twice", "0:d7 0:d7"),)),
        ("set:initial=[7]", (("non-linearizable", "what was there at first is gone", "0:r[]"),)),
        ("unordered-queue", [case for case in QUEUE if case[0] != "out-of-order"]),
        ("priority-queue", [*QUEUE, ("out-of-order", "though it came in later", "0:e2 0:e1 1:d2")]),
        ("counter", COUNTER),
        ("append-list", LIST),
        ("append-list:initial=[7]", (("stale-read", "what was there at first counts", "0:b7 1:r[7]"),)),
        ("kv", TEXT),
        ("kv:initial=nil", TEXT[4:6]),
        ('kv:initial="x"', (("stale-read", "what was there at first", '0:b"b" 1:g"x"'),)),
        ("semaphore:permits=2", SEMAPHORE),
        ("mutex", MUTEX),
        ("owner-mutex", MUTEX),
    )
    for case in cases
]


@pytest.mark.parametrize(
    ("spec", "kind", "what", "text"), CASES, ids=[f"{spec}: {kind}: {what}" for spec, kind, what, _ in CASES]
)
def test_a_small_history_has_the_obvious_kind(spec: str, kind: str, what: str, text: str) -> None:
    """One history, one violation, one kind."""
    assert violation(h(text), spec).kind == kind


@pytest.mark.parametrize(
    ("kind", "events"),
    [
        ("phantom-element", [("pop", None, 1)]),
        ("duplicate-delivery", [("push", 1, 1), ("pop", None, 1), ("pop", None, 1)]),
        ("lost-element", [("push", 1, 1), ("pop", None, None)]),
        ("out-of-order", [("push", 1, 1), ("push", 2, 2), ("pop", None, 1)]),
    ],
)
def test_a_stack_loses_and_repeats_as_queues_do(kind: str, events: list[tuple[str, int | None, int | None]]) -> None:
    """Only their order is another one."""
    history = [
        Op(type=type, process=0, f=f, value=value)
        for f, asked, answered in events
        for type, value in (("invoke", asked), ("ok", answered))
    ]
    assert violation(History.of(history), "stack").kind == kind


def test_every_kind_of_the_tables_has_a_history_here() -> None:
    """No row without a witness."""
    assert {kind for kind, _ in REGISTER_TABLE} == {kind for kind, _, _ in REGISTER}
    assert {kind for kind, _ in LIST_TABLE} == {kind for kind, _, _ in LIST}


MicroOps = list[list[str | int | None]]
WRITE_X: MicroOps = [["w", "x", 1]]
READ_X: MicroOps = [["r", "x", None]]


def transaction(process: int, asked: MicroOps, answered: MicroOps | None, *, type: str = "ok") -> list[Op]:
    """A transaction of a process, as two events."""
    answer = asked if answered is None else answered
    return [Op(type="invoke", process=process, f="txn", value=asked), Op(type=type, process=process, f="txn", value=answer)]


@pytest.mark.parametrize(
    ("kind", "events"),
    [
        ("phantom-read", transaction(0, READ_X, [["r", "x", 5]])),
        ("dirty-read", transaction(0, WRITE_X, None, type="fail") + transaction(1, READ_X, [["r", "x", 1]])),
        ("non-linearizable", transaction(0, WRITE_X, None) + transaction(1, READ_X, [["r", "x", None]])),
    ],
)
def test_a_transaction_that_reads_what_was_never_there_is_told_apart(kind: str, events: list[Op]) -> None:
    """Several registers at once: the value decides."""
    assert violation(History.of(events), "multi-register").kind == kind


def test_a_spec_of_ones_own_has_the_general_kind() -> None:
    """Nothing is known of its operations."""

    class Latch:
        name = "latch"
        functions = frozenset({"fire"})

        def init(self) -> bool:
            return False

        def step(self, state: State, label: Label) -> Step:
            return Illegal("it has fired") if state else (True,)

    events = [Op(type=type, process=process, f="fire") for process in (0, 1) for type in ("invoke", "ok")]
    (found,) = Linearizable(Latch()).check(History.of(events), budget=Budget()).violations
    assert found.kind == "non-linearizable"
    assert found.summary == "f2 (fire) has no place: it has fired"


def test_the_proof_comes_first_and_names_the_overwriting() -> None:
    """Of a stale read: the read, the write of the old value, the write that replaced it; and both values."""
    found = violation(h("0:wk=1 0:wk=2 1:rk=1"), "register")
    assert found.ops == [4, 0, 2]
    assert (found.data["value"], found.data["instead"]) == (1, 2)
