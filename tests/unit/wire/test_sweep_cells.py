"""The cells of a sweep: their names, where each fault strikes, and what the handler sees of it."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from typing import Any

import pytest

from chaoskit.core.errors import ModelError, UsageError
from chaoskit.wire.scripted import Handler
from chaoskit.wire.steps import Script
from chaoskit.wire.sweep import Conversation, Exchange, Fault, FaultKind, Side, Trials, fault_named, sweep
from chaoskit.wire.sweep.faults import CELLS_MAX, faults_of

SCRIPT = Script("greeting").read(b"hi\n").write(b"HI\n").read(b"bye\n").write(b"BYE\n")
LATE_NS = 6_000_000_000
MOMENT_NS = 1_000_000


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers lines in capitals, with a time-out."""
    try:
        async with asyncio.timeout(5):
            while (line := await reader.readline()).endswith(b"\n"):
                writer.write(line.upper())
                await writer.drain()
    finally:
        writer.transport.abort()


def greeting(handler: Handler[object] = shout, script: Script = SCRIPT, **more: Any) -> Conversation:
    """A conversation with these handler and script, and more of its fields."""
    made = Conversation(name="greeting", summary="hi and bye", script=script, handler=lambda: handler)
    return dataclasses.replace(made, **more)


def events(cell: str, conversation: Conversation | None = None) -> list[tuple[int, str, bytes]]:
    """What went over the wire, without what the handler gets at once."""
    conversation = conversation or greeting()
    seen, _ = Trials(conversation).run(fault_named(cell, conversation))
    return [(event.ns, event.what, event.data) for event in seen.events if event.what != "the handler gets"]


def test_the_cells_are_every_fault_at_every_byte_of_each_side() -> None:
    """Row by row; at the client's end as well, where it would have hung up, for what can happen there."""
    cells = [str(fault) for fault in faults_of(greeting(message_bytes_max=100))]
    assert len(cells) == len(set(cells)) == 4 * 8 + 3 * 7 + 7 * 7
    assert cells[:2] == ["stall@0:client", "stall@1:client"]
    assert "reset@7:client" in cells
    assert "eof@7:client" not in cells  # that is what it does anyway
    assert "fail@6:server" in cells
    assert "fail@7:server" not in cells


def test_a_client_that_stays_may_leave_at_its_end() -> None:
    """And does not fall silent there, which it does anyway."""
    stays = SCRIPT.read(b"quit\n").stall()
    cells = [str(fault) for fault in faults_of(greeting(script=stays))]
    assert "eof@12:client" in cells
    assert "stall@12:client" not in cells


def test_floods_are_for_conversations_that_say_how_long_a_message_is() -> None:
    """Otherwise nobody knows when a handler has taken too much."""
    assert not [fault for fault in faults_of(greeting()) if fault.kind is FaultKind.FLOOD]
    with pytest.raises(UsageError, match=r"'greeting' does not say how long a message may be \(message_bytes_max\)\.$"):
        fault_named("flood@0:client", greeting())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stall", "expected FAULT@BYTE:SIDE, as in stall@17:client, but got cell='stall'."),
        ("stal@1:client", "unknown fault of the client's side 'stal'. Did you mean 'stall'?"),
        ("fail@1:client", "unknown fault of the client's side 'fail'."),
        ("stall@1:clent", "unknown side 'clent'. Did you mean 'client'?"),
        ("stall@8:client", "expected a byte from 0 to 7 for stall:client but got cell='stall@8:client'."),
        ("eof@7:client", "expected a byte from 0 to 6 for eof:client but got cell='eof@7:client'."),
    ],
)
def test_a_cell_that_is_not_there_is_refused(name: str, message: str) -> None:
    """With what would be one."""
    with pytest.raises(UsageError, match=re.escape(message)):
        fault_named(name, greeting())


def test_a_conversation_that_is_too_long_is_refused() -> None:
    """Before a cell is run."""
    long = greeting(script=Script("long").read(bytes(CELLS_MAX)))
    with pytest.raises(UsageError, match=r"expected a conversation of at most 25,000 bytes but 'greeting' has 200,000"):
        sweep(long)


