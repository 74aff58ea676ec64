"""Schedules in Jepsen's words become faults."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.fault import At, Fault
from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.nemeses import faults_from_asks


def test_start_and_stop_become_one_fault_with_its_duration() -> None:
    """The stop gives the fault its length; the order of the schedule gives the id."""
    faults = faults_from_asks([(SECOND, "start-partition", "majority"), (3 * SECOND, "stop-partition", None)])
    assert faults == [
        Fault(id="f0", when=At(time=SECOND), who="all", kind="partition", parameters={"shape": "majority"}, lasting=2 * SECOND)
    ]


def test_a_stop_ends_all_of_its_family_and_nothing_else() -> None:
    """As in Jepsen: `start` starts every node that was killed, and resumes none."""
    faults = faults_from_asks([(1, "kill", "one"), (2, "kill", ["n2"]), (3, "pause", None), (4, "start", "all")])
    assert [(fault.kind, fault.who, fault.lasting) for fault in faults] == [
        ("kill", "one", 3),
        ("kill", ["n2"], 2),
        ("pause", "some", None),
    ]


def test_primaries_are_each_alone_and_grudges_are_taken_as_they_are() -> None:
    """A map says who drops whose messages."""
    faults = faults_from_asks([(1, "start-partition", "primaries"), (2, "start-partition", {"n1": ["n2"], "n2": ["n1"]})])
    assert [(fault.who, fault.parameters) for fault in faults] == [
        ("primaries", {"shape": "primaries"}),
        ("all", {"grudge": {"n1": ["n2"], "n2": ["n1"]}}),
    ]


def test_clock_ops_are_one_fault_a_node() -> None:
    """Offsets are ms, durations seconds, as in Jepsen; a reset ends the bumps, a strobe ends by itself."""
    strobe = {"n3": {"delta": 200, "period": 10, "duration": 2}}
    faults = faults_from_asks([(1, "bump-clock", {"n1": 500, "n2": -20}), (2, "strobe-clock", strobe), (5, "reset-clock", None)])
    assert [(fault.who, fault.parameters, fault.lasting) for fault in faults] == [
        (["n1"], {"offset": 500 * MILLISECOND}, 4),
        (["n2"], {"offset": -20 * MILLISECOND}, 4),
        (["n3"], {"offset": 200 * MILLISECOND, "strobe_period": 10 * MILLISECOND}, 2 * SECOND),
    ]


def test_packet_behaviours_take_jepsens_texts() -> None:
    """tc netem's words, with its defaults where nothing is said."""
    behaviours = {
        "delay": {"time": "100ms", "jitter": "20ms"},
        "loss": {},
        "corrupt": {"percent": "5%"},
        "rate": {"rate": "8kbit"},
    }
    fault = faults_from_asks([(1, "start-packet", ["majority", behaviours])])[0]
    assert (fault.who, fault.parameters) == (
        "majority",
        {"delay": "uniform:80ms..120ms", "loss": 200_000, "corrupt": 50_000, "rate": 1000},
    )


def test_looking_at_clocks_is_no_fault() -> None:
    """check-clock-offsets only looks."""
    assert faults_from_asks([(1, "check-clock-offsets", None)]) == []


@pytest.mark.parametrize(
    ("asks", "message"),
    [
        ([(1, "start-partitions", "one")], "unknown nemesis op 'start-partitions'. Did you mean 'start-partition'?"),
        ([(1, "start-partition", "halfs")], "unknown partition shape 'halfs'. Did you mean 'halves'?"),
        ([(1, "kill", "majorty")], "unknown node spec 'majorty'. Did you mean 'majority'?"),
        ([(5, "pause", "all"), (5, "resume", None)], "expected pause to end after 5ns, when it began, but got time=5ns."),
        ([(1, "start-packet", ["one", {"slow": {}}])], "unknown packet behaviour 'slow'. Did you mean 'loss'?"),
        ([(1, "start-packet", ["one", {"rate": {"rate": "fast"}}])], "expected a rate such as 1mbit but got rate='fast'."),
    ],
)
def test_what_is_none_of_jepsens_is_refused(asks: list[tuple[int, str, Any]], message: str) -> None:
    """With the nearest name."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        faults_from_asks(asks)
