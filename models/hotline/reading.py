"""Reads transactions from a connection, as either end of it does: header by header, and the bytes that each announces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chaoskit.wire.codec import Fragments, Transaction

Read = Callable[[int, str], Awaitable[bytes]]  # (how many bytes, of what) → exactly these; raises asyncio.IncompleteReadError


class TruncatedError(EOFError):
    """The other end left in the middle of a transaction."""


async def read_transaction(read: Read, *, max_frame_length: int) -> Transaction | None:
    """A transaction with all its fragments, None when the other end has left instead of beginning one.

    Raises `TruncatedError`, `CodecError`, and what `read` raises.
    """
    fragments = Fragments(max_frame_length=max_frame_length)
    begun = False
    try:
        while True:
            header = await read(Fragments.header_bytes, "header")
            begun = True
            size = fragments.begin(header)
            whole = fragments.add(await read(size, "payload"))
            if whole is not None:
                return whole
    except asyncio.IncompleteReadError as error:
        if not begun and not error.partial:
            return None
        expected, got = error.expected, len(error.partial)
        raise TruncatedError(f"expected {expected} bytes of a transaction but got {got}, then the end") from error
