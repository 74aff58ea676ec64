"""Events in words."""

from __future__ import annotations

import msgspec
import pytest

from chaoskit.reports.events import event_text, message_name
from chaoskit.sim.streams.segments import Datagram, Segment, encode

TO_4000 = {"opener": 1, "serial": 2, "to_opener": False, "source_port": 49153, "destination_port": 4000, "sequence": 1}


@pytest.mark.parametrize(
    ("type_", "body", "words"),
    [
        ("Vote", msgspec.msgpack.encode({"type": "Vote", "term": 2}), "{term: 2}"),
        ("TCP-DATA", encode(Segment(**TO_4000, acknowledges=1, window=9, data=b"abc")), "(port 49153 to 4000, 3 bytes: abc)"),
        ("TCP-SYN", encode(Segment(**TO_4000, acknowledges=0, window=9, syn=True)), "(port 49153 to 4000)"),
        ("UDP", encode(Datagram(53, 1053, b"x")), "(port 53 to 1053, 1 byte: x)"),
        ("UDP", msgspec.msgpack.encode({"type": "UDP", "term": 2}), "{term: 2}"),  # somebody's own message of that name
        ("TCP-DATA", b"\xc1", "0xc1"),
    ],
)
def test_what_is_sent_is_told_as_what_it_is(type_: str, body: bytes, words: str) -> None:
    """A message by its fields; what a connection sends by its ports and its bytes, without its bookkeeping."""
    told = event_text((5_000_000, "send", "n1", "n1.1", 7, "n2", type_, len(body), body))
    assert told.startswith(f"0.005 s  n1 sends {type_} to n2 ")
    assert words in told


def test_a_segment_is_called_by_what_it_carries() -> None:
    """By its first line, if that is text; without one, and any other message, by its type."""
    asking = Segment(**TO_4000, acknowledges=1, window=9, data=b"GET /kv/k1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    assert message_name("TCP-DATA", encode(asking)) == "TCP-DATA: GET /kv/k1 HTTP/1.1"
    assert message_name("TCP-SYN", encode(Segment(**TO_4000, acknowledges=0, window=9, syn=True))) == "TCP-SYN"
    assert message_name("Vote", msgspec.msgpack.encode({"type": "Vote", "term": 2})) == "Vote"
