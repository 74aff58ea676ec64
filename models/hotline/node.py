"""The Hotline server as a model's node: its news are on its disk before anybody is told that they are posted, or shown them."""

from __future__ import annotations

import asyncio

from chaoskit.hosts import AsyncioClient, AsyncioHost
from chaoskit.model import Op
from chaoskit.model.disk import RecordLog
from chaoskit.models.hotline.accept import SocketListener, serve_connections
from chaoskit.models.hotline.board import Board, Error, FieldId, Type
from chaoskit.models.hotline.bugs import ANSWER_BEFORE_SYNC
from chaoskit.models.hotline.client import HotlineConnection
from chaoskit.models.hotline.server import HotlineServer
from chaoskit.wire.codec import Field

PORT = 5500
LOGIN, PASSWORD = b"guest", b"welcome"
RETRY_SECONDS = 0.2  # before a disk that refuses is asked again


async def main(host: AsyncioHost) -> None:
    """The server, from boot to crash."""
    kept = await _news(host)

    async def keep(text: bytes) -> None:
        kept.append(text)
        if not host.bug(ANSWER_BEFORE_SYNC):
            await host.sync()
        host.observe(news=len(kept))

    board = Board(accounts={LOGIN: PASSWORD}, news=kept, keep=keep)
    server = HotlineServer(handlers=board.session, shutdown=asyncio.Event())
    host.observe(news=len(kept))
    await serve_connections(await SocketListener.open(None, PORT), server, log=host.log)


async def _news(host: AsyncioHost) -> RecordLog[bytes]:
    """What is on the disk, durably: what an earlier boot left unsynced is shown only when it cannot be lost any more."""
    while True:
        try:
            kept = host.disk.log("news", bytes)
            await host.sync()
        except OSError as error:
            host.log(f"the disk refuses: {error}")
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return kept


class NewsClient(AsyncioClient):
    """Posts elements as news and reads the front page, on a connection that is opened again when it broke."""

    unreadable = (ValueError,)
    connection: HotlineConnection | None = None

    async def ask(self, op: Op) -> Op:
        connection, self.connection = self.connection, None
        if connection is not None and not connection.is_usable:
            connection.close()
            connection = None
        if connection is None:
            connection = await HotlineConnection.open(self.node, PORT, login=LOGIN, password=PASSWORD)
        try:
            completion = await (self._read(op, connection) if op.f == "read" else self._add(op, connection))
        except BaseException:  # also when nobody waits any more: a late reply must not be taken for the next one's
            connection.close()
            raise
        self.connection = connection
        return completion

    async def _read(self, op: Op, connection: HotlineConnection) -> Op:
        reply = await connection.request(Type.GET_NEWS)
        if reply.error:
            return op.fail(f"error {reply.error}")
        (page,) = reply.fields
        return op.ok([int(text) for text in page.data.split(b"\r") if text])

    async def _add(self, op: Op, connection: HotlineConnection) -> Op:
        reply = await connection.request(Type.POST_NEWS, Field(FieldId.DATA, str(op.value).encode()))
        if reply.error == Error.NOT_KEPT:  # a part of it may have been, and come back at the next boot
            return op.info(f"error {reply.error}")
        return op.fail(f"error {reply.error}") if reply.error else op.ok(op.value)
