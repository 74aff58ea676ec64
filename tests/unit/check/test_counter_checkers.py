"""Counters: Jepsen's bounds, and Maelstrom's sums of subsets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check import CounterChecker, PnCounterChecker, pn_counter
from chaoskit.check.pn_counter import TOTALS_MAX
from chaoskit.core.errors import ModelError
from chaoskit.core.verdict import Budget, Status, Verdict, plain
from chaoskit.testing.histories import h


def counter(text: str, *, initial: int = 0) -> Verdict:
    """Jepsen's checker on a line."""
    return CounterChecker(initial=initial).check(h(text), budget=Budget())


def converging(text: str, *, final_from: int | None = None) -> Verdict:
    """Maelstrom's checker on a line."""
    return PnCounterChecker(final_from=final_from).check(h(text), budget=Budget())


JEPSEN: dict[str, tuple[str, list[list[int]], list[list[int]]]] = {
    "empty": ("", [], []),
    "initial read": ("0:r0", [[0, 0, 0]], []),
    "failed adds are ignored": ("0:a1! 0:r0", [[0, 0, 0]], []),
    "initial invalid read": ("0:r1", [[0, 1, 0]], [[0, 1, 0]]),
    "interleaved": (
        "0(r 1(a1 2(r 3(a2 4(r 5(a4 6(r 7(a8 8(r 0)6 1) 2)0 3) 4)3 5) 6)100 7) 8)15",
        [[0, 6, 15], [0, 0, 15], [0, 3, 15], [0, 100, 15], [0, 15, 15]],
        [[0, 100, 15]],
    ),
    "rolling": ("0(r 1(a1 0)0 0(r 1) 1(a2 0)3 0(r 1) 0)5", [[0, 0, 1], [0, 3, 3], [1, 5, 3]], [[1, 5, 3]]),
}


@pytest.mark.parametrize("name", sorted(JEPSEN))
def test_jepsens_own_cases_give_jepsens_results(name: str) -> None:
    """The counter tests of Jepsen's checker_test."""
    text, reads, errors = JEPSEN[name]
    verdict = counter(text)
    assert verdict.results == {"reads": reads, "errors": errors}
    assert verdict.is_invalid == bool(errors)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("0:a5 0:a-3 1:r2", [2, 2]),
        ("0:a5 1(r 0:a-3 1)5", [2, 5]),
        ("0:a-3? 1:r0", [-3, 0]),
        ("0:a-3 1:r-3", [-3, -3]),
        ("0(a-3 1(r 0) 1)0", [-3, 0]),
    ],
)
def test_decrements_count_the_other_way_round(text: str, bounds: list[int]) -> None:
    """An acknowledged one lowers the upper bound, a possible one the lower bound."""
    ((low, _, high),) = counter(text).results["reads"]
    assert [low, high] == bounds and counter(text).is_valid


def test_a_read_out_of_bounds_is_told_with_its_bounds() -> None:
    """Kind, summary, sentences and place."""
    verdict = counter("0:a5 1:a2? 1:r9", initial=1)
    (violation,) = verdict.violations
    assert violation.kind == "out-of-bounds" and violation.ops == [4]
    assert violation.summary == "a read of 9, but 6 to 8 was possible"
    assert [plain(sentence) for sentence in violation.sentences] == [
        "r4 (read) returned 9 at 0.005 s.",
        "What was acknowledged before it began at 0.004 s, and what may have happened before it ended, "
        "allow 6 to 8: a contradiction.",
    ]


def test_a_read_that_is_no_whole_number_is_out_of_bounds() -> None:
    """true is not 1."""
    assert counter("0:a1 1:rtrue").is_invalid and counter("0:a1 1:r1.0").is_invalid


def test_an_add_of_something_else_is_a_model_error() -> None:
    """The history does not speak of numbers."""
    with pytest.raises(ModelError, match=r"^expected add to take a whole number but got \'x\' at index 0\.$"):
        counter('0:a"x" 0:r1')


def test_counters_under_different_keys_are_apart() -> None:
    """Key b has its own total."""
    verdict = counter("0:aa=1 0:ab=5 1:ra=1 1:rb=1")
    assert [part.status.value for part in verdict.parts] == ["valid", "invalid"]


def test_a_final_read_is_the_acknowledged_sum_and_some_of_the_rest() -> None:
    """Maelstrom's results: 5, with or without 2 and -10."""
    verdict = converging("0:a5 1:a2? 2:a-10? 3:r7 4:r-3 5:r6")
    assert verdict.results == {
        "final-reads": [7, -3, 6],
        "acceptable": [[-5, -5], [-3, -3], [5, 5], [7, 7]],
        "errors": [{"index": 10, "process": 5, "value": 6}],
    }
    assert [violation.kind for violation in verdict.violations] == ["wrong-total"]
    assert [plain(sentence) for sentence in verdict.violations[0].sentences] == [
        "The acknowledged adds sum to 5; 2 more were never answered and may have happened: -5, -3, 5, 7.",
        "r10 (read) is a final read, and returned 6 at 0.011 s: a contradiction.",
    ]


def test_only_final_reads_are_judged() -> None:
    """Before, the counter may be behind."""
    text = "0:a1 1:r0 0:a2 1:r3"
    assert converging(text).is_valid and converging(text, final_from=6).is_valid
    assert converging(text, final_from=0).is_invalid


def test_a_counter_without_a_final_read_is_unknown() -> None:
    """Nothing was looked at."""
    verdict = converging("0:a1 1:r!")
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, "no final read succeeded")


def test_amounts_beyond_the_limit_are_unknown_with_the_limit_named() -> None:
    """A bit for every possible total must fit."""
    verdict = converging(f"0:a{TOTALS_MAX}? 1:r0")
    assert verdict.status is Status.UNKNOWN
    assert (
        verdict.reason == "the unanswered adds allow 16,777,216 totals, more than the limit of 16,777,216; add smaller amounts"
    )


@settings(deadline=None, derandomize=True, max_examples=60)
@given(certain=st.integers(-20, 20), deltas=st.lists(st.integers(-9, 9), max_size=7))
def test_acceptable_totals_are_the_sums_of_all_subsets(certain: int, deltas: list[int]) -> None:
    """Against trying all of them."""
    sums = {certain + sum(subset) for size in range(len(deltas) + 1) for subset in itertools.combinations(deltas, size)}
    ranges = pn_counter._ranges(certain, deltas)
    assert {total for low, high in ranges for total in range(low, high + 1)} == sums
    assert all(later[0] > earlier[1] + 1 for earlier, later in itertools.pairwise(ranges))
