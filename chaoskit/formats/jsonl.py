"""Histories as JSON Lines: one event a line, chaoskit's own way to keep what clients saw.

A line is `{"index", "time", "type", "process", "f", "key", "value", "error"}`. Written, the layout is canonical: equal
histories give equal bytes. Read, `index`, `time`, `key`, `value` and `error` may be missing and further fields are
ignored. Values survive exactly (1, 1.0 and true differ; bytes and infinities are marked, see `json_values`). The order
of lines is the real-time order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from chaoskit.core.errors import FormatError
from chaoskit.core.history import History
from chaoskit.core.op import TYPES, Op
from chaoskit.formats.intake import VALUE_DEPTH_MAX, Intake, collector_paused
from chaoskit.formats.json_values import encode_json, from_json
from chaoskit.formats.keyed import joined_pair, split_pair
from chaoskit.formats.sources import Source, line_batches


class _Line(msgspec.Struct, gc=False):
    type: str
    process: int | str
    f: str
    key: Any = None
    value: Any = None
    time: int | None = 0
    error: Any = None
    index: int | None = None


_LAYOUT = b'{"index":%d,"time":%d,"type":%s,"process":%s,"f":%s,"key":%s,"value":%s,"error":%s}\n'
_LEAVES = frozenset({int, str, bool, float, type(None)})
_DECODER = msgspec.json.Decoder(_Line)
_TYPE_TEXTS = [encode_json(name) for name in TYPES]


@collector_paused()
def read(source: Source, *, file: str = "<input>", keyed: bool = False) -> History:
    """A history from JSON Lines. `keyed`: every value is a [key, value] pair. Raises `FormatError`."""
    intake = Intake(file)
    for first, lines in line_batches(source, file=file):
        if keyed or not _add_all(intake, lines):
            for number, line in enumerate(lines, first):
                if line.strip():
                    _add(intake, line.strip(), file=file, number=number, keyed=keyed)
    return intake.history()


def write(history: History, *, keyed: bool = False) -> Iterator[bytes]:
    """The lines of a history, each with its end. `keyed`: keys go into the values, as [key, value]."""
    if keyed:
        yield from (encode_event(joined_pair(op), index=op.index) for op in history)
        return
    values = [encode_json(value) for value in history.values]  # each once, however often it occurs
    names = {number: encode_json(name) for number, name in history.process_names.items()}
    indices = range(len(history)) if history.indices is None else history.indices.tolist()
    columns = (history.times, history.types, history.processes, history.fs, history.keys, history.value_ids, history.errors)
    for index, time, code, process, f, key, value, error in zip(indices, *(column.tolist() for column in columns), strict=True):
        who = names[process] if process < 0 else b"%d" % process
        yield _LAYOUT % (index, time, _TYPE_TEXTS[code], who, values[f], values[key], values[value], values[error])


def encode_event(op: Op, *, index: int) -> bytes:
    """One event as the line that `write` would give it at this index."""
    texts = (encode_json(part) for part in (op.type, op.process, op.f, op.key, op.value, op.error))
    return _LAYOUT % (index, op.time, *texts)


def _add_all(intake: Intake, lines: list[bytes]) -> bool:
    """Adds the events of many lines, or none where a line is blank or broken or may be, and says which."""
    try:
        events = list(map(_DECODER.decode, lines))
        keys, values = [event.key for event in events], [event.value for event in events]
        if any(not _LEAVES.issuperset(map(type, column)) for column in (keys, values)):
            if any(line.count(b"[") + line.count(b"{") > VALUE_DEPTH_MAX for line in lines):
                return False
            if any(b"$" in line or b"\\u0024" in line for line in lines):
                keys, values = list(map(from_json, keys)), list(map(from_json, values))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return intake.add_all(
        types=[event.type for event in events],
        processes=[event.process for event in events],
        fs=[event.f for event in events],
        keys=keys,
        values=values,
        times=[event.time for event in events],
        errors=[None if event.error is None else _error_text(event.error) for event in events],
        indices=[event.index for event in events],
    )


def _add(intake: Intake, line: bytes, *, file: str, number: int, keyed: bool) -> None:
    event = _event(line, file=file, number=number)
    key, value = event.key, event.value
    if keyed:
        key, value = split_pair(event.process, key, value, file=file, line=number)
    intake.add(
        number,
        type=event.type,
        process=event.process,
        f=event.f,
        key=key,
        value=value,
        time=event.time,
        error=_error_text(event.error),
        index=event.index,
    )


def _error_text(error: Any) -> str | None:
    return error if error is None or isinstance(error, str) else encode_json(error).decode()


def _event(line: bytes, *, file: str, number: int) -> _Line:
    try:
        event = _DECODER.decode(line)
        if line.count(b"[") + line.count(b"{") > VALUE_DEPTH_MAX:
            _check_depth([event.key, event.value, event.error], VALUE_DEPTH_MAX)
        if b"$" in line or b"\\u0024" in line:
            event.key, event.value = from_json(event.key), from_json(event.value)
    except msgspec.ValidationError as error:
        reason = f"expected an event (an object with type, process and f) but: {error}."
        raise FormatError(reason, file=file, line=number) from error
    except (msgspec.DecodeError, ValueError) as error:
        reason = f"expected one event as a JSON object but got {_start(line)}: {error}"
        raise FormatError(reason, file=file, line=number) from error
    except RecursionError as error:
        reason = f"expected values nested at most {VALUE_DEPTH_MAX} deep."
        raise FormatError(reason, file=file, line=number) from error
    return event


def _check_depth(values: list[Any], depth: int) -> None:
    """Raises `RecursionError`, as the decoder does for worse, when one of these is nested deeper."""
    for value in values:
        if isinstance(value, (list, dict)):
            if depth == 0:
                raise RecursionError
            _check_depth(list(value.values()) if isinstance(value, dict) else value, depth - 1)


def _start(line: bytes) -> str:
    text = line[:60].decode(errors="replace")
    return repr(f"{text}…" if len(line) > 60 else text)
