"""Binary columns: what numpy sees, what is refused, and that nobody's numbers are believed."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from chaoskit.core.errors import FormatError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.formats import jsonl, npz

Arrays = dict[str, NDArray[Any]]

EVENTS = [
    Op(time=5, type="invoke", process=300, f="cas", key="k", value=[1, 2]),
    Op(time=7, type="info", process="nemesis", f="kill", value={"nodes": [b"\xff", 1.0, True, 1]}),
    Op(time=2**40, type="fail", process=300, f="cas", key="k", value=[1, 2], error="timed-out"),
    Op(time=-1, type="ok", process="monitor", f="read"),
]


def written(history: History, *, keyed: bool = False) -> bytes:
    return b"".join(npz.write(history, keyed=keyed))


def arrays_of(data: bytes) -> Arrays:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def packed(value: Any) -> NDArray[np.uint8]:
    return np.frombuffer(msgspec.msgpack.encode(value), np.uint8)


def saved(arrays: Arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def changed(**other: Any) -> bytes:
    """The events' file, as numpy would write it, with some arrays changed."""
    return saved({**arrays_of(written(History.of(EVENTS))), **other})


def test_numpy_opens_what_is_written_and_we_read_what_numpy_writes() -> None:
    """Columns of integers in as few bytes as hold them; values and names are msgpack."""
    arrays = arrays_of(written(History.of(EVENTS)))
    assert {name: (array.dtype.str, array.tolist()) for name, array in arrays.items() if name not in ("values", "names")} == {
        "version": ("|i1", [1]),
        "time": ("<i8", [5, 7, 2**40, -1]),
        "type": ("|i1", [0, 3, 2, 1]),
        "process": ("<i2", [300, -1, 300, -2]),
        "f": ("|i1", [1, 4, 1, 7]),
        "key": ("|i1", [2, 0, 2, 0]),
        "value": ("|i1", [3, 5, 3, 0]),
        "error": ("|i1", [0, 0, 6, 0]),
    }
    assert msgspec.msgpack.decode(arrays["names"].tobytes()) == ["nemesis", "monitor"]
    assert msgspec.msgpack.decode(arrays["values"].tobytes())[:4] == [None, "cas", "k", [1, 2]]
    assert npz.read(saved(arrays)) == History.of(EVENTS)


def test_equal_histories_have_equal_bytes() -> None:
    """However their values came to be numbered: built, read in, or a part of a larger one."""
    history = History.of(EVENTS)
    larger = History.of([Op(type="ok", process="other", f="first", value="unused"), *EVENTS])
    part = larger.where(np.arange(len(larger)) > 0)
    for same in (History.of(history), jsonl.read(b"".join(jsonl.write(history))), part):
        assert written(same) == written(history)


def test_an_empty_history_is_read_back() -> None:
    """Columns without events."""
    assert len(npz.read(written(History.of([])))) == 0


def test_values_that_stand_twice_become_one() -> None:
    """Checkers compare the numbers of values: two numbers for one value would be a wrong verdict."""
    events = [Op(type="ok", process=0, f="read", value=value) for value in (1, True, 1.0, [1], [True], [1])]
    arrays = arrays_of(written(History.of(events)))
    values = [[1], 1, "read", [True], None, 1, 1.0, [1], True]
    places = {"value": [1, 8, 6, 0, 3, 7], "f": [2] * 6, "key": [4] * 6, "error": [4] * 6}
    numbered = {name: np.array(column, np.int8) for name, column in places.items()}
    found = npz.read(saved({**arrays, **numbered, "values": packed(values)}))
    assert found == History.of(events)
    assert found.value_ids[3] == found.value_ids[5] and len(set(found.value_ids.tolist())) == 5
    assert found.values[0] is None


def test_keys_within_values_are_split() -> None:
    """As in every format; a value that is no pair is named by its event, counted from 1 as lines are."""
    history = History.of(EVENTS)
    assert npz.read(written(history, keyed=True), keyed=True) == history
    with pytest.raises(FormatError, match=r"^f, line 1: expected a \[key value\] pair but got key='k', value=\[1, 2\]"):
        npz.read(written(history), file="f", keyed=True)


