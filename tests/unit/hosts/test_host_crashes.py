"""Crashes, pauses and restarts of asyncio hosts: nothing of a dead process runs, and its peers see what TCP would show them."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import Any

import pytest

from chaoskit.core.fault import Fault, On
from chaoskit.hosts import AsyncioHost, Universe


def server(notes: list[str]) -> Any:
    """A server that never answers, and notes how its tasks end."""

    async def main(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readline()
                await asyncio.sleep(3600)
            except BaseException as error:  # not even CancelledError comes
                notes.append(type(error).__name__)
                raise
            finally:
                notes.append("finally")
                writer.close()

        listening = await asyncio.start_server(converse, port=7)
        await listening.serve_forever()

    return main


async def ask(host: AsyncioHost) -> tuple[str, float]:
    """How and when a question that nobody answers ends."""
    await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("n1", 7)
    try:
        writer.write(b"anybody?\n")
        answer = await reader.readline()
        while not answer:  # the other end has ended: who writes on learns more
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)
        return "answered", host.loop.time()
    except OSError as error:
        return type(error).__name__, host.loop.time()
    finally:
        writer.close()


def test_a_task_made_after_the_death_of_its_process_never_runs(universe: Any) -> None:
    """The callback in which it dies goes on to its next await; what it makes there is dropped in silence at the world's end."""
    ran: list[int] = []

    async def orphan() -> None:
        ran.append(1)

    async def main(host: AsyncioHost) -> None:
        if host.boot == 1:
            world.control.kill("f1", "n1")
            task = asyncio.create_task(orphan())
            await task

    world: Universe = universe({"n1": main})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        world.run(1)
        world.close()
        gc.collect()
    assert (ran, [str(each.message) for each in told]) == ([], [])


def struck(universe: Any, *, power_loss: bool, up_again: float | None) -> tuple[Universe, list[str]]:
    """A universe whose server is killed at 1 s."""
    notes: list[str] = []
    world: Universe = universe({"n1": server(notes), "n2": ask})
    world.run(1)
    world.control.kill("f1", "n1", power_loss=power_loss)
    if up_again is not None:
        world.run(up_again)
        world.control.heal("f1")
    return world, notes


def test_after_a_kill_the_machine_closes_and_no_finally_runs(universe: Any) -> None:
    """The peer reads the end and is reset when it writes on, though the program's own `close` never ran."""
    world, notes = struck(universe, power_loss=False, up_again=None)
    how, when = world.run("n2")
    assert how in ("ConnectionResetError", "BrokenPipeError")
    assert 1 < when < 4
    world.close()
    gc.collect()
    assert notes == []


def test_after_a_power_loss_there_is_silence_and_then_a_reset(universe: Any) -> None:
    """Nobody is told; a machine that is back knows nothing of before, and answers the next segment by a reset."""
    world, notes = struck(universe, power_loss=True, up_again=20)
    world.run(40)
    assert not [event for event in world.events("crash") if event.node == "n2"]  # it waits on: who sends nothing hears nothing
    assert notes == []

    chatty: Universe = universe({"n1": server(notes), "n2": chatter})
    chatty.run(1)
    chatty.control.kill("f1", "n1", power_loss=True)
    chatty.run(5)
    chatty.control.heal("f1")
    how, when = chatty.run("n2")
    assert how == "ConnectionResetError"
    assert 5 < when < 10
    for each in (world, chatty):
        each.close()
    gc.collect()
    assert notes == []


async def chatter(host: AsyncioHost) -> tuple[str, float]:
    """Writes every half second until that fails."""
    await asyncio.sleep(0.01)
    _, writer = await asyncio.open_connection("n1", 7)
    try:
        while True:
            writer.write(b"x\n")
            await writer.drain()
            await asyncio.sleep(0.5)
    except OSError as error:
        return type(error).__name__, host.loop.time()
    finally:
        writer.close()


def test_a_machine_that_never_comes_back_times_the_writer_out(universe: Any) -> None:
    """After the stream layer's limit."""
    world: Universe = universe({"n1": server([]), "n2": chatter})
    world.run(1)
    world.control.kill("f1", "n1", power_loss=True)
    how, when = world.run("n2")
    assert how == "TimeoutError"
    assert 30 < when < 33


