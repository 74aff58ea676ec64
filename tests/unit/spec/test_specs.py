"""Every shipped specification: what it allows, what it refuses and in which words, and that it keeps the contract."""

from __future__ import annotations

import math
from typing import Any

import pytest

from chaoskit.core.errors import ModelError
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Illegal, Label, State, complete, spec_from_text


def ask(f: str, input: Any = None, output: Any = None, *, key: Any = None, process: int | None = None) -> Label:
    """A label in one line."""
    return Label(f=f, key=key, input=input, output=output, process=process)


def after(spec: CompleteSpec, *labels: Label) -> State:
    """The state after these labels, all of which must be legal."""
    state = spec.init()
    for label in labels:
        answer = spec.step(state, label)
        assert not isinstance(answer, Illegal), answer.reason
        (state,) = answer
    return state


def reason(spec: CompleteSpec, *labels: Label) -> str:
    """Why the last of these labels is illegal after the others."""
    answer = spec.step(after(spec, *labels[:-1]), labels[-1])
    assert isinstance(answer, Illegal)
    return answer.reason


def named(text: str) -> CompleteSpec:
    """A completed spec by its text."""
    return complete(spec_from_text(text))


LEGAL: dict[str, tuple[Label, ...]] = {
    "register": (ask("read"), ask("write", 1), ask("read", None, 1), ask("write", [1]), ask("read", None, (1,))),
    "register:initial=0,nil-read=unknown": (ask("read", None, 0), ask("write", 1), ask("read", None, None)),
    "cas-register:initial=0": (
        ask("cas", [0, 1]),
        ask("read", None, 1),
        ask("write", 5),
        ask("cas", [5, 5]),
        ask("read", None, 5),
    ),
    "cas-register:failed-cas=observe": (
        ask("cas", [1, 2], FAILED),
        ask("write", 1),
        ask("cas", [9, 2], UNKNOWN),
        ask("read", None, 1),
    ),
    "multi-register:initial=0": (
        ask("txn", [["read", "x", None]], [["read", "x", 0]]),
        ask("txn", [["w", "x", 1], ["r", "x", None]], [["w", "x", 1], ["r", "x", 1]]),
        ask("txn", [["r", "y", None]], UNKNOWN),
    ),
    "set": (
        ask("add", 1),
        ask("add", 1),
        ask("remove", 2),
        ask("contains", 1, True),
        ask("contains", 2, False),
        ask("read", None, [1]),
    ),
    "counter:initial=3": (ask("add", 2), ask("add", -4), ask("read", None, 1)),
    "fifo-queue": (
        ask("dequeue"),
        ask("enqueue", 1),
        ask("enqueue", 2),
        ask("dequeue", None, 1),
        ask("dequeue", None, UNKNOWN),
        ask("dequeue"),
    ),
    "mutex": (ask("acquire"), ask("release"), ask("acquire"), ask("acquire", None, UNKNOWN)),
    "kv": (
        ask("get", None, ""),
        ask("append", "a"),
        ask("append", "b"),
        ask("get", None, "ab"),
        ask("put", "c"),
        ask("get", None, "c"),
        ask("get", None, UNKNOWN),
    ),
    "kv:initial=nil": (ask("get", None, None), ask("append", "a"), ask("get", None, "a")),
    "append-list:initial=[0]": (
        ask("append", 1),
        ask("append", [1]),
        ask("read", None, [0, 1, [1]]),
        ask("read", None, UNKNOWN),
    ),
    "append-list": (ask("read", None, None), ask("read", None, []), ask("append", None), ask("read", None, [None])),
    "set:initial=[1, 2]": (ask("read", None, [2, 1]), ask("remove", 1), ask("contains", 1, False)),
    "fifo-queue:initial=[1, 2]": (ask("dequeue", None, 1), ask("enqueue", 3), ask("dequeue", None, 2), ask("dequeue", None, 3)),
    "unordered-queue": (
        ask("dequeue"),
        ask("enqueue", 2),
        ask("enqueue", 1),
        ask("enqueue", 1),
        ask("dequeue", None, 1),
        ask("dequeue", None, 2),
        ask("dequeue", None, UNKNOWN),
        ask("dequeue"),
        ask("dequeue", None, UNKNOWN),
    ),
    "unordered-queue:initial=[2, 1]": (ask("dequeue", None, 1), ask("dequeue", None, 2)),
    "priority-queue": (
        ask("dequeue"),
        ask("enqueue", 2),
        ask("enqueue", [1, "b"]),
        ask("enqueue", [1, "a"]),
        ask("enqueue", 1.5),
        ask("dequeue", None, [1, "b"]),
        ask("dequeue", None, [1, "a"]),
        ask("dequeue", None, 1.5),
        ask("dequeue", None, UNKNOWN),
        ask("dequeue"),
    ),
    "priority-queue:initial=[1, [3], 2],first=largest": (ask("dequeue", None, [3]), ask("dequeue", None, 2)),
    "stack": (
        ask("pop"),
        ask("push", 1),
        ask("push", 2),
        ask("pop", None, 2),
        ask("pop", None, UNKNOWN),
        ask("pop"),
        ask("pop", None, UNKNOWN),
    ),
    "stack:initial=[1, 2]": (ask("pop", None, 2), ask("pop", None, 1)),
    "owner-mutex": (
        ask("acquire", process=1),
        ask("acquire", None, UNKNOWN, process=2),
        ask("release", process=1),
        ask("acquire", process=2),
    ),
    "owner-mutex:owner=value": (ask("acquire", "ann", process=1), ask("release", "ann", process=9), ask("acquire", "bob")),
    "reentrant-mutex": (
        ask("acquire", process=1),
        ask("acquire", process=1),
        ask("release", process=1),
        ask("release", process=1),
        ask("acquire", process=2),
    ),
    "semaphore:permits=3": (ask("acquire", 2), ask("acquire"), ask("release", 3), ask("acquire", 4, UNKNOWN)),
    "semaphore:permits=2,owner=process": (ask("acquire", process=1), ask("acquire", process=2), ask("release", process=1)),
    "semaphore:permits=2,owner=value": (ask("acquire", "ann"), ask("acquire", "ann"), ask("release", "ann")),
}

