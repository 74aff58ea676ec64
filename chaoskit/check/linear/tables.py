"""A spec as a table of small integers: states and labels are numbers, and a step is looked up before it is computed.

The spec is asked once per (state, label). The first answers, and then one in some, are asked for twice: a spec that changes the
state it was given, or answers differently the second time, would make every verdict worthless, and is a `ModelError`.
"""

from __future__ import annotations

from collections.abc import Hashable

from chaoskit.core.errors import ChaoskitError, ModelError
from chaoskit.spec import CompleteSpec, Illegal, Label, State, Step
from chaoskit.spec.exact import identity

PURITY_CHECKS = 16  # so many new steps are taken twice
PURITY_CHECK_EVERY = 8  # and of those after them one in so many

Row = dict[int, tuple[int, ...]]  # state → the states after it; none when it cannot happen there


class Table:
    """The steps of one problem's labels, computed as they are asked for."""

    __slots__ = ("_asked", "_labels", "_leads_to", "_numbers", "_writes", "initial", "reads", "rows", "spec", "states")

    def __init__(self, spec: CompleteSpec, labels: list[Label], reads: list[bool]) -> None:
        self.spec = spec
        self.reads = reads
        self.rows: list[Row] = [{} for _ in labels]
        self.states: list[State] = []
        self._labels = labels
        self._numbers: dict[Hashable, int] = {}
        self._writes: list[bool | None] = [None for _ in labels]  # of those that were asked about
        self._leads_to: dict[int, tuple[int, ...]] = {}  # of writes, by label
        self._asked = 0
        if identity(spec.init()) != identity(spec.init()):
            raise ModelError(f"expected init() of spec {spec.name!r} to give the same state each time, but it does not.")
        self.initial = self.number(spec.init())

    def number(self, state: State) -> int:
        """The number of a state. Raises `ModelError` when it cannot be hashed."""
        try:
            key = identity(state)
            found = self._numbers.get(key)
        except TypeError as error:
            raise ModelError(f"expected hashable states of spec {self.spec.name!r} but got {state!r:.200}.") from error
        if found is None:
            found = self._numbers[key] = len(self.states)
            self.states.append(state)
        return found

    def step(self, label: int, state: int) -> tuple[int, ...]:
        """The states after this label in this state; remembered in `rows`, which the search reads first."""
        answer = self.ask(label, state)
        numbers = () if isinstance(answer, Illegal) else tuple(dict.fromkeys(map(self.number, answer)))
        if self.reads[label] and numbers not in ((), (state,)):
            text = self.spec.describe_op(self._labels[label])
            raise ModelError(f"expected spec {self.spec.name!r} to leave the state alone in {text!r}, which it calls a read.")
        is_write = self._writes[label]
        if is_write is None:
            is_write = self._writes[label] = self.spec.is_write(self._labels[label])
        if is_write and (len(numbers) != 1 or self._leads_to.setdefault(label, numbers) != numbers):
            text = self.spec.describe_op(self._labels[label])
            raise ModelError(
                f"expected {text!r}, which spec {self.spec.name!r} calls a write, to lead to one state, always the same; "
                "see is_write in chaoskit.spec.contract."
            )
        self.rows[label][state] = numbers
        return numbers

    def ask(self, label: int, state: int) -> Step:
        """The spec's own answer, with the reason when it is illegal. Raises `ModelError` for an answer that is none."""
        given = self.states[state]
        answer = self._call(label, given)
        self._asked += 1
        if self._asked <= PURITY_CHECKS or not self._asked % PURITY_CHECK_EVERY:
            self._check_purity(label, state, answer)
        return answer

    def _call(self, label: int, state: State) -> Step:
        name, asked = self.spec.name, self._labels[label]
        try:
            answer = self.spec.step(state, asked)
        except ChaoskitError:
            raise
        except Exception as error:
            raise ModelError(
                f"spec {name!r} raised {type(error).__name__}: {error}, in state {state!r:.80} at {asked!r:.200}."
            ) from error
        if not isinstance(answer, Illegal) and not (isinstance(answer, tuple) and answer):
            raise ModelError(
                f"expected spec {name!r} to answer with a tuple of states or Illegal but got {answer!r:.200} at {asked!r:.200}."
            )
        return answer

    def _check_purity(self, label: int, state: int, first: Step) -> None:
        second = self._call(label, self.states[state])
        if _comparable(first) != _comparable(second):
            raise ModelError(
                f"expected spec {self.spec.name!r} to answer the same each time, but at {self._labels[label]!r:.200} it did not."
            )
        if self._numbers.get(identity(self.states[state])) != state:
            raise ModelError(
                f"expected spec {self.spec.name!r} never to change a state, but at {self._labels[label]!r:.200} it did."
            )


def _comparable(answer: Step) -> Hashable:
    return answer.reason if isinstance(answer, Illegal) else ("states", *map(identity, answer))
