"""What holds for the Hotline server whatever a client says: it answers what that deserves, ends in time, and leaves nothing."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.models.hotline import Ended, IoTimeoutError, TruncatedError
from chaoskit.models.hotline.conversations import CODEC, HOTLINE, LOGIN, PASSWORD, allowed, handler
from chaoskit.wire.codec import CodecError
from chaoskit.wire.duplex import duplex
from chaoskit.wire.sweep import Exchange
from chaoskit.wire.virtual_time import VirtualTime

OK, INVALID, UNSUPPORTED, TIMEOUT = (b"TRTP\0\0\0" + bytes([code]) for code in range(4))
law = settings(deadline=None, derandomize=True, max_examples=150)

said = HOTLINE.client
cuts = st.integers(0, len(said))
changes = st.lists(st.tuples(st.integers(0, len(said) - 1), st.integers(0, 255)), max_size=3)
noise = st.one_of(st.just(b""), st.binary(max_size=60))


@st.composite
def clients(draw: st.DrawFn) -> bytes:
    """The recorded client, with bytes changed, cut off anywhere, and noise behind it; now and then noise alone."""
    data = bytearray(said)
    for at, byte in draw(changes):
        data[at] = byte
    return bytes(data[: draw(cuts)]) + draw(noise) if draw(st.integers(0, 9)) else draw(noise)


def converse(data: bytes, *, ends: bool, bugs: tuple[str, ...] = ()) -> tuple[bytes, object, float]:
    """What the server answers to a client that says this and then leaves or falls silent, how it ended, and when."""

    async def main() -> tuple[bytes, object, float]:
        (reader, writer), server = duplex()
        writer.write(data)
        if ends:
            writer.write_eof()
        (outcome,) = await asyncio.gather(handler(*bugs)(*server), return_exceptions=True)
        at = asyncio.get_running_loop().time()
        answer = await reader.read()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert server[1].is_closing()
        writer.close()
        return answer, outcome, at

    with VirtualTime() as time:
        return time.run(main())


def deserved(data: bytes, *, ends: bool) -> tuple[bytes, object]:
    """The same, worked out by reading all bytes at once: an oracle that shares no code with the server."""
    if len(data) < 12:
        return (b"", Ended.LEFT_EARLY) if ends else (TIMEOUT, Ended.HANDSHAKE_TIMEOUT)
    if data[:4] != b"TRTP":
        return INVALID, Ended.OTHER_PROTOCOL
    if data[8:10] != b"\0\1":
        return UNSUPPORTED, Ended.OTHER_VERSION
    answers, at, member = OK, 12, Member()
    while isinstance(parsed := one_request(data, at), tuple):
        kind, number, fields, at = parsed
        body, error = member.told(kind, fields)
        for start in range(0, len(body), 32):
            part = body[start : start + 32]
            answers += struct.pack(">BBHIIII", 0, 1, kind, number, error, len(body), len(part)) + part
    silent = parsed is Ended.LEFT or parsed is TruncatedError
    return answers, IoTimeoutError if silent and not ends else parsed


class Member:
    """What the board tells one client: the payload of an answer, and its error."""

    def __init__(self) -> None:
        self.logged_in = False
        self.news: list[bytes] = []

    def told(self, kind: int, fields: dict[int, bytes]) -> tuple[bytes, int]:
        nothing = b"\0\0"
        if kind == 107:
            given = tuple(bytes(255 - byte for byte in fields[key]) for key in (105, 106) if key in fields)
            right = given == (LOGIN, PASSWORD)
            self.logged_in |= right
            return (b"\0\1\0\xa2\0\7tearoom", 0) if right else (nothing, 2 if len(given) == 2 else 3)
        if not self.logged_in:
            return nothing, 1
        if kind == 101:
            text = b"\r".join(reversed(self.news))
            return struct.pack(">HHH", 1, 101, len(text)) + text, 0
        if kind == 103 and 101 in fields:
            self.news.append(fields[101])
        return nothing, 4 if kind != 103 else 0 if 101 in fields else 3


def one_request(data: bytes, at: int) -> tuple[int, int, dict[int, bytes], int] | object:
    """(type, id, fields, where the next begins), or how the server ends when there is none."""
    first, payload = None, b""
    if at == len(data):
        return Ended.LEFT
    while first is None or len(payload) < first[4]:
        if at + 20 > len(data):
            return TruncatedError
        flags, *common, size = struct.unpack(">BBHIIII", data[at : at + 20])
        left = common[4] - len(payload)
        if flags or common[4] > 4096 or (first or common) != common or size > left or (not size and left):
            return CodecError
        if at + 20 + size > len(data):
            return TruncatedError
        first, payload, at = common, payload + data[at + 20 : at + 20 + size], at + 20 + size
    fields = fields_of(payload)
    return CodecError if first[0] or fields is None else (first[1], first[2], fields, at)


def fields_of(payload: bytes) -> dict[int, bytes] | None:
    """A payload's fields, None if it is none."""
    if not payload:
        return {}
    if len(payload) < 2:
        return None
    fields: dict[int, bytes] = {}
    rest = payload[2:]
    for _ in range(int.from_bytes(payload[:2], "big")):
        key, length = int.from_bytes(rest[:2], "big"), int.from_bytes(rest[2:4], "big")
        if len(rest) < 4 + length or key in fields:
            return None
        fields[key], rest = rest[4 : 4 + length], rest[4 + length :]
    return None if rest else fields


