"""Tests of the Hotline server that comes with chaoskit: hard cases of a binary protocol, byte for byte and second for second."""

from __future__ import annotations

import asyncio

import pytest

from chaoskit.models.hotline import UNBOUNDED_LENGTH, Ended, HotlineServer, IoTimeoutError, Reply, Request
from chaoskit.testing.injector import FaultInjector
from chaoskit.wire.codec import CodecError
from chaoskit.wire.scripted import play
from chaoskit.wire.steps import Script
from chaoskit.wire.virtual_time import VirtualTime, run

WELCOMED = (
    Script("hotline")
    .read(bytes.fromhex("54525450 00000000 0001 0000"))  # TRTP, sub-protocol 0, version 1.0
    .write(bytes.fromhex("54525450 00000000"))  # TRTP, all is well
)
REQUEST = bytes.fromhex("00 00 0001 0000002A 00000000 00000002 00000002 0000")  # type 1, id 42, no fields
REFUSED = bytes.fromhex("00 01 0001 0000002A 00000007 00000002 00000002 0000")
ANSWER = bytes.fromhex("00 01 0001 0000002A 00000000 00000002 00000002 0000")


class Yes:
    """A request handler without a data base: it says yes, unless the injector says no."""

    def __init__(self, injector: FaultInjector | None = None) -> None:
        self.injector = injector

    async def answer(self, request: Request) -> Reply:
        fails = self.injector is not None and self.injector.should_fail(0.3, "answer")
        return Reply(error=7 if fails else 0)


def test_a_stall_in_a_header_is_a_time_out() -> None:
    """Each exact read has five seconds of its own."""
    with VirtualTime() as time:
        with pytest.raises(IoTimeoutError, match=r"^I/O timeout: the 20 bytes of a header did not come within 5 s$"):
            time.run(play(WELCOMED.wait(3).read(REQUEST[:7]).stall(), HotlineServer(handlers=Yes).handle_connection))
        assert time.now == 5


def test_a_failed_write_is_not_swallowed() -> None:
    """The answer to the first request breaks off after three bytes."""
    script = WELCOMED.read(REQUEST).write(ANSWER[:3]).write_error(BrokenPipeError())
    with pytest.raises(BrokenPipeError):
        run(play(script, HotlineServer(handlers=Yes).handle_connection))


def test_a_header_of_four_gigabytes_is_refused_at_once() -> None:
    """The planted bug believes it, and waits for them."""
    script = WELCOMED.read(bytes.fromhex("00 00 0001 0000002A 00000000 FFFFFFFF FFFFFFFF")).stall()
    with pytest.raises(CodecError, match=r"^payload too large$"):
        run(play(script, HotlineServer(handlers=Yes).handle_connection))
    with pytest.raises(IoTimeoutError):
        run(play(script, HotlineServer(handlers=Yes, bugs=frozenset({UNBOUNDED_LENGTH.name})).handle_connection))


def test_a_shutdown_ends_a_connection_that_waits() -> None:
    """At once, and well; nothing more is written."""
    server = HotlineServer(handlers=Yes, shutdown=asyncio.Event())
    with VirtualTime() as time:
        serving = time.start(play(WELCOMED.stall(), server.handle_connection))
        time.advance(2)
        server.shutdown.set()
        time.settle()
        assert serving.result() is Ended.SHUT_DOWN


def test_requests_that_fail_now_and_then_are_told_so(fault_injector: FaultInjector) -> None:
    """Which ones is the seed's choice: the same seed chooses the same."""
    script, twin = WELCOMED, FaultInjector(fault_injector.seed)
    for _ in range(10):
        script = script.read(REQUEST).write(REFUSED if twin.should_fail(0.3, "answer") else ANSWER)
    server = HotlineServer(handlers=lambda: Yes(fault_injector))
    assert run(play(script.eof(), server.handle_connection)) is Ended.LEFT
