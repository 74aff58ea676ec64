"""`chaoskit sweep`: what is printed, kept and answered for a conversation of one's own and for Hotline's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Command

MINE = """
import asyncio

from chaoskit.wire.steps import Script
from chaoskit.wire.sweep import Conversation


async def patient(reader, writer):
    try:
        while (line := await asyncio.wait_for(reader.readline(), 5)).endswith(b"\\n"):
            writer.write(line.upper())
            await asyncio.wait_for(writer.drain(), 5)
    finally:
        writer.transport.abort()


async def trusting(reader, writer):
    while (line := await reader.readline()).endswith(b"\\n"):
        writer.write(line.upper())
        await writer.drain()
    writer.close()


SCRIPT = Script("shouting").read(b"hi\\n").write(b"HI\\n")
shouting = Conversation(
    name="shouting",
    summary="a line, and the same in capitals",
    script=SCRIPT,
    handler=lambda: patient,
    bugs={"trusting": lambda: trusting},
)
"""
VALID = """\
chaoskit 0.1.0 · sweep shouting · a line, and the same in capitals

VALID  no finding in 42 cells: every handler ended, left nothing behind, and answered as it may

what the client says: 3 bytes in 1 message
  message  1--
  byte     0
  stall    tttt
  eof      ---
  reset    eeee
  slice    ...
  corrupt  aat
  delay    tttt

what the handler answers: 3 bytes in 1 message
  message  1--
  byte     0
  stall    ttt
  eof      ...
  reset    eee
  slice    ...
  corrupt  ...
  delay    ttt
  fail     eee

  .  complete                  12  everything was answered, and the handler ended
  -  short                      3  the handler ended quietly before everything was answered
  t  timed-out                 15  the handler gave up by itself, after a silence
  a  answered                   2  another answer, which the protocol allows
  e  failed                    10  an error that the handler may end with

report     .chaoskit/sweeps/shouting-1/report.html
reproduce  chaoskit sweep mine_too.py
"""


@pytest.fixture
def mine(workplace: Path) -> str:
    """A file with a conversation of one's own."""
    (workplace / "mine_too.py").write_text(MINE)
    return "mine_too.py"


def test_a_sweep_prints_its_verdict_matrix_and_legend(chaoskit: Command, mine: str) -> None:
    """The whole output but for the digest of the last line."""
    printed = chaoskit("sweep", mine)
    assert (printed.code, printed.err) == (0, "")
    assert printed.out.rpartition("digest")[0] == VALID


def test_a_sweep_is_kept_with_its_reports(chaoskit: Command, mine: str) -> None:
    """Every sweep in a directory of its own, or where --out says; with --report none nowhere."""
    chaoskit("sweep", mine)
    chaoskit("sweep", mine, "--report", "txt")
    chaoskit("sweep", mine, "--out", "there", "--report", "html")
    chaoskit("sweep", mine, "--report", "none")
    kept = sorted(path.as_posix() for path in Path(".chaoskit").rglob("*") if path.is_file())
    assert kept == [
        ".chaoskit/sweeps/shouting-1/report.html", ".chaoskit/sweeps/shouting-1/report.json",
        ".chaoskit/sweeps/shouting-1/report.txt", ".chaoskit/sweeps/shouting-1/sweep.json",
        ".chaoskit/sweeps/shouting-2/report.txt", ".chaoskit/sweeps/shouting-2/sweep.json",
    ]  # fmt: skip
    assert sorted(path.name for path in Path("there").iterdir()) == ["report.html", "sweep.json"]
    one, other = (Path(f".chaoskit/sweeps/shouting-{number}/sweep.json").read_bytes() for number in (1, 2))
    assert one == other
    assert len(json.loads(one)["cells"]) == 42


def test_a_finding_is_told_first_and_exits_with_1(chaoskit: Command, mine: str) -> None:
    """With the bytes, a sentence and the command that runs the cell again; with --exit-zero it exits with 0."""
    printed = chaoskit("sweep", f"{mine}:shouting", "--bug", "trusting")
    assert printed.code == 1
    assert printed.lines[2:8] == [
        "INVALID  hang in 8 of 42 cells",
        "",
        "  1. hang: the handler never ended (8 cells)",
        "     stall@0..3:client, corrupt@2:client, stall@0..2:server",
        "     stall@0:client: the handler had not ended at 60.000 s; it waits in trusting:18",
        "     again  chaoskit sweep mine_too.py:shouting --bug trusting --cell stall@0:client",
    ]
    again = next(line for line in printed.lines if line.startswith("     again  "))
    assert again == "     again  chaoskit sweep mine_too.py:shouting --bug trusting --cell stall@0:client"
    assert chaoskit(*again.split()[2:]).code == 1
    assert chaoskit("sweep", mine, "--bug", "trusting", "--exit-zero").code == 0


