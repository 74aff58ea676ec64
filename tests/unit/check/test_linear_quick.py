"""Registers judged without a search, as a person meets them: large histories, what is left to the search, and the evidence."""

from __future__ import annotations

import numpy as np
import pytest

from chaoskit.check import Linearizable
from chaoskit.check.linear import quick
from chaoskit.check.linear.columns import registers
from chaoskit.check.linear.witness import prove_registers
from chaoskit.core.errors import InternalError, UsageError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import Op
from chaoskit.core.verdict import Budget, Verdict, plain
from chaoskit.spec import Illegal, spec_from_text
from chaoskit.spec.register import Register
from chaoskit.testing.histories import h

MANY = 150  # of each of two kinds: a history that is not simply searched


def overlapping(rounds: int = MANY, *, clients: int = 12) -> str:
    """In every round as many writes as clients, all at once, of values written nowhere else, and a read of the last to return."""
    texts = []
    for number in range(rounds):
        values = [number * clients + client for client in range(clients)]
        texts += [f"{client}(w{value}" for client, value in enumerate(values)]
        texts += [f"{client})" for client in range(clients)]
        texts.append(f"50:r{values[-1]}")
    return " ".join(texts)


def check(text: str, spec: str = "cas-register", *, witness: bool | None = None) -> Verdict:
    """The verdict, with few configurations to spend."""
    return Linearizable(spec_from_text(spec), witness=witness).check(h(text), budget=Budget(configurations=2_000))


def test_a_large_history_of_distinct_values_needs_no_configurations() -> None:
    """Twelve writes at once, in every round."""
    verdict = check(overlapping())
    assert verdict.is_valid
    assert verdict.results["keys-without-search"] == 1 and verdict.results["configurations"] == 0
    assert verdict.results["operations"] == MANY * 13


def test_a_small_history_is_searched() -> None:
    """Up to 64 calls."""
    assert "keys-without-search" not in check("0:w1 1:r1").results


def test_a_witness_comes_on_request() -> None:
    """Every call once, reads behind their writes."""
    (witness,) = check(overlapping(), witness=True).results["witness"]
    assert witness["key"] is None and len(set(witness["order"])) == MANY * 13


@pytest.mark.parametrize("held", [2**53, 2**53 + 1, 2**62])
def test_the_integers_of_cas_are_told_apart_however_large(held: int) -> None:
    """Beside nil, and beyond those that a float holds: as the search has it."""
    for expected in (held, held + 1):
        builder = HistoryBuilder()
        for pair in ([None, held], [expected, 5]):
            builder.append("invoke", 0, "cas", None, pair)
            builder.append("ok", 0, "cas", None, pair)
        spec = spec_from_text("cas-register")
        quickly = Linearizable(spec, search_up_to=0).check(builder.build(), budget=Budget(configurations=2_000))
        assert quickly.results["keys-without-search"] == 1
        assert quickly.is_valid is (expected == held)


def test_a_stale_read_is_told_as_the_search_would() -> None:
    """The failing operation, the kind, and sentences."""
    verdict = check(f"{overlapping()} 51:r3")
    (violation,) = verdict.violations
    assert verdict.is_invalid and violation.kind == "stale-read"
    assert violation.data["op"] == MANY * 26 + 1
    assert violation.summary.endswith(f"has no place: 3 had been replaced by {12 * MANY - 1} before")
    assert plain(violation.sentences[-1]).endswith("nothing had written 3 again by then: a contradiction.")
    assert {state["reason"] for state in violation.data["states"]} == {f"can't read 3 from register {12 * MANY - 1}"}


