"""A person's own specification: two methods are enough, and what is missing or wrong is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from chaoskit.core.errors import ModelError
from chaoskit.spec import Illegal, Label, complete, spec_text


@dataclass
class Toggle:
    """The least of a spec: a switch that is flipped."""

    name: str = "toggle"
    functions: frozenset[str] = frozenset({"flip"})

    def init(self) -> bool:
        return False

    def step(self, state: Any, label: Label) -> tuple[bool, ...] | Illegal:
        return (not state,)


def test_a_spec_of_two_methods_is_completed_with_defaults() -> None:
    """Partition by key, no reads, failures did not happen, plain descriptions."""
    spec = complete(Toggle())
    label = Label(f="flip", key="k", input=3, output=None)
    assert spec.partition_key(label) == "k"
    assert not spec.is_read(label) and not spec.observes_failure("flip", None) and not spec.uses_process
    assert spec.describe_op(label) == "flip k=3"
    assert spec.describe_op(Label(f="flip", output=True)) == "flip → true"
    assert spec.describe_state(False) == "false"
    assert spec_text(spec) == "toggle"


def test_completing_twice_changes_nothing() -> None:
    """A completed spec is already complete."""
    spec = complete(Toggle())
    assert complete(spec) is spec


def test_what_a_spec_adds_takes_the_place_of_the_default() -> None:
    """Optional parts are found by name."""

    class Described(Toggle):
        uses_process = True

        def describe_state(self, state: object) -> str:
            return "on" if state else "off"

    spec = complete(Described())
    assert spec.describe_state(True) == "on" and spec.uses_process


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (object(), "expected a spec with a method init() but got 'object' without one; see chaoskit.spec.contract."),
        (
            type("Stepless", (), {"init": lambda self: 0})(),
            "expected a spec with a method step() but got 'Stepless' without one; see chaoskit.spec.contract.",
        ),
        (
            Toggle(functions=frozenset()),
            "expected spec 'toggle' to name the operations it understands but got functions=frozenset().",
        ),
    ],
)
def test_an_object_that_is_no_spec_is_refused_with_what_it_lacks(broken: Any, message: str) -> None:
    """Whole messages."""
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        complete(broken)


def test_an_optional_part_that_is_no_method_is_refused() -> None:
    """A typing slip is named."""
    broken: Any = Toggle()
    broken.describe_op = "flip"
    with pytest.raises(ModelError, match=r"^expected describe_op of spec 'toggle' to be a method but got 'flip'\.$"):
        complete(broken)
