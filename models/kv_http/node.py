"""A replica of the store: it serves clients, coordinating what they ask, and the other replicas.

    GET  /kv/KEY        a client reads      PUT  /kv/KEY        a client writes
    GET  /replica/KEY   another replica asks for this one's cell     PUT  /replica/KEY   it stores one

Everything a replica answers for is on its disk before it answers: `await host.sync()`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from chaoskit.hosts import AsyncioHost
from chaoskit.models.kv_http.bugs import ANSWER_BEFORE_SYNC, CHECK_THEN_AWAIT, LATE_ANSWER
from chaoskit.models.kv_http.http import Answer, Pool, serve

Stamp = tuple[int, str, int, int]  # count, replica, boot, serial

PEER_TIMEOUT = 0.1  # seconds that another replica has to answer
RETRY = 0.05  # before a majority is asked again
GIVE_UP = 2.0  # when a client is told that no majority was found
UNAVAILABLE = 503


class Cell(msgspec.Struct, frozen=True):
    """A value and when it was written, among all writes."""

    stamp: Stamp = (0, "", 0, 0)
    value: Any = None


class Replica:
    """One boot of a replica."""

    def __init__(self, host: AsyncioHost) -> None:
        self.host = host
        self.cells = host.disk.table("cells", Cell, default=Cell())
        self.pools = {node: Pool(node, keep_unanswered=host.bug(LATE_ANSWER)) for node in host.peers}
        self.asking: set[asyncio.Task[Cell | None]] = set()  # asyncio itself keeps no task alive

    async def answer(self, method: str, path: str, body: bytes) -> Answer:
        """What a request gets."""
        _, kind, key = path.split("/", 2)
        try:
            match kind, method:
                case "replica", "GET":
                    return 200, msgspec.json.encode(self.cells[key])
                case "replica", "PUT":
                    await self.store(key, msgspec.json.decode(body, type=Cell))
                    return 200, b""
                case "kv", "GET":
                    async with asyncio.timeout(GIVE_UP):
                        return 200, msgspec.json.encode((await self.read(key)).value)
                case "kv", "PUT":
                    async with asyncio.timeout(GIVE_UP):
                        await self.write(key, msgspec.json.decode(body))
                    return 200, b""
        except (OSError, TimeoutError) as error:  # its disk refuses, or no majority was found
            return UNAVAILABLE, str(error).encode()
        return 404, b""

    async def read(self, key: str) -> Cell:
        """The newest cell of a majority, stored at a majority before anybody learns of it."""
        cell = await self.newest(key)
        await self.store_everywhere(key, cell)
        return cell

    async def write(self, key: str, value: Any) -> None:
        newest = await self.newest(key)
        await self.store_everywhere(key, Cell((newest.stamp[0] + 1, *self.host.unique()), value))

    async def newest(self, key: str) -> Cell:
        return max(await self.majority("GET", key, None), key=lambda cell: cell.stamp)

    async def store_everywhere(self, key: str, cell: Cell) -> None:
        await self.majority("PUT", key, cell)

    async def store(self, key: str, cell: Cell) -> None:
        """Keeps the cell if it is newer than what is there, durably."""
        is_newer = cell.stamp > self.cells[key].stamp
        if self.host.bug(CHECK_THEN_AWAIT):
            await self.host.sync()  # meanwhile another one may be stored
        if is_newer:
            self.cells[key] = cell
        if not self.host.bug(ANSWER_BEFORE_SYNC):
            await self.host.sync()

    async def majority(self, method: str, key: str, cell: Cell | None) -> list[Cell]:
        """The cells of more than half of all replicas, however often it takes to ask."""
        needed = len(self.host.nodes) // 2 + 1
        while True:
            tasks = [asyncio.create_task(self.ask(node, method, key, cell)) for node in self.host.nodes]
            for task in tasks:
                self.asking.add(task)
                task.add_done_callback(self.asking.discard)
            cells: list[Cell] = []
            for done in asyncio.as_completed(tasks):
                answer = await done
                if answer is not None:
                    cells.append(answer)
                if len(cells) == needed:
                    return cells
            await asyncio.sleep(RETRY)

    async def ask(self, node: str, method: str, key: str, cell: Cell | None) -> Cell | None:
        """One replica's answer: its cell, or the one that it has stored; None when there is none in time."""
        try:
            if node == self.host.name:
                if cell is not None:
                    await self.store(key, cell)
                return cell or self.cells[key]
            body = b"" if cell is None else msgspec.json.encode(cell)
            async with asyncio.timeout(PEER_TIMEOUT):
                status, answer = await self.pools[node].request(method, f"/replica/{key}", body)
            if status != 200:
                return None
            return cell or msgspec.json.decode(answer, type=Cell)
        except (OSError, EOFError, ValueError):
            return None


async def main(host: AsyncioHost) -> None:
    """A replica, from boot to crash."""
    replica = Replica(host)
    host.observe(role="replica", keys=len(replica.cells))
    await serve(replica.answer)
