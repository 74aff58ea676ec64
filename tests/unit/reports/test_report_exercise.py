"""What a run exercised, and the warnings for runs that prove little."""

from __future__ import annotations

from collections.abc import Callable

from chaoskit.core.fault import At, Fault, Resolution
from chaoskit.core.history import History
from chaoskit.core.record import RunRecord
from chaoskit.reports import render_html, render_text, run_object
from chaoskit.reports.exercise import FEW_OPERATIONS, INITIAL_READS, NO_OPERATION, NO_OVERLAP, NO_READ, Exercise, exercise_of
from chaoskit.reports.faults import fault_views
from chaoskit.reports.operations import Operations
from chaoskit.reports.panels import exercise as panel
from chaoskit.reports.view import View

HistoryOf = Callable[..., History]
KILL = Fault(id="f1", when=At(time=0), who=["n1"], kind="kill", resolution=Resolution(begin=0, end=100))


def tried(history: History, *, felt: bool = True) -> Exercise:
    """The exercise of a history over which one kill lay."""
    faults = fault_views([KILL], {"f1": {"crashed": int(felt)}}, until=100)
    return exercise_of(Operations(history, slots=5), faults, until=100)


def test_a_run_with_faults_and_changing_reads_has_no_warning(history_of: HistoryOf) -> None:
    """Counts by function and outcome are exact."""
    history = history_of(
        ("invoke", 0, "write", "x", 1, 1),
        ("ok", 0, "write", "x", 1, 2),
        ("invoke", 0, "read", "x", None, 3),
        ("ok", 0, "read", "x", 1, 4),
        ("invoke", 0, "cas", "x", [1, 2], 5),
    )
    exercise = tried(history)
    assert exercise.warnings == []
    assert exercise.by_function == {
        "cas": {"ok": 0, "fail": 0, "info": 1},
        "read": {"ok": 1, "fail": 0, "info": 0},
        "write": {"ok": 1, "fail": 0, "info": 0},
    }
    assert (exercise.operations, exercise.overlapped, exercise.keys, exercise.peak) == (3, 3, 1, 1)


def test_a_fault_without_effect_overlaps_nothing(history_of: HistoryOf) -> None:
    """It lay over the operation and did nothing: the run is weak."""
    history = history_of(("invoke", 0, "write", "x", 1, 1), ("ok", 0, "write", "x", 1, 2))
    assert tried(history, felt=False).warnings == [NO_OVERLAP]


def test_reads_that_never_saw_a_written_value_are_a_warning(history_of: HistoryOf) -> None:
    """One value for all, and nobody was asked to store it."""
    events = [("invoke", 0, "read", "x", None, 1), ("ok", 0, "read", "x", 0, 2), ("invoke", 0, "write", "x", 7, 3)]
    assert tried(history_of(*events)).warnings == [INITIAL_READS]


def test_a_read_of_what_a_cas_stored_is_no_warning(history_of: HistoryOf) -> None:
    """A cas is given the old and the new value."""
    events = [("invoke", 0, "cas", "x", [0, 7], 1), ("ok", 0, "cas", "x", [0, 7], 2)]
    reads = [("invoke", 0, "read", "x", None, 3), ("ok", 0, "read", "x", 7, 4)]
    assert tried(history_of(*events, *reads)).warnings == []


def test_a_run_in_which_nothing_or_no_read_succeeded_says_so(history_of: HistoryOf) -> None:
    """The two are told apart."""
    failed = [("invoke", 0, "read", "x", None, 1), ("fail", 0, "read", "x", None, 2, "refused")]
    written = [("invoke", 0, "write", "x", 1, 3), ("ok", 0, "write", "x", 1, 4)]
    assert tried(history_of(*failed)).warnings == [NO_OPERATION]
    assert tried(history_of(*failed, *written)).warnings == [NO_READ]


def test_a_run_in_which_hardly_anything_succeeded_says_how_much(history_of: HistoryOf) -> None:
    """Fewer than one in ten is a warning, one in ten is none; faults that end every operation leave nothing to judge."""

    def after(failures: int) -> list[str]:
        written = [("invoke", 0, "write", "x", 1, 1), ("ok", 0, "write", "x", 1, 2)]
        failed = [("invoke", 0, "write", "x", 1, 3), ("fail", 0, "write", "x", 1, 4, "refused")]
        return tried(history_of(*written, *(failed * failures))).warnings

    assert after(9) == []
    assert after(19) == [FEW_OPERATIONS.format(share=0.05)]


def test_the_panel_shows_what_bit_and_how_much_it_overlapped(valid_run: RunRecord) -> None:
    """Tiles in words and the lines of the text report agree."""
    view = View(valid_run)
    tiles = [(tile["value"], tile["label"]) for tile in panel.data(view)["tiles"]]  # type: ignore[attr-defined]
    assert tiles[2:] == [("2 of 5", "faults truly bit"), ("44 %", "88 operations overlapped an effective fault")]
    assert "2 of 5 faults had an effect; 88 operations overlapped an effective fault (44 %)" in panel.text(view)


def test_what_the_verdict_is_worth_is_told_in_text_page_and_data(build_run: Callable[..., RunRecord]) -> None:
    """The sentences of the checker, an example and the advice; of a run that is not valid the terminal says nothing of it."""
    power = {
        "kinds": [{"sentence": "26 % of lost writes would have been noticed (of 50 tried)", "example": "w4"}],
        "advice": ["ask for more reads"],
        "reason": None,
    }
    expected = [
        "Had something gone wrong once, would this history have shown it?",
        "  26 % of lost writes would have been noticed (of 50 tried)",
        "Nobody would have noticed, for example: w4.",
        "To notice more, ask for more reads.",
    ]
    record = build_run(status="valid")
    record.verdict.parts[0].results["power"] = power
    assert View(record).powers[0].lines == expected
    assert "\n".join(f"  {line}" for line in expected) in render_text(record)
    assert all(line in panel.text(View(record)) for line in expected)
    page = render_html(record)
    assert f"<h3>{expected[0]}</h3>" in page
    assert "<p>To notice more, ask for more reads.</p>" in page
    assert run_object(record)["power"] == [{"checker": "linearizable", **power}]
    broken = build_run()
    broken.verdict.parts[0].results["power"] = power
    assert expected[0] not in render_text(broken)
