"""Laws of every format: what is written reads back the same, however it is cut; what is broken is a FormatError."""

from __future__ import annotations

import io
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core.canonical import canonical
from chaoskit.core.errors import FormatError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.formats import edn, edn_rows, jsonl
from chaoskit.formats.edn_forms import CHARACTER, KEYWORD, SYMBOL, Name, edn_text
from chaoskit.formats.table import FORMATS
from chaoskit.testing.strategies import client_histories, histories, scalars, texts

LAW = settings(deadline=None, derandomize=True, max_examples=60)
WRITTEN = [format for format in FORMATS.values() if format.write is not None]
TEXTS = ["jsonl", "edn"]  # those of them that have lines
EDN_WORDS = [":type", ":invoke", ":f", ":process", ":value", "{}", "[]", "()", "#{}", "#_", "#inst", "\\", "\\a", "##Inf", "1/2"]
MORE_WORDS = ["1N", "2.5M", "nil", "-1", "0x1F", "1", "INFO", "jepsen.util", "-", *'"{}[]():,;\\\n']


class Trickle(io.RawIOBase):
    """A stream that hands out a few bytes at a time, as a slow pipe does."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def read(self, size: int = -1) -> bytes:
        part, self._data = self._data[: self._size], self._data[self._size :]
        return part


def written(name: str, history: History, *, keyed: bool = False) -> bytes:
    write = FORMATS[name].write
    assert write is not None
    return b"".join(write(history, keyed=keyed))


def outcome_of(name: str, source: Any, *, keyed: bool = False) -> History | FormatError:
    """The history, or the one error that reading may raise."""
    try:
        return FORMATS[name].read(source, file="foreign", keyed=keyed)
    except FormatError as error:
        assert error.file == "foreign"
        return error


@pytest.mark.parametrize("name", [format.name for format in WRITTEN])
@LAW
@given(history=histories())
def test_a_written_history_reads_back_with_the_same_digest(name: str, history: History) -> None:
    """Any history, any values: the digest tells 1 from 1.0 from true, which equality of Python values would not."""
    again = FORMATS[name].read(written(name, history))
    assert again.digest() == history.digest()
    assert again == history


@pytest.mark.parametrize("name", [format.name for format in WRITTEN])
@LAW
@given(history=histories())
def test_keyed_values_read_back_as_key_and_value(name: str, history: History) -> None:
    """Keys travel inside the values of clients, as Jepsen's independent tuples do; the nemesis keeps its own."""
    assert FORMATS[name].read(written(name, history, keyed=True), keyed=True).digest() == history.digest()


@LAW
@given(history=client_histories(), numbers=st.lists(st.floats(), max_size=3))
def test_floats_keep_their_bits_in_jsonl(history: History, numbers: list[float]) -> None:
    """Infinities and every NaN have no word in JSON and come back bit by bit."""
    odd = History.of([*history, Op(type="ok", process=9, f="read", value=numbers)])
    assert jsonl.read(written("jsonl", odd)).digest() == odd.digest()


@LAW
@given(history=histories())
def test_one_event_encodes_as_its_line_in_the_whole(history: History) -> None:
    """A run that writes event by event leaves the same bytes as one that writes its history at the end."""
    assert written("jsonl", history) == b"".join(jsonl.encode_event(op, index=op.index) for op in history)


@pytest.mark.parametrize("name", TEXTS)
@LAW
@given(history=histories(max_size=6), size=st.integers(1, 7))
def test_reading_does_not_depend_on_how_the_source_is_cut(name: str, history: History, size: int) -> None:
    """Bytes, lines with or without ends, text, and a stream that gives a few bytes at a time: the same history."""
    data = written(name, history)
    lines = data.split(b"\n")
    texts_of_lines = [line.decode() for line in lines]
    streams = [io.BytesIO(data), io.StringIO(data.decode(), newline="\n")]
    sources: list[Any] = [lines, texts_of_lines, data.decode(), *streams]
    sources.append(Trickle(data, size))
    assert {FORMATS[name].read(source).digest() for source in sources} == {history.digest()}


def one_by_one(name: str, source: Any, *, keyed: bool = False) -> History | FormatError:
    """What is read without taking events together: by line, by token."""
    with patch.object(jsonl, "_add_all", lambda *_: False), patch.object(edn_rows, "SHAPES_MAX", 0):
        return outcome_of(name, source, keyed=keyed)


def same(one: History | FormatError, other: History | FormatError) -> bool:
    return one == other if isinstance(one, History) else str(one) == str(other)


@pytest.mark.parametrize("name", TEXTS)
@LAW
@given(history=histories(max_size=12), keyed=st.booleans())
def test_events_taken_together_are_those_taken_one_by_one(name: str, history: History, keyed: bool) -> None:
    """The fast ways are ways to the same history; bit by bit, and where keys are split from values."""
    data = written(name, history, keyed=keyed)
    assert same(outcome_of(name, data, keyed=keyed), one_by_one(name, data, keyed=keyed))


@pytest.mark.parametrize("name", TEXTS)
@LAW
@given(history=client_histories(max_events=16), data=st.data())
def test_a_damaged_file_is_broken_at_the_same_line_either_way(name: str, history: History, data: st.DataObject) -> None:
    """Many like events, so that they are taken together, and then some words in a wrong place."""
    whole = written(name, history).decode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 8)))
    words = st.sampled_from([*EDN_WORDS, *MORE_WORDS, "null", "\r", "\\u0024", "1e5", "99999999999999999999"])
    damaged = whole[:start] + data.draw(st.just("") | words) + whole[end:]
    assert same(outcome_of(name, damaged), one_by_one(name, damaged))


