"""The run as CI servers read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from chaoskit.core.record import RunRecord
from chaoskit.reports import render_junit

Build = Callable[..., RunRecord]


def suite_of(record: RunRecord) -> ET.Element:
    return ET.fromstring(render_junit(record))


@pytest.mark.parametrize(("status", "failures", "errors"), [("valid", "0", "0"), ("invalid", "1", "0"), ("unknown", "0", "1")])
def test_every_checker_is_a_case_and_the_worst_is_counted(build_run: Build, status: str, failures: str, errors: str) -> None:
    """A violation is a failure, an undecided checker an error."""
    suite = suite_of(build_run(status=status))
    names = [case.get("name") for case in suite.iter("testcase")]
    assert suite.attrib == {
        "name": "chaoskit raft seed 7", "tests": str(len(names)), "failures": failures, "errors": errors,
    }  # fmt: skip
    assert names[0] == "linearizable"
    assert len(set(names)) == len(names)


def test_a_failure_tells_the_anomaly_and_the_suite_how_to_run_it_again(build_run: Build) -> None:
    """Kind and summary as attributes, the diagram and the sentences as text, the command beside."""
    suite = suite_of(build_run())
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "stale-read"
    assert failure.text is not None
    assert failure.text.startswith("stale-read · key k3\n\n  c1  w85   write k3=4 ")
    assert "  3. r142 returned 4, but after w107" in failure.text
    assert (suite.findtext("system-out") or "").startswith("chaoskit run raft --seed 7 --nemesis partition,kill --ops 200\n")


def test_what_xml_cannot_hold_is_spelled_out(build_run: Build) -> None:
    """Control characters, lone surrogates and markup in what a model wrote leave the file readable."""
    record = build_run()
    record.verdict.all_violations()[0].sentences.append(["evil \x00\x1b[2J \ud800 </failure><x> end"])
    text = suite_of(record).findtext("testcase/failure") or ""
    assert "evil \\u0000\\u001b[2J \\ud800 </failure><x> end" in text
