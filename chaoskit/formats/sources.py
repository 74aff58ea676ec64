"""Where a reader's text comes from: an open file, lines, or the text itself, cut into numbered lines or pieces.

Nothing here opens a file, and no input is trusted: every line has a limit that is met before memory is, bytes must be
UTF-8, and what breaks is a `FormatError` with the file and the line.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator

from chaoskit.core.errors import FormatError

LINE_BYTES_MAX = 10_000_000  # of one line; of one operation where an operation may span lines
PIECE_SIZE = 65_536

# An open file (binary or text) is an iterable of lines; so is a list of them, with or without their line ends.
Source = bytes | str | Iterable[bytes] | Iterable[str]

_BYTE_ORDER_MARK = "\ufeff"


def numbered_lines(source: Source, *, file: str) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line without its end) of every line that is not blank."""
    done = 0
    try:
        for item in _lines(_opened(source)):
            line = item.encode() if isinstance(item, str) else item
            if len(line) > LINE_BYTES_MAX:
                reason = f"expected a line of at most {LINE_BYTES_MAX} bytes but it goes on; write one event a line."
                raise FormatError(reason, file=file, line=done + 1)
            line = (line if done else line.removeprefix(_BYTE_ORDER_MARK.encode())).strip()
            if line:
                yield done + 1, line
            done += 1
    except UnicodeError as error:
        raise _not_utf8(error, file=file, line=done + 1) from error


def text_pieces(source: Source, *, file: str) -> Iterator[str]:
    """The text in pieces of bounded size, for a format whose records do not end where lines do."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    first = True
    try:
        for item in _pieces(_opened(source)):
            if isinstance(item, str):
                item.encode()  # text with lone surrogates is no text
                text = item
            else:
                text = decoder.decode(item)
            yield text.removeprefix(_BYTE_ORDER_MARK) if first else text
            first = False
            done += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _not_utf8(error, file=file, line=done + 1) from error


def _opened(source: Source) -> Iterable[bytes] | Iterable[str]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return io.StringIO(source, newline="\n") if isinstance(source, str) else source


def _lines(source: Iterable[bytes] | Iterable[str]) -> Iterator[bytes | str]:
    readline = getattr(source, "readline", None)
    if readline is None:
        yield from source
        return
    while line := readline(LINE_BYTES_MAX + 1):  # iterating over the file would take in a line of any length
        yield line


def _pieces(source: Iterable[bytes] | Iterable[str]) -> Iterator[bytes | str]:
    read = getattr(source, "read", None)
    if read is not None:
        while piece := read(PIECE_SIZE):
            yield piece
        return
    for line in source:
        if isinstance(line, str):
            yield line if line.endswith("\n") else f"{line}\n"
        else:
            yield line if line.endswith(b"\n") else line + b"\n"


def _not_utf8(error: UnicodeError, *, file: str, line: int) -> FormatError:
    if isinstance(error, UnicodeDecodeError):
        line += error.object[: error.start].count(b"\n")
    return FormatError(f"expected UTF-8 text but got other bytes: {error}.", file=file, line=line)
