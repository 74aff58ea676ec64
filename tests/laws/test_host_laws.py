"""Laws of asyncio hosts: bytes arrive once and in order, timers fire by their instants, and a seed is a run, whatever breaks."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.hosts import AsyncioHost, Universe

law = settings(deadline=None, derandomize=True, max_examples=6)
seeds = st.integers(0, 2**32)
writes = st.lists(st.tuples(st.integers(1, 5000), st.sampled_from([0, 0, 0.001, 0.3])), min_size=1, max_size=12)
faults = st.lists(
    st.tuples(st.sampled_from(["kill", "power", "pause", "cut", "skew"]), st.floats(0.05, 0.9), st.booleans()), max_size=4
)


@law
@given(writes=writes, seed=seeds, loss=st.sampled_from([0, 50_000, 200_000]), sliced=st.booleans())
def test_bytes_arrive_once_and_in_order(writes: list[tuple[int, float]], seed: int, loss: int, sliced: bool) -> None:
    """Over a network that loses, reorders and slices; a reader may be slow."""
    sent = b"".join(bytes([number]) * size for number, (size, _) in enumerate(writes))

    async def serve(host: AsyncioHost) -> bytes:
        done = asyncio.get_running_loop().create_future()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got = b""
            while piece := await reader.read(700):
                got += piece
                await asyncio.sleep(0.001)
            writer.close()
            done.set_result(got)

        await asyncio.start_server(converse, port=7)
        return bytes(await done)

    async def ask(host: AsyncioHost) -> None:
        await asyncio.sleep(0.01)
        _, writer = await asyncio.open_connection("n1", 7)
        for number, (size, pause) in enumerate(writes):
            writer.write(bytes([number]) * size)
            await writer.drain()
            await asyncio.sleep(pause)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(60)

    with Universe({"n1": serve, "n2": ask}, seed=seed, loss=loss, reorder=100_000) as universe:
        if sliced:
            universe.control.poison("f1", "n1", type="slicer", average_size=100, size_variation=50)
        assert universe.run("n1") == sent


@law
@given(delays=st.lists(st.integers(0, 50), max_size=30), drift=st.integers(-900_000, 900_000))
def test_timers_fire_by_their_instants_then_by_their_making(delays: list[int], drift: int) -> None:
    """On whatever clock, and never before its clock shows the instant."""
    fired: list[tuple[int, int]] = []

    async def main(host: AsyncioHost) -> None:
        loop = asyncio.get_running_loop()

        def fire(delay: int, number: int, due: float) -> None:
            fired.append((delay, number))
            assert loop.time() >= due

        for number, delay in enumerate(delays):
            loop.call_later(delay / 1000, fire, delay, number, loop.time() + delay / 1000)
        await asyncio.sleep(1)

    with Universe({"n1": main}) as universe:
        universe.control.skew("f1", "n1", drift=drift)
        universe.run("n1")
    assert fired == sorted(fired)
    assert len(fired) == len(delays)


def _server(noted: list[str]) -> Any:
    """Answers lines after a while, and notes when a `finally` of it runs in a dead process."""

    async def main(host: AsyncioHost) -> None:
        process = host.loop.process

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while line := await reader.readline():
                    await asyncio.sleep(0.01)
                    writer.write(line)
            except OSError:
                pass
            finally:
                if not process.alive:
                    noted.append("finally of the dead")
                writer.close()

        await (await asyncio.start_server(converse, port=7)).serve_forever()

    return main


async def _ask(host: AsyncioHost) -> list[Any]:
    """Asks for two seconds, on a new connection each time."""
    answers: list[Any] = []
    while host.loop.time() < 2:
        try:
            async with asyncio.timeout(0.5):
                reader, writer = await asyncio.open_connection("n1", 7)
                try:
                    writer.write(b"hello\n")
                    answers.append(await reader.readline())
                finally:
                    writer.close()
        except (OSError, TimeoutError) as error:
            answers.append(type(error).__name__)
            await asyncio.sleep(0.05)
    return answers


def _strike(control: Any, kind: str, token: str) -> None:
    match kind:
        case "kill" | "power":
            control.kill(token, "n1", power_loss=kind == "power")
        case "pause":
            control.pause(token, "n1")
        case "cut":
            control.cut(token, "n2", "n1")
        case "skew":
            control.skew(token, "n2", drift=300_000)


def _afflicted(seed: int, plan: list[tuple[str, float, bool]]) -> tuple[str, list[str], list[Any]]:
    """A chatty pair under faults: digest, what the dead noted, also once the world was over, and how the questions ended."""
    noted: list[str] = []
    with Universe({"n1": _server(noted), "n2": _ask}, seed=seed) as universe:
        for number, (kind, at, heals) in enumerate(sorted(plan, key=lambda fault: fault[1])):
            universe.run(at)
            _strike(universe.control, kind, f"f{number}")
            if heals:
                universe.run(universe.now + 0.3)
                universe.control.heal(f"f{number}")
        answers = universe.run("n2")
        digest = universe.digest()
    return digest, noted, answers


@law
@given(seed=seeds, plan=faults)
def test_a_seed_is_a_run_and_no_finally_of_the_dead_runs_in_it(seed: int, plan: list[tuple[str, float, bool]]) -> None:
    """Kills, power losses, pauses, partitions and drifts, healed or not: twice the same, and never a word from a dead process."""
    first, second = _afflicted(seed, plan), _afflicted(seed, plan)
    assert first == second
    assert first[1] == []
    assert first[2]
