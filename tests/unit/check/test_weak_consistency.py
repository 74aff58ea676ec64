"""Sequential, causal, PRAM and the session guarantees on small histories of registers, with what is told of each."""

from __future__ import annotations

import re

import pytest

from chaoskit.check import run_checkers
from chaoskit.check.weak import LEVELS, Consistent, checker
from chaoskit.check.weak import order as relation
from chaoskit.check.weak.order import OutOfBudget, Purse
from chaoskit.check.weak.registers import registers
from chaoskit.check.weak.sequential import Placed, Stuck, prove, sequential
from chaoskit.check.weak.zones import is_linearizable
from chaoskit.core.errors import InternalError, UsageError
from chaoskit.core.verdict import Budget, Status, Verdict, plain
from chaoskit.testing.histories import h

BROKEN = {  # what each history breaks; what is not named holds
    "0:w1 1:r1": "",
    "0:w1 0:w2 1:r1": "linearizable",
    "0:w1 0(w2 1:r2 2:r1 0)": "linearizable",
    "0:wx=1 1:wy=1 0:ry=nil 1:rx=nil": "linearizable sequential",
    "0:w1 1:w2 2:r1 2:r2 3:r2 3:r1": "linearizable sequential",
    "0:wx=1 1:rx=1 1:wy=1 2:ry=1 2:rx=nil": "linearizable sequential causal writes-follow-reads",
    "0:wx=1 0:wy=1 1:ry=1 1:rx=nil": "linearizable sequential causal pram monotonic-writes",
    "0:w1 0:w2 1:r2 1:r1": "linearizable sequential causal pram monotonic-writes",
    "0:w1 1:w2 2:r1 2:r2 2:r1": "linearizable sequential causal pram monotonic-reads",
    "0:w1 1:r1 1:r": "linearizable sequential causal pram monotonic-reads",
    "0:w1 0:r": "linearizable sequential causal pram read-your-writes",
    "0:w1 0:w2 0:r1": "linearizable sequential causal pram read-your-writes",
    "0(r 0)1 0:w1": "linearizable sequential causal pram writes-follow-reads",
}
CIRCLE = "0(rx=nil 1(ry=nil 0)1 1)1 0:wy=1 1:wx=1"  # each saw what the other wrote only after it


def judge(level: str, text: str, **options: object) -> Verdict:
    """The verdict on a history in one line."""
    return Consistent(level, **options).check(h(text), budget=Budget())  # type: ignore[arg-type]


def told(verdict: Verdict) -> list[str]:
    return [plain(sentence) for violation in verdict.violations for sentence in violation.sentences]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("text", BROKEN)
def test_each_level_refuses_what_it_should(text: str, level: str) -> None:
    """By itself: whether or not the history is looked at for linearizability first."""
    expected = level in BROKEN[text].split()
    assert judge(level, text).is_invalid is expected
    assert judge(level, text, looks_for_proof=False).is_invalid is expected


@pytest.mark.parametrize("text", BROKEN)
def test_zones_tell_linearizable_histories(text: str) -> None:
    """Those with nothing broken, and only those."""
    assert is_linearizable(registers(h(text))) is not bool(BROKEN[text])


def test_what_caused_itself_is_not_causal() -> None:
    """Two reads that saw what was written only because of them: no view can be, whoever looks."""
    assert judge("pram", CIRCLE).is_valid
    for level in ("causal", "writes-follow-reads"):
        (violation,) = judge(level, CIRCLE).violations
        assert plain(violation.sentences[-1]).endswith(": a contradiction.")


def test_a_cause_that_is_missing_is_told_step_by_step() -> None:
    """Let, then, a contradiction."""
    verdict = judge("causal", "0:wx=1 1:rx=1 1:wy=1 2:ry=1 2:rx=nil")
    (violation,) = verdict.violations
    assert (violation.checker, violation.kind, violation.ops) == ("causal", "non-causal", [8, 6, 2, 4, 0])
    assert violation.keys == ["x", "y"]
    assert told(verdict) == [
        "w0 (write x=1) comes before r2 (read x → 1), which saw what it wrote.",
        "r2 comes before w4 (write y=1): process 1 did them in this order.",
        "w4 comes before r6 (read y → 1), which saw what it wrote.",
        "r6 comes before r8 (read x → nil): process 2 did them in this order.",
        "r8 comes after w0, and yet returned nil, the initial value.",
        "But w0 cannot come before nil, which was there at first: a contradiction.",
    ]


def test_orders_that_two_readers_saw_differently_are_told() -> None:
    """What a rule concluded stands after what it was concluded from."""
    assert told(judge("sequential", "0:w1 1:w2 2:r1 2:r2 3:r2 3:r1")) == [
        "w0 (write 1) comes before r4 (read → 1), which saw what it wrote.",
        "r4 comes before r6 (read → 2): process 2 did them in this order.",
        "r6 comes after w0 and yet saw w2 (write 2): so w0 comes before w2.",
        "w2 comes before r8 (read → 2), which saw what it wrote.",
        "r8 comes before r10 (read → 1): process 3 did them in this order.",
        "r10 comes after w2 and yet saw w0: so w2 comes before w0.",
        "So w0 before w2 before w0: a contradiction.",
    ]


