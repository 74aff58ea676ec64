"""What clients of a correct object could have seen, and would have seen had it gone wrong once: for laws about checkers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from chaoskit.check.linear.normalise import Problem, problems
from chaoskit.check.power.answers import UnanswerableError, answered
from chaoskit.check.power.kinds import Kind, Site
from chaoskit.check.power.linearization import Linearization
from chaoskit.check.power.recheck import Judge
from chaoskit.check.power.replay import Changes
from chaoskit.check.power.table import entries
from chaoskit.core.history import History
from chaoskit.core.op import FAIL, INFO, INVOKE, OK, Op
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Illegal, Label, complete, spec_from_text

BUDGET = 1_000_000
ASKED: dict[str, list[tuple[str, Any]]] = {
    "register": [("read", None), ("write", 1), ("write", 2), ("write", 3), ("write", 4)],
    "cas-register": [("read", None), ("write", 1), ("write", 2), ("cas", [1, 2]), ("cas", [2, 3])],
    "cas-register:failed-cas=observe": [("read", None), ("write", 1), ("cas", [1, 2]), ("cas", [2, 1])],
    "kv": [("get", None), ("put", "a"), ("append", "b"), ("append", "c")],
    "append-list": [("read", None), ("append", 1), ("append", 2), ("append", 3)],
    "set": [("read", None), ("contains", 1), ("add", 1), ("add", 2), ("remove", 1)],
    "counter": [("read", None), ("add", 1), ("add", 2), ("add", -1)],
    "multi-register": [
        ("txn", [["read", "x", None]]),
        ("txn", [["write", "x", 1]]),
        ("txn", [["read", "x", None], ["write", "y", 2]]),
    ],
    "fifo-queue": [("dequeue", None), ("dequeue", None), ("enqueue", 1), ("enqueue", 2), ("enqueue", 3)],
    "unordered-queue": [("dequeue", None), ("dequeue", None), ("enqueue", 1), ("enqueue", 2)],
    "priority-queue": [("dequeue", None), ("dequeue", None), ("enqueue", 1), ("enqueue", 2), ("enqueue", 3)],
    "stack": [("pop", None), ("pop", None), ("push", 1), ("push", 2), ("push", 3)],
    "mutex": [("acquire", None), ("release", None)],
    "owner-mutex": [("acquire", None), ("release", None)],
    "reentrant-mutex": [("acquire", None), ("release", None)],
    "semaphore:permits=2": [("acquire", None), ("release", None)],
}  # fmt: skip


@st.composite
def valid_histories(draw: st.DrawFn, text: str) -> History:
    """What clients of a correct object could have seen: every call takes effect at a moment between its beginning and its end."""
    spec = complete(spec_from_text(text))
    clients = draw(st.integers(1, 3))
    state, events, opened, slots = spec.init(), [], {}, list(range(clients))
    left = draw(st.integers(5, 9))
    while left or opened:
        slot = draw(st.integers(0, clients - 1))
        process = slots[slot]
        if process not in opened and left:
            f, value = draw(st.sampled_from(ASKED[text]))
            events.append(Op(type=INVOKE, process=process, f=f, value=value))
            opened[process], left = Label(f=f, input=value, process=process), left - 1
        elif process in opened and opened[process].output is UNKNOWN:
            label = opened[process] = _taking_effect(spec, state, opened[process])
            state = state if label.output is FAILED else _after(spec, state, label)
        elif process in opened:
            label = opened.pop(process)
            ending = FAIL if label.output is FAILED else INFO if draw(st.integers(0, 6)) == 0 else OK
            value = label.output if ending == OK else label.input
            events.append(Op(type=ending, process=process, f=label.f, value=value))
            slots[slot] += clients * (ending == INFO)
        elif not left:
            slots = [next(iter(opened))] * clients
    return History.of(events)


def _taking_effect(spec: CompleteSpec, state: Any, label: Label) -> Label:
    """The call with the answer that it gets."""
    if spec.is_read(label) or label.f in ("dequeue", "pop", "txn"):
        asked = replace(label, output="nobody answers so") if label.f != "txn" else label
        if label.f == "txn":
            listed = [[f, register, "?" if f == "read" else value] for f, register, value in label.input]
            asked = replace(label, output=listed)
        if spec.name == "append-list":
            asked = replace(label, output=["nobody answers so"])
        if label.f == "contains":
            asked = replace(label, output=True)
        if spec.name == "set" and label.f == "read":
            asked = replace(label, output=["nobody answers so"])
        found = answered(spec, Problem(None), state, asked)
        assert found is not None
        return found
    known = replace(label, output=label.input)
    return replace(label, output=FAILED) if isinstance(spec.step(state, known), Illegal) else known


def _after(spec: CompleteSpec, state: Any, label: Label) -> Any:
    answer = spec.step(state, label)
    assert not isinstance(answer, Illegal)
    return answer[0]


def stories(history: History, spec: CompleteSpec) -> Iterator[tuple[Linearization, Kind, Site, Changes]]:
    """All mutants of a history, with the stories that they are made from."""
    judge = Judge(spec)
    judge.allow(BUDGET)
    for problem in problems(history, spec):
        told = judge.tell(problem)
        if told is None:
            assert not problem.calls, "a valid history has a story"
            continue
        for entry in entries(spec):
            for site in entry.kind.sites(told):
                try:
                    yield told, entry.kind, site, entry.kind.change(told, site)
                except UnanswerableError:
                    continue
