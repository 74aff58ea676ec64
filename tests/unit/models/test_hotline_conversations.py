"""The recorded conversations with the Hotline server: their exact bytes, and that every server plays them."""

from __future__ import annotations

import pytest

from chaoskit.models.hotline import BUGS, Ended
from chaoskit.models.hotline.conversations import CONVERSATIONS, HOTLINE, STRANGER, allowed
from chaoskit.wire.scripted import play
from chaoskit.wire.sweep import Conversation, Exchange
from chaoskit.wire.virtual_time import run

RECORDED = [
    "54525450 00000000 0001 0000",
    "54525450 00000000",
    "00 00 006B 00000001 00000000 00000013 00000013 0002 0069 0003 9E9B9E 006A 0006 9A919896919A",
    "00 01 006B 00000001 00000000 0000000D 0000000D 0001 00A2 0007 746561726F6F6D",
    "00 00 0067 00000002 00000000 0000002C 00000020 0001 0065 0026" + b"tea is served in the long ".hex(),
    "00 00 0067 00000002 00000000 0000002C 0000000C" + b"room at four".hex(),
    "00 01 0067 00000002 00000000 00000002 00000002 0000",
    "00 00 0065 00000003 00000000 00000002 00000002 0000",
    "00 01 0065 00000003 00000000 0000002C 00000020 0001 0065 0026" + b"tea is served in the long ".hex(),
    "00 01 0065 00000003 00000000 0000002C 0000000C" + b"room at four".hex(),
]
every_conversation = pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.name)


def test_the_conversation_of_the_sweep_has_these_bytes() -> None:
    """Handshake, login, news posted in two fragments, news read in two, the end; what the client says and what it is told."""
    frames = [bytes.fromhex(text) for text in RECORDED]
    steps = [frames[0], frames[1], frames[2], frames[3], frames[4] + frames[5], frames[6], frames[7], frames[8] + frames[9]]
    assert [step.data for step in HOTLINE.script.steps] == [*steps, b""]
    assert (len(HOTLINE.client), len(HOTLINE.server)) == (157, 147)


@every_conversation
def test_every_server_plays_the_recorded_conversations(conversation: Conversation) -> None:
    """The correct one and those with a planted bug: without a fault nothing tells them apart."""
    assert set(conversation.bugs) == {bug.name for bug in BUGS}
    for make in (conversation.handler, *conversation.bugs.values()):
        assert run(play(conversation.script, make())) is Ended.LEFT


@every_conversation
def test_the_judge_allows_the_recorded_answers(conversation: Conversation) -> None:
    """And none of them with an answer behind it that nobody asked for."""
    exchange = Exchange(received=conversation.client, written=conversation.server, recorded=conversation.server)
    assert allowed(exchange) == "another request answered"
    more = Exchange(received=conversation.client, written=conversation.server + b"\0", recorded=conversation.server)
    assert allowed(more) is None


def test_a_stranger_is_told_why() -> None:
    """Not logged in, no password, not logged in: the errors 1, 3 and 1."""
    answers = [step.data for step in STRANGER.script.steps if step.kind.value == "write"]
    assert [answer[11] for answer in answers[1:]] == [1, 3, 1]