ILLEGAL: tuple[tuple[str, str, tuple[Label, ...]], ...] = (
    ("register", "5≠4", (ask("write", 5), ask("read", None, 4))),
    ("register", "5≠nil", (ask("write", 5), ask("read", None, None))),
    ("register", "1≠true", (ask("write", 1), ask("read", None, True))),
    ("register", "1≠1.0", (ask("write", 1), ask("read", None, 1.0))),
    ("cas-register", "can't CAS 2 from 1 to 1", (ask("write", 2), ask("cas", [1, 1]))),
    ("cas-register:initial=0", "can't read 3 from register 0", (ask("read", None, 3),)),
    (
        "cas-register:failed-cas=observe",
        "cas from 2 failed, but the register holds 2",
        (ask("write", 2), ask("cas", [2, 3], FAILED)),
    ),
    ("multi-register:initial=0", "0≠1 in x", (ask("txn", [["r", "x", None]], [["r", "x", 1]]),)),
    ("set", "can't read {2} from {1}: it lacks {1} and has {2}", (ask("add", 1), ask("read", None, [2]))),
    ("set", "can't read [1, 1] from a set: it has 1 twice", (ask("add", 1), ask("read", None, [1, 1]))),
    ("set", "contains 1 returned true, but the set is {}", (ask("contains", 1, True),)),
    ("counter", "read 2, but the counter is at 1", (ask("add", 1), ask("read", None, 2))),
    ("counter", "read true, but the counter is at 1", (ask("add", 1), ask("read", None, True))),
    ("fifo-queue", "can't dequeue 1 from empty queue", (ask("dequeue", None, 1),)),
    ("fifo-queue", "can't dequeue 2: 1 is at the front", (ask("enqueue", 1), ask("enqueue", 2), ask("dequeue", None, 2))),
    ("fifo-queue", "found the queue empty, but it holds [1]", (ask("enqueue", 1), ask("dequeue"))),
    ("mutex", "already held", (ask("acquire"), ask("acquire"))),
    ("mutex", "not held", (ask("release"),)),
    ("owner-mutex", "already held by process 1", (ask("acquire", process=1), ask("acquire", process=2))),
    ("owner-mutex", "already held by process 1", (ask("acquire", process=1), ask("acquire", process=1))),
    ("owner-mutex", "held by process 1, not by process 2", (ask("acquire", process=1), ask("release", process=2))),
    ("owner-mutex", "not held", (ask("release", process=2),)),
    ("owner-mutex:owner=value", 'held by "ann", not by "bob"', (ask("acquire", "ann"), ask("release", "bob"))),
    ("reentrant-mutex", "already held by process 1", (*[ask("acquire", process=1)] * 2, ask("acquire", process=2))),
    ("reentrant-mutex", "not held", (ask("acquire", process=1), ask("release", process=1), ask("release", process=1))),
    ("reentrant-mutex:times=2", "already held by process 1, 2 times", tuple([ask("acquire", process=1)] * 3)),
    ("semaphore", "can't acquire 1 permit: 0 of 1 permit free", (ask("acquire"), ask("acquire"))),
    ("semaphore:permits=3", "can't acquire 2 permits: 1 of 3 permits free", (ask("acquire", 2), ask("acquire", 2))),
    ("semaphore", "can't release 1 permit: 0 held", (ask("release"),)),
    (
        "semaphore:permits=2,owner=process",
        "can't release 1 permit: 0 held by process 2",
        (ask("acquire", process=1), ask("release", process=2)),
    ),
    ("kv", 'got "b", but the value is "ab"', (ask("put", "ab"), ask("get", None, "b"))),
    (
        "kv",
        f'got "{"x" * 80}… 2 more characters", but the value is "{"x" * 80}… 3 more characters"; '
        'they part after 81 characters, at "z" and "yy"',
        (ask("put", "x" * 81 + "yy"), ask("get", None, "x" * 81 + "z")),
    ),
    ("kv:initial=nil", 'got "a", but the value is nil', (ask("get", None, "a"),)),
    (
        "append-list",
        "read [1, 3], but the list has 2 at place 2, not 3",
        (ask("append", 1), ask("append", 2), ask("read", None, [1, 3])),
    ),
    ("append-list", "read [], but the list goes on with [1]", (ask("append", 1), ask("read", None, []))),
    ("append-list", "read [1, 2], but the list ends after 1 element", (ask("append", 1), ask("read", None, [1, 2]))),
    ("append-list", "read [true], but the list has 1 at place 1, not true", (ask("append", 1), ask("read", None, [True]))),
    ("unordered-queue", "can't dequeue 2", (ask("enqueue", 1), ask("dequeue", None, 2))),
    ("unordered-queue", "can't dequeue 1 from empty queue", (ask("enqueue", 1), *[ask("dequeue", None, 1)] * 2)),
    ("unordered-queue", "found the queue empty, but it holds [1]", (ask("enqueue", 1), ask("dequeue"))),
    ("priority-queue", "can't dequeue 2: 1 comes first", (ask("enqueue", 2), ask("enqueue", 1), ask("dequeue", None, 2))),
    ("priority-queue", "can't dequeue 3", (ask("enqueue", 2), ask("dequeue", None, 3))),
    (
        "priority-queue:first=largest",
        "can't dequeue 1: 2 comes first",
        (*map(ask, ["enqueue"] * 2, [1, 2]), ask("dequeue", None, 1)),
    ),
    ("stack", "can't pop 1: 2 is on top", (ask("push", 1), ask("push", 2), ask("pop", None, 1))),
    ("stack", "can't pop 1 from empty stack", (ask("pop", None, 1),)),
    ("stack", "found the stack empty, but it holds [1]", (ask("push", 1), ask("pop"))),
)

