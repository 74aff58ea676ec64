"""Jepsen's set checkers: results under Jepsen's names, kinds, sentences, and where they are stricter or fairer than Jepsen's."""

from __future__ import annotations

import pytest

from chaoskit.check import Checker, GSetChecker, SetChecker, SetFullChecker
from chaoskit.core.errors import ModelError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.core.units import SECOND
from chaoskit.core.verdict import Budget, Status, Verdict, plain
from chaoskit.testing.histories import h


def check(checker: Checker, history: History) -> Verdict:
    """The verdict under an ordinary budget."""
    return checker.check(history, budget=Budget())


def told(verdict: Verdict, which: int = 0) -> list[str]:
    """The sentences of a violation."""
    return [plain(sentence) for sentence in verdict.violations[which].sentences]


def kinds(verdict: Verdict) -> list[str]:
    """The kinds of all violations."""
    return [violation.kind for violation in verdict.violations]


def test_a_set_that_was_never_read_is_unknown() -> None:
    """Jepsen's words."""
    verdict = check(SetChecker(), h("0:a1 1:r! 1(r"))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, "Set was never read")


def test_a_set_compares_the_last_read_with_what_was_added() -> None:
    """One of each: kept, recovered, never confirmed; whole results."""
    verdict = check(SetChecker(), h("0:a0 0:a1 1:a2? 2:a3? 0:r[] 0:r[0,1,2]"))
    assert verdict.is_valid
    assert verdict.results == {
        "attempt-count": 4,
        "acknowledged-count": 2,
        "ok-count": 3,
        "lost-count": 0,
        "recovered-count": 1,
        "unexpected-count": 0,
        "ok": "#{0..2}",
        "lost": "#{}",
        "unexpected": "#{}",
        "recovered": "#{2}",
    }


def test_a_lost_element_is_told_with_its_add_and_the_last_read() -> None:
    """The first of two, then the other."""
    verdict = check(SetChecker(), h("0:a0 0:a1 0:a2 1:r[1]"))
    assert kinds(verdict) == ["lost-element"]
    assert verdict.violations[0].summary == "2 elements lost: 0, 2"
    assert verdict.violations[0].ops == [6, 0, 4]
    assert told(verdict) == [
        "a0 (add 0) was acknowledged at 0.001 s, before r6 (read) began at 0.006 s: 0 must be there.",
        "r6 does not have 0, and no read that succeeded later has it: it is lost.",
        "So it is with 2.",
    ]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("0:a1 1:r[1,7]", "No operation that had begun by then adds 7."),
        ("0:a1 0:a7! 1:r[1,7]", "Only a2 (add 7) adds 7, and it failed at 0.003 s: it did not happen."),
    ],
)
def test_an_element_that_no_add_can_have_put_there_is_a_phantom(text: str, last: str) -> None:
    """Never attempted, or only by an add that failed."""
    verdict = check(SetChecker(), h(text))
    assert kinds(verdict) == ["phantom-element"] and verdict.results["unexpected"] == "#{7}"
    assert told(verdict)[-1] == last


def test_an_add_that_was_acknowledged_after_the_last_read_began_is_not_lost() -> None:
    """Jepsen would call it lost; nobody can know."""
    verdict = check(SetChecker(), h("0:a1 1(r 0:a2 1)[1] 0:a3"))
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason == "2 elements were acknowledged only after the last read began: 2, 3"


def test_only_reads_of_the_final_phase_count_when_there_was_one() -> None:
    """A read of the main phase is no last read."""
    history = h("0:a1 1:r[1] 0:a2")
    assert check(SetChecker(final_from=6), history).reason == "Set was never read"
    assert check(SetChecker(final_from=2), history).status is Status.UNKNOWN


def test_a_completion_without_an_invocation_counts_as_in_jepsen() -> None:
    """Jepsen's own tests are written so."""
    events = [("add", "invoke", 1), ("add", "ok", 2), ("read", "ok", [2])]
    history = History.of(Op(type=type, process=number, f=f, value=value) for number, (f, type, value) in enumerate(events))
    verdict = check(SetChecker(), history)
    assert verdict.is_valid and verdict.results["attempt-count"] == 2


def test_every_key_is_a_set_of_its_own() -> None:
    """Element 1 of key a is not element 1 of key b."""
    verdict = check(SetChecker(), h("0:aa=1 0:ab=2 1:ra=[1] 1:rb=[1]"))
    assert verdict.is_invalid and [part.status.value for part in verdict.parts] == ["valid", "invalid"]
    assert verdict.all_violations()[0].keys == ["b"]
    assert verdict.all_violations()[0].summary == "key b: 1 element lost: 2"


def test_elements_that_python_calls_equal_are_apart() -> None:
    """1 is not true."""
    assert kinds(check(SetChecker(), h("0:a1 1:r[true]"))) == ["lost-element", "phantom-element"]


def test_a_read_that_is_no_collection_is_a_model_error() -> None:
    """The client does not speak the workload's language."""
    with pytest.raises(ModelError, match=r"^expected a read to return a list of elements but got 5 at index 0\.$"):
        check(SetChecker(), h("0:r5"))


