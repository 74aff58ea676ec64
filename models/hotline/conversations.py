"""Conversations with the Hotline server, byte for byte: for tests, and for the wire sweep, which tries every fault at each byte.

`chaoskit sweep hotline` sweeps `HOTLINE`: a client shakes hands, logs in, posts news in fragments, reads them, and leaves.
What the server may answer under a fault is not a list of exceptions: a judge of its own works out what the bytes that it received
deserve, from all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chaoskit.models.hotline.board import Board, FieldId, Type, obscured
from chaoskit.models.hotline.bugs import BUGS
from chaoskit.models.hotline.handshake import HELLO_BYTES, Code, answer, hello, judged
from chaoskit.models.hotline.requests import Request
from chaoskit.models.hotline.server import IO_TIMEOUT_SECONDS, HotlineServer
from chaoskit.wire.codec import CodecError, Field, Transaction, TransactionCodec, decode_fields, encode_fields
from chaoskit.wire.scripted import Handler
from chaoskit.wire.steps import Script
from chaoskit.wire.sweep import Conversation, Exchange

CODEC = TransactionCodec(max_frame_length=4096, fragment_bytes=32)  # short, so that each byte of every case is soon tried
LOGIN, PASSWORD = b"ada", b"engine"


def board() -> Board:
    """The board that all these conversations are with, new."""
    return Board(accounts={LOGIN: PASSWORD}, name=b"tearoom")


def handler(*bugs: str) -> Handler[object]:
    """A new server's handler of connections."""
    return HotlineServer(handlers=board().session, codec=CODEC, bugs=frozenset(bugs)).handle_connection


def script(name: str, *asked: tuple[int, tuple[Field, ...]]) -> Script:
    """A conversation of these requests, by their types and fields, with the answers of a server without a bug."""
    said = [CODEC.encode(Transaction(type_, id_, encode_fields(fields))) for id_, (type_, fields) in enumerate(asked, 1)]
    recorded = Script(name).read(hello()).write(answer(Code.OK))
    for request, reply in zip(said, replies(b"".join(said)), strict=True):
        recorded = recorded.read(request).write(reply)
    return recorded.eof()


def replies(received: bytes) -> Iterator[bytes]:
    """What is answered to the requests in these bytes, up to the first that is not whole, or is no request."""
    session, decoder = board().session(), CODEC.decoder()
    decoder.feed(received)
    try:
        while (asked := decoder.next_frame()) is not None and not asked.is_reply:
            reply = session.reply_to(Request(asked.type, decode_fields(asked.payload)))
            yield CODEC.encode(Transaction(asked.type, asked.id, encode_fields(reply.fields), is_reply=1, error=reply.error))
    except CodecError:
        return


def allowed(exchange: Exchange) -> str | None:
    """The judge: names an answer that the received bytes deserve, though they are not the recorded ones."""
    if len(exchange.received) < HELLO_BYTES:
        return "handshake timed out" if exchange.written == answer(Code.TIMEOUT) else None
    code = judged(exchange.received[:HELLO_BYTES])
    if code is not Code.OK:
        return f"handshake refused: {code.name.lower()}" if answer(code).startswith(exchange.written) else None
    due = answer(Code.OK) + b"".join(replies(exchange.received[HELLO_BYTES:]))
    return "another request answered" if due.startswith(exchange.written) else None


def _conversation(summary: str, recorded: Script) -> Conversation:
    return Conversation(
        name=recorded.name,
        summary=summary,
        script=recorded,
        handler=handler,
        bugs={bug.name: _broken(bug.name) for bug in BUGS},
        timeout_seconds=IO_TIMEOUT_SECONDS,
        judge=allowed,
        may_raise=(OSError, EOFError, CodecError),
        whole_from=HELLO_BYTES,
        message_bytes_max=CODEC.max_frame_length,
    )


def _broken(bug: str) -> Callable[[], Handler[object]]:
    return lambda: handler(bug)


_LOG_IN = (Type.LOGIN, (Field(FieldId.LOGIN, obscured(LOGIN)), Field(FieldId.PASSWORD, obscured(PASSWORD))))
_POST = (Type.POST_NEWS, (Field(FieldId.DATA, b"tea is served in the long room at four"),))
_READ = (Type.GET_NEWS, ())

HOTLINE = _conversation(
    "a handshake, a login, news posted and read in fragments, a goodbye",
    script("hotline", _LOG_IN, _POST, _READ),
)
HANDSHAKE = _conversation("a handshake, and a goodbye", script("hotline-handshake"))
STRANGER = _conversation(
    "who has not logged in, or not with the right password, is refused",
    script("hotline-stranger", _READ, (Type.LOGIN, (Field(FieldId.LOGIN, obscured(LOGIN)),)), _POST),
)

CONVERSATIONS = (HOTLINE, HANDSHAKE, STRANGER)
