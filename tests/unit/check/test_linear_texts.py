"""Texts under a key as a person meets them: what is judged without a search, what is left to it, and what stands in for it."""

from __future__ import annotations

import pytest

from chaoskit.check import Linearizable
from chaoskit.check.linear.paths import FEW_CALLS
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.verdict import Budget, Verdict, plain
from chaoskit.spec import Illegal, spec_from_text

Call = tuple[str, object]  # f, what it was given or got


def one_by_one(*calls: Call, key: object = "k") -> History:
    """These calls one after the other."""
    builder = HistoryBuilder()
    for f, value in calls:
        builder.append("invoke", 0, f, key, None if f == "get" else value)
        builder.append("ok", 0, f, key, value)
    return builder.build()


def at_once(*calls: Call, then: Call) -> History:
    """These calls all at the same time, each by a process of its own, and one after them."""
    builder = HistoryBuilder()
    for process, (f, value) in enumerate(calls):
        builder.append("invoke", process, f, "k", None if f == "get" else value)
    for process, (f, value) in enumerate(calls):
        builder.append("ok", process, f, "k", value)
    builder.append("invoke", 0, then[0], "k", None)
    builder.append("ok", 0, then[0], "k", then[1])
    return builder.build()


def growing(count: int) -> list[Call]:
    """So many appends, each with a get behind it."""
    pieces = [f"<{number}>" for number in range(count)]
    return [call for number in range(count) for call in (("append", pieces[number]), ("get", "".join(pieces[: number + 1])))]


def check(history: History, *, spec: str = "kv", states: int = 100_000, search_up_to: int | None = None) -> Verdict:
    """The verdict."""
    checker = Linearizable(spec_from_text(spec), search_up_to=search_up_to)
    return checker.check(history, budget=Budget(configurations=states))


@pytest.mark.parametrize(
    ("spec", "calls", "is_valid"),
    [
        ("kv", [("get", ""), ("append", "a"), ("get", "a"), ("put", "b"), ("append", "c"), ("get", "bc")], True),
        ("kv", [("put", "b"), ("append", "a"), ("put", "c"), ("get", "c")], True),  # nobody saw a
        ("kv", [("put", "b"), ("append", "a"), ("get", "b")], False),
        ("kv", [("append", "a"), ("get", "aa")], False),
        ("kv", [("append", "a"), ("append", "a"), ("get", "aa")], True),
        ("kv", [("append", "a"), ("put", "a"), ("append", "b"), ("get", "ab")], True),
        ("kv", [("append", "a"), ("get", None)], False),
        ("kv:initial=nil", [("get", None), ("append", "a"), ("get", "a")], True),
        ("kv:initial=nil", [("get", "")], False),
        ("kv:initial=z", [("get", "z"), ("append", "a"), ("get", "za"), ("put", "b"), ("get", "b")], True),
        ("kv:initial=z", [("append", "a"), ("get", "a")], False),
    ],
)
def test_a_text_is_judged_without_a_search(spec: str, calls: list[Call], is_valid: bool) -> None:
    """Down to the calls that make it right or wrong, by what one get has."""
    verdict = check(one_by_one(*calls), spec=spec, search_up_to=0)
    assert verdict.is_valid is is_valid
    assert (verdict.results["keys-without-search"], verdict.results["configurations"]) == (1, 0)


@pytest.mark.parametrize(
    ("calls", "got"),
    [
        ([("append", "a"), ("append", "ab"), ("append", "b")], "aabb"),  # one piece is the beginning of another
        ([("append", ""), ("append", "a")], "a"),
    ],
)
def test_a_text_that_may_be_read_in_several_ways_is_left_to_the_search(calls: list[Call], got: str) -> None:
    """What a get has does not say then what was appended."""
    verdict = check(at_once(*calls, then=("get", got)), search_up_to=0)
    assert verdict.is_valid and "keys-without-search" not in verdict.results


def test_histories_whose_linearization_is_shown_are_searched() -> None:
    """Larger ones are not."""
    small, large = (check(one_by_one(*growing(count))) for count in (FEW_CALLS // 2, FEW_CALLS))
    assert small.results["witness"] and "keys-without-search" not in small.results
    assert large.is_valid and large.results["configurations"] == 0


def test_what_is_bad_is_explained_by_the_search() -> None:
    """It shows all that may have been; the words are the same as if no path were there."""
    history = one_by_one(*growing(FEW_CALLS), ("get", "<0>"))
    by_path, searched = check(history), check(history, search_up_to=1_000)
    assert by_path.results["keys-without-search"] == 1 and by_path.violations == searched.violations


def test_where_the_search_of_what_is_bad_gives_up_the_path_explains() -> None:
    """Many appends at once, and a get that has what nobody wrote: hopeless for a search, and told at sight."""
    many: list[Call] = [("append", f"<{number}>") for number in range(80)]
    history = at_once(*many, then=("get", "<0><1><1>"))
    assert check(history, states=500, search_up_to=1_000).is_unknown
    verdict = check(history, states=500)
    (violation,) = verdict.violations
    assert verdict.is_invalid and violation.data["op"] == 161
    assert [plain(sentence) for sentence in violation.sentences]


def test_a_reason_is_put_into_words_when_it_is_asked_for() -> None:
    """Two are equal when they say the same."""
    asked: list[str] = []

    def reason() -> str:
        asked.append("why")
        return "no"

    illegal = Illegal(reason)
    assert not asked
    assert illegal == Illegal("no") and repr(illegal) == "Illegal('no')" and asked
