"""Where a reader's text comes from: an open file, lines, or the text itself, cut into numbered lines or pieces.

Nothing here opens a file, and no input is trusted: every line has a limit that is met before memory is, bytes must be
UTF-8, and what breaks is a `FormatError` with the file and the line.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from chaoskit.core.errors import FormatError

LINE_BYTES_MAX = 10_000_000  # of one line; of one operation where an operation may span lines
STREAM_BYTES_MAX = 2**32  # of a binary format, from where one cannot go back and forth
PIECE_SIZE = 65_536
BATCH_SIZE = 1_048_576  # of lines that are handed out together: many enough that the work for a batch does not count

# An open file (binary or text) is an iterable of lines; so is a list of them, with or without their line ends.
Source = bytes | str | Iterable[bytes] | Iterable[str]

_BYTE_ORDER_MARK = "\ufeff"


def line_batches(source: Source, *, file: str) -> Iterator[tuple[int, list[bytes]]]:
    """(number from 1 of the first, lines as they stand but for their ends) some thousands at a time, blank ones too."""
    done = 0
    try:
        for lines in _batches(_opened(source)):
            if not done:
                lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK.encode())
            if len(max(lines, key=len)) > LINE_BYTES_MAX:
                place = next(place for place, line in enumerate(lines) if len(line) > LINE_BYTES_MAX)
                yield done + 1, lines[:place]
                reason = f"expected a line of at most {LINE_BYTES_MAX} bytes but it goes on; write one event a line."
                raise FormatError(reason, file=file, line=done + place + 1)
            yield done + 1, lines
            done += len(lines)
    except UnicodeError as error:
        raise _not_utf8(error, file=file, line=done + 1) from error


def numbered_lines(source: Source, *, file: str) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line without its end) of every line that is not blank."""
    for first, lines in line_batches(source, file=file):
        for number, line in enumerate(lines, first):
            stripped = line.strip()
            if stripped:
                yield number, stripped


def text_pieces(source: Source, *, file: str) -> Iterator[str]:
    """The text in pieces of bounded size, for a format whose records do not end where lines do."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    first = True
    try:
        for item in _pieces(_opened(source), size=PIECE_SIZE):
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


def binary_stream(source: Source, *, file: str) -> BinaryIO:
    """The bytes of a source as an open file in which one can go back and forth, for a format that has no lines."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    read = getattr(source, "read", None)
    if read is None or isinstance(source, io.TextIOBase):
        raise FormatError("expected bytes or an open binary file but got text or lines.", file=file)
    seekable = getattr(source, "seekable", None)
    if seekable is not None and seekable():
        return cast("BinaryIO", source)
    data = bytearray()
    while len(data) <= STREAM_BYTES_MAX and (piece := read(BATCH_SIZE)):
        data += piece
    if len(data) > STREAM_BYTES_MAX:
        reason = f"expected at most {STREAM_BYTES_MAX} bytes from a stream but it goes on; keep it in a file."
        raise FormatError(reason, file=file)
    return io.BytesIO(data)


def _opened(source: Source) -> Iterable[bytes] | Iterable[str]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return io.StringIO(source, newline="\n") if isinstance(source, str) else source


def _batches(source: Iterable[bytes] | Iterable[str]) -> Iterator[list[bytes]]:
    """The lines without their ends, in lists none of which is empty."""
    if not hasattr(source, "read"):
        yield from _batches_of_lines(source)
        return
    rest: list[bytes] = []
    size = 0
    for piece in _encoded(_pieces(source, size=BATCH_SIZE)):
        head, end, tail = piece.rpartition(b"\n")
        if end:
            yield b"".join([*rest, head]).split(b"\n")
            rest, size = [], 0
        rest.append(tail)
        size += len(tail)
        if size > LINE_BYTES_MAX:
            break
    if size:
        yield [b"".join(rest)]


def _encoded(pieces: Iterable[bytes | str]) -> Iterator[bytes]:
    """Bytes, and texts as UTF-8: all lines before one that is none."""
    for piece in pieces:
        try:
            data = piece.encode() if isinstance(piece, str) else piece
        except UnicodeEncodeError as error:
            start = error.object.rfind("\n", 0, error.start) + 1
            yield error.object[:start].encode()
            data = error.object[start:].encode()  # raises it anew, of that line
        yield data


def _batches_of_lines(source: Iterable[bytes] | Iterable[str]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for item in _lines(source):
        try:
            line = item.encode() if isinstance(item, str) else item
        except UnicodeError:
            if batch:
                yield batch
            raise
        batch.append(line.removesuffix(b"\n"))
        size += len(line)
        if size >= BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _lines(source: Iterable[bytes] | Iterable[str]) -> Iterator[bytes | str]:
    readline = getattr(source, "readline", None)
    if readline is None:
        yield from source
        return
    while line := readline(LINE_BYTES_MAX + 1):  # iterating over the file would take in a line of any length
        yield line


def _pieces(source: Iterable[bytes] | Iterable[str], *, size: int) -> Iterator[bytes | str]:
    read = getattr(source, "read", None)
    if read is not None:
        while piece := read(size):
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
    elif isinstance(error, UnicodeEncodeError):
        line += error.object[: error.start].count("\n")
    return FormatError(f"expected UTF-8 text but got other bytes: {error}.", file=file, line=line)
