"""Histories: columns underneath, events outside, indices that stay."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from chaoskit.core.canonical import canonical
from chaoskit.core.errors import ModelError
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.op import Op

EVENTS = 200_000


def event(op_type: str, process: int | str, f: str = "write", key: Any = None, value: Any = None, **more: Any) -> Op:
    """An event; its index is where it stands."""
    return Op(type=op_type, process=process, f=f, key=key, value=value, **more)


@pytest.fixture
def mixed() -> History:
    """Two clients, two keys, the nemesis in between."""
    return History.of(
        [
            event("invoke", 0, key="x", value=1),
            event("info", "nemesis", f="start-kill", value={"nodes": ["n1"]}),
            event("invoke", 1, f="read", key="y"),
            event("ok", 0, key="x", value=1),
            event("info", 1, f="read", key="y", error="time-out"),
            event("invoke", 3, f="read", key="x"),
        ]
    )


def test_a_large_history_takes_tens_of_bytes_an_event() -> None:
    """200,000 events built one by one: columns of 33 bytes an event, and values that are held once."""
    builder = HistoryBuilder()
    for number in range(EVENTS // 2):
        builder.append("invoke", number % 50, "write", "k1", number % 1000, time=number)
        builder.append("ok", number % 50, "write", "k1", number % 1000, time=number + 1)
    history = builder.build()
    assert len(history) == EVENTS
    assert history[-1] == event("ok", 49, key="k1", value=999, index=EVENTS - 1, time=EVENTS // 2)
    numbers = [history.fs, history.keys, history.value_ids, history.errors]
    columns: list[Any] = [history.times, history.types, history.processes, *numbers]
    assert sum(column.nbytes for column in columns) == 29 * EVENTS
    assert len(history.values) < 1010
    assert int((history.partners == -1).sum()) == 0


@pytest.mark.parametrize(
    ("types", "process", "time", "value", "reason"),
    [
        (["ok", "done"], 0, 0, 1, r"expected an op type \(one of invoke, ok, fail, info\) but got type='done'\."),
        (["ok", "ok"], -1, 0, 1, r"expected a process from 0 to 2147483647 or a name but got process=-1\."),
        (["ok", "ok"], 0, 2**63, 1, r"expected a time \(ns\) of 64 bits but got time=9223372036854775808\."),
        (["ok", "ok"], 0, 0, 2**64, "expected a value that can be encoded but got "),
    ],
)
def test_of_many_events_added_together_none_is_when_one_is_refused(
    types: list[str], process: int, time: int, value: int, reason: str
) -> None:
    """For the reason that it would be refused alone."""
    builder = HistoryBuilder()
    with pytest.raises(ModelError, match=f"^{reason}"):
        builder.extend(
            types=types,
            processes=["a", process],
            fs=["read", "read"],
            keys=[None, None],
            values=[0, value],
            times=[0, time],
            errors=[None, None],
        )
    assert len(builder) == len(builder.build()) == 0


def test_values_that_python_holds_equal_stay_apart() -> None:
    """1, True and 1.0 come back as what they were, type and all."""
    values = [1, True, 1.0, 0, False, 0.0, -0.0, None, "1", b"1", [1], [True], {"a": 1}, {"a": 1.0}]
    history = History.of(event("invoke", place, value=value) for place, value in enumerate(values))
    assert [canonical(op.value) for op in history] == [canonical(value) for value in values]
    assert [type(op.value) for op in history] == [type(value) for value in values]
    assert len(set(history.value_ids.tolist())) == len(values)


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), ([1], [True])])
def test_histories_are_equal_only_if_every_value_is(one: Any, other: Any) -> None:
    """Equality is that of digests and indices, not of Python's numbers."""
    assert History.of([event("invoke", 0, value=one)]) == History.of([event("invoke", 0, value=one)])
    assert History.of([event("invoke", 0, value=one)]) != History.of([event("invoke", 0, value=other)])


def test_a_part_differs_from_a_whole_of_the_same_events(mixed: History) -> None:
    """Their indices differ."""
    part = mixed.where(mixed.processes == 3)
    assert part != History.of([op for op in mixed if op.process == 3])
    assert part == mixed.where(mixed.processes == 3)
    assert part != [mixed[5]]


def test_it_is_a_sequence(mixed: History) -> None:
    """Positions from both ends, slices, iteration."""
    assert len(mixed) == 6
    assert [op.index for op in mixed] == list(range(6))
    assert mixed[-1] == mixed[5]
    assert mixed[1:3] == [mixed[1], mixed[2]]
    assert mixed[::-2] == [mixed[5], mixed[3], mixed[1]]
    assert mixed[4].error == "time-out"
    assert mixed[1].process == "nemesis"
    with pytest.raises(IndexError, match=r"^expected an event from 0 to 5 but got 6\.$"):
        mixed[6]


def test_partners_are_the_two_halves_of_an_operation(mixed: History) -> None:
    """A completion without an invocation, and an operation still open, have none."""
    assert mixed.partners.tolist() == [3, -1, 4, 0, 2, -1]


def test_a_process_that_completes_twice_has_one_partner() -> None:
    """The second completion answers nothing."""
    history = History.of([event("invoke", 0), event("ok", 0), event("ok", 0), event("invoke", 0)])
    assert history.partners.tolist() == [1, 0, -1, -1]


