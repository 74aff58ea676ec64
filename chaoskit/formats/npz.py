"""Histories in binary columns, for millions of events: a zip of numpy arrays, which `numpy.load` opens as well.

One array of integers a column: `time`, `type` (0 invoke, 1 ok, 2 fail, 3 info), `process` (negative: -1 is `names[0]`, -2
`names[1]` …), and `f`, `key`, `value`, `error`, which are places in `values`. `values` and `names` are bytes: a msgpack list.
The order of events is the real-time order. Equal histories give equal bytes.

Read, nothing is trusted: no pickle, no compression (so that memory follows the file's size), every array's size, kind and
range checked, and values that stand twice made one, for checkers compare their numbers.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from chaoskit.core.canonical import Interner
from chaoskit.core.errors import FormatError
from chaoskit.core.history import PROCESS_MAX, TYPE_CODES, History, HistoryBuilder
from chaoskit.core.op import NEMESIS
from chaoskit.formats.intake import VALUE_DEPTH_MAX
from chaoskit.formats.keyed import joined_pair, split_pair
from chaoskit.formats.sources import Source, binary_stream

MAGIC = b"PK\x03\x04"
VERSION = 1

_COLUMNS = ("time", "type", "process", "f", "key", "value", "error")
_KINDS = (np.int8, np.int16, np.int32, np.int64)
_HEADER = re.compile(rb"\{'descr': '([<|][iu]1|<[iu][24]|<i8)', 'fortran_order': False, 'shape': \(([0-9]{1,18}),\), \} *\n")
_MAGIC_OF_ARRAY = b"\x93NUMPY\x01\x00"
_LEAVES = frozenset({type(None), bool, int, float, str, bytes})
_BROKEN = (  # what reading a damaged zip, array or list may raise
    zipfile.BadZipFile,
    msgspec.MsgspecError,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read(source: Source, *, file: str = "<input>", keyed: bool = False) -> History:
    """A history from bytes or an open binary file. `keyed`: every value is a [key, value] pair. Raises `FormatError`."""
    try:
        stream = binary_stream(source, file=file)
        with zipfile.ZipFile(stream) as archive:
            size = stream.seek(0, io.SEEK_END)
            arrays = {name: _array(archive, name, size=size) for name in ("version", *_COLUMNS, "values", "names")}
        history = _history(arrays)
    except _RefusedError as error:
        raise FormatError(str(error), file=file) from error
    except _BROKEN as error:
        raise FormatError(f"expected a zip of numpy arrays such as chaoskit writes but: {error}.", file=file) from error
    return _split(history, file=file) if keyed else history


def write(history: History, *, keyed: bool = False) -> Iterator[bytes]:
    """The file's bytes. `keyed`: keys go into the values, as [key, value]."""
    whole = History.of(map(joined_pair, history)) if keyed else history
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in _arrays(whole).items():
            member = zipfile.ZipInfo(f"{name}.npy")  # dated 1980: equal histories, equal bytes
            member.create_system = 3
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getbuffer())
    yield stream.getvalue()


class _RefusedError(ValueError):
    """A file that is a zip and yet no history; its text is for a person."""


# Written


def _arrays(history: History) -> dict[str, NDArray[Any]]:
    processes, names = _numbered_names(history)
    numbers, values = _numbered_values(history)
    columns: list[NDArray[Any]] = [history.times, history.types, processes, *numbers]
    return {
        "version": np.array([VERSION], np.int8),
        **{name: _narrowed(column) for name, column in zip(_COLUMNS, columns, strict=True)},
        "values": np.frombuffer(msgspec.msgpack.encode(values), np.uint8),
        "names": np.frombuffer(msgspec.msgpack.encode(names), np.uint8),
    }


def _numbered_names(history: History) -> tuple[NDArray[Any], list[str]]:
    """(the column of processes, the names): numbered by first appearance, after the nemesis."""
    numbers, places = np.unique(history.processes, return_index=True)
    named = [int(number) for number in numbers[np.argsort(places)] if number < 0]
    names = list(dict.fromkeys([NEMESIS, *(history.process_names[number] for number in named)]))
    processes = history.processes.copy()
    for number in named:
        processes[history.processes == number] = -1 - names.index(history.process_names[number])
    return processes, names


def _numbered_values(history: History) -> tuple[list[NDArray[Any]], list[Any]]:
    """(the columns f, key, value, error, the values): those that occur, numbered by first appearance, after None."""
    nothing = np.zeros((1, 4), np.int32)
    rows = np.stack((history.fs, history.keys, history.value_ids, history.errors), axis=1)
    flat = np.concatenate((nothing, rows)).ravel()
    first = np.full(len(history.values), -1)
    first[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)  # of equal indices the last assignment stays: the first appearance
    order = np.argsort(first, kind="stable")
    order = order[first[order] >= 0]
    numbers = np.zeros(len(history.values), np.int32)
    numbers[order] = np.arange(len(order))
    return list(numbers[rows].T), [history.values[number] for number in order.tolist()]


