"""Hard objects searched in processes of their own: the same verdict as in one, whoever is done first."""

from __future__ import annotations

import os

import pytest

from chaoskit import workers
from chaoskit.check import Linearizable
from chaoskit.check.linear import processes
from chaoskit.core.errors import ModelError
from chaoskit.core.history import History
from chaoskit.core.verdict import Budget, Verdict
from chaoskit.spec import Label, Spec, State, Step, spec_from_text
from chaoskit.spec.cas_register import CasRegister
from chaoskit.testing.histories import h


def overlapping(key: str, clients: int, last: str) -> str:
    """Overlapping writes and reads, then this."""
    begin = " ".join(f"{number}(w{key}={number} {20 + number}(r{key}=" for number in range(clients))
    end = " ".join(f"{number}) {20 + number}){number}" for number in range(clients))
    return f"{begin} {end} 50:r{key}={last}"


THREE = h(f"{overlapping('c', 6, '99')} {overlapping('a', 5, '0')} {overlapping('b', 5, '77')} 60:wd=1")


def check(
    history: History, count: int, *, spec: Spec | None = None, states: int = 100_000, stop_at_first: bool = False
) -> Verdict:
    """The verdict with so many processes."""
    checker = Linearizable(spec or spec_from_text("cas-register"), processes=count, stop_at_first=stop_at_first)
    return checker.check(history, budget=Budget(configurations=states))


@pytest.fixture(autouse=True)
def _nothing_is_easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "EASY", 5)


def test_the_verdict_of_two_processes_is_that_of_one() -> None:
    """Status, violations in their order, evidence, witnesses and the count of configurations."""
    assert check(THREE, 2) == check(THREE, 1)
    assert [violation.keys for violation in check(THREE, 1).violations] == [["c"], ["b"]]


def test_a_budget_decides_in_several_processes_what_it_decides_in_one() -> None:
    """What a later object may spend depends on what those before it took, not on when."""
    alone = check(THREE, 1, states=300)
    assert alone.reason is not None and check(THREE, 2, states=300) == alone


def test_the_first_violation_is_that_of_the_smallest_object() -> None:
    """Not of the process that ends first; what comes after it is left alone."""
    for count in (1, 2):
        assert [violation.keys for violation in check(THREE, count, stop_at_first=True).violations] == [["b"]]


class Mine:
    """A specification that knows where it was made."""

    name = "mine"
    functions = frozenset({"read", "write", "cas"})

    def init(self) -> State:
        return CasRegister().init()

    def step(self, state: State, label: Label) -> Step:
        return CasRegister().step(state, label)


def test_a_spec_that_cannot_be_sent_is_searched_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """One from inside a function; no process is started."""

    class Inner(Mine):
        pass

    monkeypatch.setattr(workers, "Workers", None)
    assert [violation.keys for violation in check(THREE, 2, spec=Inner()).violations] == [["c"], ["b"]]


def test_a_spec_that_only_this_process_has_is_searched_here() -> None:
    """One from a file that was read here under a name that means nothing elsewhere."""
    assert check(THREE, 2, spec=Mine()) == check(THREE, 1, spec=Mine())
    assert [violation.keys for violation in check(THREE, 2, spec=Mine()).violations] == [["c"], ["b"]]


def test_what_a_process_was_to_find_out_that_died_is_found_out_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process dies of its task: the verdict is the same."""
    monkeypatch.setattr(processes, "_searched", _die)
    assert check(THREE, 2) == check(THREE, 1)


def test_keys_after_the_first_bad_one_are_counted_and_left_alone() -> None:
    """The results say how many were not judged, the same with any number of processes."""
    one, two = (check(THREE, count, stop_at_first=True) for count in (1, 2))
    assert one == two
    assert (one.results["keys"], one.results["keys-not-judged"]) == (4, 1)
    assert "keys-not-judged" not in check(THREE, 2).results


class Moody(CasRegister):
    """A specification that breaks its contract at one value."""

    def step(self, state: State, label: Label) -> Step:
        if label.input == 4:
            raise ValueError("not four")
        return super().step(state, label)


@pytest.mark.parametrize("stop_at_first", [True, False])
def test_what_goes_wrong_in_a_search_goes_wrong_in_its_turn(stop_at_first: bool) -> None:
    """With the same words as in one process."""
    told = []
    for count in (1, 2):
        with pytest.raises(ModelError) as raised:
            check(THREE, count, spec=Moody(), stop_at_first=stop_at_first)
        told.append(str(raised.value))
    assert told[0] == told[1]


def _die(told: bytes) -> None:
    os._exit(3)
