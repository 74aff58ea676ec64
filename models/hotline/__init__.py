"""A Hotline server: a binary protocol of handshakes, transactions and fragments, whose hard cases are all in the bytes.

`HotlineServer` serves a connection, `serve_connections` accepts them, `Board` answers requests; each takes the next as a value.
"""

from chaoskit.models.hotline.accept import Listener, SocketListener, serve_connections
from chaoskit.models.hotline.board import Board
from chaoskit.models.hotline.bugs import BUGS, NO_WRITE_TIMEOUT, TRUNCATED_IS_END, UNBOUNDED_LENGTH
from chaoskit.models.hotline.requests import Reply, Request, RequestHandler
from chaoskit.models.hotline.server import (
    HANDSHAKE_TIMEOUT_SECONDS,
    IO_TIMEOUT_SECONDS,
    Ended,
    HotlineServer,
    IoTimeoutError,
    TruncatedError,
)

__all__ = [
    "BUGS",
    "HANDSHAKE_TIMEOUT_SECONDS",
    "IO_TIMEOUT_SECONDS",
    "NO_WRITE_TIMEOUT",
    "TRUNCATED_IS_END",
    "UNBOUNDED_LENGTH",
    "Board",
    "Ended",
    "HotlineServer",
    "IoTimeoutError",
    "Listener",
    "Reply",
    "Request",
    "RequestHandler",
    "SocketListener",
    "TruncatedError",
    "serve_connections",
]