MALFORMED: tuple[tuple[str, Label], ...] = (
    ("register", ask("cas", [1, 2])),
    ("cas-register", ask("cas", 1)),
    ("cas-register", ask("cas", [1])),
    ("multi-register", ask("txn", 5)),
    ("multi-register", ask("txn", [["append", "x", 1]])),
    ("set", ask("read", None, 5)),
    ("set", ask("contains", 1, 1)),
    ("set", ask("pop")),
    ("counter", ask("add", True)),
    ("counter", ask("pop")),
    ("fifo-queue", ask("push", 1)),
    ("fifo-queue", ask("enqueue", None)),
    ("unordered-queue", ask("pop")),
    ("unordered-queue", ask("enqueue", None)),
    ("priority-queue", ask("enqueue", "high")),
    ("priority-queue", ask("enqueue", True)),
    ("priority-queue", ask("enqueue", [])),
    ("priority-queue", ask("enqueue", math.nan)),
    ("priority-queue", ask("pop")),
    ("stack", ask("enqueue", 1)),
    ("stack", ask("push", None)),
    ("kv", ask("put", 1)),
    ("kv", ask("append", None)),
    ("kv", ask("read")),
    ("append-list", ask("read", None, 1)),
    ("append-list", ask("add", 1)),
    ("mutex", ask("lock")),
    ("owner-mutex", ask("lock")),
    ("owner-mutex:owner=value", ask("acquire")),
    ("reentrant-mutex", ask("lock")),
    ("semaphore", ask("acquire", 0)),
    ("semaphore", ask("acquire", True)),
    ("semaphore", ask("lock")),
)


