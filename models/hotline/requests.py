"""What the Hotline server asks of whoever answers its requests: fields in, fields out, and nothing of bytes or connections.

A server makes one handler for each connection, which may remember who has logged in. Ids, headers and fragments are the server's
business: an answer always belongs to its request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chaoskit.wire.codec import Field


@dataclass(frozen=True, slots=True)
class Request:
    """What a client wants."""

    type: int
    fields: Sequence[Field] = ()

    def data_of(self, field_id: int) -> bytes | None:
        """A field's bytes, None where the request has no such field."""
        return next((field.data for field in self.fields if field.id == field_id), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What it gets. An error of 0 is none."""

    fields: Sequence[Field] = ()
    error: int = 0


class RequestHandler(Protocol):
    """Answers the requests of one connection, one after the other."""

    async def answer(self, request: Request) -> Reply:
        """The reply to a request. An exception ends the connection, and no other."""
