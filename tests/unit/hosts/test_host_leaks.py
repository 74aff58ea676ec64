"""Connections come and go, and nothing of them stays: no task, no handle, no memory."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from typing import Any

import pytest

from chaoskit.core.journal import ChunkIndex
from chaoskit.hosts import AsyncioHost
from chaoskit.hosts.handles import TimerHandle

LINGER = 61  # seconds, until a machine has forgotten a connection that it closed first


class Forgetful:
    """A sink that keeps nothing: the journal of a run grows with it, and would hide what leaks."""

    def write(self, chunk: bytes, index: ChunkIndex) -> None:
        """Gone."""

    def read(self, number: int) -> bytes:
        return b""


@pytest.mark.parametrize("connections", [400, pytest.param(10_000, marks=pytest.mark.quality)])
def test_after_many_connections_all_is_as_at_the_beginning(universe: Any, echo: Any, connections: int) -> None:
    """With time-outs that never struck, answers, and every tenth aborted or left open by a task that was cancelled."""
    chunk = connections // 4

    async def question(number: int) -> None:
        reader, writer = await asyncio.open_connection("n1", 7)
        async with asyncio.timeout(3600):
            writer.write(b"hello\n")
            await reader.readline()
        if number % 10:
            writer.close()
        else:
            writer.transport.abort()

    async def main(host: AsyncioHost) -> None:
        await asyncio.sleep(0.01)
        for begin in range(0, connections, 20):
            if begin % chunk == 0:
                await asyncio.sleep(LINGER)
                resting.append(1)
                await asyncio.sleep(LINGER)
            tasks = [asyncio.create_task(question(begin + number)) for number in range(20)]
            tasks[7].cancel()
            await asyncio.wait(tasks)
            await asyncio.sleep(0.1)
        await asyncio.sleep(3700)
        resting.append(1)
        await asyncio.sleep(3600)

    resting: list[int] = []
    world = universe({"n1": echo, "n2": main}, sink=Forgetful())
    found: list[tuple[int, int, int]] = []
    tracemalloc.start()
    try:
        while len(found) < 5:
            before = len(resting)
            while len(resting) == before:
                world.run(world.now + 1)
            world.world.journal.flush()
            world.world.journal.chunks.clear()  # their index grows with the run, as its journal does
            gc.collect()
            loops = [host.process.program.loop for host in world.world.nodes]
            tasks = sum(len(loop.tasks()) for loop in loops)
            open_ends = sum(len(table) for table in world.world.streams.connections.values())
            waiting = [event[3] for event in world.world.kernel.heap]
            live = [each for each in waiting if not (isinstance(each, TimerHandle) and each.cancelled())]
            found.append((tasks, open_ends, len(live)))
            if len(found) == 2:
                memory = tracemalloc.get_traced_memory()[0]
        grown = tracemalloc.get_traced_memory()[0] - memory
    finally:
        tracemalloc.stop()
    assert found[-1] == found[0] == (2, 0, 1)
    assert grown < 100_000 + 3 * chunk * 20, grown  # twenty bytes a connection is no connection
