"""The table of formats: by name, by extension, by content."""

from __future__ import annotations

import pytest

from chaoskit.core.errors import FormatError, UsageError
from chaoskit.formats.table import FORMATS, detect_format, find_format


@pytest.mark.parametrize(
    ("file", "head", "name"),
    [
        ("a.jsonl", b"", "jsonl"),
        ("a.ndjson", b"{}", "jsonl"),
        ("a.npz", b"", "npz"),
        ("a.jsonl", b"PK\x03\x04", "npz"),
        ("a.edn", b"", "edn"),
        ("a.EDN", b"\n\n", "edn"),
        ("a.log", b"anything", "porcupine"),
        ("a.txt", b'{"type":"ok"}', "jsonl"),
        ("a.txt", b"{:type :ok}", "edn"),
        ("a", b"[{:type :ok}]", "edn"),
        ("a", b"; notes\n(", "edn"),
        ("a", b"#jepsen.history.Op{", "edn"),
        ("a", b"INFO  jepsen.util - 0\t:invoke\t:read\tnil", "porcupine"),
        ("history.txt", b"0\t:invoke\t:read\tnil", "porcupine"),
        ("a.log", b"{:process 0}", "edn"),
        ("misnamed.edn", b'\xef\xbb\xbf {"type"', "jsonl"),
    ],
)
def test_a_format_is_told_by_content_and_then_by_extension(file: str, head: bytes, name: str) -> None:
    """What a file holds counts more than what it is called."""
    assert detect_format(file, head).name == name


def test_a_file_that_looks_like_nothing_asks_for_its_format() -> None:
    """No guess is made."""
    reason = r"expected a history \(jsonl, npz, edn, porcupine\) but it looks like none of them; name its format \(--format\)\."
    with pytest.raises(FormatError, match=rf"^a\.bin: {reason}$"):
        detect_format("a.bin", b"\x00\xff")


def test_a_json_array_is_told_what_to_do() -> None:
    """It begins like EDN but is not, so it gets a message of its own."""
    with pytest.raises(FormatError, match=r"^a\.json, line 1: expected one JSON event a line but got a JSON array"):
        detect_format("a.json", b'[\n {"type": "ok"}]')


def test_an_unknown_format_names_the_nearest() -> None:
    """As every table does."""
    with pytest.raises(UsageError, match=r"^unknown format 'jsnl'\. Did you mean 'jsonl'\?"):
        find_format("jsnl")


def test_every_format_has_a_summary_and_extensions() -> None:
    """They are what `chaoskit list formats` shows; names are their keys."""
    for name, format in FORMATS.items():
        assert format.name == name
        assert format.summary
        assert all(extension.startswith(".") for extension in format.extensions)
        assert find_format(name) is format
