"""A client of the store: one connection to its replica, opened again when it broke."""

from __future__ import annotations

import msgspec

from chaoskit.hosts import AsyncioClient
from chaoskit.model import Op
from chaoskit.models.kv_http.http import Connection


class HttpClient(AsyncioClient):
    """Reads and writes. An operation whose answer does not come, or cannot be read, stays unknown."""

    unreadable = (ValueError,)
    connection: Connection | None = None

    async def ask(self, op: Op) -> Op:
        path = f"/kv/{op.key}"
        if op.f == "read":
            status, body = await self.request("GET", path)
        else:
            status, body = await self.request("PUT", path, msgspec.json.encode(op.value))
        if status != 200:
            error = f"HTTP {status}"
            return op.fail(error) if op.f == "read" else op.info(error)
        return op.ok(msgspec.json.decode(body) if op.f == "read" else op.value)

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        connection, self.connection = self.connection, None
        if connection is not None and not connection.is_usable:
            connection.close()
            connection = None
        if connection is None:
            connection = await Connection.open(self.node)
        try:
            answer = await connection.request(method, path, body)
        except BaseException:  # also when nobody waits any more: the answer must not be taken for the next one's
            connection.close()
            raise
        self.connection = connection
        return answer
