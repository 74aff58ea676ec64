"""The example of a sweep: it finds the greeter's missing time-out, and nothing once that is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoskit.catalogue import conversation_named
from chaoskit.wire.sweep import sweep

MODULES = ("greeter", "greeter_conversation")


@pytest.fixture(autouse=True)
def in_examples(examples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a person stands in the folder of the examples."""
    monkeypatch.chdir(examples)
    yield
    for name in MODULES:
        sys.modules.pop(name, None)


def test_the_greeter_waits_for_ever_for_who_takes_nothing() -> None:
    """At every byte of its answers; that is all that is wrong with it."""
    (finding,) = sweep(conversation_named("greeter_conversation.py")).findings
    assert (finding.outcome, [span.name for span in finding.spans]) == ("hang", ["stall@0..19:server"])


def test_the_patient_greeter_has_no_finding() -> None:
    """A drain with a time-out, and an abort behind it, are enough."""
    assert sweep(conversation_named("patient_greeter.py:patient")).findings == []
