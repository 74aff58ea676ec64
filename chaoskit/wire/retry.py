"""Trying again: how long to wait between tries, when to give up, and how a server does only once what it is asked twice.

    answer = await retry(fetch, backoff=Backoff(first_seconds=1, tries=4), each_seconds=5)

tries at 0, 1, 3 and 7 s if each fails at once. Waits are whole nanoseconds and, with jitter, drawn from an address: the same
seed waits the same. Only what failed for want of a connection or an answer is tried again, and only what does no harm when it
is done twice should be: give a request an id, and the server `Once`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from chaoskit.core.errors import UsageError
from chaoskit.core.units import SECOND
from chaoskit.draws import Draws
from chaoskit.wire.app import Answer
from chaoskit.wire.codec.contract import CodecError, Frame

Value = TypeVar("Value")

FAILURES = (OSError, EOFError, CodecError)  # time-outs are OSErrors; a read that breaks off is an EOFError


class GaveUpError(ConnectionError):
    """The last try has failed as well; its failure is the cause."""


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """How long to wait before each further try: `first_seconds`, then `factor` times as long each time, up to `longest_seconds`.

    `tries` counts the first one, too; None is for ever. Up to the share `jitter` is taken off each wait, as `draws` say: clients
    that have failed together then do not come back together, if each has draws of its own.
    """

    first_seconds: float = 1
    factor: float = 2
    longest_seconds: float = 60
    tries: int | None = 4
    jitter: float = 0
    draws: Draws | None = None

    def __post_init__(self) -> None:
        for name, seconds in (("first_seconds", self.first_seconds), ("longest_seconds", self.longest_seconds)):
            if not 0 <= seconds < float("inf"):
                raise UsageError(f"expected a time to wait but got {name}={seconds}.")
        if not self.factor >= 1:
            raise UsageError(f"expected waits that do not shrink but got factor={self.factor}; 1 keeps them as they are.")
        if self.tries is not None and self.tries < 1:
            raise UsageError(f"expected at least one try but got tries={self.tries}; None is for ever.")
        if not 0 <= self.jitter <= 1:
            raise UsageError(f"expected a share of each wait, from 0 to 1, but got jitter={self.jitter}.")
        if self.jitter and self.draws is None:
            raise UsageError(
                "expected draws for the jitter but got draws=None; give each client its own, as Draws(seed).child(7)."
            )

    def waits(self, *, episode: int = 0) -> Iterator[float]:
        """The waits before the second try, the third … in seconds. Jitter is drawn anew in each `episode` of failures."""
        wait, number = min(self.first_seconds, self.longest_seconds), 1
        while self.tries is None or number < self.tries:
            yield self._shortened(wait, episode, number)
            wait, number = min(wait * self.factor, self.longest_seconds), number + 1

    def _shortened(self, wait: float, episode: int, number: int) -> float:
        if self.draws is None:
            return wait
        longest = round(wait * SECOND)
        return self.draws.integer(longest - round(longest * self.jitter), longest, "wait", episode, number) / SECOND


async def retry(
    attempt: Callable[[], Awaitable[Value]],
    *,
    backoff: Backoff,
    each_seconds: float | None = None,
    failures: tuple[type[Exception], ...] = FAILURES,
) -> Value:
    """What the first attempt that does not fail gives; each has `each_seconds`, None is as long as it takes.

    Raises `GaveUpError` after the last try, and at once whatever is none of `failures`. Cancelled, it cancels the attempt.
    """
    begin, waits, tries = asyncio.get_running_loop().time(), backoff.waits(), 0
    while True:
        tries += 1
        try:
            async with asyncio.timeout(each_seconds):
                return await attempt()
        except failures as error:
            wait = next(waits, None)
            if wait is None:
                raise gave_up(tries, asyncio.get_running_loop().time() - begin, error) from error
        await asyncio.sleep(wait)


def gave_up(tries: int, seconds: float, error: Exception) -> GaveUpError:
    """The error after the last try."""
    times = "once" if tries == 1 else f"{tries} times"
    return GaveUpError(f"gave up: tried {times} in {seconds:g} s, and the last failed with {error!r}")


class Once(Generic[Frame]):
    """A server's answer function that does each request once: whoever asks again, by the same key, gets the same answer.

    `FramedApp(codec, Once(answer, key=codec.correlation_id))`. Who asks while it is being done waits for that. The last
    `remembered` answers are kept; a request older than those would be done again. One that failed is forgotten.
    """

    def __init__(self, answer: Answer[Frame], *, key: Callable[[Frame], Hashable], remembered: int = 10_000) -> None:
        if remembered < 1:
            raise UsageError(f"expected to remember at least one answer but got remembered={remembered}.")
        self.repeats = 0  # requests that had come before
        self._answer = answer
        self._key = key
        self._remembered = remembered
        self._answers: dict[Hashable, asyncio.Future[list[Frame]]] = {}

    async def __call__(self, frame: Frame) -> list[Frame]:
        key = self._key(frame)
        known = self._answers.get(key)
        if known is not None:
            self.repeats += 1
            return await asyncio.shield(known)
        answering = self._answers[key] = asyncio.ensure_future(self._answered(frame))
        while len(self._answers) > self._remembered:
            del self._answers[next(iter(self._answers))]
        answering.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(answering)

    def _forget(self, key: Hashable, done: asyncio.Future[list[Frame]]) -> None:
        """A failure is no answer."""
        if (done.cancelled() or done.exception() is not None) and self._answers.get(key) is done:
            del self._answers[key]

    async def _answered(self, frame: Frame) -> list[Frame]:
        answers: Iterable[Frame] | Awaitable[Iterable[Frame]] = self._answer(frame)
        return list(await answers if inspect.isawaitable(answers) else answers)
