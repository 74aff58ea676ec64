"""Mutants of valid histories: each differs in exactly what it says, and what is called unnoticed is truly linearizable."""

from __future__ import annotations

from dataclasses import replace

import pytest
from correct_clients import ASKED, BUDGET, stories, valid_histories
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check import Linearizable
from chaoskit.check.linear.brute import linearizable
from chaoskit.check.power.kinds import Site
from chaoskit.check.power.linearization import Linearization
from chaoskit.check.power.recheck import Judge, Mutant
from chaoskit.check.power.replay import Changes, again, mutated
from chaoskit.core.history import History
from chaoskit.core.verdict import Budget, Status
from chaoskit.spec import Illegal, complete, spec_from_text
from chaoskit.spec.exact import same


@pytest.mark.parametrize("text", ASKED)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=25)
def test_a_mutant_is_unnoticed_exactly_when_it_is_linearizable(text: str, data: st.DataObject) -> None:
    """By trying everything; registers by blocks and by search, other objects by search."""
    spec = complete(spec_from_text(text))
    mutants = list(stories(data.draw(valid_histories(text)), spec))
    judge = Judge(spec)
    judge.allow(BUDGET)
    found = judge.statuses([Mutant(told, changes) for told, _, _, changes in mutants])
    for (told, _, _, changes), status in zip(mutants, found, strict=True):
        expected = linearizable(mutated(told.problem, spec, changes), spec)
        assert status is (Status.VALID if expected else Status.INVALID)
    blocks_alone = Judge(spec).statuses([Mutant(told, changes) for told, _, _, changes in mutants])
    assert all(one in (other, Status.UNKNOWN) for one, other in zip(blocks_alone, found, strict=True))


@pytest.mark.parametrize("text", ASKED)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=25)
def test_a_mutant_differs_in_exactly_what_it_says(text: str, data: st.DataObject) -> None:
    """Told from the beginning with this one thing gone wrong, its answers are right; none of the others differs."""
    spec = complete(spec_from_text(text))
    for told, kind, site, changes in stories(data.draw(valid_histories(text)), spec):
        made = mutated(told.problem, spec, changes)
        kept = {call.began: (call, made.label(call)) for call in made.calls}
        for number, call in enumerate(told.problem.calls):
            other = kept.get(call.began)
            if number not in changes:
                assert other == (call, told.problem.label(call))
            elif other is None:
                assert changes[number] is None
            else:
                assert other[0]._replace(label=call.label) == call
                assert not same(other[1].output, told.problem.label(call).output)
                assert replace(other[1], output=None) == replace(told.problem.label(call), output=None)
        EXPLAINED[kind.name](told, site, changes)


def _replayed(told: Linearization, changes: Changes, *, lost: int | None, repeated: tuple[int, int] | None) -> None:
    """Every answer is legal in the state that it finds; a call that now fails could not have succeeded there."""
    state = told.spec.init()
    for place, number in enumerate(told.order):
        label = changes.get(number, told.label(place))
        if place == lost:
            assert number not in changes
        elif label is None:
            assert isinstance(told.spec.step(state, told.label(place)), Illegal)
        else:
            answer = told.spec.step(state, label)
            assert not isinstance(answer, Illegal) or not told.call(place).returned
            if not isinstance(answer, Illegal):
                usual = told.states[place + 1]
                state = usual if usual in answer else answer[0]
        if repeated is not None and place == repeated[1]:
            state = again(told.spec, state, told.label(repeated[0]))


def _is_lost(told: Linearization, site: Site, changes: Changes) -> None:
    assert told.call(site[0]).returned
    assert told.states[site[0]] != told.states[site[0] + 1]
    _replayed(told, changes, lost=site[0], repeated=None)


def _is_repeated(told: Linearization, site: Site, changes: Changes) -> None:
    assert told.call(site[0]).returned
    assert site[0] <= site[1]
    _replayed(told, changes, lost=None, repeated=(site[0], site[1]))


def _is_late(told: Linearization, site: Site, changes: Changes) -> None:
    assert told.call(site[0]).ended < told.call(site[1]).began
    _replayed(told, changes, lost=site[0], repeated=(site[0], site[1]))


def _is_stale(told: Linearization, site: Site, changes: Changes) -> None:
    """One read, answered as before the last update, and wrong where it stands."""
    place, last = site
    [(number, label)] = changes.items()
    assert number == told.order[place] and last < place
    assert not any(told.changes[last + 1 : place]) and told.changes[last]
    assert label is not None
    assert not isinstance(told.spec.step(told.states[last], label), Illegal)
    assert isinstance(told.spec.step(told.states[place], label), Illegal)


def _is_swapped(told: Linearization, site: Site, changes: Changes) -> None:
    one, two = (told.label(place) for place in site)
    assert {number: label and label.output for number, label in changes.items()} == {
        told.order[site[0]]: two.output,
        told.order[site[1]]: one.output,
    }
    assert (one.f, one.input) == (two.f, two.input)


def _is_off_by_one(told: Linearization, site: Site, changes: Changes) -> None:
    [(number, label)] = changes.items()
    assert label is not None and label.output == told.label(site[0]).output + 1
    assert number == told.order[site[0]]


def _is_granted(told: Linearization, site: Site, changes: Changes) -> None:
    [(number, label)] = changes.items()
    failed = told.problem.failed[site[0]]
    made = mutated(told.problem, told.spec, changes)
    [granted] = [call for call in made.calls if call.began == failed.began]
    assert label == made.label(granted) and granted.ended == failed.settled
    assert number == len(told.problem.calls) + site[0]
    assert len(made.failed) == len(told.problem.failed) - 1


EXPLAINED = {
    "stale-read": _is_stale,
    "lost-write": _is_lost,
    "lost-element": _is_lost,
    "duplicate-delivery": _is_lost,
    "duplicate-apply": _is_repeated,
    "out-of-order": _is_late,
    "swapped-answers": _is_swapped,
    "off-by-one": _is_off_by_one,
    "double-grant": _is_granted,
}


@pytest.mark.parametrize("text", ["register", "cas-register", "append-list", "fifo-queue"])
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=15)
def test_the_checker_itself_says_the_same_of_a_mutant(text: str, data: st.DataObject) -> None:
    """The mutant written out as a history, from its events on."""
    spec = complete(spec_from_text(text))
    history = data.draw(valid_histories(text))
    for told, _, _, changes in stories(history, spec):
        events = {event.index: event for event in history}
        for number, label in changes.items():
            end = told.problem.calls[number].settled
            assert end is not None
            events[end] = events[end].fail("refused") if label is None else events[end].ok(label.output)
        checked = Linearizable(spec).check(History.of(events.values()), budget=Budget())
        assert checked.is_valid is linearizable(mutated(told.problem, spec, changes), spec)
