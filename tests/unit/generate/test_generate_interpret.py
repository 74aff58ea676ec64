"""The interpreter: what the world sees of a generator."""

from __future__ import annotations

import pytest

from chaoskit import generate as gen
from chaoskit.core.errors import InternalError, ModelError, UsageError
from chaoskit.core.op import INFO, OK, Op
from chaoskit.draws import Draws


def interpreter(generator: gen.GeneratorLike, *, slots: int = 2, nemesis: bool = False) -> gen.Interpreter:
    return gen.Interpreter(generator, slots=slots, draws=Draws(1), nemesis=nemesis)


def begin(running: gen.Interpreter, now: int) -> Op:
    ask = running.next(now)
    assert isinstance(ask, gen.Ask)
    return running.invoked(ask, now)


def test_due_ask_is_begun_and_its_invocation_returned() -> None:
    """next gives the ask, invoked the operation as the client and the history want it."""
    running = interpreter({"f": "write", "key": "x", "value": 1})
    assert begin(running, 7) == Op(time=7, type="invoke", process=0, f="write", key="x", value=1)
    assert running.next(7) == gen.Wait(None)
    running.completed(0, OK, Op(time=9, type=OK, process=0, f="write"), 9)
    assert running.next(9) is gen.DONE


def test_future_ask_is_a_wait_until_its_time() -> None:
    """Nothing is begun before its time; asking early again costs nothing and changes nothing."""
    running = interpreter(gen.delay(10, gen.repeat({"f": "w"}, times=2)))
    begin(running, 0)
    assert running.next(0) == gen.Wait(10)
    assert running.next(4) == gen.Wait(10)
    assert begin(running, 10).time == 10


def test_generator_is_not_asked_again_while_nothing_happens() -> None:
    """The answer for the future is kept: a function is called once for it."""
    calls: list[int] = []

    def write(context: gen.Context) -> gen.GeneratorLike:
        calls.append(context.time)
        return {"f": "w", "time": 100}

    running = interpreter(gen.limit(1, write))
    for now in (0, 1, 2, 50):
        assert running.next(now) == gen.Wait(100)
    begin(running, 100)
    assert calls == [0]


def test_completion_before_a_future_ask_may_change_it() -> None:
    """A thread that becomes free may have something sooner."""
    first = gen.on_threads({0}, gen.phases({"f": "a"}, {"f": "b"}))
    running = interpreter(gen.any(first, gen.on_threads({1}, {"f": "late", "time": 100})))
    op = begin(running, 0)
    assert op.f == "a"
    assert running.next(0) == gen.Wait(100)
    running.completed(0, OK, op, 30)
    assert begin(running, 30).f == "b"


def test_info_retires_the_process_and_not_the_slot() -> None:
    """After an operation of unknown outcome the slot goes on as process + slots."""
    running = interpreter(gen.repeat({"f": "w"}), slots=1)
    op = begin(running, 0)
    running.completed(0, INFO, op, 5)
    assert running.process_of(0) == 1
    assert begin(running, 5).process == 1


def test_nemesis_keeps_its_process() -> None:
    """The nemesis' operations are info both ends, and it stays the nemesis."""
    running = interpreter(gen.nemesis(gen.repeat({"f": "kill"})), nemesis=True)
    running.completed("nemesis", INFO, begin(running, 0), 5)
    assert begin(running, 5).process == "nemesis"


def test_each_part_of_a_generator_can_be_run_alone() -> None:
    """Without the nemesis only the clients' part is asked for; the nemesis' phases pass at once."""
    whole = gen.phases(gen.clients({"f": "a"}), gen.nemesis({"f": "heal"}), gen.clients({"f": "b"}))
    running = interpreter(whole)
    running.completed(0, OK, begin(running, 0), 10)
    assert begin(running, 10).f == "b"


def test_sleep_is_waited_for_and_never_comes_out() -> None:
    """The world sees only until when to wait."""
    running = interpreter(gen.phases(gen.sleep(50), {"f": "a"}))
    assert running.next(0) == gen.Wait(50)
    assert running.next(20) == gen.Wait(50)
    assert begin(running, 50).f == "a"


def test_sleeping_for_no_time_for_ever_is_stopped() -> None:
    """An endless row of empty sleeps would hang the world at one instant."""
    with pytest.raises(ModelError, match=r"began 10000 sleeps at 0\.000 s; let it sleep longer than 0"):
        interpreter(gen.repeat(gen.sleep(0))).next(0)


def test_log_is_complete_when_it_is_handed_out() -> None:
    """The message comes out once, and nothing is under way because of it."""
    running = interpreter(gen.phases(gen.log("begin"), {"f": "a"}))
    line = running.next(3)
    assert isinstance(line, gen.Ask)
    assert (line.type, line.value, running.outstanding) == (gen.LOG, "begin", 0)
    assert begin(running, 3).f == "a"


def test_waiting_for_ever_is_an_error() -> None:
    """A generator that waits though nothing is under way can never go on; the error shows where it stands."""

    class Never(gen.Generator, frozen=True):
        def op(self, context: gen.Context) -> gen.Emission:
            return gen.PENDING, self

    message = r"^expected an op but the generator limit > never waits for ever: at 0\.000 s no thread is busy"
    with pytest.raises(ModelError, match=message):
        interpreter(gen.limit(3, Never())).next(0)


def test_time_goes_forward_only() -> None:
    """A world that asks for the past has a bug."""
    running = interpreter({"f": "a"})
    running.next(5)
    with pytest.raises(InternalError, match=r"^expected time to go forward from 5 but got now=4\.$"):
        running.next(4)


def test_only_what_was_given_can_begin() -> None:
    """An ask from before an event is stale."""
    running = interpreter(gen.repeat({"f": "a"}))
    stale = running.next(0)
    assert isinstance(stale, gen.Ask)
    running.invoked(stale, 0)
    running.next(0)
    with pytest.raises(InternalError, match="expected the ask that next"):
        running.invoked(stale, 0)


def test_only_what_is_under_way_can_complete() -> None:
    """A completion of a free slot is a bug of the world; one of a strange type is a client's."""
    running = interpreter({"f": "a"})
    with pytest.raises(InternalError, match="got slot=0, which is free"):
        running.completed(0, OK, Op(type=OK, process=0, f="a"), 0)
    op = begin(running, 0)
    with pytest.raises(ModelError, match=r"^expected ok, fail or info for 'a' of slot 0 but got op_type='maybe'\.$"):
        running.completed(0, "maybe", op, 0)


def test_a_generator_hears_its_own_process_numbers() -> None:
    """A world's ops carry processes that earlier phases moved on; `until_ok` must know its own answer all the same."""
    running = interpreter(gen.until_ok(gen.repeat({"f": "read"})), slots=1)
    op = begin(running, 0)
    running.completed(0, OK, Op(type=OK, process=7, f="read"), 0)
    assert op.process == 0
    assert running.next(0) == gen.DONE


def test_there_must_be_a_slot() -> None:
    """No clients at all is a mistake."""
    with pytest.raises(UsageError, match=r"^expected at least one client slot but got slots=0\.$"):
        interpreter({"f": "a"}, slots=0)