def test_a_stalled_client_says_nothing_more() -> None:
    """What came before the byte came at once; the handler gives up by itself."""
    assert events("stall@1:client") == [
        (0, "the client says", b"h"),
        (0, "fault stall@1:client", b""),
        (5_000_000_000, "the handler aborts", b""),
        (5_000_000_000, "the handler ends with TimeoutError", b""),
    ]


def test_a_slice_parts_two_bytes_by_a_moment() -> None:
    """Nothing is lost, and all goes on."""
    found = events("slice@1:client")
    assert found[:4] == [
        (0, "the client says", b"h"),
        (0, "fault slice@1:client", b""),
        (MOMENT_NS, "what was held passes", b""),
        (MOMENT_NS, "the client says", b"i\n"),
    ]
    assert (MOMENT_NS, "the client takes", b"BYE\n") in found


def test_a_delay_is_longer_than_the_time_out() -> None:
    """By a second; who waits without one gets the rest then."""

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    assert (LATE_NS, "the client says", b"i\n") in events("delay@1:client", greeting(patient))
    assert (LATE_NS, "the client takes", b"I\n") in events("delay@1:server", greeting(patient))


def test_a_corrupt_byte_is_turned_over() -> None:
    """That byte and no other; a client that gets one hangs up, and goes on taking."""
    assert (0, "the client says", b"h\x96\n") in [
        (ns, what, events("corrupt@1:client")[0][2] + data) for ns, what, data in events("corrupt@1:client")
    ]
    found = events("corrupt@1:server")
    assert (0, "the client takes", b"\xb6\n") in found
    assert (0, "the client reads what it does not expect, and hangs up", b"") in found


@pytest.mark.parametrize(("kind", "error"), [("reset", "ConnectionResetError"), ("fail", "BrokenPipeError")])
def test_a_write_that_fails_fails_at_its_byte(kind: str, error: str) -> None:
    """What stands before it in the same write was taken."""
    found = events(f"{kind}@1:server")
    assert (0, "the client takes", b"H") in found
    assert any(what.startswith(f"the handler ends with {error}") for _, what, _ in found)


def test_a_client_may_end_while_it_is_answered() -> None:
    """It says no more, and takes the rest of the answer."""
    found = [(what, data) for _, what, data in events("eof@1:server")]
    assert found.index(("the client says no more", b"")) < found.index(("the client takes", b"I\n"))


def test_a_client_waits_where_its_script_says_so() -> None:
    """In virtual time, between its steps."""
    waits = Script("waits").read(b"hi\n").write(b"HI\n").wait(2).read(b"bye\n").write(b"BYE\n")
    found = events("slice@0:server", greeting(script=waits))
    assert (2_000_000_000 + MOMENT_NS, "the client says", b"bye\n") in found


def test_a_close_waits_until_the_client_has_taken_everything() -> None:
    """So that who closes, and waits for the close, hangs with a client that takes nothing; and who does not wait leaks."""

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()
        await writer.wait_closed()

    async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    once = Script("once").read(b"hi\n").write(b"HI\n")
    outcomes = [Trials(greeting(each, once)).run(fault_named("stall@1:server", greeting()))[1] for each in (waits, leaves)]
    assert [found.outcome for found in outcomes] == ["hang", "leak"]
    assert "bytes wait in it that nobody takes; abort it after a time" in outcomes[1].sentence


def test_who_calls_the_handler_may_close_its_connection() -> None:
    """With closes=False nothing is said of a connection that is left open."""

    async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())

    with pytest.raises(ModelError, match=r"got leak: the handler returned at 0\.000 s: it did not close its connection\.$"):
        Trials(greeting(leaves))
    assert Trials(greeting(leaves, closes=False)).unfaulted.open is None


def test_a_handler_that_does_not_hold_its_conversation_is_not_swept() -> None:
    """A sweep would say nothing of it."""
    other = Script("other").read(b"hi\n").write(b"hi\n")
    message = "expected the handler of 'greeting' to do as its script says when there is no fault, but got wrong-answer: "
    with pytest.raises(ModelError, match=re.escape(f"{message}the handler's answers differ from byte 0 on")):
        sweep(greeting(script=other))


