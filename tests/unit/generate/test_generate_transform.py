"""map, f_map, filter, on_update."""

from __future__ import annotations

import itertools

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.op import Op


def counted() -> gen.GeneratorLike:
    return ({"f": "w", "value": number} for number in itertools.count())


def test_map_changes_every_op() -> None:
    """A function from ask to ask; time and process stay."""
    [op] = gen.perfect(gen.map(lambda ask: ask.but(value=ask.value + 1), {"f": "w", "value": 1}))
    assert (op.f, op.value, op.process, op.time) == ("w", 2, 0, 0)
    assert gen.map(lambda ask: ask, None) is None


def test_map_leaves_sleeps_and_logs_alone() -> None:
    """A function that adds to values would break a log's text or a sleep's length."""
    phases = gen.phases(gen.log("begin"), gen.sleep(5), {"f": "w", "value": 1})
    assert [(op.time, op.value) for op in gen.perfect(gen.map(lambda ask: ask.but(value=0), phases))] == [(5, 0)]


def test_map_must_return_an_ask() -> None:
    """A function that returns a mapping is told how to do it."""
    with pytest.raises(ModelError, match=r"the generator map failed .*: expected map's function to return an Ask but got \{\}"):
        gen.perfect(gen.map(lambda ask: {}, {"f": "w"}))  # type: ignore[arg-type, return-value]
    with pytest.raises(UsageError, match="expected a function from an ask to an ask but got None"):
        gen.map(None, {"f": "w"})  # type: ignore[arg-type]


def test_f_map_renames_by_table_or_function() -> None:
    """Names change, the rest stays; a name that a table lacks is an error."""
    assert [op.f for op in gen.perfect(gen.f_map({"a": "b"}, {"f": "a", "value": 2}))] == ["b"]
    assert [op.f for op in gen.perfect(gen.f_map(str.upper, {"f": "a"}))] == ["A"]
    with pytest.raises(ModelError, match="unknown operation of f_map 'c'"):
        gen.perfect(gen.f_map({"a": "b"}, {"f": "c"}))


def test_filter_drops_what_the_function_refuses() -> None:
    """Of the first ten, the even ones."""
    history = gen.perfect(gen.filter(lambda ask: ask.value % 2 == 0, gen.limit(10, counted())))
    assert [op.value for op in history] == [0, 2, 4, 6, 8]
    assert gen.filter(lambda ask: True, None) is None


def test_filter_that_drops_everything_is_stopped() -> None:
    """An endless generator of which nothing passes would hang; there is a limit."""
    with pytest.raises(ModelError, match="expected filter to keep something but it dropped 100000 asks in a row"):
        gen.perfect(gen.filter(lambda ask: False, gen.repeat({"f": "w"})))


def test_on_update_may_replace_the_generator() -> None:
    """Once the write is ok, a confirmation of its value follows instead of more holds."""

    def after_write(this: gen.Generator, context: gen.Context, event: Op) -> gen.GeneratorLike:
        if event.type == "ok" and event.f == "write":
            return gen.mix([{"f": "confirm", "value": event.value}])
        return this

    writes = [{"f": "write", "value": "x"}, gen.repeat({"f": "hold"})]
    history = gen.perfect(gen.clients(gen.limit(5, gen.on_update(after_write, writes))), slots=1)
    assert [(op.f, op.value) for op in history] == [("write", "x"), ("confirm", "x")]


def test_on_update_may_pass_the_event_on() -> None:
    """`this.passed_on` is what would have happened without the function."""
    seen: list[str] = []

    def watch(this: gen.OnUpdate, context: gen.Context, event: Op) -> gen.GeneratorLike:
        seen.append(event.type)
        return this.passed_on(context, event)

    assert len(gen.perfect(gen.clients(gen.on_update(watch, gen.until_ok(gen.repeat({"f": "r"})))), slots=1)) == 1
    assert seen == ["invoke", "ok"]
