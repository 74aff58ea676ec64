"""Ctrl-C, taken between two events."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from chaoskit.sim.interrupt import ctrl_c_between_events
from chaoskit.sim.kernel import Kernel


@pytest.fixture(autouse=True)
def _hear_ctrl_c() -> Iterator[None]:
    """What a shell starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_event_under_way_ends_first() -> None:
    """What it was writing is whole; then `KeyboardInterrupt` comes."""
    kernel, written = Kernel(1), list[str]()

    def event(_: object) -> None:
        written.append("one column")
        _press_ctrl_c()
        written.append("the other column")

    kernel.schedule(1, 0, event, None)
    kernel.schedule(2, 0, event, None)
    with pytest.raises(KeyboardInterrupt), ctrl_c_between_events(kernel):
        kernel.run(10, 100)
    assert written == ["one column", "the other column"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_one_does_not_wait() -> None:
    """An event that never ends can be stopped."""
    kernel, reached = Kernel(1), list[str]()

    def event(_: object) -> None:
        _press_ctrl_c()
        reached.append("after the first")
        _press_ctrl_c()
        reached.append("after the second")

    kernel.schedule(1, 0, event, None)
    with pytest.raises(KeyboardInterrupt), ctrl_c_between_events(kernel):
        kernel.run(10, 100)
    assert reached == ["after the first"]


def test_whoever_handles_ctrl_c_already_keeps_it() -> None:
    """A program that embeds us has its own handler; and threads hear no signals."""

    def theirs(*_: object) -> None:
        """Does nothing."""

    before = signal.signal(signal.SIGINT, theirs)
    try:
        with ctrl_c_between_events(Kernel(1)):
            assert signal.getsignal(signal.SIGINT) is theirs
    finally:
        signal.signal(signal.SIGINT, before)
    inside: list[object] = []

    def elsewhere() -> None:
        with ctrl_c_between_events(Kernel(1)):
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert inside == [before]
