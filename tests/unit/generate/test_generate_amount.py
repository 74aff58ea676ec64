"""limit, once, repeat, cycle, process_limit, until_ok."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import UsageError
from chaoskit.core.op import FAIL, INFO, OK, Op


def counted(f: str = "write") -> gen.GeneratorLike:
    """Ops with the values 0, 1, 2 …"""
    return ({"f": f, "value": number} for number in itertools.count())


def test_limit_takes_so_many_and_no_more() -> None:
    """limit(2) of an endless generator gives two ops; limit(0) and a limit of nothing give nothing."""
    assert len(gen.quick(gen.limit(2, gen.repeat({"f": "w"})))) == 2
    assert gen.limit(0, {"f": "w"}) is None
    assert gen.limit(5, None) is None


def test_once_takes_the_first() -> None:
    """once is limit(1)."""
    assert [op.value for op in gen.quick(gen.once(counted()))] == [0]


def test_repeat_gives_the_first_op_again_and_again() -> None:
    """repeat does not move on in what it repeats: three times the first of a sequence."""
    assert [op.value for op in gen.perfect(gen.repeat(counted(), times=3))] == [0, 0, 0]
    assert gen.repeat({"f": "w"}, times=0) is None
    assert gen.repeat(None) is None


def test_repeat_of_a_function_draws_anew_every_time() -> None:
    """What is repeated stands as it was, but its draws do not."""

    def write(context: gen.Context) -> gen.GeneratorLike:
        return {"f": "write", "value": context.draws.integer(0, 1_000_000, "value")}

    assert len({op.value for op in gen.quick(gen.repeat(write, times=6))}) == 6
    assert len({op.f for op in gen.quick(gen.repeat(gen.mix([{"f": f} for f in "abcdefgh"]), times=40))}) == 8


def test_cycle_begins_again_when_all_is_done() -> None:
    """Two rounds of three a's, then a b; each part waits for the one before."""
    phases = gen.phases(gen.repeat({"f": "a"}, times=3), {"f": "b"})
    history = gen.perfect(gen.clients(gen.cycle(phases, times=2)))
    assert [(op.time, op.f) for op in history] == [
        *((0, "a"), (0, "a"), (10, "a"), (20, "b")),
        *((30, "a"), (30, "a"), (40, "a"), (50, "b")),
    ]
    assert gen.cycle({"f": "a"}, times=0) is None
    assert gen.cycle(None) is None


def test_cycle_draws_anew_every_round() -> None:
    """A mix that is cycled is not the same mix every round."""
    rounds = gen.cycle(gen.mix([{"f": "a"}, {"f": "b"}, {"f": "c"}]), times=20)
    fs = [op.f for op in gen.quick(rounds)]
    assert len({tuple(fs[n : n + 3]) for n in range(0, 60, 3)}) > 3


def test_cycle_of_what_is_empty_ends() -> None:
    """A round without an op would be followed by another one for ever."""
    assert gen.quick(gen.cycle(lambda: None)) == []


def test_process_limit_counts_processes_and_not_ops() -> None:
    """Two clients whose ops are all lost are six processes after four ops: one too many for a limit of five."""
    history = gen.perfect_info(gen.clients(gen.process_limit(5, counted())))
    assert [(op.process, op.value) for op in history] == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert len(gen.perfect(gen.clients(gen.process_limit(2, gen.limit(9, counted()))))) == 9
    assert gen.process_limit(0, counted()) is None


def test_process_limit_ends_at_once_when_there_are_more_threads() -> None:
    """All processes that could be asked count, so that a limit below the number of clients gives nothing: no trickle."""
    assert gen.perfect_info(gen.clients(gen.process_limit(1, counted()))) == []


def test_until_ok_stops_when_an_op_of_its_own_is_ok() -> None:
    """fail and info go on; the first ok ends, though an op that is under way may be ok as well."""
    history = gen.imperfect(gen.clients(gen.limit(10, gen.until_ok(gen.repeat({"f": "read"})))))
    assert [(op.time, op.process, op.type) for op in history] == [
        *((0, 0, "invoke"), (0, 1, "invoke"), (10, 0, "fail"), (10, 1, "fail")),
        *((10, 0, "invoke"), (10, 1, "invoke"), (20, 0, "info"), (20, 1, "info")),
        *((20, 2, "invoke"), (20, 3, "invoke"), (30, 2, "ok"), (30, 3, "ok")),
    ]


def test_until_ok_ignores_what_others_do() -> None:
    """An op that another generator asked for may be ok without ending it."""
    mine = gen.on_threads({0}, gen.until_ok(gen.repeat({"f": "mine"})))
    others = gen.on_threads({1}, gen.repeat({"f": "other"}, times=3))

    def complete(context: gen.Context, op: Op) -> Op:
        done = op.f == "other" or op.time >= 100
        return msgspec.structs.replace(op, type=OK if done else FAIL, time=op.time + 20)

    history = gen.simulate(gen.any(mine, others), complete)
    assert [op.type for op in history if op.f == "mine" and not op.is_invoke] == [FAIL] * 5 + [OK]


def test_sequence_moves_on_after_until_ok() -> None:
    """The first of a sequence hears of its ops: the second begins once one of them is ok."""
    types = iter([FAIL, FAIL, OK, OK, INFO])

    def complete(context: gen.Context, op: Op) -> Op:
        return msgspec.structs.replace(op, type=next(types), time=op.time + 10)

    history = gen.simulate(gen.clients([gen.until_ok(gen.repeat({"f": "read"})), {"f": "done"}]), complete)
    assert [(op.time, op.f) for op in history if op.is_invoke] == [
        *((0, "read"), (0, "read"), (10, "read"), (10, "read")),
        (20, "done"),
    ]


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "3"])
def test_count_must_be_a_count(wrong: int) -> None:
    """Negative, fractional, boolean or textual counts are refused by name."""
    with pytest.raises(UsageError, match=r"^expected a count \(an int, 0 or more\) but got limit="):
        gen.limit(wrong, {"f": "w"})
