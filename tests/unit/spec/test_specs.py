"""Every shipped specification: what it allows, what it refuses and in which words, and that it keeps the contract."""

from __future__ import annotations

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
    "mutex:holder=process": (ask("acquire", process=1), ask("release", process=1), ask("acquire", process=2)),
}

ILLEGAL: tuple[tuple[str, str, tuple[Label, ...]], ...] = (
    ("register", "read 4, but the register holds 5", (ask("write", 5), ask("read", None, 4))),
    ("register", "read nil, but the register holds 5", (ask("write", 5), ask("read", None, None))),
    ("register", "read true, but the register holds 1", (ask("write", 1), ask("read", None, True))),
    ("register", "read 1.0, but the register holds 1", (ask("write", 1), ask("read", None, 1.0))),
    ("cas-register", "can't CAS 2 from 1 to 1", (ask("write", 2), ask("cas", [1, 1]))),
    (
        "cas-register:failed-cas=observe",
        "cas from 2 failed, but the register holds 2",
        (ask("write", 2), ask("cas", [2, 3], FAILED)),
    ),
    ("multi-register:initial=0", "read x = 1, but it holds 0", (ask("txn", [["r", "x", None]], [["r", "x", 1]]),)),
    ("set", "the read lacks {1} and has {2}, but the set is {1}", (ask("add", 1), ask("read", None, [2]))),
    ("set", "read 1 twice, but it is a set", (ask("add", 1), ask("read", None, [1, 1]))),
    ("set", "contains 1 returned true, but the set is {}", (ask("contains", 1, True),)),
    ("counter", "read 2, but the counter is at 1", (ask("add", 1), ask("read", None, 2))),
    ("counter", "read true, but the counter is at 1", (ask("add", 1), ask("read", None, True))),
    ("fifo-queue", "can't dequeue 1 from empty queue", (ask("dequeue", None, 1),)),
    ("fifo-queue", "dequeued 2, but 1 is at the front", (ask("enqueue", 1), ask("enqueue", 2), ask("dequeue", None, 2))),
    ("fifo-queue", "found the queue empty, but it holds [1]", (ask("enqueue", 1), ask("dequeue"))),
    ("mutex", "already held", (ask("acquire"), ask("acquire"))),
    ("mutex", "not held", (ask("release"),)),
    ("mutex:holder=process", "already held by process 1", (ask("acquire", process=1), ask("acquire", process=2))),
    ("mutex:holder=process", "held by process 1, not by 2", (ask("acquire", process=1), ask("release", process=2))),
    ("mutex:holder=process", "not held", (ask("release", process=2),)),
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
    ("mutex", ask("lock")),
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
    with pytest.raises(ModelError, match=rf"the history does not speak the language of spec '{text}'\.$"):
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
    assert named("mutex").describe_state(None) == "free"
    assert named("mutex").describe_state(after(named("mutex"), ask("acquire"))) == "locked"
    held = named("mutex:holder=process")
    assert held.describe_state(after(held, ask("acquire", process=3))) == "locked by process 3"
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
