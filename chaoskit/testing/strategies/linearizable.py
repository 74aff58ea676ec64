"""Histories of one specification: right by construction, answered anyhow, and right but for a few changes.

A history is made of *turns*. Each turn of a slot takes its operation one step further: it begins, it happens at this instant, it
ends. So every call takes effect while it is open, whatever overlaps it; some end without an answer, having happened or not; some
fail and did not. A shorter list of turns is a smaller history, which is how Hypothesis makes examples small.

Source: Herlihy and Wing, "Linearizability", 1990, read from right to left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import FAIL, INFO, INVOKE, OK, Op
from chaoskit.spec import FAILED, UNKNOWN, CompleteSpec, Illegal, Spec, State
from chaoskit.spec.exact import same
from chaoskit.testing.strategies.asks import Ask, asks_of, label_of, legal_outputs, spec_of

REFUSED = "refused"  # the error of an operation that did not happen
CHANCES = 1000
PARTS = 3  # lists of turns that make one
ILL = 7  # of ten turns that end something, this one and those after it go ill


class Turn(NamedTuple):
    """A slot, what it would ask, of which key, and chance: what goes well or ill, and which of what is possible."""

    slot: int
    ask: Ask
    key: Any
    chance: int

    @property
    def luck(self) -> int:
        return self.chance % 10

    @property
    def choice(self) -> int:
        return self.chance // 10


def linearizable_histories(
    spec: Spec | CompleteSpec | str,
    *,
    asks: Sequence[Ask] | None = None,
    keys: Sequence[Any] = (None,),
    clients: int = 3,
    max_turns: int = 24,
    crashes: bool = True,
) -> st.SearchStrategy[History]:
    """Histories that a correct object gave: a random linearization, spread into overlapping calls.

    `spec` is one of the table by name, or any other with `asks`. `crashes`: some calls are never answered, or fail.
    """
    found = spec_of(spec)
    turns = _turns(list(asks_of(found) if asks is None else asks), list(keys), clients, max_turns)
    return turns.map(lambda drawn: _Making(spec=found, clients=clients, crashes=crashes).history(drawn))


def answered_histories(
    spec: Spec | CompleteSpec | str,
    *,
    asks: Sequence[Ask] | None = None,
    keys: Sequence[Any] = (None,),
    clients: int = 3,
    max_turns: int = 16,
) -> st.SearchStrategy[History]:
    """Histories in which clients were told anything that they might be: right and wrong ones, for comparing judges."""
    found = spec_of(spec)
    turns = _turns(list(asks_of(found) if asks is None else asks), list(keys), clients, max_turns)
    return turns.map(lambda drawn: _answered(drawn, clients))


def mutated_histories(
    spec: Spec | CompleteSpec | str,
    *,
    asks: Sequence[Ask] | None = None,
    keys: Sequence[Any] = (None,),
    clients: int = 3,
    max_turns: int = 24,
    changes: int = 2,
) -> st.SearchStrategy[History]:
    """Right histories with one to so many changes: another answer, a success called a failure, two neighbours in another order.

    They are what clients could have recorded, and some are no longer linearizable.
    """
    found = spec_of(spec)
    asked = list(asks_of(found) if asks is None else asks)
    outputs = [(ask.f, output) for ask in asked if len(ask.outputs) > 1 for output in ask.outputs if output is not FAILED]
    right = linearizable_histories(found, asks=asked, keys=keys, clients=clients, max_turns=max_turns)
    change = st.tuples(st.sampled_from(["answer", "failure", "order"]), st.integers(0, max_turns), st.integers(0, CHANCES))
    return st.tuples(right, st.lists(change, min_size=1, max_size=changes)).map(lambda drawn: _changed(*drawn, outputs))


def _turns(asks: list[Ask], keys: list[Any], clients: int, max_turns: int) -> st.SearchStrategy[list[Turn]]:
    what = st.sampled_from([(ask, key) for ask in asks for key in keys])
    drawn = st.tuples(st.integers(0, clients - 1), what, st.integers(0, CHANCES - 1))
    turn = drawn.map(lambda parts: Turn(parts[0], parts[1][0], parts[1][1], parts[2]))
    part = st.lists(turn, max_size=max(1, max_turns // PARTS))  # Hypothesis likes lists of about five, however long they may be
    return st.tuples(*[part] * PARTS).map(lambda parts: [turn for part in parts for turn in part])


@dataclass(slots=True)
class _Open:
    """An operation under way: what its client will be told once it has happened."""

    process: int
    ask: Ask
    key: Any
    output: Any = None
    happened: bool = False


@dataclass(slots=True, kw_only=True)
class _Making:
    """A correct object, its clients, and what they record."""

    spec: CompleteSpec
    clients: int
    crashes: bool
    builder: HistoryBuilder = field(default_factory=HistoryBuilder)
    states: list[tuple[Any, State]] = field(default_factory=list)  # by partition: keys may be values that cannot be hashed
    opened: dict[int, _Open] = field(default_factory=dict)
    retired: dict[int, int] = field(default_factory=dict)  # slot → how many of its processes

    def history(self, turns: list[Turn]) -> History:
        for turn in turns:
            under_way = self.opened.get(turn.slot)
            if under_way is None:
                process = turn.slot + self.clients * self.retired.get(turn.slot, 0)
                self.opened[turn.slot] = _Open(process, turn.ask, turn.key)
                self.builder.append(INVOKE, process, turn.ask.f, turn.key, turn.ask.input)
            elif under_way.happened:
                self._end(turn.slot, *_told(under_way))
            else:
                self._go_on(turn, under_way)
        return self.builder.build()

    def _go_on(self, turn: Turn, under_way: _Open) -> None:
        """The operation happens, or its client crashes, or it is refused; one that cannot happen here waits, or is given up."""
        outputs = legal_outputs(self.spec, self._state(under_way), under_way.ask, key=under_way.key, process=under_way.process)
        if outputs and (turn.luck < ILL or not self.crashes):
            under_way.output, under_way.happened = outputs[turn.choice % len(outputs)], True
            self._step(under_way, under_way.output, turn.choice)
        elif not self.crashes:
            return
        elif turn.luck % 2 and not self.spec.observes_failure(under_way.ask.f, REFUSED):
            self._end(turn.slot, FAIL, under_way.ask.input, REFUSED)
        else:
            if turn.choice % 2:
                self._step(under_way, UNKNOWN, turn.choice // 2)
            self._end(turn.slot, INFO, under_way.ask.input, "crashed")

    def _end(self, slot: int, kind: str, value: Any, error: str | None) -> None:
        done = self.opened.pop(slot)
        self.builder.append(kind, done.process, done.ask.f, done.key, value, error=error)
        if kind == INFO:
            self.retired[slot] = self.retired.get(slot, 0) + 1

    def _step(self, under_way: _Open, output: Any, choice: int) -> None:
        answer = self.spec.step(self._state(under_way), self._label(under_way, output))
        if not isinstance(answer, Illegal):
            self.states[self._place(under_way)] = (self._partition(under_way), answer[choice % len(answer)])

    def _state(self, under_way: _Open) -> State:
        return self.states[self._place(under_way)][1]

    def _place(self, under_way: _Open) -> int:
        """Where the state of an operation's object stands; a new object is as it is at first."""
        partition = self._partition(under_way)
        for place, (known, _) in enumerate(self.states):
            if known == partition:
                return place
        self.states.append((partition, self.spec.init()))
        return len(self.states) - 1

    def _partition(self, under_way: _Open) -> Any:
        return self.spec.partition_key(self._label(under_way, UNKNOWN))

    def _label(self, under_way: _Open, output: Any) -> Any:
        return label_of(self.spec, under_way.ask, key=under_way.key, output=output, process=under_way.process)


