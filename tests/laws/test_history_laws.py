"""Laws of what is kept: histories hold exactly what was put in, journals are one stream however cut, plans come back."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.core import history as history_module
from chaoskit.core.canonical import Interner, canonical
from chaoskit.core.fault import At, Fault, On, Resolution
from chaoskit.core.history import History, HistoryBuilder
from chaoskit.core.journal import Journal
from chaoskit.core.op import Op
from chaoskit.core.plan import Cluster, Invocation, Pacing, Plan, plan_from_json, plan_to_json
from chaoskit.core.units import format_duration, format_probability, parse_duration, parse_probability
from chaoskit.testing.strategies import histories, ops, texts, values

quick = settings(deadline=None, derandomize=True, max_examples=60)

times = st.integers(0, 10**15)
words = texts(max_size=8)


def content(op: Op) -> bytes:
    """An event without its place."""
    return canonical((op.time, op.type, op.process, op.f, op.key, op.value, op.error))


@quick
@given(events=st.lists(ops(), max_size=20))
def test_a_history_holds_exactly_the_events_that_were_put_in(events: list[Op]) -> None:
    """Byte for byte, in their order, numbered from nought."""
    history = History.of(events)
    assert [content(op) for op in history] == [content(op) for op in events]
    assert [op.index for op in history] == list(range(len(events)))
    assert History.of(history) == history


@quick
@given(events=st.lists(ops(), max_size=20), size=st.integers(1, 7))
def test_events_added_together_are_those_added_one_by_one(events: list[Op], size: int) -> None:
    """However many at a time; and equal numbers still mean equal values."""
    builder = HistoryBuilder()
    for start in range(0, len(events), size):
        part = events[start : start + size]
        builder.extend(
            types=[op.type for op in part],
            processes=[op.process for op in part],
            fs=[op.f for op in part],
            keys=[op.key for op in part],
            values=[op.value for op in part],
            times=[op.time for op in part],
            errors=[op.error for op in part],
        )
    assert builder.build() == History.of(events)
    assert len({canonical(value) for value in builder.values.values}) == len(builder.values)


@quick
@given(many=st.lists(values(), max_size=20))
def test_values_interned_together_have_the_numbers_they_would_have_one_by_one(many: list[Any]) -> None:
    """Numbers and what they stand for."""
    together, one_by_one = Interner(), Interner()
    assert together.intern_all(many) == [one_by_one.intern(value) for value in many]
    assert canonical(together.values) == canonical(one_by_one.values)


@quick
@given(one=histories(max_size=4), other=histories(max_size=4))
def test_digests_are_equal_exactly_when_events_are(one: History, other: History) -> None:
    """And equality of histories is that of their digests."""
    same = [content(op) for op in one] == [content(op) for op in other]
    assert (one.digest() == other.digest()) == same == (one == other)


@quick
@given(history=histories(), size=st.integers(1, 30))
def test_a_digest_does_not_depend_on_chunks(history: History, size: int) -> None:
    """Nor on how often it is asked for."""
    before, digest = history_module._DIGEST_CHUNK, history.digest()
    try:
        history_module._DIGEST_CHUNK = size
        assert history.digest() == digest
    finally:
        history_module._DIGEST_CHUNK = before


@quick
@given(history=histories(), data=st.data())
def test_a_part_is_the_events_of_the_whole_at_their_indices(history: History, data: st.DataObject) -> None:
    """A part of a part as well."""
    bits = data.draw(st.lists(st.booleans(), min_size=len(history), max_size=len(history)))
    part = history.where(np.array(bits, dtype=bool))
    assert [op.index for op in part] == [place for place, kept in enumerate(bits) if kept]
    assert [content(op) for op in part] == [content(history[op.index]) for op in part]
    again = part.where(np.arange(len(part)) % 2 == 0)
    assert [op.index for op in again] == [op.index for op in part][::2]


@quick
@given(history=histories())
def test_partners_are_mutual_and_of_one_process(history: History) -> None:
    """An invocation with the next event of its process that completes it."""
    for position, partner in enumerate(history.partners.tolist()):
        if partner >= 0:
            assert history.partners[partner] == position
            first, second = sorted((position, partner))
            assert history[first].is_invoke
            assert not history[second].is_invoke
            assert history[first].process == history[second].process


@quick
@given(history=histories())
def test_keys_split_a_history_into_all_of_its_client_events(history: History) -> None:
    """Each once, under its own key."""
    parts = history.split_keys()
    found = sorted(op.index for _, part in parts for op in part)
    assert found == [op.index for op in history.clients()]
    for key, part in parts:
        assert {canonical(op.key) for op in part} == {canonical(key)}
    firsts = [part[0].index for _, part in parts]
    assert firsts == sorted(firsts)


@quick
@given(items=st.lists(values(), max_size=12))
def test_interned_values_are_one_exactly_when_their_bytes_are(items: list[Any]) -> None:
    """And come back as they were."""
    interner = Interner()
    numbers = [interner.intern(item) for item in items]
    for number, item in zip(numbers, items, strict=True):
        assert canonical(interner.values[number]) == canonical(item)
    assert [[canonical(one) == canonical(other) for one in items] for other in items] == [
        [one == other for one in numbers] for other in numbers
    ]


entries = st.lists(
    st.tuples(st.integers(0, 50), st.just("log"), words, words, words)
    | st.tuples(st.integers(0, 50), st.just("observe"), words, words, st.dictionaries(words, values(max_leaves=3), max_size=2)),
    max_size=40,
).map(lambda found: sorted(found, key=lambda entry: entry[0]))


@quick
@given(items=entries, cuts=st.sets(st.integers(0, 40)), start=st.integers(-1, 51), end=st.integers(-1, 51))
def test_a_journal_is_one_stream_however_it_was_cut(items: list[Any], cuts: set[int], start: int, end: int) -> None:
    """Digests, entries and windows of time."""
    whole, parts = Journal(), Journal()
    whole.pending += items
    for place, item in enumerate(items):
        parts.pending.append(item)
        if place in cuts:
            parts.flush()
    assert whole.digests() == parts.digests()
    assert list(whole.entries()) == list(parts.entries())
    window = [event.position for event in parts.events(start, end)]
    assert window == [place for place, item in enumerate(items) if start <= item[0] <= end]
    quiet = Journal()
    quiet.pending += [item for item in items if item[1] != "log"]
    assert quiet.digests()["journal"] == whole.digests()["journal"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(words, parts, max_size=3),
    max_leaves=5,
)
settings_of_a_cluster = st.dictionaries(words, json_values, max_size=2)
names = st.lists(words.filter(lambda name: name and not name.startswith("c")), min_size=1, max_size=4, unique=True)
positive = st.integers(1, 10**12)
resolutions = st.builds(
    Resolution, begin=times, end=st.none() | times, nodes=names, parameters=settings_of_a_cluster, refused=st.none() | words
)
faults = st.lists(
    st.builds(
        Fault,
        id=words.filter(bool),
        when=st.builds(At, times) | st.builds(On, event=words, nth=positive, after=times, not_before=times),
        who=names | words,
        kind=words,
        parameters=settings_of_a_cluster,
        lasting=st.none() | times,
        resolution=st.none() | resolutions,
    ),
    max_size=3,
    unique_by=lambda fault: fault.id,
)
invocations = st.lists(
    st.builds(
        Invocation,
        id=st.integers(0, 50),
        slot=st.integers(0, 9),
        phase=st.integers(0, 2),
        not_before=times,
        after=st.none() | st.integers(0, 50),
        f=words,
        key=json_values,
        value=json_values,
    ),
    max_size=4,
    unique_by=lambda invocation: invocation.id,
)
clusters = st.builds(
    Cluster,
    nodes=names,
    roles=st.dictionaries(words, words, max_size=2),
    clients=st.integers(1, 9),
    network=settings_of_a_cluster,
    disk=settings_of_a_cluster,
    clocks=settings_of_a_cluster,
)
pacings = st.builds(Pacing, ops=times, rate=positive, burst=positive, time_limit=times, op_timeout=positive, recovery=times)
plans = st.builds(
    Plan,
    seed=st.integers(),
    model=words,
    model_digest=words,
    model_parameters=settings_of_a_cluster,
    bugs=st.lists(words, max_size=2),
    workload=words,
    workload_parameters=settings_of_a_cluster,
    cluster=clusters,
    pacing=pacings,
    faults=faults,
    beyond_claim=st.booleans(),
    partition_clients=st.booleans(),
    invocations=st.none() | invocations,
    phases=st.lists(times, max_size=3),
    overrides=st.dictionaries(words, st.integers(0, 2**64 - 1), max_size=2),
)


@quick
@given(plan=plans)
def test_a_plan_comes_back_from_its_file(plan: Plan) -> None:
    """Every field of it, any seed; the same plan again gives the same bytes."""
    data = plan_to_json(plan)
    again = plan_from_json(data)
    assert again == plan
    assert plan_to_json(again) == data


@quick
@given(ns=times, ppm=st.integers(0, 10**6))
def test_units_come_back_from_their_texts(ns: int, ppm: int) -> None:
    """Exactly: a plan holds texts of laws."""
    assert parse_duration(format_duration(ns)) == ns
    assert parse_probability(format_probability(ppm)) == ppm
