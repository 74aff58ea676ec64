"""When: generators that space out what they wrap, or end it by the clock. All times are virtual nanoseconds."""

from __future__ import annotations

from itertools import accumulate

from chaoskit.core.errors import UsageError
from chaoskit.core.op import Op
from chaoskit.generate.arguments import Duration, duration
from chaoskit.generate.ask import PENDING, Ask
from chaoskit.generate.context import Context
from chaoskit.generate.generator import Emission, Generator, Place, Wrapper, update_all
from chaoskit.generate.lift import GeneratorLike, lift


def stagger(dt: Duration, gen: GeneratorLike) -> Generator | None:
    """Asks of `gen` at random intervals, uniform from 0 to 2 dt: one in dt on average, over all threads together."""
    wrapped = lift(gen)
    spread = 2 * duration(dt, name="stagger")
    return None if wrapped is None else Stagger(wrapped, spread)


def bursts(dt: Duration, size: int, gen: GeneratorLike) -> Generator | None:
    """Asks of `gen` in groups of `size`, each group at one instant; from group to group pass 0 to 2 dt, uniform.

    Unlike `stagger` it counts from when a group was due, not from when its last ask could begin: slow operations do not lower
    the rate, as users who come from outside do not wait for each other. What is late follows as soon as threads are free.
    """
    wrapped = lift(gen)
    spread = 2 * duration(dt, name="bursts")
    if size < 1:
        raise UsageError(f"expected bursts of at least 1 but got size={size}.")
    return None if wrapped is None else Bursts(wrapped, spread, size)


def delay(dt: Duration, gen: GeneratorLike) -> Generator | None:
    """Asks of `gen` exactly dt apart, counted from the first one.

    One that is late, because no thread was free, does not make the next one late: it follows sooner, so that the schedule is
    caught up with. Those that were missed altogether are not made up for: a pause is not followed by a burst.
    """
    wrapped = lift(gen)
    interval = duration(dt, name="delay")
    return None if wrapped is None else Delay(wrapped, interval)


def time_limit(dt: Duration, gen: GeneratorLike) -> Generator | None:
    """Asks of `gen` that begin within dt of its first one."""
    wrapped = lift(gen)
    lasting = duration(dt, name="time_limit")
    return TimeLimit(wrapped, lasting) if lasting and wrapped is not None else None


def cycle_times(*durations_and_gens: Duration | GeneratorLike) -> Generator | None:
    """Turns between generators by the clock: `cycle_times("5s", a, "10s", b)` is five seconds of a, ten of b, five of a …

    A generator goes on where it was left. All is over when one is exhausted at its turn.
    """
    if len(durations_and_gens) % 2:
        raise UsageError(f"expected pairs of a duration and a generator but got {len(durations_and_gens)} arguments.")
    intervals, gens = [], []
    for number in range(0, len(durations_and_gens), 2):
        interval = durations_and_gens[number]
        intervals.append(duration(interval, name=f"argument {number + 1}"))  # type: ignore[arg-type]
        gens.append(lift(durations_and_gens[number + 1]))  # type: ignore[arg-type]
    if gens and not all(intervals):
        raise UsageError(f"expected durations of more than 0 but got {intervals}.")
    return CycleTimes(tuple(intervals), tuple(gens)) if gens else None


class Stagger(Wrapper, frozen=True):
    spread: int
    due: int | None = None
    emitted: int = 0
    place: Place | None = None

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        time = ask.time
        if self.due is not None and self.due > time:
            time = self.due
            ask = ask.at(time)
        if after is None:
            return ask, None
        place, emitted = self.place or self.standing(), self.emitted
        due = time + place.draws.integer(0, self.spread, "interval", emitted)
        return ask, Stagger(after, self.spread, due, emitted + 1, place)


class Bursts(Wrapper, frozen=True):
    spread: int
    size: int
    due: int | None = None  # when this group is due; None before the first
    emitted: int = 0
    place: Place | None = None

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        due = ask.time if self.due is None else self.due
        if due > ask.time:
            ask = ask.at(due)
        if after is None:
            return ask, None
        place, emitted = self.place or self.standing(), self.emitted + 1
        if emitted % self.size == 0:
            due += place.draws.integer(0, self.spread, "interval", emitted)
        return ask, Bursts(after, self.spread, self.size, due, emitted, place)


class Delay(Wrapper, frozen=True):
    interval: int
    due: int | None = None

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        due = ask.time if self.due is None else self.due
        if due > ask.time:
            ask = ask.at(due)
        following = due + self.interval * ((ask.time - due) // self.interval + 1) if self.interval else due
        return ask, None if after is None else Delay(after, self.interval, following)


class TimeLimit(Wrapper, frozen=True):
    lasting: int
    end: int | None = None  # known from the first ask on

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        end = ask.time + self.lasting if self.end is None else self.end
        if ask.time >= end:
            return None
        return ask, None if after is None else TimeLimit(after, self.lasting, end)


class CycleTimes(Generator, frozen=True):
    intervals: tuple[int, ...]
    gens: tuple[Generator | None, ...]
    begin: int | None = None

    def op(self, context: Context) -> Emission:
        begin = context.time if self.begin is None else self.begin
        ends = list(accumulate(self.intervals))
        turn, within = divmod(context.time - begin, ends[-1])
        current = next(number for number, end in enumerate(ends) if within < end)
        window = begin + turn * ends[-1] + ends[current] - self.intervals[current]
        while True:
            # A later window is asked as if it had come: what would be done then?
            gen = self.gens[current]
            emission = None if gen is None else gen.op(context if window <= context.time else context.at(window))
            if emission is None:
                return None
            ask, after = emission
            if ask is PENDING:
                return PENDING, self
            window += self.intervals[current]
            if ask.time < window:
                gens = (*self.gens[:current], after, *self.gens[current + 1 :])
                return ask, CycleTimes(self.intervals, gens, begin)
            current = (current + 1) % len(self.gens)

    def update(self, context: Context, event: Op) -> Generator | None:
        gens = update_all(self.gens, context, event)
        return self if gens is self.gens else CycleTimes(self.intervals, gens, self.begin)
