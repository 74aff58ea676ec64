"""Time-outs, retries and a client over many connections in the simulated network: under toxics, cuts and kills."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core.units import MILLISECOND, SECOND
from chaoskit.draws import Draws
from chaoskit.hosts import AsyncioHost, Universe
from chaoskit.sim.network import Cut
from chaoskit.wire.app import FramedApp
from chaoskit.wire.codec import HotlineCodec, HotlineFrame
from chaoskit.wire.reconnecting import ReconnectingClient
from chaoskit.wire.retry import Backoff, GaveUpError, Once, retry

CODEC = HotlineCodec()
PORT = 80
Program = Callable[[AsyncioHost], Awaitable[Any]]


def now() -> float:
    return asyncio.get_running_loop().time()


def universe_of(client: Program, *, server: Program | None = None, seed: int = 1, **weather: Any) -> Universe:
    """A client, and a server that answers in capitals unless another is given; a packet takes a millisecond."""
    return Universe({"client": client, "server": server or serve(upper)}, seed=seed, **{"latency": "constant:1ms", **weather})


def upper(frame: HotlineFrame) -> list[HotlineFrame]:
    return [HotlineFrame(frame.payload.upper(), frame.transaction_id)]


def serve(answer: Callable[[HotlineFrame], Any]) -> Program:
    async def main(_: AsyncioHost) -> None:
        async with await asyncio.start_server(quietly(FramedApp(CODEC, answer)), port=PORT) as server:
            await server.serve_forever()

    return main


def quietly(app: FramedApp[HotlineFrame]) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A connection that breaks is no failure of the server."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            await app.handle_connection(reader, writer)

    return handler


async def ask_once(payload: bytes = b"question", number: int = 1) -> bytes:
    """One question on a connection of its own."""
    reader, writer = await asyncio.open_connection("server", PORT)
    try:
        writer.write(CODEC.encode(HotlineFrame(payload, number)))
        return (await reader.readexactly(20 + len(payload)))[20:]
    finally:
        writer.transport.abort()


def client_of(**how: Any) -> ReconnectingClient[HotlineFrame]:
    return ReconnectingClient(partial(asyncio.open_connection, "server", PORT), CODEC, backoff=Backoff(**how))


async def ask(_: AsyncioHost) -> tuple[bytes, float]:
    async with client_of() as client:
        return (await client.request(HotlineFrame(b"question", 1))).payload, now()


def test_row_83_a_latency_beyond_the_time_out_ends_in_a_time_out() -> None:
    """Ten seconds against five: the client has its time-out at 5 s; with three against five, its answer at 3 s."""

    async def main(_: AsyncioHost) -> tuple[str, float]:
        try:
            async with asyncio.timeout(5):
                await ask_once()
        except TimeoutError:
            return "Timeout", now()
        return "answer", now()

    for latency, found in ((10, ("Timeout", 5.0)), (3, ("answer", 3.004))):
        with universe_of(main) as universe:
            universe.control.poison("t1", "server", type="latency", latency=latency * SECOND)
            assert universe.run("client") == found


def test_row_83_a_client_that_is_cancelled_leaves_no_connection() -> None:
    """Neither end of one is open a minute later."""

    async def main(_: AsyncioHost) -> None:
        asking = asyncio.create_task(ask(_))
        await asyncio.sleep(2)
        asking.cancel()
        await asyncio.sleep(60)

    with universe_of(main) as universe:
        universe.control.poison("t1", "server", type="latency", latency=10 * SECOND)
        universe.run("client")
        universe.run(universe.now + 120)
        streams = universe.world.streams
        assert streams is not None
        assert sum(map(len, streams.connections.values())) == 0


def outcomes(tries: int) -> Program:
    """Whether each of so many questions was answered."""

    async def main(_: AsyncioHost) -> str:
        found = ""
        for _number in range(tries):
            try:
                await ask_once()
                found += "."
            except ConnectionResetError:
                found += "R"
            await asyncio.sleep(0.1)
        return found

    return main


def test_row_84_some_connections_fail_by_a_seeded_probability() -> None:
    """Ten tries at a half: both outcomes, the same ones for the same seed; at three tenths, about that many of three hundred."""

    def found(seed: int, *, tries: int = 10, toxicity: int = 500_000) -> str:
        with universe_of(outcomes(tries), seed=seed) as universe:
            universe.control.poison("t1", "server", type="reset_peer", toxicity=toxicity)
            return str(universe.run("client"))

    assert found(1) == found(1) == "...R..R.R."
    assert len({found(seed) for seed in range(10)}) == 10
    assert 70 <= found(1, tries=300, toxicity=300_000).count("R") <= 110


def test_row_84_every_third_connection_fails() -> None:
    """Counted, not drawn; from the moment at which the toxic came."""
    with universe_of(outcomes(9)) as universe:
        universe.run(0.25)  # three have been answered
        universe.control.poison("t1", "server", type="reset_peer", every=3)
        assert universe.run("client") == ".....R..R"


def test_row_84_retries_get_through_what_fails_in_seven_of_ten() -> None:
    """At most ten; every one of twenty questions is answered, and the waits are what they should be."""

    async def main(_: AsyncioHost) -> tuple[int, float]:
        backoff = Backoff(first_seconds=0.1, factor=1, tries=11)
        answers = [await retry(ask_once, backoff=backoff) for _number in range(20)]
        assert answers == [b"QUESTION"] * 20
        return len(answers), now()

    with universe_of(main) as universe:
        universe.control.poison("t1", "server", type="reset_peer", toxicity=700_000)
        answers, seconds = universe.run("client")
        failed = universe.world.faults.effects["t1"]["reset"]
        assert answers == 20
        assert 20 < failed < 100
        assert seconds == pytest.approx(failed * 0.1, rel=0.1)


@pytest.mark.parametrize("limit", range(28))
def test_row_85_a_response_that_is_cut_off_is_asked_for_again(limit: int) -> None:
    """After any number of its 28 bytes; the toxic is gone when the client asks again."""
    with universe_of(ask) as universe:
        universe.control.poison("t1", "server", type="limit_data", bytes=limit)
        universe.run(0.5)
        universe.control.heal("t1")
        assert universe.run("client") == (b"QUESTION", pytest.approx(1.008, abs=0.002))


def test_row_89_attempts_at_a_host_that_refuses_are_exact() -> None:
    """Nobody listens: refused after a round trip of 2 ms each time, so at 0, 1.002, 3.004 and 7.006 s, and then it gives up."""

    async def idle(_: AsyncioHost) -> None:
        await asyncio.sleep(1000)

    with universe_of(ask, server=idle) as universe:
        with pytest.raises(GaveUpError, match=r"tried 4 times in 7\.008 s, and the last failed with ConnectionRefusedError"):
            universe.run("client")
        attempts = [event.time / SECOND for event in universe.events("send") if event.data["type"] == "TCP-SYN"]
        assert attempts == [0, 1.002, 3.004, 7.006]


def test_row_89_a_server_that_is_back_is_found_again() -> None:
    """Killed and started again: what was asked meanwhile is answered by the new one."""
    with universe_of(ask) as universe:
        universe.run(0)  # the client has begun to connect
        universe.control.kill("k1", "server")
        universe.run(2)
        universe.control.heal("k1")
        payload, instant = universe.run("client")
        assert payload == b"QUESTION"
        assert 3 <= instant < 3.1


# State over reconnects ---------------------------------------------------------------------------------------------------------


class Ledger:
    """Adds what it is told to, each request once, and tells its subscribers every change by number."""

    def __init__(self) -> None:
        self.changes: list[int] = []
        self._told: dict[asyncio.StreamWriter, None] = {}
        self._once = Once(self._add, key=lambda frame: (frame.payload, frame.transaction_id))

    async def main(self, _: AsyncioHost) -> None:
        async with await asyncio.start_server(self._handle, port=PORT) as server:
            await server.serve_forever()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await quietly(FramedApp(CODEC, partial(self._answer, writer)))(reader, writer)
        finally:
            self._told.pop(writer, None)

    def _answer(self, writer: asyncio.StreamWriter, frame: HotlineFrame) -> Any:
        if not frame.payload.startswith(b"from "):
            return self._once(frame)
        self._told[writer] = None
        return [self._event(number) for number in range(int(frame.payload[5:]), len(self.changes) + 1)]

    def _add(self, frame: HotlineFrame) -> list[HotlineFrame]:
        self.changes.append(int(frame.payload.split()[1]))
        for writer in self._told:
            writer.write(CODEC.encode(self._event(len(self.changes))))
        return [HotlineFrame(b"%d" % len(self.changes), frame.transaction_id)]

    def _event(self, number: int) -> HotlineFrame:
        return HotlineFrame(b"event %d %d" % (number, self.changes[number - 1]))


def number_of(frame: HotlineFrame) -> int | None:
    return int(frame.payload.split()[1]) if frame.payload.startswith(b"event ") else None


async def write_and_listen(name: str, changes: int, host: AsyncioHost) -> list[int]:
    """Asks for so many changes, one after the other, while it hears of everybody's; gives what it heard."""
    backoff = Backoff(first_seconds=0.2, longest_seconds=2, tries=None, jitter=0.5, draws=Draws(1).child(name))
    connect = partial(asyncio.open_connection, "server", PORT)
    async with ReconnectingClient(connect, CODEC, backoff=backoff, answer_seconds=2) as client:
        subscription = client.subscribe(ask=lambda number: HotlineFrame(b"from %d" % number), number=number_of)
        for number in range(changes):
            await client.request(HotlineFrame(b"%s %d" % (name.encode(), number), number + 1))
            await asyncio.sleep(0.1)
        heard = []
        async for event in subscription:
            heard.append(int(event.payload.split()[2]))
            if len(heard) == 2 * changes:
                return heard
    raise AssertionError("never comes here")


