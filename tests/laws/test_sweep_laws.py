"""What holds for every wire sweep: outcomes can be foretold, a cut changes nothing, a defect is found at its byte."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core.sweep import (
    ANSWERED,
    COMPLETE,
    CRASH,
    FAILED,
    HANG,
    LEAK,
    LIMIT_IGNORED,
    OUTCOMES,
    SHORT,
    TIMED_OUT,
    TRUNCATION_UNNOTICED,
    WRONG_ANSWER,
    Cell,
    spans_of,
)
from chaoskit.wire.app import FramedApp
from chaoskit.wire.codec import HotlineCodec, LengthDelimitedCodec, LineCodec, MysqlCodec, encode_payloads_with_codec
from chaoskit.wire.scripted import Handler
from chaoskit.wire.steps import Script
from chaoskit.wire.sweep import Conversation, Fault, FaultKind, Side, Trials, sweep
from chaoskit.wire.sweep.faults import faults_of, places

law = settings(deadline=None, derandomize=True, max_examples=15)
lines = st.lists(st.text("abc", max_size=4).map(lambda text: text.encode() + b"\n"), min_size=1, max_size=3)
CODECS = {"hotline": HotlineCodec(), "length": LengthDelimitedCodec(), "line": LineCodec(), "mysql": MysqlCodec()}


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every whole line with itself, and waits five seconds for each, and for each of its answers to be taken."""
    try:
        while True:
            async with asyncio.timeout(5):
                line = await reader.readuntil(b"\n")
            writer.write(line)
            async with asyncio.timeout(5):
                await writer.drain()
    except asyncio.IncompleteReadError:
        writer.close()
    finally:
        writer.transport.abort()


def echoed(spoken: Sequence[bytes], handler: Handler[object] = echo) -> Conversation:
    """A client that says these, each after the answer to the one before, and a handler that should echo them."""
    script = Script("echo")
    for each in spoken:
        script = script.read(each).write(each)
    return Conversation(name="echo", summary="each is said again", script=script, handler=lambda: handler)


def foretold(spoken: Sequence[bytes], fault: Fault) -> str:
    """What the echo comes to, worked out from what the fault is, and nothing of how it is done."""
    said = b"".join(spoken)
    match fault.kind, fault.side:
        case FaultKind.STALL | FaultKind.DELAY, _:
            return TIMED_OUT
        case FaultKind.RESET | FaultKind.FAIL, _:
            return FAILED
        case FaultKind.SLICE, _:
            return COMPLETE
        case FaultKind.EOF, Side.CLIENT:
            return SHORT
        case FaultKind.CORRUPT, Side.CLIENT:
            return TIMED_OUT if said[fault.at : fault.at + 1] == b"\n" else ANSWERED
        case _:  # the client hangs up while it is answered
            return COMPLETE if fault.at >= len(said) - len(spoken[-1]) else SHORT


@given(lines)
@law
def test_every_cell_of_an_echo_comes_to_what_was_foretold(spoken: list[bytes]) -> None:
    """All kinds of fault at all bytes of both sides."""
    conversation = echoed(spoken)
    trials = Trials(conversation)
    for fault in faults_of(conversation):
        _, found = trials.run(fault)
        assert found.outcome == foretold(spoken, fault), f"{fault}: {found}"


@given(st.sampled_from(sorted(CODECS)), st.lists(st.binary(max_size=6).filter(lambda data: b"\n" not in data), min_size=1))
@law
def test_a_cut_at_any_byte_changes_nothing_for_a_codec(name: str, payloads: list[bytes]) -> None:
    """In both directions, for a server made of the codec."""
    codec = CODECS[name]
    app = FramedApp(codec, lambda frame: [frame])  # type: ignore[arg-type, list-item, var-annotated]  # a codec of some frames

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await app.handle_connection(reader, writer)
        writer.close()

    conversation = echoed(encode_payloads_with_codec(codec, payloads), serve)  # type: ignore[type-var]  # as above
    trials = Trials(conversation)
    for side in Side:
        for at in range(places(conversation, FaultKind.SLICE, side)):
            _, found = trials.run(Fault(kind=FaultKind.SLICE, at=at, side=side))
            assert found.outcome == COMPLETE