@pytest.mark.parametrize("text", sorted(LEGAL))
def test_a_story_that_an_object_can_tell_is_legal_throughout(text: str) -> None:
    """Each story of `LEGAL`, step by step."""
    after(named(text), *LEGAL[text])


@pytest.mark.parametrize(("text", "expected", "labels"), ILLEGAL, ids=[f"{text}-{why}" for text, why, _ in ILLEGAL])
def test_an_impossible_step_is_illegal_and_says_why(text: str, expected: str, labels: tuple[Label, ...]) -> None:
    """Reasons are what a person reads in a report: whole sentences of them are compared."""
    assert reason(named(text), *labels) == expected


@pytest.mark.parametrize(("text", "label"), MALFORMED, ids=[f"{text}-{label.f}-{label.input}" for text, label in MALFORMED])
def test_an_operation_of_the_wrong_shape_is_an_error_that_names_the_spec(text: str, label: Label) -> None:
    """Never a verdict: the history does not speak this spec's language."""
    with pytest.raises(ModelError, match=rf"the history does not speak the language of spec '{text.partition(':')[0]}'\.$"):
        named(text).step(named(text).init(), label)


@pytest.mark.parametrize("text", sorted(LEGAL))
def test_a_spec_is_pure(text: str) -> None:
    """Equal answers to equal questions, hashable states, and reads leave every state alone."""
    spec = named(text)
    labels = [*LEGAL[text], *(label for name, _, labels in ILLEGAL if name == text for label in labels)]
    states = {spec.init()}
    for label in labels:
        for state in sorted(states, key=repr):
            first, second = spec.step(state, label), spec.step(state, label)
            assert first == second
            if not isinstance(first, Illegal):
                assert not spec.is_read(label) or first == (state,)
                states.update(first)


@pytest.mark.parametrize("text", sorted(LEGAL))
def test_a_partition_is_the_key_of_the_operation(text: str) -> None:
    """Objects under different keys never meet."""
    spec = named(text)
    assert {spec.partition_key(Label(f=label.f, key="k", input=label.input)) for label in LEGAL[text]} == {"k"}


DESCRIBED: tuple[tuple[str, Label, str], ...] = (
    ("register", ask("write", 5, key="k3"), "write k3=5"),
    ("register", ask("read", None, 4, key="k3"), "read k3 → 4"),
    ("register", ask("read", None, UNKNOWN, key="k3"), "read k3"),
    ("register", ask("write", "a", key=("t", 1)), 'write ["t", 1]="a"'),
    ("cas-register", ask("cas", [1, None], key="k3"), "cas k3 1→nil"),
    ("cas-register", ask("cas", [1, 2], FAILED), "cas 1→2 failed"),
    ("cas-register", ask("write", True), "write true"),
    (
        "multi-register",
        ask("txn", [["r", "x", None], ["w", "y", 2]], [["r", "x", 1], ["w", "y", 2]]),
        "txn read x → 1, write y=2",
    ),
    ("set", ask("add", 1, key="s"), "add s=1"),
    ("set", ask("contains", 1, False), "contains 1 → false"),
    ("set", ask("read", None, [2, 1]), "read → [2, 1]"),
    ("counter", ask("add", -1), "add -1"),
    ("counter", ask("read", None, 7), "read → 7"),
    ("fifo-queue", ask("enqueue", 1), "enqueue 1"),
    ("fifo-queue", ask("dequeue", None, None), "dequeue → nil"),
    ("mutex", ask("acquire", key="lock"), "acquire lock"),
    ("kv", ask("put", "a", key="k"), 'put k="a"'),
    ("kv", ask("get", None, "a", key="k"), 'get k → "a"'),
    ("append-list", ask("append", 1, key="k"), "append k=1"),
    ("append-list", ask("read", None, [1]), "read → [1]"),
    ("unordered-queue", ask("dequeue", None, 1), "dequeue → 1"),
    ("priority-queue", ask("enqueue", [1, "a"]), 'enqueue [1, "a"]'),
    ("stack", ask("pop", None, UNKNOWN, key="s"), "pop s"),
    ("stack", ask("push", 1), "push 1"),
    ("owner-mutex", ask("acquire", process=1), "acquire"),
    ("reentrant-mutex:owner=value", ask("release", "ann"), 'release "ann"'),
    ("semaphore", ask("acquire", 2, key="s"), "acquire s=2"),
)


