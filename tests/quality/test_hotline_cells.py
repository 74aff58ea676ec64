"""The planted bugs of the Hotline server in whole wire sweeps: each shows as what it is, and nowhere else."""

from __future__ import annotations

import pytest

from chaoskit.models.hotline.conversations import CONVERSATIONS
from chaoskit.wire.sweep import Conversation, sweep

pytestmark = pytest.mark.quality

FOUND_OF_BUGS = {  # outcome, fault, side
    "no-write-timeout": ("hang", "stall", "server"),
    "truncated-is-end": ("truncation-unnoticed", "eof", "client"),
    "unbounded-length": ("limit-ignored", "flood", "client"),
}


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.name)
@pytest.mark.parametrize("bug", FOUND_OF_BUGS)
def test_a_planted_bug_shows_in_its_row_and_in_no_other_cell(conversation: Conversation, bug: str) -> None:
    """Over all cells of every conversation; the two bugs of transactions do not show in a mere handshake."""
    findings = sweep(conversation, bug=bug).findings
    if conversation.name == "hotline-handshake" and bug != "no-write-timeout":
        assert findings == []
        return
    (finding,) = findings
    assert {(span.outcome, span.fault, span.side) for span in finding.spans} == {FOUND_OF_BUGS[bug]}


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.name)
def test_the_server_without_a_bug_has_no_finding(conversation: Conversation) -> None:
    """In any conversation."""
    assert sweep(conversation).findings == []