class Pipe(io.RawIOBase):
    """Bytes that come as they please, and only once."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def read(self, size: int = -1) -> bytes:
        part, self._left = self._left[:7], self._left[7:]
        return part


def test_a_pipe_is_read_like_a_file() -> None:
    """Where one cannot go back, the bytes are taken in first."""
    history = History.of(EVENTS)
    assert npz.read(Pipe(written(history))) == npz.read(io.BytesIO(written(history))) == history


@pytest.mark.parametrize("source", ["PK", ["PK"], io.StringIO("PK")])
def test_text_is_refused(source: Any) -> None:
    """A binary file read as text is broken already."""
    with pytest.raises(FormatError, match=r"^f: expected bytes or an open binary file but got text or lines\.$"):
        npz.read(source, file="f")


def without(name: str) -> Callable[[], bytes]:
    return lambda: saved({key: array for key, array in arrays_of(written(History.of(EVENTS))).items() if key != name})


def compressed() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays_of(written(History.of(EVENTS))))  # type: ignore[arg-type]
    return stream.getvalue()


def pickled() -> bytes:
    """An array of objects, which only unpickling could read."""
    stream = io.BytesIO()
    np.savez(stream, **{**arrays_of(changed()), "value": np.array([print] * 4, object)})  # type: ignore[arg-type]
    return stream.getvalue()


def too_large(name: str = "time") -> bytes:
    """An array whose header promises far more than there is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for key, array in arrays_of(changed()).items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array)
            data = content.getvalue()
            archive.writestr(f"{key}.npy", data.replace(b"(4,), }       ", b"(99999999,), }") if key == name else data)
    return stream.getvalue()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def with_value(value: Any) -> bytes:
    """The events with another value in the second."""
    return changed(values=packed([None, "cas", "k", [1, 2], "kill", value, "timed-out", "read"]))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04", "expected a zip of numpy arrays such as chaoskit writes but: File is not a zip file."),
        (lambda: written(History.of(EVENTS))[:-9], "expected a zip of numpy arrays such as chaoskit writes but: "),
        (without("names"), "expected an array 'names' but there is none."),
        (compressed, "expected arrays that are not compressed but 'version' is; write them with numpy.savez."),
        (pickled, "expected 'value' as a numpy array of integers in one dimension but got "),
        (too_large, "expected 99999999 integers in 'time' but got 32 bytes."),
        (lambda: changed(time=np.zeros(4)), "expected 'time' as a numpy array of integers in one dimension but got "),
        (lambda: changed(time=np.zeros((2, 2), int)), "expected 'time' as a numpy array of integers in one dimension but got "),
        (lambda: changed(version=np.array([2])), "expected version 1 but got [2]; a newer chaoskit may read it."),
        (lambda: changed(time=np.zeros(3, int)), "expected columns of one length but got {'time': 3, 'type': 4,"),
        (lambda: changed(type=np.array([0, 1, 2, 4])), "expected 'type' from 0 to 3 but got 4 at event 3."),
        (lambda: changed(process=np.array([0, -3, 1, 1])), "expected 'process' from -2 to 2147483647 but got -3 at event 1."),
        (lambda: changed(process=np.array([0, 0, 2**31, 1])), "expected 'process' from -2 to 2147483647 but got 2147483648 at"),
        (lambda: changed(value=np.array([0, 0, 0, 8])), "expected 'value' from 0 to 7 but got 8 at event 3."),
        (lambda: changed(f=np.array([1, 1, 0, 1])), "expected text as 'f' but got None at event 2."),
        (lambda: changed(error=np.array([0, 3, 0, 0])), "expected text as 'error' but got [1, 2] at event 1."),
        (lambda: changed(names=packed(["monitor", "nemesis"])), "expected names of processes, each once, 'nemesis' first, but"),
        (lambda: changed(names=packed(["nemesis", "a", "a"])), "expected names of processes, each once, 'nemesis' first, but"),
        (lambda: changed(values=packed({})), "expected a list in 'values' but got {}."),
        (lambda: with_value({1: 2}), "expected texts as the keys of a map but got {1: 2}."),
        (lambda: with_value(nested(101)), "expected values nested at most 100 deep."),
        (lambda: with_value([msgspec.msgpack.Ext(5, b"x")]), "expected values such as JSON has, or bytes, but got one of"),
        (lambda: with_value(msgspec.msgpack.Ext(-1, b"\0\0\0\1")), "expected values such as JSON has, or bytes, but got one of"),
        (
            lambda: changed(values=np.frombuffer(b"\xdd\xff\xff\xff\xff", np.uint8)),
            "expected a zip of numpy arrays such as chaoskit writes but: Input data was truncated.",
        ),
    ],
)
def test_a_broken_file_says_what_was_expected(data: bytes | Callable[[], bytes], reason: str) -> None:
    """Every promise that a file makes about itself is checked before it is relied on."""
    reasons = "|".join(map(re.escape, reason.split("|")))
    with pytest.raises(FormatError, match=f"^f: (?:{reasons})"):
        npz.read(data if isinstance(data, bytes) else data(), file="f")


def test_a_member_that_claims_to_be_larger_than_the_file_is_refused() -> None:
    """Before as much memory is asked for."""
    data = bytearray(written(History.of(EVENTS)))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<II", data, entry + 20, 2**31 - 1, 2**31 - 1)
    with pytest.raises(FormatError, match=r"^f: expected 'version' to be within the file but it should have 2147483647 bytes\.$"):
        npz.read(bytes(data), file="f")
