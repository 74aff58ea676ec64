"""The linearizability checker as a person meets it: verdicts, results, sentences, and what `unknown` says."""

from __future__ import annotations

import re

import pytest

from chaoskit.check import Linearizable
from chaoskit.check.linear import checker as checker_module
from chaoskit.check.linear.normalise import problems
from chaoskit.check.linear.witness import prove
from chaoskit.core.errors import InternalError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.core.verdict import Budget, Status, Verdict, plain
from chaoskit.spec import complete, spec_from_text
from chaoskit.testing.histories import h


def check(history: History, spec: str = "cas-register", *, states: int = 100_000, witness: bool | None = None) -> Verdict:
    """The verdict under this spec and budget."""
    return Linearizable(spec_from_text(spec), witness=witness).check(history, budget=Budget(configurations=states))


def told(verdict: Verdict) -> list[str]:
    """The sentences of the first violation."""
    return [plain(sentence) for sentence in verdict.violations[0].sentences]


def without_times(history: History) -> History:
    """The same events, all at time 0."""
    return History.of(Op(type=op.type, process=op.process, f=op.f, key=op.key, value=op.value) for op in history)


def hard(clients: int, value: int = 99) -> str:
    """Overlapping writes and reads before a read of what nobody wrote, on key b: many configurations."""
    begin = " ".join(f"{number}(wb={number} {20 + number}(rb=" for number in range(clients))
    end = " ".join(f"{number}) {20 + number}){number}" for number in range(clients))
    return f"{begin} {end} 50:rb={value}"


def test_a_valid_history_has_a_witness_and_figures() -> None:
    """A linearization per key, in results when it is small."""
    verdict = check(h("0(wx=1 1(wx=2 0) 1) 2:rx=1 0:wy=1"))
    assert verdict.status is Status.VALID and verdict.reason is None and verdict.violations == []
    assert verdict.results == {
        "spec": "cas-register",
        "keys": 2,
        "operations": 4,
        "configurations": 2,
        "witness": [{"key": "y", "order": [6]}, {"key": "x", "order": [1, 0, 4]}],
    }


def test_the_witness_of_a_large_history_comes_on_request() -> None:
    """65 operations are too many to be shown unasked."""
    history = h(" ".join(f"0:w{number}" for number in range(65)))
    assert "witness" not in check(history).results
    assert len(check(history, witness=True).results["witness"][0]["order"]) == 65
    assert "witness" not in check(h("0:w1"), witness=False).results


def test_a_stale_read_is_told_in_numbered_sentences() -> None:
    """The example of report-and-cli: two writes in sequence, and a read of the first after the second."""
    verdict = check(h("1:wk3=4 2:wk3=5 4:rk3=4"))
    assert verdict.status is Status.INVALID
    assert verdict.violations[0].summary == "key k3: r4 (read k3 → 4) has no place: 4 had been replaced by 5 before"
    assert told(verdict) == [
        "w0 (write k3=4) ended at 0.001 s, before w2 (write k3=5) began at 0.002 s: w0 comes before w2.",
        "w2 was acknowledged at 0.003 s, before r4 (read k3 → 4) began at 0.004 s: w2 comes before r4.",
        "r4 returned 4, but w2 had replaced it by 5, and nothing had written 4 again by then: a contradiction.",
    ]


def test_a_violation_carries_its_evidence_as_data() -> None:
    """Failing completion, longest order, states with reasons, and who was still open."""
    (violation,) = check(h("3(w9 0(w1 1(w2 0) 1) 2:r5")).violations
    assert violation.kind == "phantom-read" and violation.checker == "linearizable"
    assert violation.ops == [5] and violation.keys == [] and violation.time == 6_000_000
    assert violation.order == [2, 1, 0]  # the open write has a place too: a longest order
    assert violation.data["op"] == 6 and violation.data["previous-ok"] == 4 and violation.data["last-op"] == 0
    assert {state["state"]: state["reason"] for state in violation.data["states"]} == {
        "1": "can't read 5 from register 1",
        "2": "can't read 5 from register 2",
        "9": "can't read 5 from register 9",
    }
    assert violation.data["states-count"] == 3 and violation.data["pending"] == [0]