def test_nothing_of_a_dead_process_runs_or_is_sent(universe: Any) -> None:
    """Its timers, tasks and callbacks are gone; the next boot is a new program with a new loop."""
    ticks: list[tuple[int, float]] = []

    async def main(host: AsyncioHost) -> None:
        while True:
            ticks.append((host.boot, round(host.loop.time(), 3)))
            await asyncio.sleep(1)

    world = universe({"n1": main})
    world.run(2.5)
    world.control.kill("f1", "n1")
    world.run(10.2)
    world.control.heal("f1")
    world.run(11.5)
    assert ticks == [(1, 0.0), (1, 1.0), (1, 2.0), (2, 10.2), (2, 11.2)]


def test_a_process_that_dies_in_the_middle_of_a_callback_sends_nothing_more(universe: Any) -> None:
    """A fault may fall between two writes: what comes after it in the same callback has no effect."""

    async def main(host: AsyncioHost) -> None:
        if host.boot > 1:
            await asyncio.sleep(3600)
        await asyncio.sleep(0.01)
        _, writer = await asyncio.open_connection("n2", 7)
        writer.write(b"first\n")  # the fault strikes as this is sent
        host.log("lived on")
        writer.write(b"second\n")
        asyncio.get_running_loop().call_soon(host.log, "never")
        await asyncio.sleep(0)
        host.log("never")

    async def listen(host: AsyncioHost) -> bytes:
        done = asyncio.get_running_loop().create_future()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            done.set_result(await reader.read())
            writer.close()

        await asyncio.start_server(converse, port=7)
        return bytes(await done)

    def strike(control: Any, fault: Fault, nodes: list[str]) -> dict[str, Any]:
        control.kill(fault.id, "n1")
        return {}

    fault = Fault(id="f1", when=On(event="send TCP-DATA"), who=["n1"], kind="strike", lasting=None)
    world = universe({"n1": main, "n2": listen}, faults=[fault], injectors={"strike": strike})
    assert world.run("n2") == b"first\n"
    assert world.logs() == []


def test_a_paused_host_goes_on_where_it_stood(universe: Any) -> None:
    """What was due and what arrived meanwhile waits; its clock does not."""
    ticks: list[float] = []

    async def main(host: AsyncioHost) -> None:
        while True:
            ticks.append(round(host.loop.time(), 3))
            await asyncio.sleep(1)

    world = universe({"n1": main})
    world.run(1.5)
    world.control.pause("f1", "n1")
    world.run(7.5)
    world.control.heal("f1")
    world.run(9)
    assert ticks == [0.0, 1.0, 7.5, 8.5]


def test_a_paused_server_answers_late(universe: Any, echo: Any) -> None:
    """Its machine acknowledges meanwhile, so the connection lives."""

    async def main(host: AsyncioHost) -> float:
        await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("n1", 7)
        await asyncio.sleep(2)
        writer.write(b"are you there?\n")
        assert await reader.readline() == b"are you there?\n"
        writer.close()
        return host.loop.time()

    world = universe({"n1": echo, "n2": main})
    world.run(1)
    world.control.pause("f1", "n1")
    world.run(100)
    world.control.heal("f1")
    assert world.run("n2") == pytest.approx(100.001)


def test_an_end_of_the_program_is_an_end_of_its_process(universe: Any, echo: Any) -> None:
    """What it has open is closed by its machine; what its tasks were about to do is not done."""
    seen: list[str] = []

    async def late() -> None:
        await asyncio.sleep(1)
        seen.append("late")

    async def main(host: AsyncioHost) -> str:
        await asyncio.sleep(0.01)
        task = asyncio.create_task(late())
        _, host.writer = await asyncio.open_connection("n1", 7)  # type: ignore[attr-defined]
        return task.get_name()

    world = universe({"n1": echo, "n2": main})
    world.run("n2")
    world.run(70)  # as long as a machine remembers a connection that it ended
    assert seen == []
    assert not world.world.streams.connections[1]
