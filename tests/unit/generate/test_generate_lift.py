"""What stands for a generator: None, mappings, sequences, iterators, functions, and what is refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import ModelError, UsageError
from chaoskit.core.op import Op
from chaoskit.draws import Draws

CONTEXT = gen.Context.start(slots=2, draws=Draws(1))


def values(ops: list[Op]) -> list[object]:
    return [op.value for op in ops]


def test_none_asks_for_nothing() -> None:
    """None is a generator, exhausted from the start, and an empty list is the same."""
    assert gen.op(None, CONTEXT) is None
    assert gen.perfect([]) == []


def test_mapping_is_one_op_filled_in_from_the_context() -> None:
    """What a mapping leaves out, time and process, comes from the context; and it is asked for once."""
    [op] = gen.perfect({"f": "write", "key": "x", "value": 3})
    assert (op.time, op.process, op.type, op.f, op.key, op.value) == (0, 0, "invoke", "write", "x", 3)


def test_mapping_waits_while_all_threads_are_busy() -> None:
    """With no free thread a mapping is pending and stays what it was."""
    busy = CONTEXT.taken(1).taken(2).taken(4)
    template = gen.lift({"f": "write"})
    assert gen.op(template, busy) == (gen.PENDING, template)


def test_threads_are_used_in_rotation() -> None:
    """Six ops at once on two clients and the nemesis: all three twice, in turn, so that none starves."""
    history = gen.perfect([{"f": "write"}] * 6)
    assert [(op.process, op.time) for op in history] == [(0, 0), (1, 0), ("nemesis", 0), (0, 10), (1, 10), ("nemesis", 10)]


def test_mapping_keeps_the_time_that_it_names() -> None:
    """An op for later begins then, not at once."""
    assert [op.time for op in gen.perfect({"f": "read", "time": 50})] == [50]


def test_process_that_is_busy_is_refused() -> None:
    """Naming a busy process is an error that names the op and the free ones; a free one is used."""
    generator = gen.start({"f": "read", "process": 1}, CONTEXT)
    emission = gen.op(generator, CONTEXT)
    assert emission is not None
    assert isinstance(emission[0], gen.Ask)
    assert emission[0].thread == 1
    with pytest.raises(ModelError, match=r"one of the free processes \[0, 'nemesis'\] but 'read' asks for process=1"):
        gen.op(generator, CONTEXT.taken(2))


def test_process_that_is_gone_is_refused() -> None:
    """After a crash, the old process of a slot cannot be asked for any more."""
    with pytest.raises(ModelError, match="free processes"):
        gen.op({"f": "read", "process": 1}, CONTEXT.retired(1))


def test_sequences_are_concatenated_at_any_depth() -> None:
    """Lists and tuples give all of their elements in order."""
    nested = [[{"f": "a", "value": 1}, {"f": "a", "value": 2}], ([{"f": "a", "value": 3}], None, {"f": "a", "value": 4})]
    assert values(gen.quick(nested)) == [1, 2, 3, 4]


def test_iterator_may_be_infinite_and_is_read_on_demand() -> None:
    """An iterator is read only as far as ops are taken, and gives the same however often it is asked."""
    read: list[int] = []

    def numbers() -> Iterator[gen.GeneratorLike]:
        for number in itertools.count():
            read.append(number)
            yield {"f": "write", "value": number}

    stream = gen.limit(3, numbers())
    assert values(gen.quick(stream)) == [0, 1, 2]
    assert values(gen.quick(stream)) == [0, 1, 2]
    assert read == [0, 1, 2]


def test_function_is_called_again_when_its_generator_is_exhausted() -> None:
    """A function that gives two ops a call alternates them; one that returns None ends."""
    assert [op.f for op in gen.quick(gen.limit(5, lambda: [{"f": "a"}, {"f": "b"}]))] == ["a", "b", "a", "b", "a"]
    assert gen.quick(lambda: None) == []


def test_function_draws_from_its_own_address_at_every_call() -> None:
    """Draws through the context differ between calls and are the same for the same seed."""

    def write(context: gen.Context) -> gen.GeneratorLike:
        return {"f": "write", "value": context.draws.integer(0, 1_000_000, "value")}

    first = values(gen.quick(gen.limit(5, write)))
    assert len(set(first)) == 5
    assert values(gen.quick(gen.limit(5, write))) == first
    assert values(gen.quick(gen.limit(5, write), draws=Draws(7))) != first


def test_function_with_a_default_argument_takes_no_context() -> None:
    """The idiom `lambda n=n: …` is a function of no argument."""
    assert values(gen.quick(gen.limit(1, lambda n=4: {"f": "write", "value": n}))) == [4]


def test_log_and_sleep_are_in_no_history() -> None:
    """A log line and a sleep are asked for but never become operations; a sleep takes its time."""
    history = gen.perfect(gen.phases(gen.log("begin"), {"f": "a"}, gen.sleep("1us"), {"f": "b"}))
    assert [(op.f, op.time) for op in history] == [("a", 0), ("b", 1010)]
    assert gen.lift({"type": "sleep", "value": "1us"}) == gen.sleep(1000)


def test_op_of_type_info_is_an_invocation() -> None:
    """Jepsen writes nemesis ops with type info; they are taken as invocations."""
    assert [op.type for op in gen.quick({"type": "info", "f": "start-partition"})] == ["invoke"]


def test_place_is_needed_before_anything_is_drawn() -> None:
    """A generator that draws refuses to be asked before it was started, instead of drawing the same for all seeds."""
    message = r"^expected a started generator but mix has no place; start it with start\(gen, context\)\.$"
    with pytest.raises(ModelError, match=message):
        gen.op(gen.mix([{"f": "a"}, {"f": "b"}]), CONTEXT)


@pytest.mark.parametrize("wrong", ["read", 7, {1, 2}, b"x", object()])
def test_what_is_no_generator_is_refused(wrong: object) -> None:
    """A text, a number, a set or an object is no generator; the error shows it and says what would be one."""
    with pytest.raises(UsageError, match=rf"^expected a generator .* but got {re.escape(repr(wrong))} of type "):
        gen.lift(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"f": "read", "valeu": 1}, "unknown field of an op 'valeu'. Did you mean 'value'?"),
        ({"value": 1}, "expected an op with a name, such as {'f': 'read'}, but got {'value': 1}."),
        ({"f": "read", "type": "ok"}, "expected an op's type to be one of invoke, log, sleep but got type='ok'."),
        ({"f": "read", "time": 1.5}, "expected an op's time in nanoseconds (an int) but got time=1.5."),
        ({"type": "sleep", "value": 1.5}, "or nanoseconds as an int) but got value=1.5."),
        ({"type": "sleep"}, "expected a duration with its unit"),
        (lambda a, b: None, "needs a, b."),
    ],
)
def test_what_is_wrong_in_an_op_is_named(wrong: gen.GeneratorLike, message: str) -> None:
    """A misspelt field, a missing name, a wrong type or time, a function of two arguments: each has its sentence."""
    with pytest.raises(UsageError, match=re.escape(message)):
        gen.lift(wrong)


@pytest.mark.parametrize("empty", [lambda: gen.synchronize(None), lambda: iter([None])])
def test_function_that_never_gives_an_op_is_stopped(empty: gen.GeneratorLike) -> None:
    """A function whose generators are all empty would be called for ever; there is a limit, and it says what to do."""
    with pytest.raises(ModelError, match="gave 10000 generators in a row without one; let it return None"):
        gen.quick(empty)


def test_iterator_that_never_gives_an_op_is_stopped() -> None:
    """So would an endless iterator of nothing."""
    with pytest.raises(ModelError, match="gave 10000 generators in a row without one; let it end"):
        gen.quick(itertools.repeat(None))