def _told(done: _Open) -> tuple[str, Any, str | None]:
    """(type, value, error) of an operation's end. To see that something is not so is a failure; without an answer it says OK."""
    if done.output is FAILED:
        return FAIL, done.ask.input, None
    return OK, done.ask.input if done.output is None and not done.ask.looks else done.output, None


def _answered(turns: list[Turn], clients: int) -> History:
    builder, opened, retired = HistoryBuilder(), dict[int, _Open](), [0] * clients
    for turn in turns:
        done = opened.pop(turn.slot, None)
        if done is None:
            process = turn.slot + clients * retired[turn.slot]
            opened[turn.slot] = _Open(process, turn.ask, turn.key)
            builder.append(INVOKE, process, turn.ask.f, turn.key, turn.ask.input)
        elif turn.luck > ILL:
            kind = INFO if turn.luck == ILL + 1 else FAIL
            retired[turn.slot] += kind == INFO
            builder.append(kind, done.process, done.ask.f, done.key, done.ask.input, error=REFUSED)
        else:
            done.output = done.ask.outputs[turn.choice % len(done.ask.outputs)]
            kind, value, error = _told(done)
            builder.append(kind, done.process, done.ask.f, done.key, value, error=error)
    return builder.build()


def _changed(history: History, changes: list[tuple[str, int, int]], outputs: list[tuple[str, Any]]) -> History:
    events = list(history)
    for kind, place, choice in changes:
        if kind == "answer":
            _answer_otherwise(events, place, choice, outputs)
        elif kind == "failure":
            _call_a_failure(events, place)
        else:
            _swap(events, place)
    return History.of(events)


def _answer_otherwise(events: list[Op], place: int, choice: int, outputs: list[tuple[str, Any]]) -> None:
    answers = [
        (number, [output for f, output in outputs if f == op.f and not same(output, op.value)])
        for number, op in enumerate(events)
        if op.type == OK
    ]
    others = [(number, known) for number, known in answers if known]
    if others:
        number, known = others[min(place, len(others) - 1)]
        events[number] = msgspec.structs.replace(events[number], value=known[choice % len(known)])


def _call_a_failure(events: list[Op], place: int) -> None:
    answered = [number for number, op in enumerate(events) if op.type == OK]
    if answered:
        number = answered[min(place, len(answered) - 1)]
        done = events[number]
        asked = next(op for op in reversed(events[:number]) if op.process == done.process)
        events[number] = msgspec.structs.replace(done, type=FAIL, value=asked.value, error=REFUSED)


def _swap(events: list[Op], place: int) -> None:
    first = min(place, len(events) - 2)
    if first >= 0 and events[first].process != events[first + 1].process:
        events[first], events[first + 1] = events[first + 1], events[first]