def _narrowed(column: NDArray[Any]) -> NDArray[Any]:
    """The column in the fewest bytes that hold it, the lowest first."""
    low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    kind = next(kind for kind in _KINDS if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    return column.astype(np.dtype(kind).newbyteorder("<"))


# Read


def _array(archive: zipfile.ZipFile, name: str, *, size: int) -> NDArray[Any]:
    """An array of integers of one dimension."""
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError as error:
        raise _RefusedError(f"expected an array {name!r} but there is none.") from error
    if member.compress_type != zipfile.ZIP_STORED:
        raise _RefusedError(f"expected arrays that are not compressed but {name!r} is; write them with numpy.savez.")
    if not member.file_size == member.compress_size <= size:
        raise _RefusedError(f"expected {name!r} to be within the file but it should have {member.file_size} bytes.")
    data = archive.read(member)
    [length] = struct.unpack_from("<H", data, len(_MAGIC_OF_ARRAY))
    start = len(_MAGIC_OF_ARRAY) + 2
    header = _HEADER.fullmatch(data, start, start + length)
    if not data.startswith(_MAGIC_OF_ARRAY) or header is None:
        raise _RefusedError(f"expected {name!r} as a numpy array of integers in one dimension but got {data[:200]!r:.200}.")
    kind, count = np.dtype(header[1].decode()), int(header[2])
    if count * kind.itemsize != len(data) - header.end():
        raise _RefusedError(f"expected {count} integers in {name!r} but got {len(data) - header.end()} bytes.")
    return np.frombuffer(data, kind, offset=header.end())


def _history(arrays: dict[str, NDArray[Any]]) -> History:
    if arrays["version"].tolist() != [VERSION]:
        raise _RefusedError(f"expected version {VERSION} but got {arrays['version'][:9].tolist()}; a newer chaoskit may read it.")
    columns = [arrays[name] for name in _COLUMNS]
    if len(set(map(len, columns))) > 1:
        raise _RefusedError(f"expected columns of one length but got {dict(zip(_COLUMNS, map(len, columns), strict=True))}.")
    values, names = _list(arrays, "values"), _list(arrays, "names")
    if names[:1] != [NEMESIS] or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise _RefusedError(f"expected names of processes, each once, {NEMESIS!r} first, but got {names!r:.100}.")
    _check_range(arrays, "type", low=0, high=len(TYPE_CODES) - 1)
    _check_range(arrays, "process", low=-len(names), high=PROCESS_MAX)
    for name in ("f", "key", "value", "error"):
        _check_range(arrays, name, low=0, high=len(values) - 1)
    _check_kinds(arrays["f"], values, name="f", kinds=(str,))
    _check_kinds(arrays["error"], values, name="error", kinds=(str, type(None)))
    numbers, kept = _interned(values)
    fs, keys, value_ids, errors = (numbers[arrays[name]] for name in ("f", "key", "value", "error"))
    return History(
        times=arrays["time"].astype(np.int64),
        types=arrays["type"].astype(np.int8),
        processes=arrays["process"].astype(np.int32),
        fs=fs,
        keys=keys,
        value_ids=value_ids,
        errors=errors,
        values=kept,
        process_names={-1 - place: name for place, name in enumerate(names)},
    )


def _list(arrays: dict[str, NDArray[Any]], name: str) -> list[Any]:
    found = msgspec.msgpack.decode(arrays[name].tobytes())
    if not isinstance(found, list):
        raise _RefusedError(f"expected a list in {name!r} but got {found!r:.100}.")
    return found


def _check_range(arrays: dict[str, NDArray[Any]], name: str, *, low: int, high: int) -> None:
    column = arrays[name]
    if len(column) and not (low <= column.min() and column.max() <= high):
        event = int(np.flatnonzero((column < low) | (column > high))[0])
        raise _RefusedError(f"expected {name!r} from {low} to {high} but got {column[event]} at event {event}.")


def _check_kinds(column: NDArray[Any], values: Sequence[Any], *, name: str, kinds: tuple[type, ...]) -> None:
    occurs = np.zeros(len(values), np.bool_)
    occurs[column] = True
    for number in np.flatnonzero(occurs).tolist():
        if not isinstance(values[number], kinds):
            event = int(np.flatnonzero(column == number)[0])
            raise _RefusedError(f"expected text as {name!r} but got {values[number]!r:.100} at event {event}.")


def _interned(values: list[Any]) -> tuple[NDArray[np.int32], list[Any]]:
    """(the number of each value, the values): None is number 0, and no value stands twice."""
    if not _LEAVES.issuperset(map(type, values)):
        for value in values:
            _check_value(value, VALUE_DEPTH_MAX)
    interner = Interner()
    interner.intern(None)
    return np.array(interner.intern_all(values), np.int32), interner.values


def _check_value(value: Any, depth: int) -> None:
    if type(value) in _LEAVES:
        return
    if depth == 0:
        raise _RefusedError(f"expected values nested at most {VALUE_DEPTH_MAX} deep.")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise _RefusedError(f"expected texts as the keys of a map but got {value!r:.100}.")
        parts = list(value.values())
    elif isinstance(value, list):
        parts = value
    else:  # a timestamp, an extension
        raise _RefusedError(f"expected values such as JSON has, or bytes, but got one of kind {type(value).__name__}.")
    for part in parts:
        _check_value(part, depth - 1)


def _split(history: History, *, file: str) -> History:
    builder = HistoryBuilder()
    for op in history:
        key, value = split_pair(op.process, op.key, op.value, file=file, line=op.index + 1)
        builder.append(op.type, op.process, op.f, key, value, time=op.time, error=op.error)
    return builder.build()
