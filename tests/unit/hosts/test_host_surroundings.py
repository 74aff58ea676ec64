"""What Python tells a program on an asyncio host of clocks, chance, threads and sockets: the host's own, or a refusal by name."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
import subprocess
import threading
import time
import uuid
from time import monotonic as imported_before
from typing import Any

import pytest

from chaoskit.core.units import SECOND
from chaoskit.hosts import EPOCH, AsyncioHost

LIBRARYS_OWN = random.Random()  # as a library makes one when it is imported


def chance() -> list[Any]:
    """Everything that a program takes for random."""
    return [
        random.random(),
        random.randint(1, 10**9),
        random.sample(range(10**6), 3),
        os.urandom(8),
        uuid.uuid4(),
        uuid.uuid1(),
        secrets.token_hex(8),
        random.Random().random(),
        random.SystemRandom().random(),
        LIBRARYS_OWN.random(),
    ]


def test_chance_comes_from_the_seed_the_host_and_its_boot(universe: Any) -> None:
    """The same again for the same seed, another for another host; a generator that was seeded stays what it is."""

    async def main(host: AsyncioHost) -> list[Any]:
        return [*chance(), *chance()]

    drawn = []
    for seed in (1, 1, 2):
        world = universe({"n1": main, "n2": main}, seed=seed)
        drawn += [world.run("n1"), world.run("n2")]
    first, other, again, _, another, _ = drawn
    assert first == again
    assert not [pair for pair in zip(first, other, strict=True) if pair[0] == pair[1]]
    assert not [pair for pair in zip(first[:5], another[:5], strict=True) if pair[0] == pair[1]]
    assert len({str(one) for one in first}) == len(first)


def test_a_seeded_generator_is_its_own(universe: Any) -> None:
    """Made and seeded on a host, it draws what it draws everywhere."""

    async def main(host: AsyncioHost) -> list[float]:
        generator = random.Random(7)
        return [generator.random(), generator.uniform(0, 1)]

    elsewhere = random.Random(7)
    assert universe({"n1": main}).run("n1") == [elsewhere.random(), elsewhere.uniform(0, 1)]


def test_what_one_host_draws_moves_nothing_on_another(universe: Any) -> None:
    """Their streams are apart."""

    def program(times: int) -> Any:
        async def main(host: AsyncioHost) -> float:
            return [random.random() for _ in range(times)][-1]

        return main

    assert universe({"n1": program(1), "n2": program(1)}).run("n2") == universe({"n1": program(99), "n2": program(1)}).run("n2")


def test_clocks_are_those_of_the_host(universe: Any) -> None:
    """Wall and monotonic, however they were imported; a skew changes one host's wall clock alone."""

    async def main(host: AsyncioHost) -> list[Any]:
        await asyncio.sleep(10)
        return [
            time.time(),
            time.time_ns(),
            time.monotonic(),
            imported_before(),
            time.perf_counter_ns(),
            time.strftime("%Y-%m-%d", time.gmtime()),
        ]

    world = universe({"n1": main, "n2": main})
    world.run(5)
    world.control.skew("f1", "n2", offset=60 * SECOND)
    right = EPOCH // SECOND + 10
    assert world.run("n1") == [right, right * SECOND, 10.0, 10.0, 10 * SECOND, "2025-06-15"]
    assert world.run("n2") == [right + 60, (right + 60) * SECOND, 10.0, 10.0, 10 * SECOND, "2025-06-15"]


def test_outside_of_hosts_everything_is_as_it_was(universe: Any) -> None:
    """During a run in what is not a host's, and after it altogether."""
    before = [time.time, time.sleep, os.urandom, random.random, random.Random.seed, socket.gethostname, subprocess.Popen.__init__]

    async def main(host: AsyncioHost) -> None:
        await asyncio.sleep(1)

    world = universe({"n1": main})
    real = time.time()
    world.world.kernel.schedule(5 * 10**8, 0, lambda _: seen.append(time.time()), None)
    seen: list[float] = []
    world.run("n1")
    assert 0 <= seen[0] - real < 600
    after = [time.time, time.sleep, os.urandom, random.random, random.Random.seed, socket.gethostname, subprocess.Popen.__init__]
    assert after == before
    assert threading.Thread(target=int).start() is None


def test_a_module_that_a_host_imports_is_loaded_outside(universe: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it does then is done once a process, not once a run: it sees the real clock, and may even start what it likes."""
    (tmp_path / "lazily_imported_module.py").write_text("import time, os\nat = time.time()\nname = time.time\n")
    monkeypatch.syspath_prepend(tmp_path)

    async def main(host: AsyncioHost) -> list[float]:
        import lazily_imported_module as lazy  # type: ignore[import-not-found]

        return [lazy.at, lazy.name()]

    for _ in range(2):
        at, now = universe({"n1": main}).run("n1")
        assert abs(at - time.time()) < 600
        assert now == EPOCH / SECOND
