"""`report.junit.xml`: the run as a test suite for CI servers, a test case for each checker.

An invalid verdict is a failure with its anomalies told in full, an unknown one an error with its reasons. No case has a time:
nothing in a report depends on the machine.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from chaoskit.core.record import RunRecord
from chaoskit.core.verdict import Status, merge
from chaoskit.reports.diagram import anomaly_lines
from chaoskit.reports.view import View

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_IN_XML = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(record: RunRecord) -> bytes:
    """The suite as XML; characters that XML has no place for are spelled out."""
    view = View(record)
    cases = [_case(view, checker) for checker in view.checkers]
    suite = ET.Element(
        "testsuite",
        name=_plain(f"chaoskit {view.model} seed {view.plan.seed}"),
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
    )
    suite.extend(cases)
    told = ET.SubElement(suite, "system-out")
    told.text = _plain(f"{view.reproduce}\nthe same run has the digest {view.digests['full']}\n")
    ET.indent(suite)
    return f"{_DECLARATION}{ET.tostring(suite, encoding='unicode')}\n".encode()


def _case(view: View, checker: str) -> ET.Element:
    """What one checker says; one that judged every key apart is one case."""
    case = ET.Element("testcase", classname=_plain(f"{view.model}.{view.plan.workload}"), name=_plain(checker))
    verdicts = [verdict for verdict in view.judged if verdict.checker == checker]
    match merge(verdict.status for verdict in verdicts):
        case Status.INVALID:
            told = [anomaly for anomaly in view.anomalies if anomaly.violation.checker == checker]
            kinds = dict.fromkeys(violation.kind for verdict in verdicts for violation in verdict.violations)
            found = ET.SubElement(case, "failure", type=_plain(", ".join(kinds)))
            found.set("message", _plain("; ".join(anomaly.violation.summary for anomaly in told) or "see the other cases"))
            found.text = _plain("\n\n".join("\n".join([anomaly.headline, "", *anomaly_lines(anomaly)]) for anomaly in told))
        case Status.UNKNOWN:
            reasons = [reason for verdict in verdicts for reason in verdict.reasons()]
            ET.SubElement(case, "error", type="unknown", message=_plain("; ".join(reasons) or "no reason was given"))
        case Status.VALID:
            pass
    return case


def _plain(text: str) -> str:
    return _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
