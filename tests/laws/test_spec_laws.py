"""Laws of every specification: what it does itself is linearizable, and the checker judges it as brute force does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.layout import lay_out
from chaoskit.check.linear.normalise import problems
from chaoskit.check.linear.search import Found, Stuck, search
from chaoskit.check.linear.tables import Table
from chaoskit.check.linear.witness import prove
from chaoskit.core.verdict import Budget, Status
from chaoskit.spec import FAILED, SPECS, UNKNOWN, CompleteSpec, Illegal, Label, Spec, State, Step, complete, spec_from_text
from chaoskit.testing.small_histories import Choice, small_problems
from chaoskit.testing.strategies import answered_histories, asks_of, linearizable_histories
from chaoskit.testing.strategies.asks import ASKS, CELL, LOCK, NAMED_LOCK, TEXTS, Ask, label_of

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


VARIANTS: dict[str, tuple[Ask, ...]] = {
    "register:initial=1,nil-read=unknown": CELL,
    "cas-register:initial=1,failed-cas=observe": (*CELL, Ask("cas", [1, 2], (None, FAILED)), Ask("cas", [2, 1], (None, FAILED))),
    "kv:initial=nil": (Ask("put", "b"), Ask("append", "a"), Ask("get", None, (None, *TEXTS), looks=True)),
    "fifo-queue:initial=[1, 2]": asks_of("fifo-queue"),
    "priority-queue:first=largest": asks_of("fifo-queue"),
    "owner-mutex:owner=value": NAMED_LOCK,
    "reentrant-mutex:owner=value,times=2": NAMED_LOCK,
    "semaphore:permits=2": (*LOCK, Ask("acquire", 2), Ask("release", 2)),
    "semaphore:permits=2,owner=process": LOCK,
    "semaphore:permits=2,owner=value": NAMED_LOCK,
    "forgetful-register": CELL,
    "dice": (Ask("throw"), Ask("look", None, (0, 1, 2, 3), looks=True)),
}
ALL_ASKS = {**ASKS, **VARIANTS}


def spec_of(text: str) -> CompleteSpec:
    """A completed spec, of the table or of this file."""
    return complete(OWN[text] if text in OWN else spec_from_text(text))


@pytest.mark.parametrize("text", sorted(ALL_ASKS))
@LAW
@given(data=st.data())
def test_what_a_specification_does_itself_is_linearizable(text: str, data: st.DataObject) -> None:
    """Each operation happens at an instant while it is open; some are never answered, some of those happen nevertheless."""
    history = data.draw(linearizable_histories(spec_of(text), asks=ALL_ASKS[text]))
    assert Linearizable(spec_of(text)).check(history, budget=Budget()).status is Status.VALID


@pytest.mark.parametrize("text", sorted(ALL_ASKS))
@LAW
@given(data=st.data())
def test_every_specification_is_judged_as_brute_force_judges_it(text: str, data: st.DataObject) -> None:
    """Random answers, right and wrong."""
    history = data.draw(answered_histories(spec_of(text), asks=ALL_ASKS[text]))
    holds = all(linearizable(problem, spec_of(text)) for problem in problems(history, spec_of(text)))
    verdict = Linearizable(spec_of(text)).check(history, budget=Budget())
    assert verdict.status is (Status.VALID if holds else Status.INVALID)


def choices_of(text: str) -> Iterator[Choice]:
    """Every operation with every answer, and without one."""
    spec = spec_of(text)
    for number, ask in enumerate(ALL_ASKS[text]):
        yield from ((label_of(spec, ask, key=None, output=output, process=number % 2), True) for output in ask.outputs)
        yield label_of(spec, ask, key=None, output=UNKNOWN, process=number % 2), False


@pytest.mark.parametrize("text", sorted(ALL_ASKS))
def test_every_history_of_two_calls_is_judged_as_brute_force_judges_it(text: str) -> None:
    """Exhaustive, by the search alone, down to the failing completion."""
    agree(text, calls=2, clients=2)


@pytest.mark.quality
@pytest.mark.parametrize("text", sorted(ALL_ASKS))
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
    assert {text.partition(":")[0] for text in ALL_ASKS} == {*SPECS, *OWN}
