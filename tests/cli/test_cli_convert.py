"""`chaoskit convert`: a history in another format, whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Command

from chaoskit.store.histories import read_history_file

LINES = """{"type":"invoke","process":0,"f":"write","key":"x","value":1,"time":5}
{"type":"ok","process":0,"f":"write","key":"x","value":1,"time":9}
{"type":"invoke","process":1,"f":"read","key":"x"}
{"type":"info","process":1,"f":"read","key":"x","error":"timeout"}
"""


@pytest.fixture(autouse=True)
def history(workplace: Path) -> None:
    """A file in the working directory."""
    Path("a.jsonl").write_text(LINES)


@pytest.mark.parametrize("name", ["b.npz", "b.edn", "b.ndjson"])
def test_the_extension_says_the_format_and_nothing_is_lost(chaoskit: Command, name: str) -> None:
    """Written, read back, and written as it was at first: byte by byte the same as written once."""
    assert chaoskit("convert", "a.jsonl", name).code == 0
    assert read_history_file(name) == read_history_file("a.jsonl")
    assert chaoskit("convert", name, "back.jsonl").code == 0
    assert chaoskit("convert", "a.jsonl", "once.jsonl").code == 0
    assert Path("back.jsonl").read_bytes() == Path("once.jsonl").read_bytes()


def test_what_was_written_is_told(chaoskit: Command) -> None:
    """In a line, or as an object; nothing with -qq."""
    assert re.fullmatch(r"b\.npz: 4 events as npz, [\d,]+ bytes\n", chaoskit("convert", "a.jsonl", "b.npz").out)
    found = chaoskit("convert", "a.jsonl", "c", "--to", "edn", "--json").object
    assert found.keys() == {"file", "format", "events", "bytes", "seconds"}
    assert (found["file"], found["format"], found["events"], found["bytes"]) == ("c", "edn", 4, Path("c").stat().st_size)
    assert chaoskit("convert", "a.jsonl", "d.edn", "-qq").out == ""


def test_keys_go_into_values_and_out_again(chaoskit: Command) -> None:
    """As Jepsen's independent tests write them."""
    assert chaoskit("convert", "a.jsonl", "pairs.edn", "--keyed-out").code == 0
    assert '["x" 1]' in Path("pairs.edn").read_text()
    assert chaoskit("convert", "pairs.edn", "b.npz", "--keyed").code == 0
    assert read_history_file("b.npz") == read_history_file("a.jsonl")


def test_a_run_directory_is_a_history_too(chaoskit: Command, honest: Path) -> None:
    """Its history is written, and can be judged."""
    assert chaoskit("convert", str(honest), "run.npz").code == 0
    assert chaoskit("check", "run.npz", "--spec", "register").code == 0


def test_what_is_there_stays_unless_forced(chaoskit: Command) -> None:
    """Exit code 2 and the file as it was; with --force another one, also of the input itself."""
    Path("b.npz").write_bytes(b"precious")
    printed = chaoskit("convert", "a.jsonl", "b.npz")
    assert (printed.code, printed.err) == (
        2,
        "error: expected a file that is not there yet but got 'b.npz'; add --force to replace it.\n",
    )
    assert Path("b.npz").read_bytes() == b"precious"
    expected = read_history_file("a.jsonl")
    assert chaoskit("convert", "a.jsonl", "b.npz", "--force").code == 0
    assert chaoskit("convert", "b.npz", "b.npz", "--to", "jsonl", "--force").code == 0
    assert read_history_file("b.npz") == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("a.jsonl b", "expected a file whose extension tells its format (jsonl, npz, edn) but got 'b'; name its format."),
        ("a.jsonl b.log", "expected a format that can be written (jsonl, npz, edn) but got format='porcupine'."),
        ("a.jsonl b --to npy", "unknown format 'npy'. Did you mean 'npz'? See 'chaoskit list formats'."),
        ("a.jsonl none/b.npz", "expected a file in a directory that is there but got 'none/b.npz'; make 'none' first."),
        ("a.jsonl . --to npz", "expected a file to write but got '.', which is a directory."),
        ("none.edn b.npz", "expected a history file or a run directory but there is nothing at 'none.edn'."),
        ("broken.jsonl b.npz", "broken.jsonl, line 2: expected an op type (one of invoke, ok, fail, info) but got type='maybe'."),
    ],
)
def test_a_conversion_that_cannot_be_is_refused_and_nothing_is_written(chaoskit: Command, arguments: str, message: str) -> None:
    """Exit code 2; a broken line is told with file, line and reason."""
    Path("broken.jsonl").write_text(LINES.splitlines()[0] + '\n{"type":"maybe","process":0,"f":"write"}\n')
    before = sorted(Path().iterdir())
    printed = chaoskit("convert", *arguments.split())
    assert (printed.code, printed.out, printed.err) == (2, "", f"error: {message}\n")
    assert sorted(Path().iterdir()) == before