def test_a_read_of_the_initial_value_comes_before_every_write() -> None:
    """Store buffering: each misses the other's write."""
    assert told(judge("sequential", "0:wx=1 1:wy=1 0:ry=nil 1:rx=nil"))[1:] == [
        "r4 returned nil, the initial value: it comes before w2 (write y=1).",
        "w2 comes before r6 (read x → nil): process 1 did them in this order.",
        "r6 returned nil, the initial value: it comes before w0.",
        "So w0 before r4 before w2 before r6 before w0: a contradiction.",
    ]


@pytest.mark.parametrize("level", ["read-your-writes", "pram", "causal", "sequential"])
def test_a_forgotten_own_write_is_told_the_same_at_every_level(level: str) -> None:
    """The simplest proof is the one that is told."""
    verdict = judge(level, "0:w1 0:w2 0:r1")
    assert [(violation.checker, violation.kind, violation.ops) for violation in verdict.violations] == [
        (level, "own-write-forgotten", [4, 2, 0])
    ]
    assert told(verdict) == [
        "w2 (write 2) was acknowledged before r4 (read → 1) began, both of process 0.",
        "w0 (write 1) had been acknowledged before w2 began, and w2 replaced its value.",
        "r4 returned 1, what w0 wrote: a contradiction.",
    ]
    assert told(judge(level, "0:w1 0:r"))[-1] == "r2 returned nil, which was there only before any write: a contradiction."


