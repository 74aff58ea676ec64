"""How the reports say values, counts, operations and faults."""

from __future__ import annotations

import pytest

from chaoskit.core.fault import At, On
from chaoskit.reports.words import (
    count,
    duration_text,
    fault_text,
    keys_text,
    listed,
    operation_text,
    ordinal,
    parameters_text,
    percent,
    plain_json,
    plural,
    show,
    showing,
    when_text,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nil"),
        (True, "true"),
        (1, "1"),
        (1.0, "1.0"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ("k3", "k3"),
        ("5", '"5"'),
        ("nil", '"nil"'),
        ("two words", '"two words"'),
        ("a\x1b[31m\n", '"a\\u001b[31m\\n"'),
        (b"\x00\xff", "0x00ff"),
        ([1, [None, "x"]], "[1, [nil, x]]"),
        ((1, 2), "[1, 2]"),
        ({"b": 1, "a": 2}, "{a: 2, b: 1}"),
        ("", '""'),
    ],
)
def test_values_that_differ_are_shown_differently(value: object, shown: str) -> None:
    """A number, the string that looks like it, nil and its name never read the same."""
    assert show(value) == shown


def test_a_long_value_is_cut_with_its_length_beside_it() -> None:
    """Nothing is cut in silence."""
    assert show("x" * 1000) == f"{'x' * 400}… (1,000 characters)"


def test_counts_have_their_thousands_apart_and_their_noun_agrees() -> None:
    """1,204 operations, 1 fault, 2 anomalies."""
    assert [count(1204), plural(1, "fault"), plural(2, "anomaly", many="anomalies")] == ["1,204", "1 fault", "2 anomalies"]


def test_what_is_left_out_is_said() -> None:
    """The form the specification asks for, and the one for nothing left out."""
    assert showing(1204, 100_000, "operation") == "showing 1,204 of 100,000 operations"
    assert showing(3, 3, "operation") == "all 3 operations"


@pytest.mark.parametrize(("part", "said"), [(0, "0 %"), (1, "<1 %"), (500, "50 %"), (999, "99 %"), (1000, "100 %")])
def test_a_percentage_is_never_rounded_to_all_or_nothing(part: int, said: str) -> None:
    """A little is not 0 %, almost all is not 100 %."""
    assert percent(part, 1000) == said


def test_an_operation_reads_as_people_write_it() -> None:
    """A write with an equals sign, others with blanks, and what is missing left out."""
    said = [operation_text("write", "k3", "5"), operation_text("cas", "k3", "[4, 5]"), operation_text("read", "k3", None)]
    assert said == ["write k3=5", "cas k3 [4, 5]", "read k3"]
    assert [operation_text("enqueue", None, "7"), operation_text("dequeue", None, None)] == ["enqueue 7", "dequeue"]


def test_a_partition_is_said_by_its_groups_and_other_faults_by_their_nodes() -> None:
    """Groups come from whichever parameter holds lists of names, and are not said twice."""
    parameters = {"groups": [["n1"], ["n2", "n3"]], "grudge": {"n1": ["n2", "n3"]}, "hold": True}
    assert fault_text("partition", ["n1"], parameters) == "partition {n1} | {n2 n3}"
    assert parameters_text(parameters) == "hold=true"
    assert fault_text("kill", ["n2", "n4"], {}) == "kill n2 n4"
    assert fault_text("toxic", ["n2"], {"type": "slicer", "average_size": 3}) == "toxic slicer n2"
    assert fault_text("packet", ["n2"], {"loss": 1_000_000, "types": ["Append", "Vote"]}) == "packet Append Vote n2"
    assert fault_text("packet", ["n2"], {"loss": 1_000_000, "types": None}) == "packet n2"
    assert parameters_text({"grudge": {"n1": ["n2"]}}) == "grudge={n1: [n2]}"


def test_the_intent_of_a_fault_is_said_with_its_times() -> None:
    """A fixed instant, or the n-th event and how long after it."""
    assert when_text(At(time=1_500_000_000)) == "at 1.500 s"
    event = On(event="leader-elected", nth=2, after=5_000_000, not_before=1_000_000_000)
    assert when_text(event) == "at the 2nd leader-elected, 5ms after, not before 1.000 s"


def test_ordinals_know_the_teens() -> None:
    """1st, 2nd, 3rd, but 11th to 13th."""
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip


@pytest.mark.parametrize(("ns", "said"), [(12, "12 ns"), (1_500, "1 µs"), (12_340_000, "12.3 ms"), (1_240_000_000, "1.240 s")])
def test_a_duration_is_said_in_the_unit_that_fits(ns: int, said: str) -> None:
    """From nanoseconds to seconds."""
    assert duration_text(ns) == said


def test_lists_of_names_are_sentences() -> None:
    """And before the last."""
    assert [listed([]), listed(["n1"]), listed(["n1", "n2", "n3"])] == ["", "n1", "n1, n2 and n3"]
    assert [keys_text(["k3"]), keys_text(["k3", "k4"]), keys_text([None])] == ["key k3", "keys k3, k4", ""]


def test_plain_json_holds_what_json_cannot() -> None:
    """Bytes and the floats without a number become text, at any depth."""
    assert plain_json({"a": (b"\x01", float("inf")), 1: None}) == {"a": ["0x01", "Infinity"], "1": None}
