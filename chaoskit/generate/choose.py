"""Which: generators that take turns among several.

`mix` commits to one at a time, drawn uniformly. `any` asks all of them and takes what comes soonest. `flip_flop` goes round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaoskit.core.op import Op
from chaoskit.draws import Draws
from chaoskit.generate.ask import PENDING
from chaoskit.generate.context import Context
from chaoskit.generate.generator import Emission, Generator, Place, update_all
from chaoskit.generate.lift import GeneratorLike, lift, lift_all


def mix(gens: Iterable[GeneratorLike]) -> Generator | None:
    """One ask each from generators drawn uniformly; those exhausted drop out. To favour one, name it more often.

    Events are not passed on. The one drawn is waited for, even while another could go on.
    """
    several = lift_all(gens)
    return Mix(several) if several else None


def any(*gens: GeneratorLike) -> Generator | None:
    """Whatever comes soonest of several generators; ties are drawn. Every event is passed to all."""
    several = lift_all(gens)
    return Any(several) if len(several) > 1 else next(iter(several), None)


def shortest_any(*gens: GeneratorLike) -> Generator | None:
    """Like `any`, but over as soon as one of them is: a workload for as long as a nemesis has something to do."""
    several = [lift(gen) for gen in gens]
    complete = tuple([gen for gen in several if gen is not None])
    if len(complete) < len(several):
        return None
    return ShortestAny(complete) if len(complete) > 1 else next(iter(complete), None)


def flip_flop(*gens: GeneratorLike) -> Generator | None:
    """One ask of the first, one of the second, and round again, until one is exhausted at its turn. Events are not passed on."""
    several = tuple([lift(gen) for gen in gens])
    return FlipFlop(several) if several else None


def soonest(emissions: Sequence[Emission], weights: Sequence[int], draws: Draws, number: int) -> int | None:
    """Which of several answers comes first, by position: the least time, ties drawn by weight, and pending ones last.

    None when all are exhausted. `number` tells one decision of `draws` from the next.
    """
    ties: list[int] = []
    pending: int | None = None
    least = 0
    for position, emission in enumerate(emissions):
        if emission is None:
            continue
        ask = emission[0]
        if ask is PENDING:
            pending = position
        elif not ties or ask.time < least:
            ties, least = [position], ask.time
        elif ask.time == least:
            ties.append(position)
    if len(ties) > 1:
        return draws.weighted([(position, weights[position]) for position in ties], "tie", number)
    return ties[0] if ties else pending


class Mix(Generator, frozen=True):
    gens: tuple[Generator, ...]
    emitted: int = 0
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        gens, emitted = self.gens, self.emitted
        place = self.place or self.standing()
        chosen = place.draws.integer(0, len(gens) - 1, "next", emitted)
        emission = gens[chosen].op(context)
        while emission is None:
            gens = gens[:chosen] + gens[chosen + 1 :]
            if not gens:
                return None
            chosen = place.draws.integer(0, len(gens) - 1, "again", emitted, len(gens))
            emission = gens[chosen].op(context)
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        gens = gens[:chosen] + (() if after is None else (after,)) + gens[chosen + 1 :]
        return ask, Mix(gens, emitted + 1, place) if gens else None


class Any(Generator, frozen=True):
    gens: tuple[Generator, ...]
    emitted: int = 0
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        gens = self.gens
        emissions = [gen.op(context) for gen in gens]
        chosen = soonest(emissions, (1,) * len(gens), self.standing().draws, self.emitted)
        emission = None if chosen is None else emissions[chosen]
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        left = [after if n == chosen else gen for n, gen in enumerate(gens) if emissions[n] is not None]
        return ask, self._of([gen for gen in left if gen is not None], self.emitted + 1)

    def update(self, context: Context, event: Op) -> Generator | None:
        gens = update_all(self.gens, context, event)
        return self if gens is self.gens else self._of([gen for gen in gens if gen is not None], self.emitted)

    def _of(self, gens: list[Generator], emitted: int) -> Generator | None:
        if len(gens) > 1:
            return Any(tuple(gens), emitted, self.place)
        return gens[0] if gens else None


class ShortestAny(Generator, frozen=True):
    gens: tuple[Generator, ...]
    emitted: int = 0
    place: Place | None = None

    def op(self, context: Context) -> Emission:
        emissions = [gen.op(context) for gen in self.gens]
        chosen = soonest(emissions, (1,) * len(emissions), self.standing().draws, self.emitted)
        emission = None if chosen is None or None in emissions else emissions[chosen]
        if chosen is None or emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        if after is None:
            return ask, None
        return ask, ShortestAny((*self.gens[:chosen], after, *self.gens[chosen + 1 :]), self.emitted + 1, self.place)

    def update(self, context: Context, event: Op) -> Generator | None:
        gens = update_all(self.gens, context, event)
        if gens is self.gens:
            return self
        left = tuple([gen for gen in gens if gen is not None])
        return ShortestAny(left, self.emitted, self.place) if len(left) == len(gens) else None


class FlipFlop(Generator, frozen=True):
    gens: tuple[Generator | None, ...]
    turn: int = 0

    def op(self, context: Context) -> Emission:
        gen = self.gens[self.turn]
        emission = None if gen is None else gen.op(context)
        if emission is None:
            return None
        ask, after = emission
        if ask is PENDING:
            return PENDING, self
        gens = (*self.gens[: self.turn], after, *self.gens[self.turn + 1 :])
        return ask, FlipFlop(gens, (self.turn + 1) % len(gens))
