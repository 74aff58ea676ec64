"""Ctrl-C and SIGTERM, taken between two events."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from chaoskit.core.termination import Termination
from chaoskit.sim.interrupt import ctrl_c_between_events, how_interrupted
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


@pytest.mark.parametrize("ctrl_c", [signal.default_int_handler, signal.SIG_IGN], ids=["heard", "ignored"])
def test_sigterm_is_taken_as_ctrl_c_where_somebody_says_so(ctrl_c: signal.Handlers) -> None:
    """The event under way ends first, also where Ctrl-C is ignored; a second one does not wait; both are as before then."""
    signal.signal(signal.SIGINT, ctrl_c)
    kernel, written = Kernel(1), list[str]()
    termination = Termination()

    def event(_: object) -> None:
        written.append("one column")
        os.kill(os.getpid(), signal.SIGTERM)
        written.append("the other column")
        if len(written) > 2:
            os.kill(os.getpid(), signal.SIGTERM)
            written.append("never")

    kernel.schedule(1, 0, event, None)
    with termination.listening(), pytest.raises(KeyboardInterrupt), ctrl_c_between_events(kernel):
        kernel.run(10, 100)
    assert written == ["one column", "the other column"]
    assert termination.heard
    assert termination.handler is signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is ctrl_c
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    twice = Kernel(1)
    twice.schedule(1, 0, event, None)
    with termination.listening(), pytest.raises(KeyboardInterrupt), ctrl_c_between_events(twice):
        twice.run(10, 100)
    assert written[2:] == ["one column", "the other column"]


def test_ctrl_c_is_not_heard_where_it_is_ignored() -> None:
    """As by what a shell starts in the background; SIGTERM alone ends that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Termination().listening(), ctrl_c_between_events(Kernel(1)):
        _press_ctrl_c()


def test_what_is_told_says_which_it_was() -> None:
    """Without a signal it was a `KeyboardInterrupt` that somebody raised: Ctrl-C."""
    termination = Termination()
    with termination.listening():
        assert how_interrupted() == "interrupted (Ctrl-C)"
        termination.handler = lambda *_: None
        os.kill(os.getpid(), signal.SIGTERM)
        assert how_interrupted() == "terminated (SIGTERM)"


def test_whoever_handles_sigterm_already_keeps_it() -> None:
    """A program that embeds us has its own handler; and threads hear no signals."""

    def theirs(*_: object) -> None:
        """Does nothing."""

    signal.signal(signal.SIGTERM, theirs)
    try:
        with Termination().listening():
            assert signal.getsignal(signal.SIGTERM) is theirs
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    seen: list[object] = []

    def elsewhere() -> None:
        with Termination().listening(), ctrl_c_between_events(Kernel(1)):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]
