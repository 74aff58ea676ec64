"""Laws of every specification: what it does itself is linearizable, and the checker judges it as brute force does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import problems
from chaoskit.check.linear.search import Found, Stuck
from chaoskit.check.linear.strategy import search
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.verdict import Budget, Status
from chaoskit.spec import FAILED, SPECS, UNKNOWN, CompleteSpec, Illegal, Label, Spec, State, Step, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, small_problems

SLOTS = 3
LAW = settings(deadline=None, derandomize=True, max_examples=40)


@dataclass(frozen=True)
class ForgetfulRegister:
    """A spec of one's own whose steps lead to several states: a write may be lost, and nobody is told."""

    name: str = "forgetful-register"
    functions: frozenset[str] = frozenset({"read", "write"})

    def init(self) -> State:
        return None

    def step(self, state: State, label: Label) -> Step:
        if label.f == "write":
            return (label.input, state)
        return (state,) if label.output in (UNKNOWN, state) else Illegal(f"not {state}")

    def is_read(self, label: Label) -> bool:
        return label.f == "read"


@dataclass(frozen=True)
class Dice:
    """Another one: a throw leaves one of three numbers other than the last; only a look tells which."""

    name: str = "dice"
    functions: frozenset[str] = frozenset({"throw", "look"})

    def init(self) -> State:
        return 0

    def step(self, state: State, label: Label) -> Step:
        if label.f == "throw":
            return tuple(number for number in (1, 2, 3) if number != state)
        return (state,) if label.output in (UNKNOWN, state) else Illegal(f"it shows {state}")


OWN: dict[str, Spec] = {"forgetful-register": ForgetfulRegister(), "dice": Dice()}


@dataclass(frozen=True)
class Ask:
    """What a client may ask, and what it may be told."""

    f: str
    input: Any = None
    outputs: tuple[Any, ...] = (None,)


QUEUE = (Ask("enqueue", 1), Ask("enqueue", 2), Ask("enqueue", 2), Ask("dequeue", None, (None, 1, 2)))
LOCK = (Ask("acquire"), Ask("release"))
NAMED_LOCK = (Ask("acquire", "ann"), Ask("acquire", "bob"), Ask("release", "ann"), Ask("release", "bob"))
CELL = (Ask("read", None, (None, 1, 2)), Ask("write", 1), Ask("write", 2))
CAS = (*CELL, Ask("cas", [1, 2]), Ask("cas", [2, 1]), Ask("cas", [1, 1]))
TEXTS = ("", "a", "b", "ab", "ba", "aa", "aab")
LISTS: tuple[Any, ...] = (None, [1], [1, 2], [2, 1], [1, 1], [2])
ASKS: dict[str, tuple[Ask, ...]] = {
    "register": CELL,
    "register:initial=1,nil-read=unknown": CELL,
    "cas-register": CAS,
    "cas-register:initial=1,failed-cas=observe": (*CELL, Ask("cas", [1, 2], (None, FAILED)), Ask("cas", [2, 1], (None, FAILED))),
    "multi-register": (
        Ask("txn", [["w", "x", 1], ["w", "y", 1]], ([["w", "x", 1], ["w", "y", 1]],)),
        Ask("txn", [["w", "x", 2], ["r", "y", None]], tuple([["w", "x", 2], ["r", "y", value]] for value in (None, 1))),
        Ask("txn", [["r", "x", None], ["r", "y", None]], tuple([["r", "x", x], ["r", "y", 1]] for x in (1, 2))),
    ),
    "kv": (Ask("put", "a"), Ask("append", "a"), Ask("append", "b"), Ask("get", None, TEXTS)),
    "kv:initial=nil": (Ask("put", "b"), Ask("append", "a"), Ask("get", None, (None, *TEXTS))),
    "append-list": (Ask("append", 1), Ask("append", 2), Ask("read", None, LISTS)),
    "set": (
        Ask("add", 1),
        Ask("remove", 1),
        Ask("add", 2),
        Ask("contains", 1, (True, False)),
        Ask("read", None, (None, [1], [2], [2, 1])),
    ),
    "counter": (Ask("add", 1), Ask("add", -1), Ask("read", None, (-1, 0, 1, 2))),
    "fifo-queue": QUEUE,
    "fifo-queue:initial=[1, 2]": QUEUE,
    "unordered-queue": QUEUE,
    "priority-queue": (*QUEUE, Ask("enqueue", [1, "a"]), Ask("dequeue", None, (1, [1, "a"]))),
    "priority-queue:first=largest": QUEUE,
    "stack": (Ask("push", 1), Ask("push", 2), Ask("pop", None, (None, 1, 2))),
    "mutex": LOCK,
    "owner-mutex": LOCK,
    "owner-mutex:owner=value": NAMED_LOCK,
    "reentrant-mutex": LOCK,
    "reentrant-mutex:owner=value,times=2": NAMED_LOCK,
    "semaphore:permits=2": (*LOCK, Ask("acquire", 2), Ask("release", 2)),
    "semaphore:permits=2,owner=process": LOCK,
    "semaphore:permits=2,owner=value": NAMED_LOCK,
    "forgetful-register": CELL,
    "dice": (Ask("throw"), Ask("look", None, (0, 1, 2, 3))),
}


def spec_of(text: str) -> CompleteSpec:
    """A completed spec, of the table or of this file."""
    return complete(OWN[text] if text in OWN else spec_from_text(text))


@dataclass
class Open:
    """An operation under way: what its client will be told once it has happened."""

    process: int
    ask: Ask
    output: Any = None
    happened: bool = False


