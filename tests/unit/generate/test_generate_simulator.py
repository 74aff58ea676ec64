"""The simulator, and the nemesis' part of a generator drawn ahead of a run."""

from __future__ import annotations

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import ModelError
from chaoskit.core.op import Op
from chaoskit.core.units import SECOND
from chaoskit.draws import Draws


def test_quick_takes_no_time_and_perfect_ten_nanoseconds() -> None:
    """The two simplest clients, with and without completions."""
    two = gen.clients([{"f": "a"}, gen.synchronize({"f": "b"})])
    assert [(op.time, op.type) for op in gen.quick_ops(two)] == [(0, "invoke"), (0, "ok"), (0, "invoke"), (0, "ok")]
    assert [(op.time, op.type) for op in gen.perfect_ops(two)] == [(0, "invoke"), (10, "ok"), (10, "invoke"), (20, "ok")]
    assert [op.time for op in gen.quick(two)] == [0, 0]
    assert [op.time for op in gen.perfect(two)] == [0, 10]


def test_perfect_info_loses_every_op() -> None:
    """Every op retires its process."""
    assert [op.process for op in gen.perfect_info(gen.clients(gen.repeat({"f": "a"}, times=3)), slots=1)] == [0, 1, 2]


def test_imperfect_fails_loses_and_succeeds_in_turn() -> None:
    """On one thread: fail, info, ok."""
    history = gen.imperfect(gen.clients(gen.repeat({"f": "a"}, times=4)), slots=1)
    assert [op.type for op in history if not op.is_invoke] == ["fail", "info", "ok", "fail"]


def test_op_that_never_completes_keeps_its_thread() -> None:
    """A completion of None is a client that hangs: its thread is lost, the others go on, and the history ends."""

    def complete(context: gen.Context, op: Op) -> Op | None:
        return None if op.process == 0 else op.ok()

    history = gen.simulate(gen.clients(gen.repeat({"f": "a"}, times=4)), complete)
    assert [op.process for op in history if op.is_invoke] == [0, 1, 1, 1]
    assert sum(op.process == 0 for op in history) == 1


def test_time_limit_ends_a_simulation() -> None:
    """Nothing happens after it."""
    history = gen.simulate(gen.delay("1s", gen.repeat({"f": "a"})), lambda _, op: op.ok(), time_limit=3 * SECOND)
    assert [op.time for op in history if op.is_invoke] == [0, SECOND, 2 * SECOND, 3 * SECOND]


def test_endless_simulation_is_stopped() -> None:
    """A generator without end has a limit, and is told about limit and time_limit."""
    with pytest.raises(ModelError, match="was asked 100 times; put a limit or time_limit round it"):
        gen.simulate(gen.repeat({"f": "a"}), lambda _, op: op.ok(), steps_max=100)


def test_nemesis_part_is_drawn_ahead() -> None:
    """Of a whole test's generator, what is asked of the nemesis comes out with its times; the clients' part does not matter."""
    faults = gen.cycle([gen.sleep("5s"), {"f": "start-partition", "value": "one"}, gen.sleep("5s"), {"f": "stop-partition"}])
    traffic = gen.stagger("10ms", gen.reserve(2, gen.repeat({"f": "w"}), gen.repeat({"f": "r"})))
    whole = gen.phases(
        gen.time_limit("30s", gen.nemesis(faults, traffic)),
        gen.log("healing"),
        gen.nemesis({"f": "stop-partition"}),
        gen.clients(gen.each_thread(gen.until_ok(gen.repeat({"f": "r"})))),
    )
    asks = gen.nemesis_ops(whole, draws=Draws(1), horizon=60 * SECOND, slots=5)
    assert [(ask.time // SECOND, ask.f, ask.value) for ask in asks] == [
        *((5, "start-partition", "one"), (10, "stop-partition", None)),
        *((15, "start-partition", "one"), (20, "stop-partition", None)),
        *((25, "start-partition", "one"), (30, "stop-partition", None)),  # the last one by the phase after the time limit
    ]


def test_nemesis_part_ends_at_the_horizon() -> None:
    """Ops that are due later are not planned."""
    staggered = gen.nemesis(gen.stagger("3s", gen.repeat({"f": "kill"})))
    asks = gen.nemesis_ops(staggered, draws=Draws(1), horizon=60 * SECOND)
    assert 10 <= len(asks) <= 30
    assert all(ask.time <= 60 * SECOND for ask in asks)
    assert asks == gen.nemesis_ops(staggered, draws=Draws(1), horizon=60 * SECOND)
    assert asks != gen.nemesis_ops(staggered, draws=Draws(2), horizon=60 * SECOND)


def test_nemesis_without_pace_is_refused() -> None:
    """Ops that are done at once and follow at once have no end."""
    message = r"^expected at most 50 nemesis ops up to 1\.000 s but the generator goes on after 50 at 0\.000 s"
    with pytest.raises(ModelError, match=message):
        gen.nemesis_ops(gen.nemesis(gen.repeat({"f": "kill"})), draws=Draws(1), horizon=SECOND, ops_max=50)


def test_generator_without_a_nemesis_plans_no_faults() -> None:
    """Clients only: nothing to plan."""
    assert gen.nemesis_ops(gen.clients(gen.repeat({"f": "w"})), draws=Draws(1), horizon=SECOND) == []
