"""The logs that Porcupine checks: Jepsen's log of an etcd register, and its own key-value logs.

A register log has an operation's event a line, `INFO jepsen.util - 4 :invoke :read nil` (or without the logger's name,
as in Jepsen's history.txt); lines of other loggers are passed over. A value of `:timed-out` is no value but the error
of an operation that failed or is indeterminate, so a read that timed out is a failed read. A key-value log is EDN, an
op map with `:key` a line.

Source: https://github.com/anishathalye/porcupine, test_data.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from chaoskit.core.errors import FormatError
from chaoskit.core.history import History
from chaoskit.core.op import FAIL, INFO, INVOKE
from chaoskit.formats import edn
from chaoskit.formats.edn_forms import Close, Form, FormReader, Name
from chaoskit.formats.intake import collector_paused
from chaoskit.formats.sources import Source, numbered_lines

_LOGGED = re.compile(r"jepsen\.util\b\s*-?\s*(.*)$", re.DOTALL)
_EVENT_START = re.compile(r"(?:[0-9]+|:[A-Za-z][^\s]*)(?:\s|$)")
_EVENT = re.compile(r"([0-9]{1,10}|:[A-Za-z][^\s]*)\s+:([^\s:]+)\s+:([^\s:]+)\s+(\S.*)$", re.DOTALL)
_PROCESS_AND_TYPE = re.compile(r"(?:[0-9]+|:[A-Za-z][^\s]*)\s+:(?:invoke|ok|fail|info)\b")


@collector_paused()
def read(source: Source, *, file: str = "<input>", keyed: bool = False) -> History:
    """A history from a register log or a key-value log. Raises `FormatError`, also when not one line is an event."""
    lines = numbered_lines(source, file=file)
    first = next(lines, None)
    if first is None:
        raise FormatError("expected a log with events but it is empty.", file=file)
    numbered = itertools.chain([first], lines)
    if first[1].startswith(b"{"):
        return edn.read(_with_blanks(numbered), file=file, keyed=keyed)
    events = edn.RawEvents(_events(numbered, file=file))
    if not events["line"]:
        raise FormatError("expected lines such as 'INFO  jepsen.util - 4 :invoke :read nil' but found none.", file=file)
    return edn.assemble(events, file=file, keyed=keyed)


def is_log(head: str) -> bool:
    """Whether a text begins like a register log."""
    return any(_logged_text(line) is not None for line in head.splitlines()[:20])


def _with_blanks(numbered: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """The lines with the blank ones put back, so that errors count lines as the file does."""
    done = 0
    for number, line in numbered:
        yield b"\n" * (number - done - 1) + line
        done = number


def _events(numbered: Iterable[tuple[int, bytes]], *, file: str) -> Iterator[edn.RawEvent]:
    opened: dict[Any, Form] = {}  # process → the value it asked with
    for number, line in numbered:
        try:
            text = _logged_text(line.decode())
        except UnicodeDecodeError as error:
            raise FormatError(f"expected UTF-8 text but got other bytes: {error}.", file=file, line=number) from error
        if text is None:
            continue
        match = _EVENT.match(text)
        if match is None:
            raise FormatError(f"expected a process, :type, :f and a value but got {text[:80]!r}.", file=file, line=number)
        name, type, f, rest = match.groups()
        process = int(name) if name[0] != ":" else name[1:]
        value, error_text = _value_and_error(rest, file=file, line=number)
        if type == INVOKE:
            opened[process] = value
        elif isinstance(value, Name) and type in (FAIL, INFO):
            error_text = value.text  # such as timed-out
            value = opened.get(process)
        yield edn.RawEvent(line=number, type=type, process=process, f=f, value=value, error=error_text)


def _logged_text(line: str) -> str | None:
    """The event of a log line, None when the line is of something else."""
    logged = _LOGGED.search(line)
    if logged is None:
        return line if _PROCESS_AND_TYPE.match(line) else None
    text = logged[1]
    return text if not text or _EVENT_START.match(text) else None


def _value_and_error(text: str, *, file: str, line: int) -> tuple[Form, str | None]:
    reader = FormReader(iter([text]), file=file, first_line=line)
    value = reader.next()
    if isinstance(value, Close):
        raise reader.broken(f"expected a value but got {text[:80]!r}.")
    return value, _error(reader.remaining().strip())


def _error(text: str) -> str | None:
    """What stands after the value: EDN where it is one form, else words as they stand."""
    reader = FormReader(iter([text]), file="<error>")
    try:
        form, end = reader.next(), reader.next()
    except FormatError:
        return text
    if isinstance(form, Close):
        return None
    return edn.error_text(form) if isinstance(end, Close) else text