def test_a_bug_is_another_handler() -> None:
    """By its name; one that is not there is refused with the nearest."""

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()

    conversation = greeting(bugs={"no-timeout": lambda: slow})
    assert sweep(conversation).verdict == "valid"
    assert sweep(conversation, bug="no-timeout").findings[0].outcome == "hang"
    with pytest.raises(UsageError, match=r"^unknown bug of greeting 'no-timeuot'\. Did you mean 'no-timeout'\?$"):
        sweep(conversation, bug="no-timeuot")


def test_an_answer_that_comes_too_early_is_wrong() -> None:
    """Also if it is the very answer that the whole message would have got."""

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (b"HI\n", b"BYE\n"):
            await reader.readline()
            writer.write(answer)
        writer.close()

    _, found = Trials(greeting(hasty)).run(Fault(kind=FaultKind.EOF, at=5, side=Side.CLIENT))
    assert (found.outcome, found.detail) == ("wrong-answer", "early")
    assert found.sentence == "the handler answered what it had not wholly got: it had 5 of 7 bytes"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [(b"SLOW\n", "timed-out"), (b"SLOW\nSLOW\n", "wrong-answer"), (b"SL", "wrong-answer"), (b"BYE\nSLOW\n", "wrong-answer")],
)
def test_a_refusal_is_allowed_at_the_end_and_only_whole(said: bytes, outcome: str) -> None:
    """Behind the answers up to there, and once."""

    async def polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                while line := await reader.readline():
                    writer.write(line.upper())
        except TimeoutError:
            writer.write(said)
        writer.close()

    stall = Fault(kind=FaultKind.STALL, at=4, side=Side.CLIENT)
    _, found = Trials(greeting(polite, refusals={"too slow": b"SLOW\n"})).run(stall)
    assert found.outcome == outcome
    assert found.detail == ("too slow" if outcome == "timed-out" else "")


def test_a_judge_is_asked_for_what_is_no_refusal() -> None:
    """With what the handler was given; where there is none, nobody knows what other bytes deserve."""
    asked: list[Exchange] = []

    def strict(exchange: Exchange) -> str | None:
        asked.append(exchange)
        return "shouted" if exchange.written == exchange.received.upper() else None

    corrupt = Fault(kind=FaultKind.CORRUPT, at=1, side=Side.CLIENT)
    judged, unjudged = (Trials(greeting(judge=judge)).run(corrupt)[1] for judge in (strict, None))
    assert (judged.outcome, judged.detail) == ("answered", "shouted")
    assert asked[0] == Exchange(received=b"h\x96\n", written=b"H\x96\n", recorded=b"HI\nBYE\n")
    assert asked[0].differs_at == 1
    assert (unjudged.outcome, unjudged.detail) == ("answered", "other bytes came, and no judge says what to answer")
    refused = Trials(greeting(judge=lambda exchange: None)).run(corrupt)[1]
    assert refused.sentence == "the handler's answers differ from byte 1 on: expected 49 0a 42 59 45 0a but got 96 0a"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"script": Script().read(b"x").read_error(OSError())}, "expected a script without faults but got read_error OSError"),
        ({"script": Script().write(b"x")}, "expected a client that says something but got no read step in 'greeting'."),
        ({"refusals": {"nothing": b""}}, "expected refusals of at least one byte but got refusals={'nothing': b''} in"),
        ({"timeout_seconds": 0}, "expected 0 < timeout_seconds < limit_seconds but got timeout_seconds=0, limit_seconds=60.0"),
        ({"limit_seconds": 5}, "expected 0 < timeout_seconds < limit_seconds but got timeout_seconds=5.0, limit_seconds=5"),
    ],
)
def test_a_conversation_that_cannot_be_swept_is_refused(change: dict[str, Any], message: str) -> None:
    """When it is made."""
    with pytest.raises(UsageError, match=re.escape(message)):
        greeting(**change)


def test_two_sweeps_give_one_record() -> None:
    """Every byte of it, and another handler another digest."""
    assert sweep(greeting()) == sweep(greeting())
    assert sweep(greeting()).digest != sweep(greeting(timeout_seconds=4)).digest
