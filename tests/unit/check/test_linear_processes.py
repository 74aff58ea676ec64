"""Hard objects searched in processes of their own: the same verdict as in one, whoever is done first."""

from __future__ import annotations

import pytest

from chaoskit.check import Linearizable
from chaoskit.check.linear import processes
from chaoskit.core.errors import InternalError
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


def test_a_spec_that_cannot_be_sent_is_searched_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """One from inside a function; no process is started."""

    class Mine:
        name = "mine"
        functions = frozenset({"read", "write", "cas"})

        def init(self) -> State:
            return CasRegister().init()

        def step(self, state: State, label: Label) -> Step:
            return CasRegister().step(state, label)

    monkeypatch.setattr(processes, "WORKER", "raise SystemExit(3)")
    assert [violation.keys for violation in check(THREE, 2, spec=Mine()).violations] == [["c"], ["b"]]


def test_a_process_that_ends_without_an_answer_is_our_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a verdict."""
    monkeypatch.setattr(processes, "WORKER", "import sys; sys.stdin.buffer.read(); raise SystemExit(3)")
    with pytest.raises(InternalError, match=r"^a process that searched ended with code 3 and no answer\.$"):
        check(THREE, 2)
