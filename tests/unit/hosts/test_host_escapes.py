"""What would leave the world is refused where it is asked for, by name, and ends the run; what need not leave it is served."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import datetime as dt
import logging
import multiprocessing
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, timedelta, timezone
from typing import Any

import pytest

from chaoskit.hosts import EPOCH, AsyncioHost, EscapeError, hosts_live

ONE_THREAD = "there is one thread: await it, or call loop.run_in_executor, which runs it in line"
STREAMS = "use asyncio's streams or protocols (asyncio.open_connection, asyncio.start_server)"
NO_PROCESSES = "start it as a host of its own"
SLEEP = "await asyncio.sleep, which takes virtual time"


def raw_socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


ESCAPES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "thread": (lambda: threading.Thread(target=print, name="mine").start(), "Thread.start of 'mine'", ONE_THREAD),
    "timer": (lambda: threading.Timer(1, print).start(), "Thread.start of", ONE_THREAD),
    "low-level thread": (lambda: _thread.start_new_thread(print, ()), "_thread.start_new_thread", ONE_THREAD),
    "connect": (lambda: raw_socket().connect(("n1", 80)), "a raw socket's own traffic", STREAMS),
    "send": (lambda: raw_socket().sendall(b"x"), "a raw socket's own traffic", STREAMS),
    "receive": (lambda: raw_socket().recv(1), "a raw socket's own traffic", STREAMS),
    "accept": (lambda: raw_socket().accept(), "a raw socket's own traffic", STREAMS),
    "create_connection": (lambda: socket.create_connection(("n1", 80)), "socket.create_connection", STREAMS),
    "socket pair": (lambda: socket.socketpair(socket.AF_UNIX), "socket.socketpair", STREAMS),
    "select": (lambda: select.select([], [], [], 1), "select.select with a wait", STREAMS),
    "subprocess": (lambda: subprocess.run([sys.executable, "--version"], check=False), "subprocess.Popen", NO_PROCESSES),
    "system": (lambda: os.system("true"), "os.system", NO_PROCESSES),
    "fork": (lambda: os.fork() and None, "os.fork", NO_PROCESSES),
    "multiprocessing": (lambda: multiprocessing.get_context("fork").Process().start(), "os.fork", NO_PROCESSES),
    "spawn": (lambda: os.posix_spawn(sys.executable, [sys.executable], {}), "os.posix_spawn", NO_PROCESSES),
    "sleep": (lambda: time.sleep(0.001), "time.sleep", SLEEP),
}


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("swallowed", [False, True], ids=["raised", "swallowed"])
def test_an_escape_is_refused_by_name_and_ends_the_run(escape: str, swallowed: bool, universe: Any) -> None:
    """At the call, with what to do instead; a program that swallows it has not escaped: the run would not be what it seems."""
    call, what, cure = ESCAPES[escape]
    refusals: list[str] = []

    async def main(host: AsyncioHost) -> None:
        try:
            call()
        except Exception as error:
            refusals.append(f"{type(error).__name__}: {error}")
            if not swallowed:
                raise
        await asyncio.sleep(1)

    pattern = f"^{re.escape(what)}.* on host n1 would leave the simulated world; {re.escape(cure)}\\.$"
    with pytest.raises(EscapeError, match=pattern):
        universe({"n1": main}).run("n1")
    assert [refusal.startswith(f"EscapeError: {what}") for refusal in refusals] == [True]


@pytest.mark.parametrize("method", ["sock_recv", "sock_sendall", "add_reader", "create_unix_server", "subprocess_exec"])
def test_what_the_loop_has_not_is_refused_by_name(method: str, universe: Any) -> None:
    """The methods of an event loop that are about real descriptors, processes and pipes."""

    async def main(host: AsyncioHost) -> None:
        getattr(asyncio.get_running_loop(), method)(None, None)

    with pytest.raises(EscapeError, match=f"^loop.{method} on host n1 would leave the simulated world; .+"):
        universe({"n1": main}).run("n1")


def test_a_library_that_answers_500_does_not_hide_an_escape(universe: Any) -> None:
    """It is raised by the run, although the server caught it and went on."""

    async def serve(host: AsyncioHost) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(Exception):
                threading.Thread(target=print, name="worker").start()
            writer.write(b"500\n")
            writer.close()

        await (await asyncio.start_server(converse, port=80)).serve_forever()

    async def ask(host: AsyncioHost) -> bytes:
        await asyncio.sleep(1)
        reader, writer = await asyncio.open_connection("server", 80)
        answer = await reader.readline()
        writer.close()
        return answer

    with pytest.raises(EscapeError, match=r"^Thread\.start of 'worker' on host server would leave"):
        universe({"server": serve, "client": ask}).run("client")


def test_clocks_in_c_show_the_hosts_time(universe: Any) -> None:
    """`datetime.now` and its like, in UTC, from the host's own clock; and the kernel's clocks by number."""
    begin = dt.datetime.fromtimestamp(EPOCH / 1e9, UTC).replace(tzinfo=None)
    summer = timezone(timedelta(hours=2))

    class Mine(dt.datetime):
        """A program's own."""

    async def main(host: AsyncioHost) -> None:
        await asyncio.sleep(90_000)
        now = begin + timedelta(seconds=90_000)
        assert dt.datetime.now() == dt.datetime.today() == now
        assert dt.datetime.now(UTC) == now.replace(tzinfo=UTC)
        assert dt.datetime.now(tz=summer) == now.replace(tzinfo=UTC)
        assert dt.datetime.now(summer).utcoffset() == timedelta(hours=2)
        assert date.today() == dt.date.today() == now.date()
        assert dt.datetime.fromtimestamp(0) == dt.datetime(1970, 1, 1)
        assert type(dt.datetime.now()) is dt.datetime and type(date.today()) is date
        assert type(Mine.now()) is Mine and Mine.now() == now
        assert time.clock_gettime(time.CLOCK_REALTIME) == EPOCH / 1e9 + 90_000
        assert time.clock_gettime_ns(time.CLOCK_MONOTONIC) == 90_000 * 10**9

    before = dt.datetime.now(UTC)
    universe({"n1": main}).run("n1")
    assert before <= dt.datetime.now(UTC) < before + timedelta(minutes=5), "outside of every host it is what it always is"
    assert dt.datetime.__dict__["now"] is ORIGINAL_NOW


