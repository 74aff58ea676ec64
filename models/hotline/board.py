"""A small request handler for the Hotline server: people log in, post news and read them. Where news are kept is a function.

Types and fields have the numbers of the Hotline protocol. Names and passwords are obscured as it does: each byte taken from 255.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import IntEnum

from chaoskit.models.hotline.requests import Reply, Request
from chaoskit.wire.codec import Field

FIELD_BYTES_MAX = (1 << 16) - 1


class Type(IntEnum):
    """What can be asked."""

    GET_NEWS = 101
    POST_NEWS = 103
    LOGIN = 107


class FieldId(IntEnum):
    """What stands in requests and replies."""

    DATA = 101
    LOGIN = 105
    PASSWORD = 106
    SERVER_NAME = 162


class Error(IntEnum):
    """Why a request was refused."""

    NOT_LOGGED_IN = 1
    WRONG_PASSWORD = 2
    MISSING_FIELD = 3
    UNKNOWN_TYPE = 4
    NOT_KEPT = 5
    TOO_LONG = 6


Keep = Callable[[bytes], Awaitable[None]]


async def keep_nowhere(text: bytes) -> None:
    """Memory is all there is."""


class Board:
    """The news that all connections share, and who may log in. News are shown when `keep` has returned; it may raise OSError."""

    def __init__(
        self,
        *,
        accounts: Mapping[bytes, bytes],
        name: bytes = b"board",
        news: Iterable[bytes] = (),
        keep: Keep = keep_nowhere,
    ) -> None:
        self._accounts = accounts
        self.name = name
        self.news = list(news)
        self.keep = keep

    def session(self) -> Session:
        """The request handler of one connection."""
        return Session(self)

    def admits(self, login: bytes, password: bytes) -> bool:
        """Whether this is somebody's login and password."""
        return self._accounts.get(login) == password

    def front_page(self) -> bytes:
        """The news, newest first."""
        return b"\r".join(reversed(self.news))


class Session:
    """What one connection may do: nothing but to log in, before it has."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._logged_in = False

    async def answer(self, request: Request) -> Reply:
        text = self._posted(request)
        if text is not None:
            try:
                await self._board.keep(text)
            except OSError:
                return Reply(error=Error.NOT_KEPT)
        return self.reply_to(request)

    def reply_to(self, request: Request) -> Reply:
        """The same without keeping anything, and so without waiting."""
        if request.type == Type.LOGIN:
            return self._log_in(request)
        if not self._logged_in:
            return Reply(error=Error.NOT_LOGGED_IN)
        match request.type:
            case Type.GET_NEWS:
                return self._read()
            case Type.POST_NEWS:
                return self._post(request)
        return Reply(error=Error.UNKNOWN_TYPE)

    def _log_in(self, request: Request) -> Reply:
        login, password = request.data_of(FieldId.LOGIN), request.data_of(FieldId.PASSWORD)
        if login is None or password is None:
            return Reply(error=Error.MISSING_FIELD)
        if not self._board.admits(obscured(login), obscured(password)):
            return Reply(error=Error.WRONG_PASSWORD)
        self._logged_in = True
        return Reply([Field(FieldId.SERVER_NAME, self._board.name)])

    def _read(self) -> Reply:
        page = self._board.front_page()
        if len(page) > FIELD_BYTES_MAX:
            return Reply(error=Error.TOO_LONG)
        return Reply([Field(FieldId.DATA, page)])

    def _posted(self, request: Request) -> bytes | None:
        """What a request would put on the board."""
        return request.data_of(FieldId.DATA) if self._logged_in and request.type == Type.POST_NEWS else None

    def _post(self, request: Request) -> Reply:
        text = self._posted(request)
        if text is None:
            return Reply(error=Error.MISSING_FIELD)
        self._board.news.append(text)
        return Reply()


def obscured(text: bytes) -> bytes:
    """A name or a password as it stands on the wire; done twice, it is the text again."""
    return bytes(255 - byte for byte in text)
