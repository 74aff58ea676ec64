"""Decisions: the verdict and where each bad object fails, before anybody asks for the evidence."""

from __future__ import annotations

from typing import Protocol

import pytest

from chaoskit.check import Linearizable
from chaoskit.check.linear import decided, paths, quick
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.verdict import Budget, Violation
from chaoskit.spec import spec_from_text

KEYS = 5
APPENDS = 20  # of a key: too many in all for a search to come first


def texts(*, bad: tuple[str, ...]) -> History:
    """Keys that grow; what was got at last of those that are bad is what was there long before."""
    builder = HistoryBuilder()
    for number in range(APPENDS):
        for key in map(str, range(KEYS)):
            text = "".join(f"<{each}>" for each in range(number + 1))
            got = "<0>" if key in bad and number == APPENDS - 1 else text
            for f, value in (("append", f"<{number}>"), ("get", got)):
                builder.append("invoke", 0, f, key, None if f == "get" else value)
                builder.append("ok", 0, f, key, value)
    return builder.build()


def registers(*, bad: tuple[str, ...]) -> History:
    """The same with registers, which are judged by blocks."""
    builder = HistoryBuilder()
    for number in range(2 * APPENDS):
        for key in map(str, range(KEYS)):
            for f, value in (("write", number), ("read", 0 if key in bad and number == 30 else number)):
                builder.append("invoke", 0, f, key, None if f == "read" else value)
                builder.append("ok", 0, f, key, value)
    return builder.build()


class Make(Protocol):
    """A history of keys, of which these are bad."""

    def __call__(self, *, bad: tuple[str, ...]) -> History: ...


CASES: list[tuple[str, Make]] = [("kv", texts), ("register", registers)]


@pytest.mark.parametrize(("spec", "history"), CASES)
def test_a_decision_explains_nothing(spec: str, history: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names what is bad and where it fails, and asks nobody for words."""

    def refuse(*_: object, **__: object) -> Violation:
        raise AssertionError("nobody asked for an explanation")

    for module in (decided, paths, quick):
        monkeypatch.setattr(module, "explain", refuse)
    decision = Linearizable(spec_from_text(spec)).decide(history(bad=("1", "3")), budget=Budget())
    assert decision.status == "invalid" and [each.key for each in decision.failing] == ["1", "3"]
    with pytest.raises(AssertionError):
        decision.explained()


@pytest.mark.parametrize(("spec", "history"), CASES)
@pytest.mark.parametrize("search_up_to", [0, None, 10_000])
def test_what_is_explained_is_what_was_decided(spec: str, history: Make, search_up_to: int | None) -> None:
    """By a path or by the search: the same keys, the same completions, and whoever asks twice gets the same."""
    checker = Linearizable(spec_from_text(spec), search_up_to=search_up_to)
    decision = checker.decide(history(bad=("0", "4")), budget=Budget())
    verdict = decision.explained()
    assert verdict == decision.explained() == checker.check(history(bad=("0", "4")), budget=Budget())
    assert [(violation.keys, violation.data["op"]) for violation in verdict.violations] == [
        ([each.key], each.op) for each in decision.failing
    ]


def test_of_what_is_known_to_be_bad_the_first_to_fail_is_explained() -> None:
    """Where a check stops at the first, it says how many more there are."""
    checker = Linearizable(spec_from_text("kv"), stop_at_first=True)
    verdict = checker.check(texts(bad=("2", "3", "4")), budget=Budget())
    assert [violation.keys for violation in verdict.violations] == [["2"]]
    assert verdict.results["keys-not-explained"] == 2 and "keys-not-judged" not in verdict.results


def test_a_valid_decision_has_nothing_to_explain() -> None:
    """Its verdict has the same results."""
    decision = Linearizable(spec_from_text("kv")).decide(texts(bad=()), budget=Budget())
    assert decision.failing == () and decision.explained().is_valid
    assert decision.explained().results == decision.results
