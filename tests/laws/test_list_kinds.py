"""The kinds of lists and texts name calls that prove them: with nothing but these calls, the history is bad all the same."""

from __future__ import annotations

import msgspec
import pytest
from correct_clients import stories, valid_histories
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.check.fingerprints import NON_LINEARIZABLE, classify
from chaoskit.check.linear.brute import first_failure, linearizable
from chaoskit.check.linear.normalise import Problem, problems
from chaoskit.check.power.replay import mutated
from chaoskit.check.text_facts import STEPS_MAX, take_apart
from chaoskit.core.history import History
from chaoskit.spec import CompleteSpec, complete, spec_from_text
from chaoskit.testing.strategies import client_histories

LISTS = st.sampled_from([[], [1], [1], [2], [1, 2], [2, 1], [1, 2, 3], [2, 1, 3], [1, 1], [1, 2, 1], [1, 3]])
TEXTS = st.sampled_from(["", "a", "a", "b", "ab", "ba", "abc", "bac", "aa", "aba", "ac"])
PIECES = st.sampled_from(["a", "a", "b", "b", "c", "ab"])


def answers(spec: str) -> st.SearchStrategy[tuple[str, None, object]]:
    """(f, key, value): of reads, what they will return, as they have no input; `look` is another word for them."""
    if spec == "append-list":
        return st.tuples(st.just("append"), st.none(), st.integers(1, 3)) | st.tuples(st.just("look"), st.none(), LISTS)
    return st.tuples(st.sampled_from(["put", "append", "append"]), st.none(), PIECES) | st.tuples(
        st.just("get"), st.none(), TEXTS
    )


def assert_proved(problem: Problem, spec: CompleteSpec) -> str | None:
    """The kind of a bad problem, after a look at its proof: the failing call and those that the finding names, alone.

    Puts stay, for they end what was there; and where nobody wrote what was read, all that was written.
    """
    end = first_failure(problem, spec)
    if end is None:
        return None
    (failing,) = [call for call in problem.calls if call.ended == end]
    finding = classify(problem, failing, spec)
    if finding.kind == NON_LINEARIZABLE:
        return finding.kind
    named = {call.began for call in finding.calls} | {failing.began}
    beside = ("append", "put") if finding.kind in ("phantom-read", "dirty-read") else ("put",)
    named |= {call.began for call in problem.calls if problem.label(call).f in beside}
    proof = Problem(problem.key)
    proof.labels, proof.is_read = problem.labels, problem.is_read
    proof.calls = [call for call in problem.calls if call.began in named]
    assert not linearizable(proof, spec), finding
    return finding.kind


@pytest.mark.parametrize("text", ["append-list", "kv"])
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=100)
def test_the_calls_of_a_kind_prove_it(text: str, data: st.DataObject) -> None:
    """By brute force, in random histories, most of whose reads are of nothing that was written."""
    spec = complete(spec_from_text(text))
    history = data.draw(client_histories(max_events=12, operations=answers(text)))
    renamed = History.of(msgspec.structs.replace(op, f="read") if op.f == "look" else op for op in history)
    for problem in problems(renamed, spec):
        assert_proved(problem, spec)


@pytest.mark.parametrize("text", ["append-list", "kv"])
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=40)
def test_the_calls_of_a_kind_prove_it_of_a_correct_object_gone_wrong(text: str, data: st.DataObject) -> None:
    """The same of mutants of valid histories: stale reads, lost and repeated and late appends, swapped answers."""
    spec = complete(spec_from_text(text))
    for told, _, _, changes in stories(data.draw(valid_histories(text)), spec):
        assert_proved(mutated(told.problem, spec, changes), spec)


@given(
    beginnings=st.lists(st.text("ab", max_size=2), min_size=1, max_size=2),
    pieces=st.lists(st.text("ab", max_size=3), max_size=4),
    text=st.text("ab", max_size=7),
)
@settings(deadline=None, derandomize=True, max_examples=400)
def test_a_text_falls_apart_as_trying_everything_says(beginnings: list[str], pieces: list[str], text: str) -> None:
    """The only way where there is one; how far it goes where there is none; nothing where there are several."""
    known = dict.fromkeys(piece for piece in pieces if piece)

    def ways(done: list[str], rest: str) -> list[list[str]]:
        longer = [way for piece in known if rest.startswith(piece) for way in ways([*done, piece], rest[len(piece) :])]
        return longer if rest else [done]

    everything = [
        way
        for beginning in dict.fromkeys(beginnings)
        if text.startswith(beginning)
        for way in ways([beginning] if beginning else [], text[len(beginning) :])
    ]
    found = take_apart(text, beginnings, pieces)
    assert ([*filter(None, [found.beginning]), *found.pieces] if found.beginning is not None else None) == (
        everything[0] if len(everything) == 1 else None
    )
    assert (found.stuck_at is not None) is (not everything)
    if found.stuck_at or (found.stuck_at == 0 and "" in beginnings):
        assert not any(text[found.stuck_at :].startswith(piece) for piece in known)


def test_a_text_that_is_too_long_is_not_taken_apart() -> None:
    """It says nothing then."""
    found = take_apart("a" * (STEPS_MAX // 2 + 1), [""], ["a", "bb"])
    assert (found.beginning, found.stuck_at) == (None, None)