STORIES: dict[str, tuple[str, str, list[str]]] = {
    "phantom-read": (
        "cas-register",
        "0:w1 1:r7",
        ["r2 (read → 7) returned 7 at 0.003 s.", "No operation writes 7, and it was not there at first: a contradiction."],
    ),
    "from the future": (
        "cas-register",
        "1:r1 0:w1",
        ["r0 (read → 1) returned 1 at 0.001 s.", "Only w2 (write 1) writes 1, and it began at 0.002 s, after r0 had ended."],
    ),
    "dirty-read": (
        "cas-register",
        "0:w1! 1:r1",
        ["r2 (read → 1) returned 1 at 0.003 s.", "Only w0 (write 1) writes 1, and it failed at 0.001 s: it did not happen."],
    ),
    "vanished": (
        "cas-register",
        "0:w1 1(w2 2:r2 1? 3:r1",
        [
            "w0 (write 1) ended at 0.001 s, before w2 (write 2) began at 0.002 s: w0 comes before w2.",
            "r3 (read → 2) returned 2 at 0.004 s, before r6 (read → 1) began at 0.006 s: by then 2 was there.",
            "r6 returned 1, but w2 had replaced it by 2, and nothing had written 1 again by then: a contradiction.",
            "w2 was never acknowledged, and nobody saw 2 again.",
        ],
    ),
    "lost-write": (
        "cas-register",
        "0:w1 1:rnil 2:rnil",
        [
            "The register held nil at first, and nothing had written it since.",
            "w0 (write 1) was acknowledged at 0.001 s, before r2 (read → nil) began at 0.002 s: w0 comes before r2.",
            "r2 returned nil, but w0 had replaced it by 1, and nothing had written nil again by then: a contradiction.",
            "r2 and r4 (read → nil) saw older values, and nobody saw 1 after it was acknowledged: it is lost.",
        ],
    ),
    "duplicate-apply": (
        "cas-register",
        "0:w1? 1:r1 2:w2 1:c2>2 1:r1",
        [
            "r2 (read → 1) returned 1 at 0.003 s, before w4 (write 2) began at 0.004 s: 1 came before 2.",
            "w4 was acknowledged at 0.005 s, before r8 (read → 1) began at 0.008 s: w4 comes before r8.",
            "r8 returned 1, but w4 had replaced it by 2, and nothing had written 1 again by then: a contradiction.",
            "c6 (cas 2→2) had seen a newer value; after that r8 saw 1 again.",
        ],
    ),
    "new-old-inversion": (
        "cas-register",
        "0(w1 1:r1 2:rnil 0)",
        [
            "The register held nil at first, and nothing had written it since.",
            "r1 (read → 1) returned 1 at 0.002 s, before r3 (read → nil) began at 0.003 s: by then 1 was there.",
            "r3 returned nil, but w0 (write 1) had replaced it by 1, and nothing had written nil again by then: a contradiction.",
            "w0 had not been acknowledged when r3 began: 1 was seen, and then not any more.",
        ],
    ),
    "older by a cas": (
        "cas-register",
        "0:w1 1(c1>2 2(w3 2) 1) 3(c2>4 3)",
        [
            "w0 (write 1) ended at 0.001 s, before w3 (write 3) began at 0.003 s: w0 comes before w3.",
            "c2 (cas 1→2) put 2 in the place of 1: nothing came between them.",
            "w3 was acknowledged at 0.004 s, before c6 (cas 2→4) began at 0.006 s: w3 comes before c6.",
            "c6 found 2, but w3 had replaced it by 3, and nothing had written 2 again by then: a contradiction.",
        ],
    ),
    "newer by a cas": (
        "cas-register",
        "0(w1 1:c1>2 2:r1 0)",
        [
            "c1 (cas 1→2) put 2 in the place of 1: nothing came between them.",
            "c1 was acknowledged at 0.002 s, before r3 (read → 1) began at 0.003 s: c1 comes before r3.",
            "r3 returned 1, but c1 had replaced it by 2, and nothing had written 1 again by then: a contradiction.",
        ],
    ),
    "two that took one value": (
        "cas-register",
        "0:w1 1(c1>2 2(c1>3 1) 2)",
        [
            "c2 (cas 1→2) took 1 away.",
            "c3 (cas 1→3) took 1 away too, but only w0 (write 1) had put it there, and only once: a contradiction.",
        ],
    ),
    "two that took the first value": (
        "cas-register:initial=1",
        "1(c1>2 2(c1>3 1) 2)",
        [
            "c0 (cas 1→2) took 1 away.",
            "c1 (cas 1→3) took 1 away too, but it was there at first, and nothing put it there again: a contradiction.",
        ],
    ),
    "an old value written twice": (
        "cas-register",
        "0:w1 0:w1 0:w2 1:r1",
        [
            "w2 (write 1) ended at 0.003 s, before w4 (write 2) began at 0.004 s: w2 comes before w4.",
            "w4 was acknowledged at 0.005 s, before r6 (read → 1) began at 0.006 s: w4 comes before r6.",
            "r6 returned 1, but w4 had replaced it by 2, and nothing had written 1 again by then: a contradiction.",
        ],
    ),
    "non-linearizable": (
        "cas-register:failed-cas=observe",
        "0:w1 3(c7>8 1:c1>2!",
        [
            "All that completed before c3 (cas 1→2 failed) has an order, for example w0 (write 1).",
            "c3 fits no such order: cas from 1 failed, but the register holds 1.",
            "Putting in what was still open does not help: c2 (cas 7→8).",
        ],
    ),
    "lost element": (
        "set",
        "0:a1 1:r[]",
        [
            "a0 (add 1) was acknowledged at 0.001 s, before r2 (read → []) began at 0.002 s, and nothing had taken 1 out.",
            "r2 does not have 1, and nobody has seen it since: a contradiction.",
        ],
    ),
    "resurrected element": (
        "set",
        "0:a1 0:m1 1:r[1]",
        [
            "a0 (add 1) ended at 0.001 s, before r2 (remove 1) began at 0.002 s.",
            "r2 was acknowledged at 0.003 s, before r4 (read → [1]) began at 0.004 s.",
            "r4 has 1 all the same, and nothing put it in again: a contradiction.",
        ],
    ),
    "duplicate delivery": (
        "fifo-queue",
        "0:e1 1:d1 2:d1",
        [
            "e0 (enqueue 1) put 1 in.",
            "d2 (dequeue → 1) took it out.",
            "d4 (dequeue → 1) took 1 out once more, and nothing else put it in: a contradiction.",
        ],
    ),
    "out of order": (
        "fifo-queue",
        "0:e1 0:e2 1:d2",
        [
            "e0 (enqueue 1) ended at 0.001 s, before e2 (enqueue 2) began at 0.002 s.",
            "d4 (dequeue → 2) took 2 out, while nobody had taken 1 out: a contradiction.",
        ],
    ),
    "out of bounds": (
        "counter",
        "0:a1 1:r2",
        [
            "r2 (read → 2) returned 2 at 0.003 s.",
            "The total was 1 then, and no add was under way that could change it: a contradiction.",
        ],
    ),
    "double grant": (
        "mutex",
        "0:l 1:l",
        [
            "All that completed before a2 (acquire) has an order, for example a0 (acquire).",
            "a2 fits no such order: already held.",
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_every_kind_tells_its_story(name: str) -> None:
    """Whole sentences, as a person reads them."""
    spec, text, sentences = STORIES[name]
    assert told(check(h(text), spec)) == sentences


def test_without_times_the_sentences_speak_of_order_only() -> None:
    """Foreign histories often have none."""
    assert told(check(without_times(h("0:w1 0:w2 1:r1"))))[:2] == [
        "w0 (write 1) ended, before w2 (write 2) began: w0 comes before w2.",
        "w2 was acknowledged, before r4 (read → 1) began: w2 comes before r4.",
    ]


def test_mentions_of_operations_point_at_their_invocations() -> None:
    """A click on w2 finds the event with index 2."""
    sentence = check(h("0:w1 0:w2 1:r1")).violations[0].sentences[0]
    assert [(part.op, part.text) for part in sentence if not isinstance(part, str)] == [
        (0, "w0 (write 1)"),
        (2, "w2 (write 2)"),
        (0, "w0"),
        (2, "w2"),
    ]


def test_a_long_order_is_cut_to_its_end() -> None:
    """The last few operations, and a sign that there were more."""
    history = h(" ".join(f"0:w{number}" for number in range(20)) + " 1:c19>20!")
    first = told(check(history, "cas-register:failed-cas=observe"))[0]
    assert first.startswith("All that completed before c40 (cas 19→20 failed) has an order, for example … , w24 (write 12), ")


def test_every_violated_key_is_reported_the_earliest_first() -> None:
    """Sorted by when it showed, not by key."""
    verdict = check(h("0:wb=1 0:wa=1 1:ra=7 1:rb=7"))
    assert [violation.keys for violation in verdict.violations] == [["a"], ["b"]]


def test_a_budget_that_is_used_up_says_where_and_what_to_change() -> None:
    """The whole reason, as `chaoskit check` prints it."""
    verdict = check(h(hard(9)), states=700)
    assert verdict.status is Status.UNKNOWN
    assert re.fullmatch(
        r"gave up on key b at op 7 \(r7 read b → 3\) after 700 configurations, with 11 operations open at once and 52 % reads; "
        r"try --budget states=7000, or fewer clients \(--clients\)",
        verdict.reason or "",
    )
    assert "states=20M" in (check(h(hard(9)), states=2_000_000).reason or "states=20M")


def test_what_makes_it_hard_decides_what_is_advised() -> None:
    """Sums that no choice among twelve adds gives: the adds are open when the only read ends, or were never answered.

    Of counters it is the amounts that make it hard; of other objects what is open, what was never answered, or rare reads.
    """
    opened = " ".join(f"{process}(a{2 << process}" for process in range(12))
    ended = " ".join(f"{process})" for process in range(12))
    unanswered = " ".join(f"0:a{2 << process}?" for process in range(12))
    reasons = [check(h(text), "counter", states=20).reason for text in (f"{opened} 12:r3 {ended}", f"{unanswered} 12:r3")]
    advised = [(reason or "").partition("configurations, ")[2] for reason in reasons]
    assert advised == [
        "with 13 operations open at once and 7 % reads; try --budget states=200, or adds of one amount, which need no search",
        "with 1 operation open at once, 12 more never answered, and 7 % reads; "
        "try --budget states=200, or adds of one amount, which need no search",
    ]


def test_a_hard_key_does_not_hide_the_violation_of_an_easy_one() -> None:
    """Each object may spend a little of its own."""
    verdict = check(h(f"{hard(9)} 60:wa=1 60:ra=2 61:wc=1"), states=700)
    assert verdict.status is Status.INVALID
    assert [violation.keys for violation in verdict.violations] == [["a"]]
    assert verdict.reason is not None and "on key b" in verdict.reason


def test_several_undecided_keys_are_counted() -> None:
    """One reason, and how many more."""
    verdict = check(h(f"{hard(9)} {hard(9).replace('b=', 'c=')} {hard(9).replace('b=', 'd=')}"), states=650)
    assert verdict.reason is not None and verdict.reason.endswith("(2 more keys undecided)")


def test_a_wall_clock_limit_says_that_it_is_not_reproducible(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an alarm that rings at once."""
    monkeypatch.setattr(checker_module, "alarm", lambda seconds: lambda _: seconds == 2.0)
    verdict = Linearizable(spec_from_text("cas-register")).check(h(hard(10)), budget=Budget(wall_seconds=2.0))
    assert verdict.status is Status.UNKNOWN and verdict.reason is not None
    assert (
        "after 2 s of wall time, with 17 operations open at once and 52 % reads, which is not reproducible: "
        "another machine may get further; try --budget wall=20s" in verdict.reason
    )


def test_a_generous_wall_clock_limit_changes_nothing() -> None:
    """An hour is enough for four operations."""
    budget = Budget(wall_seconds=3600.0)
    assert Linearizable(spec_from_text("cas-register")).check(h("0:w1 1:r1"), budget=budget).is_valid


def test_an_empty_history_is_valid() -> None:
    """Nothing was asked, nothing can be wrong."""
    verdict = check(h(""))
    assert verdict.is_valid and verdict.results["keys"] == 0


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([0], "leaves out a call or has one twice"),
        ([0, 0], "leaves out a call or has one twice"),
        ([1, 0], "places the call 0 after one that began later than it ended"),
    ],
)
def test_a_false_witness_is_our_own_error(order: list[int], message: str) -> None:
    """The proof of `valid` is worth something: left out, twice, out of real time."""
    spec = complete(spec_from_text("register"))
    (problem,) = problems(h("0:w1 0:w2"), spec)
    states = [problem.label(problem.calls[number]).input for number in order]
    with pytest.raises(InternalError, match=message):
        prove(problem, spec, list(zip(order, states, strict=True)))


def test_a_witness_with_an_impossible_step_is_our_own_error() -> None:
    """The spec itself is asked, not the tables."""
    spec = complete(spec_from_text("register"))
    (problem,) = problems(h("0:w1"), spec)
    with pytest.raises(InternalError, match=r"takes a step at the call 0 that spec 'register' forbids"):
        prove(problem, spec, [(0, 2)])