def test_a_read_that_went_back_is_told() -> None:
    """Its process, and the three reads."""
    verdict = judge("monotonic-reads", "0:w1 1:w2 2:r1 2:r2 2:r1 2:r2")
    assert [violation.ops for violation in verdict.violations] == [[8, 6, 4]]
    assert verdict.violations[0].summary == "process 2 read 2 and later 1, which that had replaced"
    assert told(verdict) == [
        "r4 (read → 1) and then r6 (read → 2) are reads of process 2.",
        "r6 returned 2: 1 had been replaced by then.",
        "r8 (read → 1) of process 2 came later and returned 1, which was there only before: a contradiction.",
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_no_level_allows_a_value_out_of_nothing(level: str) -> None:
    """Nobody wrote it: phantom-read; only a failed write did: dirty-read."""
    assert [violation.kind for violation in judge(level, "0:wx=1 1:rx=2").violations] == ["phantom-read"]
    (violation,) = judge(level, "0:wx=1! 1:rx=1").violations
    assert (violation.kind, violation.ops, violation.keys) == ("dirty-read", [2, 0], ["x"])
    assert judge(level, "0(w1 1:r0 0)", initial=0).is_valid


def test_an_unanswered_write_may_have_happened_or_not() -> None:
    """Seen, it happened, at any time after its process' earlier operations; unseen, it is as if it were not there."""
    assert judge("pram", "0:w1? 1:r1 1:r1").is_valid
    assert judge("pram", "0:w1? 1:r 1:r").is_valid
    assert judge("pram", "0:w1? 0:r 0:r1").is_valid
    assert judge("pram", "0:w1 0:w2? 1:r2 1:r1").is_invalid
    assert judge("sequential", "0:w1 0:w2? 0:r1 0:r2 1:r1").is_valid


@pytest.mark.parametrize("level", LEVELS)
def test_a_value_written_twice_is_unknown_when_somebody_read_it(level: str) -> None:
    """With the reads and writes that it is about, and what to change; never a wrong verdict."""
    verdict = judge(level, "0:wx=1 1:wx=1 2:rx=1")
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason == (
        "r4 of key x returned 1, which was written 2 times: nobody can tell which it saw; let every write have a value of its own"
    )
    assert judge(level, "0:wx=nil 1:wx=1 2:rx=nil").reason == (
        "r4 of key x returned nil, which w0 wrote and which was there at first: nobody can tell which it saw; "
        "let every write have a value of its own"
    )
    assert judge(level, "0:w1 1:w1 2:w2 2:r2").is_valid
    assert judge(level, "0:w1 1:w1 2:r1 3:r9").is_invalid


def test_what_is_clear_is_judged_beside_what_is_not() -> None:
    """A contradiction among the other reads stands."""
    assert judge("causal", "0:w1 1:w1 2:r1 3:w3 3:r").is_invalid


def test_a_process_with_an_unclear_read_shows_nothing_of_writes() -> None:
    """Its reads may not be monotonic."""
    verdict = judge("monotonic-writes", "0:wx=1 0:wy=1 1:ry=1 1:rx=nil 2:wz=1 3:wz=1 1:rz=1")
    assert verdict.status is Status.UNKNOWN


def test_nil_reads_may_tell_nothing() -> None:
    """As Knossos writes reads whose answer was lost."""
    assert judge("pram", "0:w1 0:r").is_invalid
    assert judge("pram", "0:w1 0:r", nil_read="unknown").is_valid


def test_other_operations_are_refused() -> None:
    """These levels are about registers."""
    with pytest.raises(UsageError, match=r"^expected reads and writes of registers but got f='cas' at index 2; only linear"):
        judge("causal", "0:w1 0:c1>2")


def test_an_unknown_level_gets_a_guess() -> None:
    """By the nearest name."""
    with pytest.raises(UsageError, match=r"^unknown consistency level 'sequentail'\. Did you mean 'sequential'\?"):
        Consistent("sequentail")


@pytest.mark.parametrize("level", ["sequential", "causal", "pram", "monotonic-writes", "writes-follow-reads"])
def test_a_budget_that_is_used_up_is_unknown(level: str) -> None:
    """With what to change."""
    verdict = Consistent(level).check(h("0:wx=1 1:wy=1 0:ry=nil 1:rx=nil"), budget=Budget(configurations=2))
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason == (
        "gave up on 4 operations after 2 configurations; try --budget states=20, fewer clients, or a part of the history"
    )


@pytest.mark.parametrize("level", ["sequential", "causal", "pram", "monotonic-writes", "writes-follow-reads"])
def test_a_relation_that_memory_would_not_hold_is_unknown(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is taken; the reason names how much it would be, how much is taken at most, and what to do."""
    monkeypatch.setattr(relation, "RELATION_BYTES_MAX", 1_000)
    line = " ".join(f"0:w{number} 1:r{number - 1}" for number in range(1, 100))
    verdict = Consistent(level).check(h(f"0:w0 {line}"), budget=Budget())
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason is not None and re.fullmatch(
        r"what comes before what among \d+ operations would take 0 MiB of memory, and at most 256 MiB are taken; "
        r"judge a part of the history, or read-your-writes and monotonic-reads, which do without",
        verdict.reason,
    )


def test_the_limit_of_memory_leaves_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A linearizable history, two of the session guarantees, and a contradiction that is simpler to tell."""
    monkeypatch.setattr(relation, "RELATION_BYTES_MAX", 0)
    assert judge_as_asked("causal", "0:w1 1:r1").is_valid
    assert judge_as_asked("monotonic-reads", "0:w1 0:w2 1:r1").is_valid
    assert judge_as_asked("pram", "0:w1 0:rnil").is_invalid


def judge_as_asked(level: str, line: str) -> Verdict:
    """As the command line does: what is linearizable needs no more."""
    return Consistent(level).check(h(line), budget=Budget())


def test_a_wall_limit_says_that_it_is_not_reproducible() -> None:
    """As that of linearizability does."""
    verdict = Consistent("causal").check(h("0:wx=1 1:wy=1 0:ry=nil 1:rx=nil"), budget=Budget(wall_seconds=0))
    assert verdict.reason is not None
    assert verdict.reason.startswith("gave up on 4 operations after 0 s of wall time, which is not reproducible")


def test_results_have_the_figures_and_a_sequential_order() -> None:
    """The order is the proof of valid: it was replayed."""
    verdict = judge("sequential", "0:w1 0:w2 1:r1")
    assert verdict.results == {
        "level": "sequential",
        "keys": 1,
        "operations": 3,
        "configurations": verdict.results["configurations"],
        "witness": [0, 4, 2],
    }


def test_an_order_that_is_none_is_refused() -> None:
    """A call left out, a process' order broken, a read of something else."""
    found = registers(h("0:w1 0:w2 1:r1"))
    prove(found, [0, 2, 1])
    for order in ([0, 1], [0, 0, 1], [1, 0, 2], [0, 1, 2]):
        with pytest.raises(InternalError):
            prove(found, order)


def test_the_search_alone_agrees_and_tells_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the relation's rules: an order, or the longest and the operation without a place."""
    assert sequential(registers(h("0:w1 0:w2 1:r1")), Purse(100), saturate=False) == Placed([0, 2, 1])
    text = "0:w1 1:w2 2:r1 2:r2 3:r2 3:r1"
    found = registers(h(text))
    assert sequential(found, Purse(100), saturate=False) == Stuck([0, 2])
    with pytest.raises(OutOfBudget):
        sequential(found, Purse(8), saturate=False)
    monkeypatch.setattr(checker, "sequential", lambda registers, purse: sequential(registers, purse, saturate=False))
    (violation,) = judge("sequential", text).violations
    assert (violation.kind, violation.ops, violation.order) == ("non-sequential", [6], [0, 4])
    assert plain(violation.sentences[-1]) == "Then r6 (read → 2) has no place, nor has it in any other order: a contradiction."


def test_long_proofs_are_cut_and_say_so() -> None:
    """The last steps are told."""
    text = " ".join(f"{process}:wk{process}=1 {process + 1}:rk{process}=1" for process in range(20))
    verdict = judge("causal", f"{text} 20:wz=1 21:rz=1 21:rk0=nil")
    sentences = told(verdict)
    assert sentences[0] == "(19 steps of the proof before these are left out.)"
    assert len(sentences) == 26


def test_an_empty_history_keeps_every_promise() -> None:
    """There is nothing to see."""
    assert run_checkers(h(""), [Consistent(level) for level in LEVELS]).is_valid
