"""Futures and tasks of a host: asyncio's own, in C, but for one thing.

Their hash is the number of their making and not their address in memory, so that a set of tasks has the same order in every
process.
"""

from __future__ import annotations

import asyncio
from typing import Any


class HostFuture(asyncio.Future[Any]):
    """A future whose hash is its number, which it is told right after its making."""

    __slots__ = ("number",)

    number: int

    def __hash__(self) -> int:
        return self.number


class HostTask(asyncio.Task[Any]):
    """A task whose hash is its number, from before it is first put into a set."""

    __slots__ = ("number",)

    number: int

    def __hash__(self) -> int:
        return self.number
