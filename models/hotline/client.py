"""A client's end of a Hotline connection: shakes hands, logs in, asks one thing at a time."""

from __future__ import annotations

import asyncio

from chaoskit.models.hotline.board import FieldId, Type, obscured
from chaoskit.models.hotline.handshake import ANSWER_BYTES, Code, answer, hello
from chaoskit.models.hotline.reading import read_transaction
from chaoskit.models.hotline.requests import Reply
from chaoskit.wire.codec import CodecError, Field, Transaction, TransactionCodec, decode_fields, encode_fields


class RefusedError(ConnectionError):
    """The server did not let the client in."""


class HotlineConnection:
    """A connection that has logged in. What breaks off is an EOFError or OSError, what cannot be read a `CodecError`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._codec = TransactionCodec()
        self._asked = 0

    @classmethod
    async def open(cls, host: str, port: int, *, login: bytes, password: bytes) -> HotlineConnection:
        """Connects and logs in. Raises `RefusedError`, and what the streams raise."""
        connection = cls(*await asyncio.open_connection(host, port))
        try:
            await connection._enter(login, password)
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def is_usable(self) -> bool:
        """Whether the server still listens, as far as one knows."""
        return not self._writer.is_closing() and not self._reader.at_eof()

    async def request(self, type_: int, *fields: Field) -> Reply:
        """What the server says to this. After an exception, nobody knows what the next reply would belong to: close it."""
        self._asked += 1
        asked = Transaction(type_, self._asked, encode_fields(fields))
        self._writer.write(self._codec.encode(asked))
        await self._writer.drain()
        told = await read_transaction(self._read, max_frame_length=self._codec.max_frame_length)
        if told is None:
            raise EOFError(f"expected the reply to id={asked.id} but the server has left")
        if not told.is_reply or told.id != asked.id:
            raise CodecError(f"expected the reply to id={asked.id} but got is_reply={told.is_reply}, id={told.id}")
        return Reply(decode_fields(told.payload), told.error)

    def close(self) -> None:
        self._writer.close()

    async def _enter(self, login: bytes, password: bytes) -> None:
        self._writer.write(hello())
        await self._writer.drain()
        said = await self._reader.readexactly(ANSWER_BYTES)
        if said != answer(Code.OK):
            raise RefusedError(f"expected to be let in but got {said.hex(' ')}")
        who = (Field(FieldId.LOGIN, obscured(login)), Field(FieldId.PASSWORD, obscured(password)))
        reply = await self.request(Type.LOGIN, *who)
        if reply.error:
            raise RefusedError(f"expected to be logged in but got error={reply.error}")

    async def _read(self, size: int, what: str) -> bytes:
        return await self._reader.readexactly(size)
