"""JSON Lines: what a line may lack, what it may not, and how values survive."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from chaoskit.core.errors import FormatError, ModelError
from chaoskit.core.history import History
from chaoskit.core.op import Op
from chaoskit.formats import jsonl
from chaoskit.formats.json_values import encode_json, from_json
from chaoskit.formats.sources import LINE_BYTES_MAX

NO_EVENT = "expected an event (an object with type, process and f) but: "
EVENT = '{"type":"ok","process":1,"f":"read"'


def one(value: Any) -> History:
    return History.of([Op(type="ok", process=1, f="read", value=value)])


def test_an_event_needs_only_type_process_and_f() -> None:
    """Time is 0, the rest None, the index its place; fields that we do not know are passed over."""
    [op] = jsonl.read(EVENT + ',"node":"n1"}')
    assert op == Op(index=0, type="ok", process=1, f="read")


def test_the_written_layout_is_fixed() -> None:
    """Field order and spacing are part of the format: equal histories, equal bytes."""
    ops = [
        Op(time=5, type="invoke", process=3, f="cas", key="k", value=(1, 2)),
        Op(time=9, type="info", process="nemesis", f="start", value={"b": 1, "a": b"\xff"}, error="e"),
    ]
    assert b"".join(jsonl.write(History.of(ops))).decode().splitlines() == [
        '{"index":0,"time":5,"type":"invoke","process":3,"f":"cas","key":"k","value":[1,2],"error":null}',
        '{"index":1,"time":9,"type":"info","process":"nemesis","f":"start","key":null,'
        '"value":{"a":{"$bytes":"/w=="},"b":1},"error":"e"}',
    ]


@pytest.mark.parametrize(
    "value", [1, 1.0, True, "1", None, -0.0, 0.0, [], {}, 2**64 - 1, -(2**63), b"", math.inf, -math.inf, math.nan]
)
def test_a_value_keeps_its_kind(value: Any) -> None:
    """1, 1.0, true and "1" are four values; so are 0.0 and -0.0."""
    again = jsonl.read(b"".join(jsonl.write(one(value))))
    assert type(again[0].value) is type(value)
    assert again.digest() == one(value).digest()


@pytest.mark.parametrize("key", ["$bytes", "$float", "$$bytes", "$oid"])
def test_an_object_that_looks_like_a_mark_stays_an_object(key: str) -> None:
    """A client may well store {"$bytes": …}; it does not come back as bytes."""
    assert from_json({key: "x"} if key == "$oid" else {f"${key}": "x"}) == {key: "x"}
    assert jsonl.read(b"".join(jsonl.write(one({key: "x"}))))[0].value == {key: "x"}


def test_an_error_that_is_no_text_becomes_its_json() -> None:
    """Foreign histories put codes and lists there."""
    assert [op.error for op in jsonl.read(f'{EVENT},"error":null}}\n{EVENT},"error":[404,"x"]}}')] == [None, '[404,"x"]']


def test_blank_lines_and_a_byte_order_mark_are_passed_over() -> None:
    """Editors leave both behind; lines are counted as the editor shows them."""
    assert len(jsonl.read(b"\xef\xbb\xbf" + EVENT.encode() + b"}\r\n\r\n  \n" + EVENT.encode() + b"}\r\n")) == 2
    with pytest.raises(FormatError, match=r"^f, line 3: "):
        jsonl.read(f"{EVENT}}}\n\n{{", file="f")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"type":"ok","f":"read"}', NO_EVENT + "Object missing required field `process`."),
        ('{"type":"ok","process":null,"f":"r"}', NO_EVENT + "Expected `int | str`, got `null`"),
        ('{"type":"ok","process":true,"f":"r"}', NO_EVENT + "Expected `int | str`, got `bool`"),
        ('{"type":"ok","process":-1,"f":"r"}', "expected a process from 0 to 2147483647 but got process=-1."),
        ('{"type":"done","process":1,"f":"r"}', "expected an op type (one of invoke, ok, fail, info) but got type='done'."),
        ('{"type":"ok","process":1,"f":null}', NO_EVENT + "Expected `str`, got `null`"),
        (EVENT + ',"time":1.5}', NO_EVENT + "Expected `int | null`, got `float`"),
        (EVENT + f',"time":{2**63}}}', f"expected a time in nanoseconds, a 64-bit integer, but got time={2**63}."),
        (EVENT + f',"value":{2**64}}}', f"expected integers of at most 64 bits but got {2**64}."),
        (EVENT + f',"value":[{2**64}]}}', "expected a value that can be encoded but got [18446744073709551616]"),
        (EVENT + ',"value":{"$bytes":"?"}}', "expected one event as a JSON object but got"),
        (EVENT + ',"value":{"$float":5}}', "expected one event as a JSON object but got"),
        (EVENT + ',"value":' + "[" * 101 + "]" * 101 + "}", "expected values nested at most 100 deep."),
        (EVENT + ',"value":' + "[" * 50_000, "expected values nested at most 100 deep."),
        (EVENT + ',"value":"\udc00"}', "expected UTF-8 text but got other bytes"),
        ("[1]", NO_EVENT + "Expected `object`, got `array`."),
        ("\x00\x01", "expected one event as a JSON object but got '\\x00\\x01'"),
    ],
)
def test_a_broken_line_is_told_by_file_line_and_reason(line: str, reason: str) -> None:
    """Every kind of brokenness gives a FormatError that a person can act on."""
    with pytest.raises(FormatError, match="^" + re.escape(f"bad.jsonl, line 2: {reason}")):
        jsonl.read(f"{EVENT}}}\n{line}\n", file="bad.jsonl")


def test_bytes_that_are_not_utf8_are_a_format_error() -> None:
    """In a field that is read; one that is passed over is not looked at."""
    with pytest.raises(FormatError, match=r"^f, line 1: expected one event as a JSON object but got"):
        jsonl.read(EVENT.encode() + b',"value":"\xff"}', file="f")


def test_an_endless_line_is_refused_before_memory_is() -> None:
    """A stream without line ends is read up to the limit and no further."""

    class Endless:
        asked = 0

        def readline(self, size: int) -> bytes:
            self.asked += size
            return b"x" * size

    stream: Any = Endless()
    with pytest.raises(FormatError, match=rf"^f, line 1: expected a line of at most {LINE_BYTES_MAX} bytes"):
        jsonl.read(stream, file="f")
    assert stream.asked == LINE_BYTES_MAX + 1


def test_indices_that_go_back_are_refused() -> None:
    """The order of lines is the real-time order: a file sorted by anything else would be judged wrongly."""
    with pytest.raises(FormatError, match=r"^f, line 2: expected indices to increase but got index=3 after 7; the order"):
        jsonl.read(f'{EVENT},"index":7}}\n{EVENT},"index":3}}', file="f")


def test_a_part_of_a_history_is_read_with_indices_of_its_own() -> None:
    """Gaps are no error; the place in the file decides."""
    assert [op.index for op in jsonl.read(f'{EVENT},"index":7}}\n{EVENT},"index":9}}')] == [0, 1]


def test_a_broken_line_among_many_thousands_is_told_by_its_number() -> None:
    """Lines are taken in by the thousand; one of them is still blamed alone, and those before it are not."""
    good = f"{EVENT}}}\n" * 60_000
    with pytest.raises(FormatError, match=r"^f, line 60002: expected an op type"):
        jsonl.read(f'{good}\n{{"type":"done","process":1,"f":"r"}}\n{good}', file="f")
    with pytest.raises(FormatError, match=r"^f, line 60002: expected indices to increase but got index=5 after 5"):
        jsonl.read(f'{EVENT},"index":5}}\n{good}{EVENT},"index":5}}\n', file="f")


def test_an_endless_file_is_refused_before_memory_is() -> None:
    """Also where it is read in pieces."""

    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"x" * size

    stream: Any = Endless()
    with pytest.raises(FormatError, match=rf"^f, line 1: expected a line of at most {LINE_BYTES_MAX} bytes"):
        jsonl.read(stream, file="f")
    assert stream.given <= 2 * LINE_BYTES_MAX


def test_what_comes_before_a_broken_line_is_told_first() -> None:
    """A line that is too long, or no text, does not hide an earlier one that is broken."""
    for later in ("x" * (LINE_BYTES_MAX + 1), "\udc00"):
        for source in (f"{{}}\n{later}", ["{}", later]):
            with pytest.raises(FormatError, match=r"^f, line 1: expected an event"):
                jsonl.read(source, file="f")


def test_keyed_reading_refuses_a_value_that_is_no_pair() -> None:
    """Jepsen's independent histories are pairs throughout; anything else was not meant to be read so."""
    with pytest.raises(FormatError, match=r"^f, line 1: expected a \[key value\] pair but got key=None, value=5"):
        jsonl.read(f'{EVENT},"value":5}}', file="f", keyed=True)


def test_a_value_that_json_cannot_hold_is_a_model_error() -> None:
    """Whoever recorded it broke the contract: a set of functions is no value."""
    with pytest.raises(ModelError, match=r"^expected a value that can be written as JSON but got"):
        encode_json([print])
