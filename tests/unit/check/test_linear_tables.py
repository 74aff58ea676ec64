"""The table of steps: what it remembers, and how it catches a spec that breaks its contract."""

from __future__ import annotations

from typing import Any

import pytest

from chaoskit.check.linear.tables import Table
from chaoskit.core.errors import ModelError
from chaoskit.spec import CompleteSpec, Illegal, Label, Spec, complete, spec_from_text
from chaoskit.spec.contract import wrong_input


class Cell:
    """A register whose every part a test may replace."""

    name = "cell"
    functions = frozenset({"write", "read"})

    def __init__(self, step: Any = None, init: Any = None) -> None:
        self._step, self._init = step, init
        self.asked = 0

    def init(self) -> Any:
        return self._init() if self._init else 0

    def step(self, state: Any, label: Label) -> Any:
        self.asked += 1
        return self._step(state, label) if self._step else (label.input,)


def table_of(spec: Spec | CompleteSpec, *labels: Label, reads: bool = False) -> Table:
    """A table of these labels."""
    return Table(complete(spec), list(labels), [reads] * len(labels))


WRITE = Label(f="write", input=1, output=None)


def test_a_step_is_asked_once_and_then_remembered() -> None:
    """Twice for the purity check, then never again."""
    cell = Cell()
    table = table_of(cell, WRITE)
    (after,) = table.step(0, table.initial)
    assert table.states == [0, 1] and table.rows[0] == {table.initial: (after,)}
    assert cell.asked == 2


def test_an_illegal_step_leads_nowhere_and_keeps_its_reason() -> None:
    """The empty tuple in the table, the sentence from `ask`."""
    table = table_of(spec_from_text("register"), Label(f="read", output=5), reads=True)
    assert table.step(0, table.initial) == ()
    assert table.ask(0, table.initial) == Illegal("nil≠5")


def test_states_that_python_calls_equal_are_two() -> None:
    """A person's own spec may hold plain values: 1 and true still differ."""
    table = table_of(Cell(), WRITE, Label(f="write", input=True, output=None))
    assert table.step(0, table.initial) != table.step(1, table.initial)


def test_several_next_states_are_kept_in_order_and_once() -> None:
    """A nondeterministic spec."""
    table = table_of(Cell(step=lambda state, label: (2, 1, 2)), WRITE)
    assert [table.states[number] for number in table.step(0, table.initial)] == [2, 1]


class Growing:
    """A hashable state that can be changed."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Growing) and self.items == other.items

    def __hash__(self) -> int:
        return len(self.items)


def grow(state: Growing, label: Label) -> tuple[Growing]:
    """A step that changes the state it was given, and returns it."""
    state.items.append(1)
    return (state,)


COUNT = iter(range(1000))
BROKEN: dict[str, tuple[Cell, str]] = {
    "unhashable state": (Cell(init=list), r"^expected hashable states of spec 'cell' but got \[\]\.$"),
    "unhashable next state": (
        Cell(step=lambda state, label: ([1],)),
        r"^expected hashable states of spec 'cell' but got \[1\]\.$",
    ),
    "other init": (
        Cell(init=lambda: next(COUNT)),
        r"^expected init\(\) of spec 'cell' to give the same state each time, but it does not\.$",
    ),
    "other answer": (
        Cell(step=lambda state, label: (next(COUNT),)),
        r"to answer the same each time, but at Label\(.*\) it did not\.$",
    ),
    "changed state": (
        Cell(step=grow, init=Growing),
        r"^expected spec 'cell' (to answer the same each time|never to change a state), but at Label",
    ),
    "no answer": (
        Cell(step=lambda state, label: None),
        r"^expected spec 'cell' to answer with a tuple of states or Illegal but got None at Label",
    ),
    "no state": (
        Cell(step=lambda state, label: ()),
        r"^expected spec 'cell' to answer with a tuple of states or Illegal but got \(\) at Label",
    ),
    "raises": (Cell(step=lambda state, label: 1 // 0), r"^spec 'cell' raised ZeroDivisionError: .*, in state 0 at Label\("),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_spec_that_breaks_its_contract_is_a_model_error_that_names_it(name: str) -> None:
    """Unhashable, impure, mutating, answering nonsense, or raising: never a verdict."""
    cell, message = BROKEN[name]
    with pytest.raises(ModelError, match=message):
        table = table_of(cell, WRITE)
        table.step(0, table.initial)


def test_an_error_that_a_spec_raises_on_purpose_is_not_wrapped() -> None:
    """The spec's own words reach the person."""

    def refuse(state: Any, label: Label) -> Any:
        raise wrong_input("cell", label, "a read")

    table = table_of(Cell(step=refuse), WRITE)
    with pytest.raises(
        ModelError, match=r"^expected a read but got input=1, output=None for 'write'; the history does not speak"
    ):
        table.step(0, table.initial)


def test_a_read_that_changes_the_state_is_a_model_error() -> None:
    """What `is_read` promises is held against the spec."""
    table = table_of(Cell(), WRITE, reads=True)
    with pytest.raises(
        ModelError, match=r"^expected spec 'cell' to leave the state alone in 'write 1', which it calls a read\.$"
    ):
        table.step(0, table.initial)


def test_a_write_whose_state_depends_on_the_one_before_is_a_model_error() -> None:
    """What `is_write` promises is held against the spec, as soon as two of its steps are known."""
    cell = Cell(step=lambda state, label: ((state + 1) % 3,))
    cell.is_write = lambda label: True  # type: ignore[attr-defined]
    table = table_of(cell, WRITE)
    table.step(0, table.initial)
    with pytest.raises(
        ModelError, match=r"^expected 'write 1', which spec 'cell' calls a write, to lead to one state, always the"
    ):
        table.step(0, table.number(1))
