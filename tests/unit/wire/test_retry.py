"""Waits between tries at exact instants, giving up, time-outs and cancellation, and doing once what is asked twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from chaoskit.core.errors import UsageError
from chaoskit.draws import Draws
from chaoskit.wire.app import FramedApp
from chaoskit.wire.codec import CodecError, HotlineCodec, HotlineFrame
from chaoskit.wire.drive import drive_with_codec_frames
from chaoskit.wire.retry import Backoff, GaveUpError, Once, retry
from chaoskit.wire.virtual_time import VirtualTime, run

REFUSED = ConnectionRefusedError("nobody there")


class Attempts:
    """Notes when it is called; fails as the list says, then gives 7."""

    def __init__(self, *failures: Exception) -> None:
        self.instants: list[float] = []
        self._failures = list(failures)

    async def __call__(self) -> int:
        self.instants.append(asyncio.get_running_loop().time())
        if self._failures:
            raise self._failures.pop(0)
        return 7


def test_row_90_four_calls_at_0_1_3_and_7_seconds_then_it_gives_up() -> None:
    """A base of a second, at most ten, three retries; the error says how often and how long, with the last failure as cause."""
    attempts = Attempts(*[REFUSED] * 9)
    with pytest.raises(GaveUpError) as caught:
        run(retry(attempts, backoff=Backoff(first_seconds=1, longest_seconds=10, tries=4)))
    assert attempts.instants == [0, 1, 3, 7]
    assert str(caught.value) == "gave up: tried 4 times in 7 s, and the last failed with ConnectionRefusedError('nobody there')"
    assert caught.value.__cause__ is REFUSED


def test_row_90_the_first_success_ends_it() -> None:
    """And is what it gives."""
    attempts = Attempts(TimeoutError(), EOFError(), CodecError("no frame"))
    assert run(retry(attempts, backoff=Backoff())) == 7
    assert attempts.instants == [0, 1, 3, 7]


def test_row_90_what_is_no_failure_of_the_line_is_raised_at_once() -> None:
    """A wrong answer does not get better by asking again; a person may say what else does."""
    attempts = Attempts(LookupError("no such key"))
    with pytest.raises(LookupError):
        run(retry(attempts, backoff=Backoff()))
    assert attempts.instants == [0]
    assert run(retry(Attempts(LookupError()), backoff=Backoff(), failures=(LookupError,))) == 7


def test_row_89_waits_double_up_to_the_cap() -> None:
    """1, 2, 4, 8, then 10 for ever."""
    waits = Backoff(first_seconds=1, longest_seconds=10, tries=None).waits()
    assert [next(waits) for _ in range(7)] == [1, 2, 4, 8, 10, 10, 10]
    assert list(Backoff(first_seconds=0.25, factor=3, tries=4).waits()) == [0.25, 0.75, 2.25]
    assert list(Backoff(tries=1).waits()) == []
    assert list(Backoff(first_seconds=5, longest_seconds=2, tries=3).waits()) == [2, 2]


def test_row_89_jitter_is_seeded_and_only_shortens() -> None:
    """The same seed waits the same; another client, another episode wait otherwise; whole nanoseconds within the share."""

    def waits(seed: int, *, client: int = 0, episode: int = 0) -> list[float]:
        backoff = Backoff(tries=200, jitter=0.5, longest_seconds=8, draws=Draws(seed).child(client))
        return list(backoff.waits(episode=episode))

    assert waits(1) == waits(1)
    assert len({tuple(each) for each in (waits(1), waits(2), waits(1, client=1), waits(1, episode=1))}) == 4
    late = waits(1)[3:]
    assert all(4 <= wait <= 8 for wait in late)
    assert min(late) < 4.2 and max(late) > 7.8
    assert all(round(wait * 1e9) / 1e9 == wait for wait in late)
    assert list(Backoff(draws=Draws(1)).waits()) == [1, 2, 4]


def test_row_83_a_time_out_fires_when_the_clock_is_moved_to_it() -> None:
    """Advance 4999 ms: nothing; 5000 ms: the time-out."""
    time = VirtualTime()
    task = time.start(retry(lambda: asyncio.sleep(10), backoff=Backoff(tries=1), each_seconds=5))
    time.advance(4.999)
    assert not task.done()
    time.advance(0.001)
    assert isinstance(task.exception(), GaveUpError)
    assert isinstance(task.exception().__cause__, TimeoutError)  # type: ignore[union-attr]


def test_row_83_a_latency_beyond_the_time_out_is_tried_again() -> None:
    """Ten seconds against five; each try has its own five, and the waits come between."""
    latencies, begun = [10.0, 10.0, 1.0], []

    async def slow() -> str:
        begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(latencies.pop(0))
        return "answer"

    with VirtualTime() as time:
        assert time.run(retry(slow, backoff=Backoff(), each_seconds=5)) == "answer"
        assert (begun, time.now) == ([0, 6, 13], 14)


@pytest.mark.parametrize("instant", [2, 5.5], ids=["in an attempt", "in a wait"])
def test_row_83_cancelling_frees_what_was_held(instant: float) -> None:
    """In an attempt or between two, whatever the attempt holds is let go and no timer stays."""
    held = []

    async def holds() -> None:
        held.append("line")
        try:
            await asyncio.sleep(100)
        finally:
            held.remove("line")

    time = VirtualTime()
    task = time.start(retry(holds, backoff=Backoff(), each_seconds=5))
    time.advance(instant)
    task.cancel()
    time.settle()
    assert task.cancelled()
    assert held == []
    time.run(asyncio.sleep(1000))
    assert held == []


# Once --------------------------------------------------------------------------------------------------------------------------

CODEC = HotlineCodec()


def once(answer: Callable[[HotlineFrame], Awaitable[list[HotlineFrame]]], **how: int) -> Once[HotlineFrame]:
    return Once(answer, key=CODEC.correlation_id, **how)


class Counter:
    """Adds what it is told to and answers the sum, after a while."""

    def __init__(self, *failures: Exception) -> None:
        self.sum = 0
        self._failures = list(failures)

    async def add(self, frame: HotlineFrame) -> list[HotlineFrame]:
        await asyncio.sleep(1)
        if self._failures:
            raise self._failures.pop(0)
        self.sum += int(frame.payload)
        return [HotlineFrame(b"%d" % self.sum, frame.transaction_id)]


def test_row_88_a_request_that_comes_twice_is_done_once() -> None:
    """The state is as after one, and both times the answer is the first one's."""
    counter = Counter()
    app = FramedApp(CODEC, once(counter.add))
    frames = [HotlineFrame(b"5", 1), HotlineFrame(b"5", 1), HotlineFrame(b"5", 2), HotlineFrame(b"5", 1)]
    answers = run(drive_with_codec_frames(app, CODEC, frames))
    assert [int(answer.payload) for answer in answers] == [5, 5, 10, 5]
    assert counter.sum == 10