ORIGINAL_NOW = dt.datetime.__dict__["now"]


def test_dates_made_while_hosts_live_are_dates(universe: Any) -> None:
    """Nothing of `datetime` is exchanged but where it looks at a clock: types stay what they are."""
    with hosts_live():
        from datetime import datetime as imported

        assert imported is dt.datetime
        assert imported.now(UTC) - dt.datetime.now(UTC) < timedelta(minutes=5)


def test_work_for_threads_is_done_in_line(universe: Any) -> None:
    """By `asyncio.to_thread`, an executor of the loop's, a pool of the program's own."""

    async def main(host: AsyncioHost) -> list[Any]:
        def work(number: int) -> tuple[int, str]:
            return number, threading.current_thread().name

        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(2) as pool:
            done = [
                await asyncio.to_thread(work, 1),
                await loop.run_in_executor(None, work, 2),
                await loop.run_in_executor(pool, work, 3),
                await asyncio.wrap_future(pool.submit(work, number=4)),
                pool.submit(work, 5).result(),
            ]
            failed = pool.submit(int, "x")
            assert isinstance(failed.exception(), ValueError)
        return done

    here = threading.current_thread().name
    assert universe({"n1": main}).run("n1") == [(number, here) for number in range(1, 6)]


def test_chance_of_the_system_is_the_hosts(universe: Any) -> None:
    """What comes from the kernel elsewhere comes from the seed here."""

    async def main(host: AsyncioHost) -> bytes:
        return os.urandom(8) + os.getrandom(8)

    drawn = [universe({"n1": main}, seed=seed).run("n1") for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0][:8] != drawn[0][8:]


def test_a_timer_between_two_nanoseconds_is_waited_for(universe: Any) -> None:
    """Who asks again because it is early by less than a nanosecond does not go round for ever; as aiohttp's heartbeat does."""

    async def main(host: AsyncioHost) -> int:
        loop, rounds, done = host.loop, 0, asyncio.Event()
        when = 0.3 + 1e-11

        def due() -> None:
            nonlocal rounds
            rounds += 1
            if loop.time() < when:
                if rounds % 2:
                    loop.call_at(when, due)
                else:
                    loop.call_later(when - loop.time(), due)
            else:
                done.set()

        loop.call_at(when, due)
        await done.wait()
        return rounds

    world = universe({"n1": main})
    assert world.run("n1") == 2
    assert world.world.kernel.now == 300_000_001


def test_log_lines_that_nobody_configured_go_to_the_journal_without_addresses(
    universe: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Warnings and worse, as on stderr, with their error; an address in memory would make two runs differ."""
    monkeypatch.setattr(logging.root, "handlers", [])

    async def main(host: AsyncioHost) -> None:
        log = logging.getLogger("mine")
        log.info("too quiet")
        try:
            int("x")
        except ValueError:
            log.exception("failed in %r", object())

    world = universe({"n1": main})
    world.run("n1")
    told = "ERROR mine: failed in <object object>: ValueError: invalid literal for int() with base 10: 'x'"
    assert world.logs("n1") == [told]
    logging.getLogger("mine").error("outside")
    assert capsys.readouterr().err == "outside\n"