def test_set_full_follows_every_element() -> None:
    """Stable, stale, lost, and never read; whole results."""
    text = "0:a0 0:a1 0:a2 1:r[0,1] 1:r[0,2] 1:r[0,2] 0:a3? 2(a4"
    verdict = check(SetFullChecker(), h(text, step=SECOND))
    assert kinds(verdict) == ["lost-element"]
    assert verdict.results == {
        "attempt-count": 5,
        "stable-count": 2,
        "lost-count": 1,
        "lost": [1],
        "never-read-count": 2,
        "never-read": [3, 4],
        "stale-count": 1,
        "stale": [2],
        "worst-stale": [{"element": 2, "stable-latency": 1000, "known": 5, "last-absent": 6}],
        "stable-latencies": {"0": 0, "0.5": 1000, "0.95": 1000, "0.99": 1000, "1": 1000},
        "lost-latencies": {"0": 3000, "0.5": 3000, "0.95": 3000, "0.99": 3000, "1": 3000},
        "duplicated-count": 0,
        "duplicated": {},
    }
    assert told(verdict) == [
        "a2 (add 1) was acknowledged at 3.000 s, before r10 (read) began at 10.000 s: 1 must be there.",
        "r10 does not have 1, and no read that began later has it: it is lost.",
    ]


def test_set_full_does_not_call_lost_what_a_read_missed_while_it_was_added() -> None:
    """The read began before the add was acknowledged: never read."""
    verdict = check(SetFullChecker(), h("1(r 0:a1 1)[]"))
    assert verdict.status is Status.UNKNOWN and verdict.reason == "no element was ever seen by a read"
    assert verdict.results["never-read"] == [1]


def test_set_full_knows_an_element_from_the_first_read_that_has_it() -> None:
    """The add was never answered; a read saw it, a later one does not."""
    verdict = check(SetFullChecker(), h("0:a1? 1:r[1] 1:r[]"))
    assert kinds(verdict) == ["lost-element"]
    assert told(verdict)[0] == "r2 (read) saw 1 at 0.003 s, before r4 (read) began at 0.004 s: 1 must be there."


def test_set_full_calls_a_stale_element_invalid_only_where_it_must_be_linearizable() -> None:
    """Missing for a while."""
    history = h("0:a1 1:r[] 1:r[1]")
    assert check(SetFullChecker(), history).is_valid
    verdict = check(SetFullChecker(linearizable=True), history)
    assert kinds(verdict) == ["stale-read"]
    assert told(verdict)[1] == "r2 does not have 1: it is behind the times."


def test_set_full_finds_duplicates_which_jepsen_does_not() -> None:
    """Jepsen's count is always empty, by a slip."""
    verdict = check(SetFullChecker(), h("0:a1 1:r[1,1,1] 1:r[1]"))
    assert kinds(verdict) == ["duplicate-element"]
    assert (verdict.results["duplicated-count"], verdict.results["duplicated"]) == (1, {"1": 3})
    assert told(verdict) == ["r2 (read) returned 1 3 times at 0.003 s, but a set has it once."]


def test_set_full_finds_phantoms_which_jepsen_does_not() -> None:
    """Also one that is added only later."""
    assert kinds(check(SetFullChecker(), h("0:a1 1:r[1,5]"))) == ["phantom-element"]
    assert kinds(check(SetFullChecker(), h("1:r[1] 0:a1 1:r[1]"))) == ["phantom-element"]


def test_a_grow_only_set_may_be_late_but_not_at_the_end() -> None:
    """Misses during the main phase are forgiven, in the final phase not."""
    text = "0:a1 0:a2 1:r[1] 2:r[2] 1:r[1,2] 2:r[1,2]"
    assert check(GSetChecker(final_from=8), h(text)).is_valid
    late = check(GSetChecker(final_from=8), h(text.replace("2:r[1,2]", "2:r[2]")))
    assert kinds(late) == ["lost-element"] and late.checker == "g-set"


def test_without_a_mark_the_final_reads_are_those_after_the_last_acknowledged_add() -> None:
    """A history from elsewhere."""
    assert check(GSetChecker(), h("0:a1 1:r[] 0:a2 1:r[1,2]")).is_valid
    assert kinds(check(GSetChecker(), h("0:a1 1:r[1] 0:a2 1:r[1]"))) == ["lost-element"]


def test_a_grow_only_set_without_a_final_read_is_unknown() -> None:
    """But what nobody added is wrong in any read."""
    assert check(GSetChecker(final_from=9), h("0:a1 1:r[1]")).reason == "no final read succeeded"
    assert kinds(check(GSetChecker(final_from=9), h("0:a1 1:r[7]"))) == ["phantom-element"]


def test_many_elements_are_cut_with_a_count_in_sentences_and_kept_in_data() -> None:
    """Twenty lost elements."""
    verdict = check(SetChecker(), h(" ".join(f"0:a{number}" for number in range(20)) + " 1:r[]"))
    assert verdict.violations[0].summary == "20 elements lost: 0, 1, 2, 3, 4, 5, 6, 7 and 12 more"
    assert verdict.violations[0].data["elements"] == list(range(20))
    assert verdict.results["lost"] == "#{0..19}"
