"""How often: generators that end early, or begin again.

`limit`, `once`, `process_limit` and `until_ok` end sooner than what they wrap; `repeat` and `cycle` go on longer.
"""

from __future__ import annotations

import msgspec

from chaoskit.core.op import FAIL, INFO, INVOKE, OK, Op, Process
from chaoskit.generate.arguments import count
from chaoskit.generate.ask import PENDING, Ask
from chaoskit.generate.context import Context
from chaoskit.generate.generator import Emission, Generator, Place, Wrapper, draws_below
from chaoskit.generate.lift import GeneratorLike, lift

COMPLETIONS = (OK, FAIL, INFO)


def limit(remaining: int, gen: GeneratorLike) -> Generator | None:
    """At most this many asks of `gen`."""
    wrapped = lift(gen)
    return Limit(wrapped, remaining) if count(remaining, name="limit") and wrapped is not None else None


def once(gen: GeneratorLike) -> Generator | None:
    """The first ask of `gen` only."""
    return limit(1, gen)


def repeat(gen: GeneratorLike, *, times: int | None = None) -> Generator | None:
    """The first ask of `gen` again and again, for ever or so many times: the inverse of `once`.

    The generator stays as it was while it is asked, but draws anew at every time.
    """
    wrapped = lift(gen)
    if wrapped is None or (times is not None and count(times, name="times") == 0):
        return None
    return Repeat(wrapped, times)


def cycle(gen: GeneratorLike, *, times: int | None = None) -> Generator | None:
    """All of `gen`, then all of it again from its beginning, for ever or so many times. An empty round ends it."""
    wrapped = lift(gen)
    if wrapped is None or (times is not None and count(times, name="times") == 0):
        return None
    return Cycle(wrapped, times)


def process_limit(most: int, gen: GeneratorLike) -> Generator | None:
    """Asks of `gen` for at most so many distinct processes, counting all that could have been asked and not only those that were.

    Crashed processes count, so this bounds how much an operation of unknown outcome may pile up; and because it ends all threads
    at once, the run does not trickle out on the last survivors.
    """
    wrapped = lift(gen)
    return ProcessLimit(wrapped, most) if count(most, name="process_limit") and wrapped is not None else None


def until_ok(gen: GeneratorLike) -> Generator | None:
    """Asks of `gen` until one of them completes ok."""
    wrapped = lift(gen)
    return None if wrapped is None else UntilOk(wrapped)


class Limit(Wrapper, frozen=True):
    remaining: int

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        return ask, None if after is None or self.remaining == 1 else Limit(after, self.remaining - 1)


class Repeat(Wrapper, frozen=True):
    remaining: int | None
    emitted: int = 0
    place: Place | None = None  # None also when nothing below depends on it

    def op(self, context: Context) -> Emission:
        emission = self.gen.op(context)
        if emission is None:
            return None
        ask = emission[0]
        if ask is PENDING:
            return PENDING, self
        remaining = self.remaining
        if remaining is not None:
            if remaining == 1:
                return ask, None
            remaining -= 1
        emitted, place = self.emitted + 1, self.place
        gen = self.gen if place is None else self.gen.placed(place.below("repeat", emitted))
        return ask, Repeat(gen, remaining, emitted, place)

    def placed(self, place: Place) -> Generator:
        gen = self.gen.placed(place.below("repeat", self.emitted))
        if gen is self.gen:
            return self
        return Repeat(gen, self.remaining, self.emitted, place if draws_below(gen) else None)


class Cycle(Generator, frozen=True):
    original: Generator  # where every round begins
    remaining: int | None  # rounds, this one included
    rounds: int = 0  # begun
    gen: Generator | None = None  # this round as far as it has come, None between two
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        place = self.standing()
        remaining, rounds, gen = self.remaining, self.rounds, self.gen
        fresh = False
        while True:
            if gen is None:
                if remaining == 0:
                    return None
                gen = self.original.placed(place.below("cycle", rounds))
                remaining = None if remaining is None else remaining - 1
                rounds, fresh = rounds + 1, True
            emission = gen.op(context)
            if emission is not None:
                ask, after = emission
                return (PENDING, self) if ask is PENDING else (ask, Cycle(self.original, remaining, rounds, after, place))
            if fresh:
                return None
            gen = None

    def update(self, context: Context, event: Op) -> Generator | None:
        gen = None if self.gen is None else self.gen.update(context, event)
        return self if gen is self.gen else msgspec.structs.replace(self, gen=gen)

    def placed(self, place: Place) -> Generator:
        gen = None if self.gen is None else self.gen.placed(place.below("cycle", self.rounds - 1))
        return msgspec.structs.replace(self, gen=gen, place=place)


class ProcessLimit(Wrapper, frozen=True):
    most: int
    seen: frozenset[Process] = frozenset()
    processes: tuple[Process, ...] = ()  # of the last context: the same tuple, nothing new to see

    def asked(self, ask: Ask, after: Generator | None, context: Context) -> Emission:
        seen = self.seen
        if context.processes is not self.processes:
            seen = seen.union([process for bit, process in enumerate(context.processes) if context.all_bits >> bit & 1])
        if len(seen) > self.most:
            return None
        return ask, None if after is None else ProcessLimit(after, self.most, seen, context.processes)


class UntilOk(Wrapper, frozen=True):
    done: bool = False
    active: tuple[Process, ...] = ()  # processes with an operation of ours under way

    def op(self, context: Context) -> Emission:
        emission = None if self.done else self.gen.op(context)
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        active = self.active
        if ask.type == INVOKE and ask.process not in active:
            active = (*active, ask.process)
        return ask, None if after is None else UntilOk(after, self.done, active)

    def update(self, context: Context, event: Op) -> Generator | None:
        gen = self.gen.update(context, event)
        if gen is None:
            return None
        if event.type in COMPLETIONS and event.process in self.active:
            active = tuple([process for process in self.active if process != event.process])
            return UntilOk(gen, self.done or event.type == OK, active)
        return self if gen is self.gen else UntilOk(gen, self.done, self.active)