@given(lines, st.data())
@law
def test_a_defect_is_found_at_its_byte_and_nowhere_else(spoken: list[bytes], data: st.DataObject) -> None:
    """A handler that breaks when the client leaves after so many bytes."""
    at = data.draw(st.integers(0, len(b"".join(spoken)) - 1))

    async def defective(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        had = bytearray()
        try:
            while True:
                async with asyncio.timeout(5):
                    piece = await reader.read(1)
                if not piece:
                    if len(had) == at:
                        raise KeyError(at)
                    return
                had += piece
                if piece == b"\n":
                    writer.write(had[had[:-1].rfind(b"\n") + 1 :])
                    async with asyncio.timeout(5):
                        await writer.drain()
        finally:
            writer.transport.abort()

    (finding,) = sweep(echoed(spoken, defective)).findings
    assert finding.title == "crash (KeyError)"
    assert [span.name for span in finding.spans if span.fault == "eof" and span.side == "client"] == [f"eof@{at}:client"]
    ends = {sum(map(len, spoken[:number])) for number in range(1, len(spoken) + 1)}
    assert len(finding.spans) == 1 or at in ends  # the client leaves as well when an answer is not what it expects


MISDEEDS = {
    "raises": CRASH,
    "is cancelled": CRASH,
    "sleeps": HANG,
    "reads on": HANG,
    "goes round": HANG,
    "leaves it open": LEAK,
    "leaves a task": LEAK,
    "says another thing": WRONG_ANSWER,
    "asks for too much": LIMIT_IGNORED,
    "takes it for the end": TRUNCATION_UNNOTICED,
}


async def misbehave(how: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: C901  # a list
    """What a handler may do that it must not, when its client has left or fallen silent."""
    match how:
        case "raises":
            raise ValueError
        case "is cancelled":
            raise asyncio.CancelledError
        case "sleeps":
            await asyncio.Event().wait()
        case "reads on":
            while await reader.read() is not None:
                pass
        case "goes round":
            while True:  # noqa: ASYNC110  # the mistake
                await asyncio.sleep(0)
        case "leaves it open":
            return
        case "leaves a task":
            asyncio.ensure_future(asyncio.Event().wait())  # noqa: RUF006  # the mistake
        case "says another thing":
            writer.write(b"?")
        case "asks for too much":
            with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(5):
                    await reader.readexactly(1_000_000)
    writer.transport.abort()


@pytest.mark.parametrize("how", MISDEEDS)
@given(spoken=lines, data=st.data())
@settings(law, max_examples=6)
def test_a_misdeed_is_found_as_what_it_is(how: str, spoken: list[bytes], data: st.DataObject) -> None:
    """At whatever byte the client leaves, or falls silent, in a message."""
    kind = FaultKind.EOF if how == "takes it for the end" else data.draw(st.sampled_from([FaultKind.EOF, FaultKind.STALL]))
    ends = [sum(map(len, spoken[:number])) for number in range(len(spoken) + 1)]
    at = data.draw(st.integers(0, ends[-1] - 1))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in spoken:
            try:
                async with asyncio.timeout(5):
                    assert await reader.readuntil(b"\n") == line
            except (asyncio.IncompleteReadError, TimeoutError):
                await misbehave(how, reader, writer)
                return
            writer.write(line)
        writer.close()

    conversation = dataclasses.replace(echoed(spoken, serve), whole_from=0, message_bytes_max=100)
    _, found = Trials(conversation).run(Fault(kind=kind, at=at, side=Side.CLIENT))
    unnoticed = how == "takes it for the end"
    assert found.outcome == (SHORT if unnoticed and at in ends else MISDEEDS[how])


@given(st.lists(st.tuples(st.sampled_from(["stall", "eof"]), st.sampled_from(sorted(OUTCOMES))), max_size=30))
@law
def test_spans_are_the_cells_again(drawn: list[tuple[str, str]]) -> None:
    """Nothing is lost or told twice, and no two neighbours could be one."""
    rows = {fault: [outcome for each, outcome in drawn if each == fault] for fault in ("stall", "eof")}
    cells = [
        Cell(fault=fault, at=at, side="client", outcome=outcome, detail="", sentence="", ended=0, received=0, written=0)
        for fault, outcomes in rows.items()
        for at, outcome in enumerate(outcomes)
    ]
    spans = spans_of(cells)
    again = [(span.fault, at, span.outcome) for span in spans for at in range(span.first, span.last + 1)]
    assert again == [(cell.fault, cell.at, cell.outcome) for cell in cells]
    assert all((one.fault, one.outcome) != (next_.fault, next_.outcome) for one, next_ in pairwise(spans))
