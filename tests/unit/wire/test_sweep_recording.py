"""Recorded conversations: the script of what a client and a handler said to each other."""

from __future__ import annotations

import asyncio
import re

import pytest

from chaoskit.core.errors import ModelError
from chaoskit.wire.scripted import play
from chaoskit.wire.steps import Script
from chaoskit.wire.sweep import Conversation, record, sweep
from chaoskit.wire.virtual_time import run


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers lines in capitals until one says bye, or the end."""
    try:
        async with asyncio.timeout(5):
            while (line := await reader.readline()).endswith(b"\n") and line != b"bye\n":
                writer.writelines([line[:1].upper(), line[1:].upper()])
                await writer.drain()
        writer.close()
    finally:
        writer.transport.abort()


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says two lines, the second in two parts and after a pause."""
    writer.write(b"hi\n")
    await reader.readline()
    await asyncio.sleep(0.5)
    writer.write(b"h")
    await writer.drain()
    writer.write(b"o\n")
    await reader.readline()


def test_a_conversation_is_recorded_as_the_handler_sees_it() -> None:
    """What is said in one go is one step, a pause of the client's a wait, and its leaving the end."""
    script = record("talk", talk, shout)
    assert script == Script("talk").read(b"hi\n").write(b"HI\n").wait(0.5).read(b"ho\n").write(b"HO\n").eof()
    run(play(script, shout))


def test_a_client_that_is_left_by_the_handler_stays() -> None:
    """It reads the end before it leaves itself."""

    async def dismissed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye\n")
        assert await reader.read() == b""

    assert record("dismissed", dismissed, shout) == Script("dismissed").read(b"bye\n").stall()


def test_what_was_recorded_can_be_swept() -> None:
    """Without a finding, for a handler that is as it should be."""
    record_ = sweep(Conversation(name="talk", summary="talk", script=record("talk", talk, shout), handler=lambda: shout))
    assert record_.findings == []
    assert record_.size("client") == 6


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("x"), "expected a conversation that ends well but 'talk' could not be recorded: KeyError: 'x'"),
        (None, "expected a conversation that ends well but 'talk' could not be recorded: StuckError: nothing is left to happen"),
    ],
)
def test_a_conversation_that_does_not_end_well_is_refused(error: Exception | None, message: str) -> None:
    """A handler that fails, and one that never answers."""

    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if error is not None:
            raise error
        await asyncio.Event().wait()

    with pytest.raises(ModelError, match=re.escape(message)):
        record("talk", talk, broken)