def test_a_very_large_object_is_explained_from_the_calls_that_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those around the failure, and those on the values that they touch: the same kind, shown by the same calls."""
    (whole,) = check(f"{overlapping()} 51:r3").violations
    monkeypatch.setattr(quick, "CALLS_EXPLAINED", 30)
    (part,) = check(f"{overlapping()} 51:r3").violations
    assert (part.kind, part.data["op"]) == (whole.kind, whole.data["op"])
    assert len(part.order) < len(whole.order)


def test_a_key_with_a_value_written_twice_is_left_to_the_search() -> None:
    """The others are not."""
    text = " ".join(f"0:wa={number} 1:ra={number} 0:wb=1 1:rb=1" for number in range(MANY))
    verdict = check(text, witness=True)
    assert verdict.is_valid and verdict.results["keys"] == 2
    assert verdict.results["keys-without-search"] == 1
    assert [each["key"] for each in verdict.results["witness"]] == ["a", "b"]


@pytest.mark.parametrize("extra", ["60:w3?", "60:c3>3?", "60:wnil?"])
def test_an_unanswered_write_of_an_old_value_costs_no_search(extra: str) -> None:
    """Nobody needs it."""
    assert check(f"{overlapping()} {extra}").results["keys-without-search"] == 1


def test_an_unanswered_write_of_a_repeated_value_may_explain_what_nothing_else_does() -> None:
    """Then the search decides."""
    text = " ".join(f"0:w{number} 1:r{number}" for number in range(MANY))
    verdict = check(f"{text} 60:w3? 1:r3")
    assert verdict.is_valid and "keys-without-search" not in verdict.results


def test_failed_cas_that_observe_are_left_to_the_search() -> None:
    """Blocks know nothing of what was not there."""
    text = " ".join(f"0:w{number} 1:r{number}" for number in range(MANY))
    assert "keys-without-search" not in check(f"{text} 1:c1>2!", "cas-register:failed-cas=observe").results
    assert "keys-without-search" in check(f"{text} 1:c1>2!").results


def test_one_true_and_one_point_zero_are_three_values() -> None:
    """In columns as anywhere."""
    filler = [Op(type=type, process=9, f="write", value=f"v{number}") for number in range(300) for type in ("invoke", "ok")]
    ops = [Op(type=type, process=0, f="write", value=1) for type in ("invoke", "ok")]
    ops += [Op(type="invoke", process=0, f="cas", value=[True, 2]), Op(type="ok", process=0, f="cas", value=[True, 2])]
    verdict = Linearizable(spec_from_text("cas-register")).check(History.of(filler + ops), budget=Budget())
    assert verdict.is_invalid and verdict.violations[0].kind == "phantom-read"


def test_what_does_not_fit_is_still_refused_with_its_place() -> None:
    """An operation that the spec does not know, in a large history."""
    ops = [Op(type=type, process=0, f="write", value=number) for number in range(300) for type in ("invoke", "ok")]
    with pytest.raises(UsageError, match="at index 600"):
        Linearizable(spec_from_text("register")).check(
            History.of([*ops, Op(type="invoke", process=0, f="push")]), budget=Budget()
        )


@pytest.mark.parametrize("last", ["", " 51:r3"])
def test_an_unanswered_write_of_a_repeated_value_at_the_end_changes_nothing(last: str) -> None:
    """No verdict, no failing operation, and still without a search: nothing that was seen can be due to it."""
    before, after = check(f"{overlapping()}{last}"), check(f"{overlapping()}{last} 60:w3?")
    assert after.results["keys-without-search"] == 1
    assert after.status is before.status
    assert [(each.kind, each.data["op"]) for each in after.violations] == [
        (each.kind, each.data["op"]) for each in before.violations
    ]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([0, 1], "leave out a call or have one twice"),
        ([0, 1, 2, 2], "leave out a call or have one twice"),
        ([1, 0, 2], "put in an order against real time"),
        ([0, 2, 1], "saw what was not there"),
    ],
)
def test_a_false_linearization_of_columns_is_our_own_error(order: list[int], message: str) -> None:
    """Left out, twice, out of real time, a read of what was not there."""
    found = registers(h("0:w1 0(w2 1(r 0) 1)2"), Register())
    assert found is not None
    prove_registers(found.calls, np.array([0, 1, 2]), np.array([True]))
    with pytest.raises(InternalError, match=message):
        prove_registers(found.calls, np.array(order), np.array([True]))


def test_a_linearization_found_without_a_search_is_replayed_through_the_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec that is asked to allow what it forbids says so."""
    text = " ".join(f"0:w{number} 1:r{number}" for number in range(MANY))
    assert check(text, "register").is_valid
    monkeypatch.setattr(Register, "step", lambda *_: Illegal("no"))
    with pytest.raises(InternalError, match="that spec 'register' forbids"):
        check(text, "register")
    monkeypatch.setattr(quick, "EVENTS_REPLAYED", 0)
    assert check(text, "register").is_valid
