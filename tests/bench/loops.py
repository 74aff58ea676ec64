"""How fast asyncio programs run in the world, beside asyncio itself and other simulators, all in this process in turns.

simloop and simloom (from PyPI) need Python 3.12 and are measured where they are installed: `peers` has an environment for that,
in which this file is the program.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import json
import platform
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

from loop_programs import LATENCY, ask_lines, mailboxes, serve_lines

from chaoskit.cli.doctor import typed_modules
from chaoskit.core.journal import ChunkIndex
from chaoskit.hosts import AsyncioHost, Universe

REPEATS = 5
UNIVERSES = 200


class Forgetful:
    """A sink that keeps nothing: the journal is encoded and hashed as ever."""

    def write(self, chunk: bytes, index: ChunkIndex) -> None:
        """Gone."""

    def read(self, number: int) -> bytes:
        return b""


def chaoskit_messages() -> int:
    async def main(host: AsyncioHost) -> int:
        return await mailboxes()

    with Universe({"n1": main}) as universe:
        return int(universe.run("n1"))


def chaoskit_trips() -> int:
    with Universe({"server": serve_lines, "client": ask_lines("server")}, sink=Forgetful()) as universe:
        trips = int(universe.run("client"))
        universe.digest()
        return trips


def asyncio_messages() -> int:
    return asyncio.run(mailboxes(0))


def asyncio_trips() -> int:
    async def main() -> int:
        server = asyncio.ensure_future(serve_lines())
        trips = await ask_lines("127.0.0.1")()
        server.cancel()
        return trips

    return asyncio.run(main())


def simloop_run(main: Callable[[Any], Any]) -> int:
    from simloop import SimLoop
    from simloop._run import finish, run_once

    counts: list[int] = []

    async def counted() -> None:
        counts.append(await main(asyncio.get_running_loop()))

    loop = SimLoop(1)
    error = run_once(loop, counted)
    finish(loop)
    if error is not None:
        raise error
    return counts[0]


def simloop_messages() -> int:
    return simloop_run(lambda loop: mailboxes())


def simloop_trips() -> int:
    async def main(loop: Any) -> int:
        loop.net.set_defaults(latency=(LATENCY, 2 * LATENCY))
        loop.net.host("server").create_task(serve_lines())
        return int(await loop.net.host("client").create_task(ask_lines("server")()))

    return simloop_run(main)


def simloom_messages() -> int:
    from simloom import run

    return int(run(mailboxes, seed=1, world=False).value)


def simloom_trips() -> int:
    from simloom import run

    async def main(world: Any) -> int:
        world.host("server").spawn(lambda: serve_lines(at="server"))
        return int(await world.host("client").spawn(ask_lines("server")))

    return int(run(main, seed=1).value)


def universe_of_six(seed: int) -> str:
    """Six hosts, a conversation with each of five, a partition and a crash, fifteen virtual seconds: what one seed costs."""

    async def ask(host: AsyncioHost) -> int:
        await asyncio.sleep(0.1)
        answered = 0
        for number in range(1, 6):
            try:
                async with asyncio.timeout(1):
                    reader, writer = await asyncio.open_connection(f"n{number}", 7)
                    writer.write(b"hello\n")
                    answered += bool(await reader.readline())
                    writer.close()
            except (OSError, TimeoutError):
                pass
        await asyncio.sleep(10)
        return answered

    programs: dict[str, Any] = {f"n{number}": serve_lines for number in range(1, 6)}
    with Universe({**programs, "n6": ask}, seed=seed) as universe:
        universe.run(0.2)
        universe.control.cut("f1", "n6", "n3")
        universe.control.kill("f2", "n5", power_loss=True)
        universe.run(5.0)
        universe.control.heal("f1")
        universe.control.heal("f2")
        universe.run(15.0)
        return universe.digest()


def rates(*measures: Callable[[], int]) -> list[float]:
    """Each one's median rate by processor time, in turns."""
    found: list[list[float]] = [[] for _ in measures]
    for _ in range(REPEATS + 1):
        for each, measure in zip(found, measures, strict=True):
            gc.collect()
            begin = process_time()
            count = measure()
            each.append(count / (process_time() - begin))
    return [median(each[1:]) for each in found]


def measured() -> dict[str, dict[str, float]]:
    """The rates by processor time of all that are installed here."""
    return dict(_measured())


def _measured() -> Iterator[tuple[str, dict[str, float]]]:
    names = ["chaoskit", *(name for name in ("asyncio", "simloop", "simloom") if importlib.util.find_spec(name) is not None)]
    measures = globals()
    for what in ("messages", "trips"):
        yield what, dict(zip(names, rates(*(measures[f"{name}_{what}"] for name in names)), strict=True))
    universe_of_six(0)
    begin = process_time()
    for seed in range(1, UNIVERSES + 1):
        universe_of_six(seed)
    yield "universes", {"chaoskit": UNIVERSES / (process_time() - begin)}


if __name__ == "__main__":
    compiled = any(typed_modules().values())  # it names none in a folder of links
    print(json.dumps({"python": platform.python_version(), "compiled": compiled, "rates": measured()}))