def test_a_part_keeps_the_indices_of_the_whole(mixed: History) -> None:
    """Evidence names events of the whole history, whichever part a checker looks at."""
    clients = mixed.clients()
    assert [op.index for op in clients] == [0, 2, 3, 4, 5]
    again = clients.where(clients.types == 0)
    assert [op.index for op in again] == [0, 2, 5]
    assert clients.partners.tolist() == [2, 3, 0, 1, -1]


def test_keys_split_by_first_appearance_with_their_indices(mixed: History) -> None:
    """The nemesis has no key."""
    parts = mixed.split_keys()
    assert [(key, [op.index for op in part]) for key, part in parts] == [("x", [0, 3, 5]), ("y", [2, 4])]


def test_keys_may_be_unhashable_and_look_alike() -> None:
    """A key is any value; 1 and True are two."""
    keys = [[1], {"a": 2}, 1, True, None, 1.0, [1]]
    parts = History.of(event("invoke", place, key=key) for place, key in enumerate(keys)).split_keys()
    assert [canonical(key) for key, _ in parts] == [canonical(key) for key in keys[:-1]]
    assert [len(part) for _, part in parts] == [2, 1, 1, 1, 1, 1]
    assert History.of([]).split_keys() == []


def test_splitting_many_keys_costs_no_more_than_their_events() -> None:
    """20,000 keys of 100,000 events: a pass over all events for each key would be two thousand million steps."""
    builder = HistoryBuilder()
    for number in range(100_000):
        builder.append("invoke", number, "write", number % 20_000, number)
    parts = builder.build().split_keys()
    assert len(parts) == 20_000
    assert [op.index for op in parts[7][1]] == [7, 20_007, 40_007, 60_007, 80_007]


def test_types_are_counted_without_the_nemesis(mixed: History) -> None:
    """All four appear, even when there are none."""
    assert mixed.count_types() == {"invoke": 3, "ok": 1, "fail": 0, "info": 1}


def test_the_digest_does_not_depend_on_the_size_of_its_chunks(mixed: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks are how it is computed, not what."""
    digest = mixed.digest()
    for size in (1, 2, 5, 1000):
        monkeypatch.setattr("chaoskit.core.history._DIGEST_CHUNK", size)
        assert mixed.digest() == digest


def test_the_digest_covers_every_field() -> None:
    """And the order of events."""
    base = event("invoke", 0, key="x", value=1, time=5)
    others = [
        event("ok", 0, key="x", value=1, time=5),
        event("invoke", 1, key="x", value=1, time=5),
        event("invoke", 0, f="read", key="x", value=1, time=5),
        event("invoke", 0, key="y", value=1, time=5),
        event("invoke", 0, key="x", value=True, time=5),
        event("invoke", 0, key="x", value=1, time=6),
        event("invoke", 0, key="x", value=1, time=5, error="e"),
    ]
    digests = {History.of([op]).digest() for op in [base, *others]}
    assert len(digests) == 1 + len(others)
    assert History.of([base, others[0]]).digest() != History.of([others[0], base]).digest()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"type": "done"}, r"^expected an op type \(one of invoke, ok, fail, info\) but got type='done'\.$"),
        ({"process": -1}, r"^expected a process from 0 to 2147483647 or a name but got process=-1\.$"),
        ({"process": 2**31}, r"^expected a process from 0 to 2147483647 or a name but got process=2147483648\.$"),
        ({"time": 2**63}, r"^expected a time \(ns\) of 64 bits but got time=9223372036854775808\.$"),
        ({"value": object()}, r"^expected a value that can be encoded but got "),
        ({"key": 2**70}, r"^expected a value that can be encoded but got "),
    ],
)
def test_what_a_history_cannot_hold_is_refused_and_nothing_is_half_added(wrong: dict[str, Any], message: str) -> None:
    """Process -1 would be the nemesis."""
    builder = HistoryBuilder()
    builder.append("invoke", 0, "read")
    fields = {"type": "ok", "process": 0, "f": "read", **wrong}
    with pytest.raises(ModelError, match=message):
        builder.append(**fields)
    builder.append("ok", 0, "read")
    assert [op.type for op in builder.build()] == ["invoke", "ok"]


def test_named_processes_come_back_by_their_names() -> None:
    """Foreign histories name threads; the nemesis is only the first name."""
    history = History.of([event("invoke", name) for name in ("nemesis", "a", "b", "a", 0)])
    assert [op.process for op in history] == ["nemesis", "a", "b", "a", 0]
    assert len(history.clients()) == 4


def test_a_history_is_no_key() -> None:
    """Comparing is dear, and a part shares its arrays with the whole."""
    with pytest.raises(TypeError):
        hash(History.of([]))


def test_columns_are_of_their_own() -> None:
    """A builder may go on after it was built from."""
    builder = HistoryBuilder()
    builder.append("invoke", 0, "read")
    history = builder.build()
    builder.append("ok", 0, "read")
    gc.collect()
    assert len(history) == 1
    assert np.array_equal(history.types, [0])


def test_a_short_history_prints_as_the_call_that_makes_it(mixed: History) -> None:
    """To be pasted into a test; a part of one, and a long one, is only told."""
    assert repr(History.of([event("ok", 1, value=2)])) == "History.of([Op(type='ok', process=1, f='write', value=2)])"
    assert eval(repr(mixed), {"History": History, "Op": Op}) == mixed
    assert repr(mixed.clients()) == f"<History of {len(mixed.clients())} events>"
    assert repr(History.of([event("ok", 1)] * 101)) == "<History of 101 events>"
