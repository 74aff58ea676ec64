"""Anomalies with their surroundings: names, instants, layout in event order, what was going on."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from chaoskit.core.fault import At, Fault, Resolution
from chaoskit.core.history import History
from chaoskit.core.journal import Journal
from chaoskit.core.record import RunRecord
from chaoskit.core.verdict import OpRef, Verdict, Violation
from chaoskit.reports.anomalies import LOOK_AROUND, Anomaly, anomaly_of, line_of
from chaoskit.reports.faults import fault_views
from chaoskit.reports.figure import figure
from chaoskit.reports.lanes import OPERATIONS_MAX, lay_out
from chaoskit.reports.operations import Operations
from chaoskit.reports.panels import explanation
from chaoskit.reports.view import View


def of(violation: Violation, operations: Operations, journal: Journal | None = None) -> Anomaly:
    """An anomaly in a run without faults that ended at 1,000 ns."""
    return anomaly_of(
        violation, number=1, operations=operations, faults=[], journal=journal or Journal(), nodes=["n1"], until=1000
    )


def two_writes(history_of: Callable[..., History]) -> Operations:
    """A write within another one's time, which was never answered."""
    return Operations(
        history_of(("invoke", 0, "write", "x", 1, 100), ("invoke", 1, "write", "x", 2, 200), ("ok", 1, "write", "x", 2, 300)),
        slots=2,
    )


def test_operations_are_called_as_the_sentences_call_them(history_of: Callable[..., History]) -> None:
    """The first word of a mention, where it is a name; else the function's letter and the index."""
    sentences = [[OpRef(0, "alpha9 (write x=1)"), " and ", OpRef(1, "the other write")]]
    anomaly = of(Violation(checker="c", kind="k", summary="", ops=[0, 1], sentences=sentences), two_writes(history_of))
    assert [anomaly.name(0), anomaly.name(1), anomaly.name(77)] == ["alpha9", "w1", "#77"]


def test_the_instant_is_the_checkers_or_that_of_the_journal_or_of_the_last_answer(history_of: Callable[..., History]) -> None:
    """In this order; without any of them the end of the run."""
    operations, journal = two_writes(history_of), Journal()
    journal.pending.extend([(7, "timer", "n1", "", "a"), (8, "timer", "n1", "", "b")])
    violation = Violation(checker="c", kind="k", summary="", ops=[1, 0])
    with_time, with_journal = msgspec.structs.replace(violation, time=42), msgspec.structs.replace(violation, journal=1)
    bare = msgspec.structs.replace(violation, ops=[])
    instants = [of(one, operations, journal).instant for one in (with_time, with_journal, violation, bare)]
    assert instants == [42, 8, 300, 1000]


def test_an_anomaly_without_operations_looks_a_little_to_either_side(history_of: Callable[..., History]) -> None:
    """Two leaders are no operations, but have a time."""
    anomaly = of(Violation(checker="c", kind="two-leaders", summary="", time=500), two_writes(history_of))
    assert (anomaly.begin, anomaly.end) == (0, 500 + LOOK_AROUND)
    assert figure(anomaly) is None


def test_an_operation_the_history_lacks_is_named_as_missing(history_of: Callable[..., History]) -> None:
    """A foreign index is shown, not swallowed."""
    assert of(Violation(checker="c", kind="k", summary="", ops=[0, 55]), two_writes(history_of)).missing == [55]


def test_the_layout_counts_events_and_leaves_open_operations_open(history_of: Callable[..., History]) -> None:
    """Three events, three places; what was never answered reaches the edge."""
    operations = two_writes(history_of)
    lanes = lay_out([operations[1], operations[0]], [])
    assert [(span.operation.index, span.begin, span.end, span.open_ended) for span in lanes.spans] == [
        (0, 0, 3, True),
        (1, 1, 2, False),
    ]


def test_a_crowded_layout_shows_the_first_and_counts_the_rest(invalid_view: View) -> None:
    """The proof's own operations come first in a violation."""
    operations = [invalid_view.operations[row] for row in range(30)]
    lanes = lay_out(operations, [])
    assert (len(lanes.spans), lanes.operations_all) == (OPERATIONS_MAX, 30)


def test_what_was_going_on_names_leaders_and_faults_in_force(invalid_view: View) -> None:
    """From the nodes' own observations at that instant; a fault that did nothing is said to have done nothing."""
    assert invalid_view.anomalies[0].circumstances == [
        "At 1.352 s n1 was leader of term 3 and n2 was leader of term 4.",
        "In force: partition {n1} | {n2 n3 n4 n5} (since 0.980 s); packet n4 (since 1.200 s, without effect).",
    ]