@st.composite
def made_by_itself(draw: st.DrawFn, text: str) -> History:
    """A history in which everything that was answered, and some of the rest, happened at an instant while it was open."""
    spec, builder = spec_of(text), HistoryBuilder()
    state, opened, generation = spec.init(), dict[int, Open](), [0] * SLOTS
    for slot in draw(st.lists(st.integers(0, SLOTS - 1), min_size=3, max_size=24)):
        if slot not in opened:
            found = opened[slot] = Open(slot + SLOTS * generation[slot], draw(st.sampled_from(ASKS[text])))
            builder.append("invoke", found.process, found.ask.f, None, found.ask.input)
        elif not (found := opened[slot]).happened:
            outputs = legal_outputs(spec, state, found)
            if draw(st.integers(0, 9)) == 0 or not outputs:
                generation[slot] += 1
                builder.append("info", found.process, found.ask.f, None, found.ask.input)
                answer = spec.step(state, label_of(spec, found, UNKNOWN))
                if draw(st.booleans()) and not isinstance(answer, Illegal):
                    state = draw(st.sampled_from(answer))
                del opened[slot]
            else:
                found.output, found.happened = draw(st.sampled_from(outputs)), True
                answer = spec.step(state, label_of(spec, found, found.output))
                assert not isinstance(answer, Illegal)
                state = draw(st.sampled_from(answer))
        else:
            complete_one(builder, opened.pop(slot))
    return builder.build()


@st.composite
def told_anything(draw: st.DrawFn, text: str) -> History:
    """A history in which clients are told anything that they might be."""
    builder, opened, generation = HistoryBuilder(), dict[int, Open](), [0] * SLOTS
    for slot in draw(st.lists(st.integers(0, SLOTS - 1), min_size=2, max_size=16)):
        if slot not in opened:
            found = opened[slot] = Open(slot + SLOTS * generation[slot], draw(st.sampled_from(ASKS[text])))
            builder.append("invoke", found.process, found.ask.f, None, found.ask.input)
            continue
        found = opened.pop(slot)
        if draw(st.integers(0, 5)) == 0:
            generation[slot] += 1
            builder.append("info", found.process, found.ask.f, None, found.ask.input)
        else:
            found.output = draw(st.sampled_from(found.ask.outputs))
            complete_one(builder, found)
    return builder.build()


def label_of(spec: CompleteSpec, found: Open, output: Any) -> Label:
    """What the spec is asked about an operation."""
    return Label(f=found.ask.f, input=found.ask.input, output=output, process=found.process if spec.uses_process else None)


def legal_outputs(spec: CompleteSpec, state: State, found: Open) -> list[Any]:
    """What it may be told in this state."""
    return [each for each in found.ask.outputs if not isinstance(spec.step(state, label_of(spec, found, each)), Illegal)]


def complete_one(builder: HistoryBuilder, found: Open) -> None:
    """The end of an operation with its output; a failure is one without."""
    failed = found.output is FAILED
    builder.append("fail" if failed else "ok", found.process, found.ask.f, None, found.ask.input if failed else found.output)


@pytest.mark.parametrize("text", sorted(ASKS))
@LAW
@given(data=st.data())
def test_what_a_specification_does_itself_is_linearizable(text: str, data: st.DataObject) -> None:
    """Each operation happens at an instant while it is open; some are never answered, some of those happen nevertheless."""
    history = data.draw(made_by_itself(text))
    assert Linearizable(spec_of(text)).check(history, budget=Budget()).status is Status.VALID


@pytest.mark.parametrize("text", sorted(ASKS))
@LAW
@given(data=st.data())
def test_every_specification_is_judged_as_brute_force_judges_it(text: str, data: st.DataObject) -> None:
    """Random answers, right and wrong."""
    history = data.draw(told_anything(text))
    holds = all(linearizable(problem, spec_of(text)) for problem in problems(history, spec_of(text)))
    verdict = Linearizable(spec_of(text)).check(history, budget=Budget())
    assert verdict.status is (Status.VALID if holds else Status.INVALID)


def choices_of(text: str) -> Iterator[Choice]:
    """Every operation with every answer, and without one."""
    spec = spec_of(text)
    for process, ask in enumerate(ASKS[text]):
        found = Open(process % 2, ask)
        yield from ((label_of(spec, found, output), True) for output in ask.outputs)
        yield label_of(spec, found, UNKNOWN), False


@pytest.mark.parametrize("text", sorted(ASKS))
def test_every_history_of_two_calls_is_judged_as_brute_force_judges_it(text: str) -> None:
    """Exhaustive, by the search alone, down to the failing completion."""
    agree(text, calls=2, clients=2)


@pytest.mark.quality
@pytest.mark.parametrize("text", sorted(ASKS))
def test_every_history_of_three_calls_is_judged_as_brute_force_judges_it(text: str) -> None:
    """The same, one call larger."""
    agree(text, calls=3, clients=3)


def agree(text: str, *, calls: int, clients: int) -> None:
    """The search and brute force say the same of every history of this size."""
    spec, choices = spec_of(text), tuple(choices_of(text))
    for problem in small_problems(spec, choices, calls=calls, clients=clients):
        layout, table = lay_out(problem), Table(spec, problem.labels, problem.is_read)
        found = search(layout, table, limit=100_000)
        if isinstance(found, Found):
            prove(problem, spec, [(call, table.states[state]) for call, state in found.order])
        assert isinstance(found, Found | Stuck)
        stuck = None if isinstance(found, Found) else problem.calls[layout.stops[found.stop].call].ended
        assert stuck == first_failure(problem, spec), [(call, problem.label(call)) for call in problem.calls]


def test_every_specification_of_the_table_is_held_to_these_laws() -> None:
    """A new one must be added here."""
    assert {text.partition(":")[0] for text in ASKS} >= set(SPECS)
