"""Operations in columns: pairing, lanes, results, overlap with faults, and what goes to the page."""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.history import History
from chaoskit.core.record import RunRecord
from chaoskit.reports.operations import Operations

HistoryOf = Callable[..., History]


def test_invocation_and_completion_become_one_row(history_of: HistoryOf) -> None:
    """What was asked, what came back, and both history indices."""
    operations = Operations(
        history_of(
            ("invoke", 0, "write", "x", 1, 10),
            ("invoke", 1, "read", "x", None, 20),
            ("ok", 1, "read", "x", 1, 30),
            ("ok", 0, "write", "x", 1, 40),
        ),
        slots=2,
    )
    write, read = operations[0], operations[1]
    assert (write.text, write.result, write.start, write.end, write.completion) == ("write x=1", None, 10, 40, 3)
    assert (read.outcome, read.index, read.completion, read.type) == ("read x → 1", 1, 2, "ok")


def test_a_read_of_nothing_shows_nil_and_a_write_answered_with_nil_shows_nothing(history_of: HistoryOf) -> None:
    """nil is an answer to a question, and no news as an answer to an order."""
    operations = Operations(
        history_of(
            ("invoke", 0, "read", "x", None, 1),
            ("ok", 0, "read", "x", None, 2),
            ("invoke", 0, "write", "x", 1, 3),
            ("ok", 0, "write", "x", None, 4),
        ),
        slots=1,
    )
    assert [operations[0].outcome, operations[1].outcome] == ["read x → nil", "write x=1"]


def test_an_operation_never_answered_is_info_and_open(history_of: HistoryOf) -> None:
    """Its end is unknown, not zero."""
    operation = Operations(history_of(("invoke", 0, "write", "x", 1, 5)), slots=1)[0]
    assert (operation.type, operation.end, operation.completion) == ("info", None, None)


def test_a_slot_keeps_its_lane_when_its_process_changes(history_of: HistoryOf) -> None:
    """Process 3 after process 1 of two slots is the same client; named processes get lanes of their own, the nemesis none."""
    operations = Operations(
        history_of(
            ("invoke", 1, "read", "x", None, 1),
            ("info", 1, "read", "x", None, 2, "timeout"),
            ("info", "nemesis", "kill", None, "n1", 2),
            ("invoke", 3, "read", "x", None, 3),
            ("invoke", 0, "read", "x", None, 4),
            ("invoke", "auditor", "read", "x", None, 5),
        ),
        slots=2,
    )
    assert operations.lanes == ["c0", "c1", "auditor"]
    assert [operations[row].lane for row in range(4)] == ["c1", "c1", "c0", "auditor"]
    assert [operations[0].error, operations[1].process, operations[3].process] == ["timeout", "3", "auditor"]


def test_a_row_is_found_by_its_history_index(history_of: HistoryOf) -> None:
    """And a completion or a foreign index is not an operation."""
    operations = Operations(history_of(("invoke", 0, "read", "x", None, 1), ("ok", 0, "read", "x", 1, 2)), slots=1)
    assert [operations.row_of(index) for index in (0, 1, 99)] == [0, None, None]


def test_overlap_counts_each_operation_once_and_touching_counts(history_of: HistoryOf) -> None:
    """Three faults over one operation are one overlap; an open operation lasts to the end of the run."""
    operations = Operations(
        history_of(
            ("invoke", 0, "read", "x", None, 0),
            ("ok", 0, "read", "x", 1, 10),
            ("invoke", 0, "read", "x", None, 20),
            ("ok", 0, "read", "x", 1, 30),
            ("invoke", 0, "read", "x", None, 40),
        ),
        slots=1,
    )
    assert operations.overlapping([(10, 12), (5, 8), (6, 9)], until=100) == 1
    assert operations.overlapping([(11, 19)], until=100) == 0
    assert operations.overlapping([(90, 95)], until=100) == 1
    assert operations.overlapping([], until=100) == 0


def test_peak_counts_operations_open_at_once(history_of: HistoryOf) -> None:
    """Index order decides, times may tie."""
    events = [("invoke", 0, "read", "x", None, 0), ("invoke", 1, "read", "x", None, 0), ("ok", 0, "read", "x", 1, 0)]
    assert Operations(history_of(*events, ("invoke", 2, "read", "x", None, 0)), slots=3).peak == 2
    assert Operations(history_of(), slots=3).peak == 0


def test_columns_hold_every_row_and_only_texts_that_are_used(history_of: HistoryOf) -> None:
    """The page's columns give back what the rows say; names and errors are words, values keep their quotes."""
    operations = Operations(
        history_of(("invoke", 0, "write", "x", "5", 10), ("fail", 0, "write", "x", "5", 15, "not now")), slots=1
    )
    columns = operations.columns()
    texts = columns["texts"]
    assert texts == ["write", "x", '"5"', "not now"]
    assert {name: columns[name] for name in ("f", "key", "asked", "result", "error")} == {
        "f": [0], "key": [1], "asked": [2], "result": [-1], "error": [3],
    }  # fmt: skip
    assert (columns["index"], columns["start"], columns["took"], columns["type"]) == ([0], [10], [5], [2])


def test_columns_of_a_whole_run_have_one_length(invalid_run: RunRecord) -> None:
    """Every column has a value for every operation."""
    operations = Operations(invalid_run.outcome.history, slots=8)
    columns = operations.columns()
    lengths = [len(column) for name, column in columns.items() if isinstance(column, list) and name not in ("texts", "lanes")]
    assert lengths == [len(operations)] * 11
