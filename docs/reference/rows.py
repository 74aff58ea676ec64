"""Writes rows.md, the table of behaviours at the level of bytes: `python docs/reference/rows.py` after a test of a row has come.

A behaviour has a number. A test shows it when its name begins with `test_row_` and that number; a behaviour without such a test
is open. `PARTLY` says what is missing of one that has tests. A test holds the page to what stands here and in `tests/`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent / "rows.md"
TESTS = Path(__file__).parents[2] / "tests"

ROWS: dict[str, dict[int, str]] = {
    "Scripted streams and virtual time": {
        1: "A handler takes a reader and a writer: the same function serves a script, a duplex in memory and a real socket.",
        2: "What is read is independent of how the script cuts it: a long step in parts, several short ones in one exact read.",
        3: "An end in the middle of an exact read is `IncompleteReadError`, with what had come.",
        4: "A read error comes up once, as the exception that the script names.",
        5: "Bytes written are held against the script, however cut; a mismatch names step and offset and shows both.",
        6: "A write fails where the script says: the first, a later one, or in the middle of one.",
        7: "A write that the script does not expect fails the test.",
        8: "Steps that are left over at the end fail the test.",
        9: "Time passes between steps where the script waits; steps can be added while it is played; messages name the script.",
        10: "Silence (`stall`) and an end (`eof`) are two steps; a script that ends with neither is refused when read further.",
        11: "Time moves by `advance`, or to the next timer when all wait; pausing twice is pausing.",
        12: "A time-out of 5 s fires at exactly 5 s of virtual time and takes less than 50 ms of the wall's.",
    },
    "The Hotline server": {
        13: "No handshake comes: after the time-out the server answers code 3, closes, and has not failed.",
        14: "A handshake with another protocol's name is answered with code 1; the server has not failed.",
        15: "A handshake of another version is answered with code 2; the name is looked at before the version.",
        16: "The peer ends before or in its handshake: nothing is written, the server has not failed.",
        17: "Reading the handshake fails: the server fails with that error and writes nothing.",
        18: "The peer stalls between a transaction's fragments: an I/O time-out, 5 s after the server began to wait.",
        19: "A stall at any byte of a header or a payload is a time-out as well; each read has its own 5 s.",
        20: "A reset after the handshake: the reply was written, the server fails with the reset, not with an end.",
        21: "Writing the handshake's reply, or an answer, fails: the server fails with that error.",
        22: "An end between transactions ends the connection well; an end in one is a case of its own, and pinned.",
        23: "The signal to shut down ends a connection that waits for a transaction: no failure, nothing more written.",
        24: "Transactions: flags, sizes, fragments and fields are checked, and each fault has its words.",
        25: "The matrix of these scenarios is one parametrised test; the wire sweep makes every fault at every byte of it.",
        26: "The accept loop logs a failed accept and goes on.",
        27: "The request handler is given to the server: a write failure is tested without a data base.",
        28: "A duplex in memory with a bounded buffer is the transport without faults.",
    },
    "Frame codecs and drivers": {
        50: "A codec: decoder, encoder, payloads in and out of frames, correlation id, limit; a person's own as well.",
        51: "An app says its codec; a driver is given one, and also drives what has none.",
        52: "`encode_payloads_with_codec`: one encoder for the list; an error says `codec encode failed: …`.",
        53: "`decode_frames_with_codec`: a part of a frame is left out; an error says `codec decode failed: …`.",
        54: "`extract_payloads`: what frames carry.",
        55: "`drive_with_codec_payloads`: payloads to a server and back.",
        56: "`capacity=`: any size of the buffer between, also one byte, and frames that are longer.",
        57: "An app can be driven again, and has kept its state.",
        58: "`drive_with_codec_frames`: frames to a server and back, with what stands beside their payload.",
        59: "A driver writes in order, half-closes, reads to the end; a server that fails is `server task failed: …`.",
        60: "`drive_with_frame` and `drive_with_frames` carry bytes, with no codec between.",
        61: "`HotlineCodec`: its exact bytes and refusals.",
        62: "`MysqlCodec`: its exact bytes and refusals.",
        63: "Every codec gives back what it was given, however the bytes are cut, up to its limit and not one byte beyond.",
        64: "The six tests and two scenarios that the mission calls by name.",
        65: "Chunks, a frame that breaks off at any byte, slow readers and slow writers, toxics on the way.",
    },
    "Time-outs and retries": {
        83: "A time-out on a fake clock, a latency beyond it, a cancellation that frees what was held.",
        84: "Some connections fail, by a probability or every n-th.",
        85: "A response that breaks off is never taken for a whole one.",
        86: "Connection errors by name: reset, timed out, refused, broken pipe, end.",
        87: "Reordering by a seeded permutation without bias.",
        88: "A message that comes twice changes the state once; duplicates are bounded in number and delay.",
        89: "Reconnecting with back-off at exact instants, a cap, a most number of tries, seeded jitter.",
        90: "Retrying with back-off at exact instants, then giving up.",
        91: "State is kept over a reconnect: nothing twice, nothing lost in silence.",
        92: "Toxics: latency, bandwidth, slow close, time-out, reset, slicer, limit.",
        96: "Fake timers: by a duration, to the next, all of them; how many there are.",
        98: "A seeded injector whose seed is always printed, and gives the same schedule again.",
        99: "Steps in an order that is said, instead of a race.",
    },
}
PARTLY: dict[int, str] = {}

_NAME = re.compile(r"^test_row_(?P<row>\d+)_")


def main() -> int:
    """Writes the page if it is not as it should be."""
    text = page()
    if not PAGE.exists() or PAGE.read_text("utf-8") != text:
        PAGE.write_text(text, "utf-8")
        sys.stdout.write(f"{PAGE.name}\n")
    return 0


def page() -> str:
    """The page as it is now. Raises `ValueError` for a test of a row that is not in the table."""
    shown = tests_of_rows()
    known = {row for rows in ROWS.values() for row in rows}
    strange = sorted(set(shown) - known)
    if strange:
        raise ValueError(f"expected tests of rows in the table but got {shown[strange[0]][0][0]}; give its row a line in ROWS.")
    done = sum(row in shown and row not in PARTLY for row in known)
    lines = [
        "# Behaviours at the level of bytes",
        "",
        "Each behaviour of streams, codecs and time-outs that chaoskit is to show has a number, and is shown by tests whose",
        "names begin with it. This page is written by `python docs/reference/rows.py` from the tests that there are. How to use",
        "what is shown here: [test a handler of connections](../how-to/test-a-handler.md).",
        "",
        f"{done} of {len(known)} behaviours are shown, {sum(row in shown for row in PARTLY)} in part; the others are open.",
    ]
    for title, rows in ROWS.items():
        lines += ["", f"## {title}", "", "| row | behaviour | state | tests |", "| --- | --- | --- | --- |"]
        lines += [f"| {row} | {text} | {_state(row, shown)} | {_tests(shown.get(row, []))} |" for row, text in rows.items()]
    return "\n".join(lines) + "\n"


def tests_of_rows() -> dict[int, list[tuple[str, Path]]]:
    """The tests of each row with their files, in the order of files and lines."""
    found: dict[int, list[tuple[str, Path]]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in _functions(path):
            if match := _NAME.match(name):
                found.setdefault(int(match["row"]), []).append((name, path))
    return found


def _functions(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if "test_row_" in text:
        yield from (node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))


def _state(row: int, shown: dict[int, list[tuple[str, Path]]]) -> str:
    if row not in shown:
        return "open"
    return f"in part; open: {PARTLY[row]}" if row in PARTLY else "shown"


def _tests(tests: list[tuple[str, Path]]) -> str:
    return ", ".join(f"[`{name}`](../../tests/{path.relative_to(TESTS).as_posix()})" for name, path in tests)


if __name__ == "__main__":
    sys.exit(main())