def test_quiet_and_json_say_the_verdict_and_the_whole(chaoskit: Command, mine: str) -> None:
    """One line, and one object with what stands in report.json and where it is kept; -v adds each row in words."""
    assert chaoskit("sweep", mine, "-q").out.startswith("VALID  no finding in 42 cells")
    verbose = chaoskit("sweep", mine, "-v", "--report", "none").out
    assert "corrupt@0..1:client    answered             the handler returned at 0.000 s, and answered 'other bytes" in verbose
    found = chaoskit("sweep", mine, "--json").object
    assert found.pop("directory") == ".chaoskit/sweeps/shouting-2"
    assert found == json.loads(Path(".chaoskit/sweeps/shouting-2/report.json").read_text())
    assert found["matrix"]["client"]["corrupt"] == "aat"


def test_a_cell_alone_prints_all_that_went_over_the_wire(chaoskit: Command, mine: str) -> None:
    """With its instants; nothing is kept."""
    printed = chaoskit("sweep", mine, "--cell", "stall@2:client")
    assert printed.code == 0
    assert printed.lines == [
        "   0.000 s  the client says       2 bytes",
        "              68 69                                            hi",
        "   0.000 s  fault stall@2:client",
        "   0.000 s  the handler gets      2 bytes",
        "              68 69                                            hi",
        "   5.000 s  the handler aborts",
        "   5.000 s  the handler ends with TimeoutError",
        "",
        "TIMED-OUT  stall@2:client: the handler gave up after 5.000 s of silence: it raised TimeoutError at 5.000 s, "
        "0 of 3 bytes answered",
        "           the handler gave up by itself, after a silence",
    ]
    assert not Path(".chaoskit").exists()
    found = chaoskit("sweep", mine, "--cell", "stall@2:client", "--json").object
    assert (found["outcome"], found["events"][0]) == ("timed-out", {"ns": 0, "what": "the client says", "bytes": "6869"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("hotlin",), "unknown conversation 'hotlin'. Did you mean 'hotline'? See 'chaoskit list conversations'."),
        (("mine_too.py:other",), "unknown conversation in mine_too.py 'other'."),
        (("mine_too.py", "--bug", "trustin"), "unknown bug of shouting 'trustin'. Did you mean 'trusting'?"),
        (("mine_too.py", "--cell", "stall@9:client"), "expected a byte from 0 to 3 for stall:client"),
        (("mine_too.py", "--report", "junit"), "unknown report 'junit'."),
        (("mine_too.py", "--out", "x", "--report", "none"), "expected something to keep but got --out with --cell or --report"),
        (("mine_too.py", "--open", "--report", "txt"), "expected a page to open but got --open without the html report"),
        (("nowhere.py",), "expected a Python file with a conversation but there is no file 'nowhere.py'"),
    ],
)
def test_what_was_not_understood_is_refused(chaoskit: Command, mine: str, arguments: tuple[str, ...], message: str) -> None:
    """With exit code 2, and nothing kept."""
    printed = chaoskit("sweep", *arguments)
    assert (printed.code, printed.out) == (2, "")
    assert message in printed.err
    assert not Path(".chaoskit").exists()


def test_a_handler_that_breaks_its_conversation_is_a_broken_model(chaoskit: Command, workplace: Path) -> None:
    """Exit code 4: nothing can be said of it."""
    (workplace / "broken.py").write_text(MINE.replace('b"HI', 'b"HO'))
    printed = chaoskit("sweep", "broken.py")
    assert printed.code == 4
    assert "expected the handler of 'shouting' to do as its script says when there is no fault, but got wrong-" in printed.err


def test_hotline_is_in_the_list_and_its_handshake_is_swept(chaoskit: Command) -> None:
    """By the name in the table."""
    names = [row["name"] for row in json.loads(chaoskit("list", "conversations", "--json").out)]
    assert names == ["hotline", "hotline-handshake", "hotline-stranger"]
    found = chaoskit("sweep", "hotline-handshake", "--json", "--report", "none").object
    assert (found["verdict"], found["cells"], found["directory"]) == ("valid", 144, None)


def test_kept_sweeps_are_listed_the_newest_first(chaoskit: Command, mine: str) -> None:
    """With what was swept, how many cells, and what came of it."""
    assert chaoskit("list", "sweeps").out == "no sweeps\n"
    chaoskit("sweep", f"{mine}:shouting", "-q")
    chaoskit("sweep", f"{mine}:shouting", "--bug", "trusting", "-q")
    rows = json.loads(chaoskit("list", "sweeps", "--json").out)
    assert [(row["name"], row["bug"], row["summary"]) for row in rows] == [
        ("shouting-2", "trusting", "invalid"), ("shouting-1", None, "valid"),
    ]  # fmt: skip
    assert rows[0]["findings"] > 0
    assert rows[0]["cells"] == rows[1]["cells"] > 0
    assert chaoskit("list", "sweeps").lines[0].split() == ["name", "conversation", "bug", "cells", "findings", "verdict"]
