"""The greeter's tests: ordinary pytest, no socket, no waiting."""

from __future__ import annotations

import pytest
from greeter import greet

from chaoskit.wire.codec import LineCodec
from chaoskit.wire.drive import Pace, drive_with_codec_payloads
from chaoskit.wire.scripted import play
from chaoskit.wire.steps import Script
from chaoskit.wire.virtual_time import VirtualTime, run

GREETED = Script("greeter").read(b"ada\n").write(b"hello ada\n")


def test_a_name_is_greeted() -> None:
    """The peer's side of the conversation, byte for byte."""
    assert run(play(GREETED.eof(), greet)) == 1


def test_half_a_name_is_not_greeted() -> None:
    """It writes nothing more: the script would say so."""
    assert run(play(GREETED.read(b"gra").eof(), greet)) == 1


def test_silence_is_answered_after_five_seconds() -> None:
    """Not at 4.999 s, and without waiting for it."""
    with VirtualTime() as time:
        serving = time.start(play(GREETED.stall().write(b"too slow\n"), greet))
        time.advance(4.999)
        assert not serving.done()
        time.advance(0.001)
        assert serving.result() == 1


def test_a_broken_pipe_is_not_swallowed() -> None:
    """The write fails, and so does the handler."""
    with pytest.raises(BrokenPipeError):
        run(play(Script().read(b"ada\n").write_error(BrokenPipeError()), greet))


@pytest.mark.parametrize("pace", [Pace(), Pace(write_bytes=1, write_seconds=0.1), Pace(read_bytes=1, read_seconds=1)])
def test_names_come_at_any_pace(pace: Pace) -> None:
    """Through a buffer of a single byte, in one piece or byte by byte."""
    answers = run(drive_with_codec_payloads(greet, LineCodec(), [b"ada", b"grace"], capacity=1, pace=pace))
    assert answers == [b"hello ada", b"hello grace"]
