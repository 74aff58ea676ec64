"""From events to calls: what is kept, what is dropped, and what is refused."""

from __future__ import annotations

import re

import pytest

from chaoskit.check.linear.normalise import NEVER, Problem, problems
from chaoskit.core.errors import UsageError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.spec import FAILED, UNKNOWN, complete, spec_from_text
from chaoskit.testing.histories import h


def only(history: History, spec: str = "cas-register") -> Problem:
    """The one problem of a history with one object."""
    (problem,) = problems(history, complete(spec_from_text(spec)))
    return problem


def test_calls_are_paired_by_process_and_named_by_their_invocation() -> None:
    """Two overlapping writes and a read that takes its completion's value."""
    problem = only(h("0(w1 1(w2 0) 1) 0:r2"))
    assert [(call.began, call.ended, call.settled, call.process) for call in problem.calls] == [
        (0, 2, 2, 0),
        (1, 3, 3, 1),
        (4, 5, 5, 0),
    ]
    assert [(label.f, label.input, label.output) for label in problem.labels] == [
        ("write", 1, 1),
        ("write", 2, 2),
        ("read", None, 2),
    ]
    assert problem.is_read == [False, False, True]
    assert problem.label(problem.calls[2]).output == 2


def test_a_failed_call_is_set_aside() -> None:
    """It did not happen, but evidence may speak of it."""
    problem = only(h("0:w1! 0:r1"))
    assert [call.began for call in problem.calls] == [2]
    assert [call.began for call in problem.failed] == [0]


def test_a_failed_cas_is_kept_where_the_spec_observes_failures() -> None:
    """Porcupine's etcd model: the register did not hold the expected value."""
    history = History.of(
        [
            Op(type="invoke", process=0, f="cas", value=[1, 2]),
            Op(type="fail", process=0, f="cas", value=[1, 2]),
            Op(type="invoke", process=0, f="cas", value=[1, 2]),
            Op(type="fail", process=0, f="cas", value=[1, 2], error="connection-refused"),
        ]
    )
    problem = only(history, "cas-register:failed-cas=observe")
    assert [(call.began, call.ended) for call in problem.calls] == [(0, 1)]
    assert problem.labels[0].output is FAILED and problem.is_read[0]
    assert [call.began for call in problem.failed] == [2]


def test_unanswered_calls_never_return_and_unanswered_reads_are_dropped() -> None:
    """An info write, a write without a completion, and two reads nobody answered."""
    problem = only(h("0:w1? 1(w2 2(r 3(r 3?"))
    assert [(call.began, call.ended, call.settled) for call in problem.calls] == [(0, NEVER, 1), (2, NEVER, None)]
    assert all(problem.label(call).output is UNKNOWN for call in problem.calls)


def test_an_invocation_over_an_open_one_leaves_the_first_unanswered() -> None:
    """A process has one operation open; the one before it vanished."""
    history = History.of([Op(type="invoke", process=0, f="write", value=1), *h("0:w2")])
    assert [call.ended for call in only(history).calls] == [NEVER, 2]


def test_faults_are_skipped_and_keep_the_indices() -> None:
    """Indices are those of the whole history."""
    fault = Op(type="info", process="nemesis", f="kill", value=["n1"])
    problem = only(History.of([fault, *h("0:w1"), fault, *h("0:r1")]))
    assert [(call.began, call.ended) for call in problem.calls] == [(1, 2), (4, 5)]


def test_every_key_is_a_problem_of_its_own() -> None:
    """By first appearance; keys that Python calls equal are apart."""
    events = [
        Op(type=type, process=number, f="write", key=key, value=1)
        for number, key in enumerate(("b", 1, True, "b"))
        for type in ("invoke", "ok")
    ]
    found = problems(History.of(events), complete(spec_from_text("register")))
    assert [(repr(problem.key), len(problem.calls)) for problem in found] == [("'b'", 2), ("1", 1), ("True", 1)]


def test_equal_calls_share_a_label_and_one_is_not_true() -> None:
    """Two writes of 1 and one of true: two labels."""
    problem = only(h("0:w1 0:w1 0:wtrue"))
    assert [call.label for call in problem.calls] == [0, 0, 1]


def test_the_process_is_part_of_the_label_only_where_the_spec_asks() -> None:
    """A lock with a holder knows who asks."""
    history = h("0:l 0:u 1:l")
    assert [label.process for label in only(history, "owner-mutex").labels] == [0, 0, 1]
    assert {label.process for label in only(history, "mutex").labels} == {None}


def test_an_operation_that_the_spec_does_not_know_is_refused() -> None:
    """The person chose the wrong spec."""
    message = "expected operations of spec 'register' (read, write) but got f='cas' at index 2; choose another spec."
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        problems(h("0:w1 0:c1>2"), complete(spec_from_text("register")))


def test_a_completion_that_nobody_invoked_is_refused() -> None:
    """Without its invocation nobody knows when it began."""
    message = (
        "expected an invocation before every completion but got index=2 (ok write) of process 7 without one; "
        "a linearizability check needs both. Weaker levels do not, such as --consistency sequential or causal."
    )
    history = History.of([*h("0:w1"), Op(type="ok", process=7, f="write", value=1)])
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        problems(history, complete(spec_from_text("register")))


def test_an_empty_history_has_no_problems() -> None:
    """Nothing was asked."""
    assert problems(h(""), complete(spec_from_text("register"))) == []
