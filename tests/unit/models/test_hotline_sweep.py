"""The wire sweep of the Hotline server: over a thousand cells without a finding, and each planted bug at its bytes."""

from __future__ import annotations

import re

import pytest

from chaoskit.models.hotline.conversations import CONVERSATIONS, HANDSHAKE, HOTLINE
from chaoskit.wire.sweep import Conversation, Trials, fault_named, sweep
from chaoskit.wire.sweep.faults import faults_of

BYTES_OF_BUGS = {
    "no-write-timeout": ("hang", ["stall@0..146:server"]),
    "truncated-is-end": ("truncation-unnoticed", ["eof@13..50:client", "eof@52..134:client", "eof@136..156:client"]),
    "unbounded-length": ("limit-ignored", ["flood@13..24:client", "flood@52..63:client", "flood@136..147:client"]),
}


def test_row_25_every_fault_at_every_byte_of_a_hotline_conversation_ends_well() -> None:
    """In both directions: no hang, no leak, no crash, no answer that the protocol does not allow."""
    record = sweep(HOTLINE)
    assert len(record.cells) > 1000
    assert record.findings == []
    assert set(record.counts) == {"complete", "short", "timed-out", "answered", "failed"}


@pytest.mark.parametrize("bug", BYTES_OF_BUGS)
def test_row_25_a_planted_bug_is_caught_and_the_sweep_says_at_which_bytes(bug: str) -> None:
    """At exactly those where it must show, in the row of its fault; tests/quality tries the others."""
    outcome, spans = BYTES_OF_BUGS[bug]
    trials = Trials(HOTLINE, bug=bug)
    found = [
        str(fault)
        for fault in faults_of(HOTLINE)
        if f"{fault.kind}:{fault.side}" == spans[0].partition("@")[0] + ":" + spans[0].partition(":")[2]
        and trials.run(fault)[1].outcome == outcome
    ]
    assert found == [cell for span in spans for cell in cells_of(span)]


def cells_of(span: str) -> list[str]:
    """The cells of `eof@13..50:client`."""
    kind, places, side = re.split("[@:]", span)
    first, last = map(int, places.split(".."))
    return [f"{kind}@{at}:{side}" for at in range(first, last + 1)]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.name)
def test_the_bugs_of_a_conversation_do_as_its_script_says_without_a_fault(conversation: Conversation) -> None:
    """They are mistakes in what is rare: no ordinary test of the conversation finds one."""
    for bug in conversation.bugs:
        Trials(conversation, bug=bug)


def test_a_handshake_that_does_not_come_is_refused_with_a_code() -> None:
    """The judge knows the server's own answer to silence."""
    _, found = Trials(HANDSHAKE).run(fault_named("stall@11:client", HANDSHAKE))
    assert (found.outcome, found.detail) == ("timed-out", "handshake timed out")