@pytest.mark.parametrize(("text", "label", "expected"), DESCRIBED, ids=[expected for _, _, expected in DESCRIBED])
def test_an_operation_is_described_in_a_few_words(text: str, label: Label, expected: str) -> None:
    """What a sentence says of an operation."""
    assert named(text).describe_op(label) == expected


def test_states_are_described_in_a_few_words() -> None:
    """What a sentence says of a state."""
    multi = named("multi-register:initial=0")
    assert multi.describe_state(multi.init()) == "every register 0"
    assert multi.describe_state(after(multi, ask("txn", [["w", "y", 2], ["w", "x", 1]]))) == '"x"=1, "y"=2'
    assert named("mutex").describe_state(named("mutex").init()) == "free"
    assert named("mutex").describe_state(after(named("mutex"), ask("acquire"))) == "locked"
    held = named("owner-mutex")
    assert held.describe_state(held.init()) == "free"
    assert held.describe_state(after(held, ask("acquire", process=3))) == "locked by process 3"
    often = named("reentrant-mutex:owner=value")
    assert often.describe_state(after(often, *[ask("acquire", "ann")] * 2)) == 'locked by "ann", 2 times'
    semaphore = named("semaphore:permits=2,owner=process")
    assert semaphore.describe_state(semaphore.init()) == "0 of 2 permits held"
    both = after(semaphore, ask("acquire", process=2), ask("acquire", process=1))
    assert semaphore.describe_state(both) == "2 of 2 permits held, 1 by process 1, 1 by process 2"
    assert named("semaphore").describe_state(after(named("semaphore"), ask("acquire"))) == "1 of 1 permit held"
    assert named("set").describe_state(after(named("set"), ask("add", 10), ask("add", 9))) == "{9, 10}"


def test_a_set_keeps_one_true_and_one_point_zero_apart() -> None:
    """Three elements, not one."""
    spec = named("set")
    added = after(spec, ask("add", 1), ask("add", True), ask("add", 1.0))
    assert not isinstance(spec.step(added, ask("read", None, [1.0, 1, True])), Illegal)
    assert isinstance(spec.step(added, ask("read", None, [1])), Illegal)


def test_only_a_cas_that_failed_for_its_precondition_is_an_observation() -> None:
    """A refused connection says nothing about the register."""
    observing, dropping = named("cas-register:failed-cas=observe"), named("cas-register")
    assert observing.observes_failure("cas", None) and observing.observes_failure("cas", "precondition-failed")
    assert not observing.observes_failure("cas", "connection-refused") and not observing.observes_failure("write", None)
    assert not dropping.observes_failure("cas", None)


def test_an_unanswered_dequeue_of_an_unordered_queue_leads_to_a_state_for_each_element() -> None:
    """Nobody knows which one it took; equal elements are one, and the order is the same in every process."""
    spec = named("unordered-queue")
    full = after(spec, *(ask("enqueue", element) for element in ("b", "a", "b")))
    assert spec.step(full, ask("dequeue", None, UNKNOWN)) == (("b", "b"), ("a", "b"))


def test_an_unanswered_dequeue_of_a_priority_queue_took_one_of_the_best() -> None:
    """Elements of equal priority are alike."""
    spec = named("priority-queue")
    full = after(spec, *(ask("enqueue", element) for element in ([2], [1, "a"], [1, "b"])))
    answer = spec.step(full, ask("dequeue", None, UNKNOWN))
    assert not isinstance(answer, Illegal)
    assert [spec.describe_state(state) for state in answer] == ['[[2], [1, "b"]]', '[[2], [1, "a"]]']


@pytest.mark.parametrize(("text", "taking"), [("fifo-queue", "dequeue"), ("stack", "pop"), ("priority-queue", "dequeue")])
def test_finding_nothing_is_a_read(text: str, taking: str) -> None:
    """It changes nothing; an operation that was never answered may have taken something."""
    spec = named(text)
    assert spec.is_read(ask(taking, None, None))
    assert not spec.is_read(ask(taking, None, UNKNOWN)) and not spec.is_read(ask(taking, None, 1))


def test_only_locks_that_belong_to_a_process_see_the_process() -> None:
    """Others would number the same operation of two processes twice."""
    seeing = {text for text in LEGAL if named(text).uses_process}
    assert seeing == {"owner-mutex", "reentrant-mutex", "semaphore:permits=2,owner=process"}