SPOILING = st.one_of(
    st.fixed_dictionaries({"type": st.just("reset_peer"), "timeout": st.sampled_from([0, 100 * MILLISECOND])}),
    st.fixed_dictionaries({"type": st.just("limit_data"), "bytes": st.integers(0, 300)}),
    st.fixed_dictionaries({"type": st.just("drop_after"), "bytes": st.integers(0, 300)}),
    st.fixed_dictionaries({"type": st.just("timeout"), "timeout": st.sampled_from([0, SECOND])}),
    st.fixed_dictionaries({"type": st.just("latency"), "latency": st.sampled_from([SECOND, 3 * SECOND])}),
    st.fixed_dictionaries({"type": st.just("slicer"), "average_size": st.just(1)}),
    st.just({"type": "cut"}),
)
faults = st.lists(
    st.tuples(SPOILING, st.sampled_from(["upstream", "downstream"]), st.integers(1, 3000), st.integers(1, 3000)), max_size=4
)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(faults, st.integers(1, 1000))
def test_row_91_nothing_twice_and_nothing_lost_under_any_faults(
    spoilt: list[tuple[dict[str, Any], str, int, int]], seed: int
) -> None:
    """Two clients, ten changes each; resets, cuts, silence, late answers: each change is made once, both hear all in order."""
    ledger = Ledger()
    programs = {"a": partial(write_and_listen, "a", 10), "b": partial(write_and_listen, "b", 10), "server": ledger.main}
    with Universe(programs, seed=seed, latency="uniform:1ms..20ms") as universe:  # type: ignore[arg-type]
        for number, (how, direction, wait, lasting) in enumerate(spoilt):
            universe.run(universe.now + wait / 1000)
            if how["type"] == "cut":
                universe.world.network.cut(0, 2, Cut(token=f"t{number}"))
            else:
                universe.control.poison(f"t{number}", "server", direction=direction, **how)
            universe.run(universe.now + lasting / 1000)
            universe.control.heal(f"t{number}")
        heard = [universe.run(name) for name in ("a", "b")]
        assert universe.failures == []
    assert heard == [ledger.changes, ledger.changes]
    assert sorted(ledger.changes) == sorted([*range(10), *range(10)])
