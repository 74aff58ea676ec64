"""The one-line language for histories, which many tests lean on."""

from __future__ import annotations

import re

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.core.op import Op
from chaoskit.testing.histories import h


def test_a_whole_operation_is_two_events_and_overlaps_nothing() -> None:
    """A write and a read, whose value is its answer."""
    assert list(h("0:w1 1:rk=2", step=10)) == [
        Op(index=0, time=0, type="invoke", process=0, f="write", value=1),
        Op(index=1, time=10, type="ok", process=0, f="write", value=1),
        Op(index=2, time=20, type="invoke", process=1, f="read", key="k"),
        Op(index=3, time=30, type="ok", process=1, f="read", key="k", value=2),
    ]


def test_open_operations_overlap_and_end_in_three_ways() -> None:
    """ok with or without an answer, fail, info."""
    events = list(h("0(w1 1(c1>2 2(r 3(t5 0) 1! 2)7 3)true 4(a1 4?"))
    assert [(op.process, op.type) for op in events] == [
        (0, "invoke"),
        (1, "invoke"),
        (2, "invoke"),
        (3, "invoke"),
        (0, "ok"),
        (1, "fail"),
        (2, "ok"),
        (3, "ok"),
        (4, "invoke"),
        (4, "info"),
    ]
    assert events[1].value == [1, 2] and events[6].value == 7 and events[7].value is True


def test_values_are_json_or_nil() -> None:
    """Also lists, texts and nil; a failed read has no value."""
    assert [op.value for op in h('0:w"a" 0:r[1,[2]] 0:wnil 0:r1!')][1::2] == ["a", [1, [2]], None, None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w1", "expected an event such as 0:w1, 0(w1 or 0)5 but got 'w1'."),
        ("0:w1 0)", "expected process 0 to have an operation open at '0)'; open one with 0(w1."),
        ("0:x1", "expected an operation such as w1, rk=nil or c1>2 but got 'x1'; letters: w r c a m t e d l u b p g."),
        ("0:wk", "expected a value as JSON, or nil, but got 'k'."),
    ],
)
def test_a_token_that_is_not_understood_is_named(text: str, message: str) -> None:
    """Whole messages."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        h(text)