@given(data=clients(), ends=st.booleans())
@law
def test_row_24_any_bytes_get_what_they_deserve(data: bytes, ends: bool) -> None:
    """The answers and the end are the oracle's; within the five seconds of one read; no task is left, and all is closed."""
    answers, outcome, at = converse(data, ends=ends)
    expected, end = deserved(data, ends=ends)
    assert answers == expected
    assert outcome is end if isinstance(end, Ended) else type(outcome) is end
    assert at in (0, 5)


@given(data=clients(), ends=st.booleans())
@law
def test_the_judge_allows_what_the_server_does_and_no_other_byte(data: bytes, ends: bool) -> None:
    """What the wire sweep asks: the answers to these bytes are allowed; with any one byte of them changed they are not."""
    answers, _, _ = converse(data, ends=ends)
    if answers:
        assert allowed(Exchange(received=data, written=answers, recorded=HOTLINE.server)) is not None
    for at in range(0, len(answers), 7):
        wrong = answers[:at] + bytes([answers[at] ^ 0x10]) + answers[at + 1 :]
        assert allowed(Exchange(received=data, written=wrong, recorded=HOTLINE.server)) is None
    too_many = answers + answers[-22:]
    if answers:
        assert allowed(Exchange(received=data, written=too_many, recorded=HOTLINE.server)) is None


@given(data=clients())
@settings(law, max_examples=60)
def test_bugs_that_need_a_peer_that_does_not_read_change_nothing_for_one_that_does(data: bytes) -> None:
    """And an end in a transaction is the only thing that its bug changes."""
    answers, outcome, _ = converse(data, ends=True)
    same, end, _ = converse(data, ends=True, bugs=("no-write-timeout",))
    assert (same, repr(end)) == (answers, repr(outcome))
    same, end, _ = converse(data, ends=True, bugs=("truncated-is-end",))
    assert same == answers
    assert end is Ended.LEFT if isinstance(outcome, TruncatedError) else repr(end) == repr(outcome)


def test_the_recorded_client_is_worth_changing() -> None:
    """The laws' clients meet every end that there is; else they would show less than they say."""
    ways: list[tuple[Callable[[bytes], bytes], bool, object]] = [
        (lambda data: data, True, Ended.LEFT),
        (lambda data: data, False, IoTimeoutError),
        (lambda data: data[:5], True, Ended.LEFT_EARLY),
        (lambda data: data[:5], False, Ended.HANDSHAKE_TIMEOUT),
        (lambda data: b"?" + data[1:], True, Ended.OTHER_PROTOCOL),
        (lambda data: data[:9] + b"\2" + data[10:], True, Ended.OTHER_VERSION),
        (lambda data: data[:40], True, TruncatedError),
        (lambda data: data[:12] + b"\1" + data[13:], True, CodecError),
    ]
    for change, ends, end in ways:
        assert deserved(change(said), ends=ends)[1] is end
    assert deserved(said, ends=True)[0] == HOTLINE.server
    assert CODEC.max_frame_length == 4096
