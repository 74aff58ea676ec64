"""Verdicts: invalid over unknown over valid, and evidence that is found again."""

from __future__ import annotations

from itertools import permutations, product

import msgspec

from chaoskit.core.verdict import Fingerprint, OpRef, Status, Verdict, Violation, compose, merge, plain

VALID, INVALID, UNKNOWN = Status.VALID, Status.INVALID, Status.UNKNOWN


def test_merging_is_a_maximum() -> None:
    """Commutative, associative, idempotent, with valid as its unit: in every triple."""
    assert merge([]) is VALID
    assert merge([UNKNOWN, VALID]) is UNKNOWN
    assert merge([UNKNOWN, INVALID, VALID]) is INVALID
    for triple in product(Status, repeat=3):
        one, two, three = triple
        assert merge([merge([one, two]), three]) is merge([one, merge([two, three])]) is merge(triple)
        assert len({merge(order) for order in permutations(triple)}) == 1
        assert merge([one, one]) is one
        assert merge([one, VALID]) is one


def test_a_composed_verdict_has_its_parts_violations_and_reasons_in_order() -> None:
    """Its fingerprint is the first violation's."""
    stale = Violation(checker="linear", kind="stale-read", summary="a")
    leaders = Violation(checker="invariants", kind="two-leaders", summary="b")
    inner = compose(
        "keys",
        [
            Verdict(checker="linear", status=UNKNOWN, reason="2,000,000 configurations"),
            Verdict(checker="linear", status=INVALID, violations=[stale]),
        ],
    )
    verdict = compose(
        "run",
        [
            Verdict(checker="stats", status=VALID, reason="not told"),
            inner,
            Verdict(checker="invariants", status=INVALID, violations=[leaders]),
        ],
    )
    assert (verdict.is_valid, verdict.is_invalid, verdict.is_unknown) == (False, True, False)
    assert verdict.all_violations() == [stale, leaders]
    assert verdict.fingerprint == Fingerprint("linear", "stale-read")
    assert str(verdict.fingerprint) == "linear/stale-read"
    assert verdict.reasons() == ["linear: 2,000,000 configurations"]


def test_a_valid_verdict_has_no_fingerprint() -> None:
    """There is nothing that shrinking could keep."""
    assert compose("run", []).fingerprint is None
    assert compose("run", []).is_valid


def test_a_sentence_reads_as_text() -> None:
    """Operations are mentioned by how they are called."""
    assert plain(["Read ", OpRef(3, "r3"), " saw 1."]) == "Read r3 saw 1."


def test_a_verdict_is_data() -> None:
    """It is saved with its evidence."""
    violation = Violation(checker="c", kind="k", summary="s", sentences=[["a ", OpRef(1, "b")]], ops=[1], data={"x": [1]})
    verdict = compose("run", [Verdict(checker="c", status=INVALID, violations=[violation], results={"n": 1})])
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
    assert f"{Status.INVALID}" == "invalid"