@LAW
@given(history=client_histories(max_events=20), data=st.data())
def test_op_maps_of_any_shape_are_read_as_by_tokens(history: History, data: st.DataObject) -> None:
    """Fields in any order, left out, or more of them; blanks anywhere."""
    orders = data.draw(st.lists(st.permutations(["type", "process", "f", "value", "time", "index"]), min_size=1, max_size=3))
    gaps = st.sampled_from([" ", ", ", ",", "\n", "  "])
    text = ""
    for op in history:
        fields = {"type": f":{op.type}", "process": str(op.process), "f": f":{op.f}"}
        fields |= {"time": str(op.time), "index": str(op.index)}
        if op.value is not None or data.draw(st.booleans()):
            fields["value"] = edn_text(data.draw(forms()) if data.draw(st.booleans()) else op.value)
        order = [*data.draw(st.sampled_from(orders)), *data.draw(st.sampled_from([[], ["note"]]))]
        known = {"note": "[1 x]", **fields}
        gap, parts = data.draw(gaps), [f":{field}{data.draw(gaps)}{known[field]}" for field in order if field in known]
        text += f"{{{gap.join(parts)}}}{data.draw(gaps)}"
    assert same(outcome_of("edn", text), one_by_one("edn", text))


@LAW
@given(history=histories(max_size=5), data=st.data())
def test_damaged_columns_are_a_format_error_or_a_history(history: History, data: st.DataObject) -> None:
    """Damage that the zip's checksums cannot see: within an array, saved anew."""
    with np.load(io.BytesIO(written("npz", history)), allow_pickle=False) as file:
        arrays = dict(file)
    name = data.draw(st.sampled_from(sorted(arrays)))
    kind = data.draw(st.sampled_from(["i1", "u1", "<i2", "<i8", "<u4", "<f8", "?"]))
    content = bytearray(arrays[name].tobytes() + data.draw(st.binary(max_size=2)))
    for place in data.draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=3)) if content else ():
        content[place] = data.draw(st.integers(0, 255))
    size = np.dtype(kind).itemsize
    arrays[name] = np.frombuffer(bytes(content[: len(content) // size * size]), kind)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    found = outcome_of("npz", stream.getvalue())
    if isinstance(found, History):
        assert History.of(found) == found


def forms() -> st.SearchStrategy[Any]:
    words = st.sampled_from(["a", "b", "x", ":a", "'a", "\\a", "=1"])
    symbols = st.sampled_from(["a", "b", "x", "=1", "=="])
    names = st.one_of(
        st.builds(Name, st.sampled_from(["a", "b", "x"]), st.just(KEYWORD)),
        st.builds(Name, symbols, st.just(SYMBOL)),
        st.builds(Name, st.sampled_from("abx"), st.just(CHARACTER)),
    )
    leaves = words | names | st.integers(-1, 1) | st.booleans() | st.none() | st.floats(-1, 1)
    keys = words | names | st.integers(0, 1)

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=2)

    return st.recursive(leaves, nested, max_leaves=5)


@LAW
@given(values=st.lists(forms(), max_size=6))
def test_different_edn_values_never_become_one(values: list[Any]) -> None:
    """:x, "x", x and \\x are four values in Clojure: read as one, a register's stale read could pass for a fresh one."""
    text = "".join(f"{{:type :ok, :process 0, :f :read, :value {edn_text(value)}}}\n" for value in values)
    read = [op.value for op in edn.read(text)]
    for first, first_read in zip(values, read, strict=True):
        for second, second_read in zip(values, read, strict=True):
            assert (edn_text(first) == edn_text(second)) == (canonical(first_read) == canonical(second_read))


@LAW
@given(value=scalars() | texts(max_size=40))
def test_an_edn_scalar_is_one_line(value: Any) -> None:
    """Whatever a text holds (line ends, quotes, other alphabets), its event stays on its line."""
    assert written("edn", History.of([Op(type="ok", process=0, f="read", value=value)])).count(b"\n") == 1


@pytest.mark.parametrize("name", list(FORMATS))
@LAW
@given(data=st.binary(max_size=200))
def test_garbage_is_a_format_error_or_a_history(name: str, data: bytes) -> None:
    """Random bytes raise nothing but FormatError and end."""
    outcome_of(name, data)
    outcome_of(name, data.split(b"\n"))


@pytest.mark.parametrize("name", list(FORMATS))
@LAW
@given(words=st.lists(st.sampled_from(EDN_WORDS + MORE_WORDS), max_size=30), between=st.sampled_from(["", " "]))
def test_right_words_in_a_wrong_order_are_a_format_error_or_a_history(name: str, words: list[str], between: str) -> None:
    """Near misses reach deeper into a reader than random bytes do."""
    outcome_of(name, between.join(words))


@pytest.mark.parametrize("name", [format.name for format in WRITTEN])
@LAW
@given(history=histories(max_size=5), data=st.data())
def test_a_damaged_history_is_a_format_error_or_a_history(name: str, history: History, data: st.DataObject) -> None:
    """A written history with some bytes replaced, removed or cut off at the end."""
    whole = written(name, history)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 8)))
    damaged = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]
    outcome_of(name, damaged)
    outcome_of(name, whole[:start])
    outcome_of(name, damaged, keyed=True)


@LAW
@given(history=histories(max_size=5).filter(len), data=st.data())
def test_a_jsonl_file_cut_within_a_line_names_that_line(history: History, data: st.DataObject) -> None:
    """A cut-off line is never taken for an event, and the error names it."""
    lines = written("jsonl", history).splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    size = data.draw(st.integers(1, len(lines[number]) - 3))
    found = outcome_of("jsonl", b"".join(lines[:number]) + lines[number][:size])
    assert isinstance(found, FormatError)
    assert found.line == number + 1
