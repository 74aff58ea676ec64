"""The board behind the Hotline server: who may read and post, and what stands on its front page."""

from __future__ import annotations

from chaoskit.models.hotline.board import FIELD_BYTES_MAX, Board, Error, FieldId, Session, Type, obscured
from chaoskit.models.hotline.requests import Reply, Request
from chaoskit.wire.codec import Field
from chaoskit.wire.virtual_time import run


def board(**accounts: bytes) -> Board:
    return Board(accounts={name.encode(): password for name, password in accounts.items()}, name=b"tearoom")


def login(name: bytes, password: bytes) -> Request:
    return Request(Type.LOGIN, (Field(FieldId.LOGIN, obscured(name)), Field(FieldId.PASSWORD, obscured(password))))


def post(text: bytes) -> Request:
    return Request(Type.POST_NEWS, (Field(FieldId.DATA, text),))


def front_page(session: Session) -> bytes | None:
    (field,) = session.reply_to(Request(Type.GET_NEWS)).fields
    assert field.id == FieldId.DATA
    return field.data


def test_only_who_has_logged_in_is_served() -> None:
    """With the right password, on the same connection; a wrong one later does not log out."""
    shared = board(ada=b"engine")
    session, stranger = shared.session(), shared.session()
    assert session.reply_to(post(b"first")) == Reply(error=Error.NOT_LOGGED_IN)
    assert session.reply_to(login(b"ada", b"wrong")) == Reply(error=Error.WRONG_PASSWORD)
    assert session.reply_to(login(b"eve", b"engine")) == Reply(error=Error.WRONG_PASSWORD)
    assert session.reply_to(login(b"ada", b"engine")) == Reply([Field(FieldId.SERVER_NAME, b"tearoom")])
    assert session.reply_to(login(b"ada", b"wrong")).error
    assert session.reply_to(post(b"first")) == Reply()
    assert stranger.reply_to(Request(Type.GET_NEWS)) == Reply(error=Error.NOT_LOGGED_IN)
    assert shared.news == [b"first"]


def test_what_is_missing_or_unknown_is_refused() -> None:
    """By the error's number; nothing is posted."""
    shared = board(ada=b"engine")
    session = shared.session()
    (name, password) = login(b"ada", b"engine").fields
    for fields in ((), (name,), (password,)):
        assert session.reply_to(Request(Type.LOGIN, fields)) == Reply(error=Error.MISSING_FIELD)
    session.reply_to(login(b"ada", b"engine"))
    assert session.reply_to(Request(Type.POST_NEWS)) == Reply(error=Error.MISSING_FIELD)
    assert session.reply_to(Request(999)) == Reply(error=Error.UNKNOWN_TYPE)
    assert shared.news == []


def test_the_front_page_has_the_newest_first_or_is_refused() -> None:
    """Whoever posted them; what does not fit a field is an error, never a part of it."""
    shared = board(ada=b"engine")
    session, other = shared.session(), shared.session()
    for each in (session, other):
        each.reply_to(login(b"ada", b"engine"))
    assert front_page(session) == b""
    session.reply_to(post(b"old"))
    other.reply_to(post(b"new"))
    assert front_page(session) == front_page(other) == b"new\rold"
    session.reply_to(post(bytes(FIELD_BYTES_MAX - 8)))
    assert front_page(session) == bytes(FIELD_BYTES_MAX - 8) + b"\rnew\rold"
    session.reply_to(post(b""))
    assert session.reply_to(Request(Type.GET_NEWS)) == Reply(error=Error.TOO_LONG)


def test_news_are_shown_when_they_are_kept() -> None:
    """Not before; what could not be kept is not shown, and its poster is told."""
    kept: list[bytes] = []

    async def keep(text: bytes) -> None:
        assert session.reply_to(Request(Type.GET_NEWS)).fields[0].data == b"old"
        if text == b"bad":
            raise OSError("the disk is full")
        kept.append(text)

    async def main() -> None:
        assert await session.answer(post(b"bad")) == Reply(error=Error.NOT_KEPT)
        assert await session.answer(post(b"new")) == Reply()

    session = Board(accounts={b"ada": b"engine"}, news=[b"old"], keep=keep).session()
    session.reply_to(login(b"ada", b"engine"))
    run(main())
    assert kept == [b"new"]
    assert front_page(session) == b"new\rold"


def test_nothing_is_kept_for_who_may_not_post() -> None:
    """A stranger's news, and requests without any."""

    async def keep(text: bytes) -> None:
        raise AssertionError("nothing is to be kept")

    session = Board(accounts={b"ada": b"engine"}, keep=keep).session()
    assert run(session.answer(post(b"x"))) == Reply(error=Error.NOT_LOGGED_IN)
    session.reply_to(login(b"ada", b"engine"))
    assert run(session.answer(Request(Type.POST_NEWS))) == Reply(error=Error.MISSING_FIELD)


def test_a_name_is_obscured_as_the_protocol_has_it() -> None:
    """Each byte taken from 255; twice is not at all."""
    assert obscured(b"ada") == bytes.fromhex("9e 9b 9e")
    assert obscured(obscured(bytes(range(256)))) == bytes(range(256))
