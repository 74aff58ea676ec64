"""A Hotline server: a binary protocol of handshakes, transactions and fragments, whose hard cases are all in the bytes.

`HotlineServer` serves a connection, `serve_connections` accepts them, `Board` answers requests; each takes the next as a value.
`hotline` is the model: the whole server as an asyncio program in the simulated world, with a board on its disk.
"""

from chaoskit.hosts import asyncio_node
from chaoskit.model import Model, Tolerates
from chaoskit.models.hotline.accept import Listener, SocketListener, serve_connections
from chaoskit.models.hotline.board import Board
from chaoskit.models.hotline.bugs import ANSWER_BEFORE_SYNC, BUGS, NO_WRITE_TIMEOUT, TRUNCATED_IS_END, UNBOUNDED_LENGTH
from chaoskit.models.hotline.client import HotlineConnection
from chaoskit.models.hotline.node import NewsClient, main
from chaoskit.models.hotline.reading import TruncatedError
from chaoskit.models.hotline.requests import Reply, Request, RequestHandler
from chaoskit.models.hotline.server import (
    HANDSHAKE_TIMEOUT_SECONDS,
    IO_TIMEOUT_SECONDS,
    Ended,
    HotlineServer,
    IoTimeoutError,
)

hotline = Model(
    name="hotline",
    summary="a Hotline server: news posted and read over a binary protocol, in plain asyncio",
    node=asyncio_node(main),
    clients={"set": NewsClient},
    nodes=(1,),
    sizes=(1, 1),
    bugs=(ANSWER_BEFORE_SYNC,),
    tolerates=Tolerates(down="none", kill="all", power_loss="all", wipe="none"),
)

__all__ = [
    "ANSWER_BEFORE_SYNC",
    "BUGS",
    "HANDSHAKE_TIMEOUT_SECONDS",
    "IO_TIMEOUT_SECONDS",
    "NO_WRITE_TIMEOUT",
    "TRUNCATED_IS_END",
    "UNBOUNDED_LENGTH",
    "Board",
    "Ended",
    "HotlineConnection",
    "HotlineServer",
    "IoTimeoutError",
    "Listener",
    "Reply",
    "Request",
    "RequestHandler",
    "SocketListener",
    "TruncatedError",
    "hotline",
    "serve_connections",
]