def test_row_88_who_asks_again_while_it_is_done_waits_for_it() -> None:
    """Also when whoever asked first has gone away."""

    async def main() -> tuple[float, list[HotlineFrame], int]:
        counter = Counter()
        answer = once(counter.add)
        first = asyncio.create_task(answer(HotlineFrame(b"5", 1)))
        await asyncio.sleep(0.5)
        first.cancel()
        answers = await answer(HotlineFrame(b"5", 1))
        return asyncio.get_running_loop().time(), answers, counter.sum

    assert run(main()) == (1, [HotlineFrame(b"5", 1)], 5)


def test_row_88_one_that_failed_is_done_again() -> None:
    """A failure is no answer."""

    async def main() -> int:
        counter = Counter(OSError("no room"))
        answer = once(counter.add)
        with pytest.raises(OSError, match="no room"):
            await answer(HotlineFrame(b"5", 1))
        await answer(HotlineFrame(b"5", 1))
        return counter.sum

    assert run(main()) == 5


def test_row_88_a_failure_that_nobody_waited_for_is_forgotten_too() -> None:
    """Whoever asked has gone; the next one who asks gets an answer, and no failure stays unread."""

    async def main() -> int:
        counter = Counter(OSError("no room"))
        answer = once(counter.add)
        first = asyncio.create_task(answer(HotlineFrame(b"5", 1)))
        await asyncio.sleep(0.5)
        first.cancel()
        await asyncio.sleep(1)
        await answer(HotlineFrame(b"5", 1))
        return counter.sum

    assert run(main()) == 5


def test_row_88_what_is_remembered_has_a_limit() -> None:
    """The oldest is forgotten, and would be done again: the limit must outlast the retries."""

    async def main() -> tuple[int, int]:
        counter = Counter()
        answer = once(counter.add, remembered=2)
        for number in (1, 2, 3, 1, 3):
            await answer(HotlineFrame(b"1", number))
        return counter.sum, answer.repeats

    assert run(main()) == (4, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Backoff(first_seconds=-1), "expected a time to wait but got first_seconds=-1."),
        (lambda: Backoff(longest_seconds=float("nan")), "expected a time to wait but got longest_seconds=nan."),
        (lambda: Backoff(factor=0.5), "expected waits that do not shrink but got factor=0.5; 1 keeps them as they are."),
        (lambda: Backoff(tries=0), "expected at least one try but got tries=0; None is for ever."),
        (lambda: Backoff(jitter=2), "expected a share of each wait, from 0 to 1, but got jitter=2."),
        (
            lambda: Backoff(jitter=0.1),
            "expected draws for the jitter but got draws=None; give each client its own, as Draws(seed).child(7).",
        ),
        (lambda: once(Counter().add, remembered=0), "expected to remember at least one answer but got remembered=0."),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], message: str) -> None:
    """By name."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        make()
