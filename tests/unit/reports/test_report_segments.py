"""What travels over connections, in words."""

from __future__ import annotations

import msgspec
import pytest

from chaoskit.reports.segments import segment_label, segment_text
from chaoskit.sim.streams.segments import Datagram, Segment, encode

ASKING = b"PUT /kv/k4 HTTP/1.1\r\nContent-Length: 1\r\n\r\n0"


def segment(data: bytes) -> object:
    """A segment as it is read from a journal."""
    made = Segment(
        opener=1, serial=2, to_opener=False, source_port=49153, destination_port=80, sequence=1, acknowledges=1, window=9,
        data=data,
    )  # fmt: skip
    return msgspec.msgpack.decode(encode(made))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ASKING, "43 bytes: PUT /kv/k4 HTTP/1.1⏎Content-Length: 1⏎⏎0"),
        ("grüß".encode(), "6 bytes: grüß"),
        (b"x" * 100, f"100 bytes: {'x' * 59}…"),
        (b"TRTP\0\1", "6 bytes: 0x545254500001"),
        (b"\xff" * 20, f"20 bytes: 0x{'ff' * 12}…"),
        (bytes(1460), "1,460 bytes"),  # what was encrypted
    ],
)
def test_a_segment_is_told_by_its_ports_and_how_its_bytes_begin(data: bytes, said: str) -> None:
    """Text as text, ends of lines as signs; bytes as bytes; of zeros only how many."""
    assert segment_text("TCP-DATA", segment(data)) == f"port 49153 to 80, {said}"


def test_a_picture_has_the_first_line_of_a_text_and_else_the_type() -> None:
    """As much of it as fits an arrow."""
    assert segment_label("TCP-DATA", segment(ASKING)) == "PUT /kv/k4 HTTP…"
    assert segment_label("TCP-DATA", segment(b"GET /replica/k3/and/more HTTP/1.1\r\n")) == "GET /replica/k3…"
    assert segment_label("TCP-DATA", segment(b"\0\1")) == "TCP-DATA"
    assert segment_label("TCP-ACK", segment(b"")) == "TCP-ACK"
    assert segment_label("Vote", {"term": 2}) == "Vote"


def test_what_is_no_segment_is_left_to_others() -> None:
    """A message of somebody's own that is called so, or bytes that nobody could read."""
    datagram = msgspec.msgpack.decode(encode(Datagram(53, 1053, b"x")))
    assert segment_text("UDP", datagram) == "port 53 to 1053, 1 byte: x"
    assert segment_text("UDP", {"type": "UDP", "term": 2}) is None
    assert segment_text("Vote", [1, 2, 3]) is None
    assert segment_text("TCP-DATA", b"\xc1") is None