def test_effective_faults_that_were_over_by_then_are_named_apart(history_of: Callable[..., History]) -> None:
    """A kill between the two operations explains more than what is in force when the read returns."""
    kills = [
        Fault(id=name, when=At(time=begin), who=["n1"], kind="kill", resolution=Resolution(begin=begin, end=end, nodes=["n1"]))
        for name, begin, end in [("f1", 150, 160), ("f2", 210, 220), ("f3", 290, 400)]
    ]
    faults = fault_views(kills, {"f1": {"crashed": 1}, "f3": {"crashed": 1}}, until=1000)
    violation = Violation(checker="c", kind="k", summary="", ops=[0, 1, 1])
    anomaly = anomaly_of(
        violation, number=1, operations=two_writes(history_of), faults=faults, journal=Journal(), nodes=["n1"], until=1000
    )
    assert [operation.index for operation in anomaly.operations] == [0, 1]
    assert anomaly.circumstances == ["In force: kill n1 (since 0.000 s).", "Ended since 0.000 s: kill n1."]


def test_a_figure_draws_effective_faults_before_idle_ones(invalid_view: View) -> None:
    """When there are more than fit; what is drawn stands in the order it began."""
    kills = [
        Fault(id=f"f{n}", when=At(time=n), who=["n1"], kind="kill", resolution=Resolution(begin=n, end=10**12)) for n in range(9)
    ]
    faults = fault_views(kills, {f"f{n}": {"crashed": n % 2} for n in range(9)}, until=10**12)
    lanes = lay_out([invalid_view.operations[3]], faults)
    assert [band.fault.id for band in lanes.bands] == ["f0", "f1", "f2", "f3", "f5", "f7"]
    assert lanes.faults_all == 9


def test_the_explanation_links_each_mentioned_operation(invalid_view: View) -> None:
    """A sentence is pieces; those that are operations carry the history index of their invocation."""
    anomaly = explanation.data(invalid_view)["anomalies"][0]  # type: ignore[index]
    first = anomaly["sentences"][0]
    assert [(part["text"], part["op"]) for part in first if part["op"] is not None] == [
        ("w85 (write k3=4)", 85),
        ("w107 (write k3=5)", 107),
    ]
    assert anomaly["models"] == ["Ruled out: linearizable, and with that strict-serializable."]
    assert anomaly["before"] == ["5: read 4, but the state is 5"]
    assert anomaly["states"]["columns"] == ["role", "term", "commit", "log_length"]


def test_more_anomalies_than_can_be_told_are_counted(invalid_run: RunRecord) -> None:
    """The first fifty are told, the number of all is said."""
    violation = invalid_run.verdict.all_violations()[0]
    verdict = Verdict(checker="all", status=invalid_run.verdict.status, violations=[violation] * 64)
    view = View(RunRecord(manifest=invalid_run.manifest, outcome=invalid_run.outcome, verdict=verdict))
    assert explanation.data(view)["left_out"] == "showing 50 of 64 anomalies; report.json names them all"
    assert view.headline == "stale-read · key k3 · and 63 more anomalies"


@pytest.mark.parametrize(
    ("keys", "summary", "line"),
    [
        (["k3"], "key k3: r7 (read k3 → 4) has no place", "stale-read · key k3: r7 (read k3 → 4) has no place"),
        (["two words"], "key two words: r7 has no place", "stale-read: key two words: r7 has no place"),
        (["k3"], "r7 has no place", "stale-read · key k3: r7 has no place"),
        ([], "key ideas were lost", "stale-read: key ideas were lost"),
    ],
)
def test_an_anomaly_in_one_line_tells_the_key_once(keys: list[str], summary: str, line: str) -> None:
    """Whoever says it, headline or summary."""
    assert line_of(Violation(checker="linearizable", kind="stale-read", summary=summary, keys=keys)) == line


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"role": "leader", "term": 3}, ["At 0.000 s n1 was leader of term 3."]),
        ({"role": "follower"}, ["At 0.000 s no node called itself leader."]),
        ({"role": "replica", "keys": 2}, []),
        ({"keys": 2}, []),
    ],
)
def test_who_led_is_said_of_protocols_that_have_leaders(
    history_of: Callable[..., History], state: dict[str, object], told: list[str]
) -> None:
    """Where all are equals, nobody asks."""
    journal = Journal()
    journal.pending.append((50, "observe", "n1", "n1.1", state))
    journal.flush()
    found = of(Violation(checker="linearizable", kind="stale-read", summary="", ops=[0]), two_writes(history_of), journal)
    assert found.circumstances == [*told, "No fault was in force at that instant."]
